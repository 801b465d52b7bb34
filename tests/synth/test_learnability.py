"""What a model may hope for: effects show in profiles, noisily, and confounding can be undone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from sklearn.model_selection import cross_val_predict

from domain.triggers import CATALOGUE, NO_TRIGGER
from profiles.build import build_profiles
from tests.synth.conftest import World

RAW = ("customers", "products", "orders", "order_items", "events", "campaigns", "exposures")


def numbers(world: World, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every numeric field of the profiles as of a time, by customer."""
    profiles = build_profiles(
        {name: world.tables[name] for name in RAW}, as_of.to_pydatetime(), threads=1
    ).to_pandas()
    frame = profiles.set_index("customer_id").select_dtypes(["number", "bool"])
    frame["has_ever_returned_item"] = profiles["has_ever_returned_item"].to_numpy()
    return frame.astype(np.float64)


@pytest.fixture(scope="module")
def newest(world: World) -> pd.DataFrame:
    return numbers(world, pd.Timestamp(world.recipe.ends_at))


@pytest.mark.slow
@pytest.mark.parametrize("trigger", list(CATALOGUE))
def test_effects_show_in_some_field_and_no_field_gives_them_away(
    world: World, newest: pd.DataFrame, trigger: str
) -> None:
    truth = world.potential("now")
    effect = truth[f"converted_{trigger}"] - truth[f"converted_{NO_TRIGGER}"]
    best = newest.corrwith(effect.reindex(newest.index)).abs().max()
    assert 0.2 < best < 0.8


@pytest.mark.slow
@pytest.mark.parametrize("campaign", ["camp_04", "camp_07", "camp_10"])
def test_propensity_adjustment_takes_off_most_of_the_bias(world: World, campaign: str) -> None:
    outcomes = world.outcomes()
    rows = outcomes[outcomes["campaign_id"] == campaign].set_index("customer_id")
    known = numbers(world, rows["assigned_at"].iloc[0]).reindex(rows.index)
    treated = (rows["trigger"] != NO_TRIGGER).to_numpy()
    trigger = rows.loc[treated, "trigger"].iloc[0]
    y = rows["converted"].to_numpy()
    model = LGBMClassifier(n_estimators=60, num_leaves=8, n_jobs=1, verbose=-1)
    p = cross_val_predict(model, known, treated, cv=3, method="predict_proba")[:, 1]
    overlap = (p > 0.05) & (p < 0.95)

    truth = world.potential(campaign).loc[rows.index]
    effect = (truth[f"converted_{trigger}"] - truth[f"converted_{NO_TRIGGER}"]).to_numpy()
    naive = y[treated].mean() - y[~treated].mean()
    weight = np.where(treated, 1 / p, 1 / (1 - p))[overlap]
    adjusted = np.average(y[overlap], weights=weight * treated[overlap]) - np.average(
        y[overlap], weights=weight * ~treated[overlap]
    )
    assert abs(adjusted - effect[overlap].mean()) < 0.5 * abs(naive - effect.mean())
