"""Whether personalising is worth it, in words."""

from __future__ import annotations

import numpy as np

from uplift.evaluation import mean_estimate
from uplift.report import verdict_of

SURE = mean_estimate(np.tile([0.019, 0.021], 50))
UNSURE = mean_estimate(np.tile([-0.00012, 0.00008], 3))


def test_a_gain_is_better_whichever_way_the_outcome_is() -> None:
    """Gains are turned before they come here: less churn is a gain above 0."""
    pays, said = verdict_of(0.7, SURE, "free_shipping", "outcome", 1.0)
    assert pays
    assert "better than free shipping for everyone by 0.02 of the outcome" in said
    pays, said = verdict_of(0.7, UNSURE, "none", "money", 1.0)
    assert not pays
    assert "worse than giving nobody a trigger by 0.00002 in money" in said


def test_without_personal_effects_there_is_nothing_to_gain() -> None:
    pays, said = verdict_of(0.0, SURE, "none", "money", 1.0)
    assert not pays
    assert said.startswith("There is nothing to personalise")
