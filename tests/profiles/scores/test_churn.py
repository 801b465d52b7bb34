from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from profiles.scores.churn import ChurnModel, calibration_error, fit_churn
from profiles.scores.past import Period
from profiles.scores.protocol import Unscored
from tests.profiles.scores.conftest import Learned


def test_churn_is_found_and_its_probability_means_what_it_says(learned: Learned) -> None:
    model = learned.models.models["churn_probability_score"]
    assert isinstance(model, ChurnModel)
    figures = model.evaluation.figures
    assert figures["auc"] > 0.8
    assert figures["brier"] < 0.8 * figures["brier_of_the_base_rate"]
    assert figures["calibration_error"] < 0.06


def test_the_calibration_error_is_the_mean_gap_of_tenths() -> None:
    predicted = np.arange(20) / 20
    actual = np.zeros(20)
    slow = np.mean([abs(predicted[2 * n : 2 * n + 2].mean() - 0) for n in range(10)])
    assert calibration_error(predicted, actual) == pytest.approx(slow)
    assert calibration_error(np.full(10, 0.3), np.full(10, 1.0), groups=3) == pytest.approx(0.7)


def test_activity_must_be_known_and_differ(learned: Learned) -> None:
    past = learned.past(Period.MONTH)

    def with_active(values: pa.Array) -> Unscored | ChurnModel:
        outcomes = past.later.outcomes
        place = outcomes.schema.get_field_index("active")
        changed = outcomes.set_column(place, "active", values)
        return fit_churn(replace(past, later=replace(past.later, outcomes=changed)))

    count = past.later.outcomes.num_rows
    unknown = with_active(pa.nulls(count, pa.bool_()))
    assert isinstance(unknown, Unscored) and "events" in unknown.reason
    everyone = with_active(pa.array([True] * count))
    assert isinstance(everyone, Unscored) and "Everyone" in everyone.reason
