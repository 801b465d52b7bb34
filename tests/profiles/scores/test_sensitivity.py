from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from profiles.build import build_profiles
from profiles.scores.features import prepare
from profiles.scores.protocol import Unscored
from profiles.scores.sensitivity import (
    Exposed,
    SensitivityModel,
    difference,
    exposed_bucket,
    exposed_together,
    fit_sensitivity,
)
from tests.profiles.scores.conftest import Learned
from tests.profiles.scores.shop import CAMPAIGNS, END


def test_for_whom_it_works_is_found(learned: Learned) -> None:
    model = learned.models.models["free_shipping_sensitivity_score"]
    assert isinstance(model, SensitivityModel)
    figures = model.evaluation.figures
    gap = figures["effect_above_median"] - figures["effect_below_median"]
    assert gap > 2 * figures["standard_error_of_difference"]


def _fit(learned: Learned, campaigns: list[Exposed]) -> SensitivityModel | Unscored:
    vocabulary = learned.models.vocabulary
    return fit_sensitivity(
        campaigns, vocabulary, prepare(learned.now, vocabulary), as_of=END, seed=0, threads=1
    )


def test_without_evidence_there_is_a_reason(learned: Learned) -> None:
    for campaigns, said in (
        ([], "No past randomised campaign"),
        (learned.exposed[:1], "two campaigns"),
        (
            [replace(learned.exposed[0], converted=np.zeros(len(learned.exposed[0].weight)))],
            "bought",
        ),
    ):
        found = _fit(learned, campaigns)
        assert isinstance(found, Unscored) and said in found.reason


def test_the_difference_is_that_of_the_means_and_weights_undo_unequal_chances() -> None:
    rng = np.random.default_rng(0)
    treated, outcome = rng.random(500) < 0.5, rng.random(500)
    estimate, error = difference(outcome, treated, np.ones(500))
    assert estimate == pytest.approx(outcome[treated].mean() - outcome[~treated].mean())
    slow = outcome[treated].var() / treated.sum() + outcome[~treated].var() / (~treated).sum()
    assert error == pytest.approx(np.sqrt(slow))
    # Heavy buyers are treated more often; weighting takes that out.
    heavy = rng.random(200_000) < 0.5
    chance = np.where(heavy, 0.9, 0.1)
    treated = rng.random(200_000) < chance
    weight = np.where(treated, 1 / chance, 1 / (1 - chance))
    outcome = heavy + 0.5 * treated
    assert difference(outcome, treated, weight)[0] == pytest.approx(0.5, abs=0.02)


def test_exposures_come_with_profiles_as_of_the_start_and_closed_windows(learned: Learned) -> None:
    name, at = next(iter(CAMPAIGNS.items()))

    def seen(as_of_days: int) -> Exposed:
        return exposed_bucket(
            build_profiles(learned.tables, at),
            learned.tables,
            campaign_id=name,
            started_at=at,
            trigger="free_shipping",
            as_of=at + timedelta(days=as_of_days),
        )

    assert seen(13).profiles.num_rows == 0
    closed = seen(15)
    known = {
        row["customer_id"]: row
        for row in learned.tables["exposures"].to_pylist()
        if row["campaign_id"] == name
    }
    for customer, treated, converted, weight in zip(
        closed.profiles["customer_id"].to_pylist(),
        closed.treated,
        closed.converted,
        closed.weight,
        strict=True,
    ):
        row = known[customer]
        assert treated == (row["trigger"] == "free_shipping")
        assert converted == dict(row["outcomes"])["converted"]
        assert weight == 2
    assert max(closed.profiles["last_seen_timestamp"].drop_null().to_pylist()) < at
    both = exposed_together([closed, closed])
    assert both.profiles.num_rows == len(both.treated) == 2 * len(closed.treated)
