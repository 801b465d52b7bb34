"""Playing a campaign: outcomes follow the hidden truth, and can be learned from again."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadData, BadRequest
from synth.simulate import randomise, simulate
from synth.truth import NOW
from tests.synth.conftest import World

SHARES = {"none": 0.2, "free_shipping": 0.5, "social_proof": 0.3}


@pytest.fixture(scope="module")
def now(world: World) -> pa.Table:
    truth = world.truth["potential_outcomes"]
    return truth.filter(pc.equal(truth["campaign_id"], NOW))


def all_truth(world: World) -> pa.Table:
    """Past campaigns too: only the one asked for may be played."""
    return world.truth["potential_outcomes"]


def everyone(now: pa.Table, trigger: str) -> pa.Table:
    ids = now["customer_id"]
    return pa.table({"customer_id": ids, "trigger": pa.array([trigger] * len(ids))})


@pytest.mark.parametrize("trigger", ["none", "percentage_discount"])
@pytest.mark.parametrize("outcome", ["converted", "revenue", "orders", "visit"])
def test_outcomes_have_the_expectation_of_the_truth(
    world: World, now: pa.Table, trigger: str, outcome: str
) -> None:
    expected = now[f"{outcome}_{trigger}"].to_numpy().astype(np.float64)
    error = (
        simulate(all_truth(world), everyone(now, trigger), seed=4)[outcome].to_numpy() - expected
    )
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))


def test_the_oracle_beats_the_best_single_trigger_in_play(now: pa.Table) -> None:
    arms = [name.removeprefix("converted_") for name in now.column_names if "converted_" in name]
    chance = np.stack([now[f"converted_{arm}"].to_numpy() for arm in arms], axis=1)
    oracle = pa.table(
        {
            "customer_id": now["customer_id"],
            "trigger": pa.array(arms).take(pa.array(chance.argmax(axis=1))),
        }
    )
    best = everyone(now, arms[int(chance.mean(axis=0).argmax())])
    played = [
        simulate(now, plan, seed=1)["converted"].to_numpy().mean()
        for plan in (oracle, best, everyone(now, "none"))
    ]
    assert played[0] - played[2] > 1.5 * (played[1] - played[2])


def test_whoever_buys_has_visited_and_spent(now: pa.Table) -> None:
    rows = simulate(now, randomise(now["customer_id"].to_pylist(), SHARES, 5), 5).to_pandas()
    buyers = rows["converted"] == 1
    assert (rows.loc[buyers, ["visit", "orders"]] >= 1).all(axis=None)
    assert (rows.loc[buyers, "revenue"] > 0).all()
    assert (rows.loc[~buyers, ["orders", "revenue"]] == 0).all(axis=None)


def test_luck_does_not_depend_on_who_else_is_in(now: pa.Table) -> None:
    plan = everyone(now, "loyalty_reward")
    whole = simulate(now, plan, seed=9)
    part = simulate(now, plan.slice(100, 50), seed=9)
    assert part.equals(whole.slice(100, 50))
    assert not simulate(now, plan, seed=10).equals(whole)


def test_random_assignment_keeps_its_shares(now: pa.Table) -> None:
    assigned = randomise(now["customer_id"].to_pylist(), SHARES, seed=2).to_pandas()
    seen = assigned["trigger"].value_counts(normalize=True)
    for arm, share in SHARES.items():
        assert abs(seen[arm] - share) < 0.02
    assert dict(assigned["propensities"].iloc[0]) == SHARES


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(["none", "a", "b"]), st.floats(-1, 2), min_size=1))
def test_shares_that_are_no_probabilities_are_refused(shares: dict[str, float]) -> None:
    fair = "none" in shares and min(shares.values()) > 0 and abs(sum(shares.values()) - 1) <= 1e-9
    if fair:
        assert randomise(["cust_00000001"], shares, 1).num_rows == 1
    else:
        with pytest.raises(BadRequest, match="no probabilities"):
            randomise(["cust_00000001"], shares, 1)


def test_strangers_and_unknown_triggers_are_refused(now: pa.Table) -> None:
    with pytest.raises(BadData, match="cust_zz"):
        simulate(now, pa.table({"customer_id": ["cust_zz"], "trigger": ["none"]}), 1)
    known = now["customer_id"][0].as_py()
    with pytest.raises(BadData, match="horoscope"):
        simulate(now, pa.table({"customer_id": [known], "trigger": ["horoscope"]}), 1)


def test_only_synthetic_customers_can_be_assigned() -> None:
    with pytest.raises(BadData, match="12345"):
        randomise(["cust_00000001", "12345"], SHARES, 1)
