import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AetherError
from domain.experiment import OutcomeKind
from uplift.dataset import (
    BadArm,
    BadOutcome,
    BadPropensity,
    ConstantOutcome,
    InfiniteValue,
    LengthMismatch,
    NoControl,
    OneArm,
    UpliftDataset,
)
from uplift.features import BadFeature

ARMS = ("none", "gift", "story")


def good():
    rng = np.random.default_rng(0)
    return {
        "X": pd.DataFrame({"age": rng.normal(size=30), "vip": rng.random(30) < 0.5}),
        "arm": np.arange(30) % 3,
        "outcome": (np.arange(30) % 4 == 0).astype(float),
        "arms": ARMS,
        "kind": OutcomeKind.BINARY,
        "propensity": np.ones(3) / 3,
    }


def with_value(column, row, value):
    X = good()["X"]
    X.loc[row, column] = value
    return X


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"arm": np.ones(30, dtype=int)}, OneArm, "gift"),
        ({"arm": 1 + np.arange(30) % 2}, NoControl, "control"),
        ({"arms": ("gift", "story", "none")}, NoControl, "gift"),
        ({"arm": np.arange(30) % 4}, BadArm, "Row 3 has the arm 3"),
        ({"arm": np.array(["none"] * 30)}, BadArm, "integers"),
        ({"outcome": np.zeros(30)}, ConstantOutcome, "every row"),
        ({"outcome": np.arange(30.0)}, BadOutcome, "row 2 is 2, not 0 or 1"),
        ({"outcome": np.full(30, -1.5), "kind": OutcomeKind.COUNT}, BadOutcome, "-1.5"),
        ({"outcome": np.r_[np.nan, np.ones(29)]}, InfiniteValue, "row 0"),
        ({"outcome": np.ones(29)}, LengthMismatch, "outcome"),
        ({"customer_id": np.arange(3)}, LengthMismatch, "customer_id"),
        ({"cluster": np.arange(3)}, LengthMismatch, "cluster"),
        ({"X": with_value("age", 7, np.inf)}, InfiniteValue, "row 7"),
        ({"X": good()["X"].assign(city="Rome")}, BadFeature, "city"),
        ({"propensity": np.array([0.5, 0.5, 0.0])}, BadPropensity, "Row 2 .* the arm 2"),
        ({"propensity": np.array([0.0, 0.5, 0.5])}, BadPropensity, "Row 0 .* the control's"),
        ({"propensity": np.array([0.5, 0.8, -0.3])}, BadPropensity, "below 0"),
        ({"campaign": np.arange(3)}, LengthMismatch, "campaign"),
        ({"propensity": np.array([0.5, 0.4, 0.4])}, BadPropensity, "sum to 1.3"),
        ({"propensity": np.ones((30, 2)) / 2}, LengthMismatch, "propensity"),
    ],
)
def test_what_can_not_be_used_is_refused_by_name(change, error, words):
    with pytest.raises(error, match=words) as caught:
        UpliftDataset.checked(**{**good(), **change})
    assert isinstance(caught.value, AetherError)
    assert caught.value.remedy


def test_a_column_of_nan_is_taken_as_it_is():
    data = UpliftDataset.checked(**{**good(), "X": good()["X"].assign(empty=np.nan)})
    assert data.X["empty"].isna().all()


def test_one_propensity_for_everyone_is_spread_over_the_rows():
    assert UpliftDataset.checked(**good()).propensity.shape == (30, 3)


@given(st.lists(st.integers(0, 29), min_size=1, max_size=40))
def test_take_by_index_keeps_rows_together(rows):
    data = UpliftDataset.checked(**good())
    taken = data.take(np.array(rows))
    for place, row in enumerate(rows):
        assert taken.arm[place] == data.arm[row]
        assert taken.outcome[place] == data.outcome[row]
        assert taken.customer_id[place] == data.customer_id[row]
        assert taken.X["age"].iloc[place] == data.X["age"].iloc[row]


def test_take_by_mask_and_by_index_agree():
    data = UpliftDataset.checked(**good())
    mask = data.X["vip"].to_numpy()
    by_mask, by_index = data.take(mask), data.take(np.flatnonzero(mask))
    pd.testing.assert_frame_equal(by_mask.X, by_index.X)
    np.testing.assert_array_equal(by_mask.arm, by_index.arm)


def test_an_arm_that_was_not_on_offer_has_the_propensity_0():
    offered = np.tile([0.5, 0.25, 0.25], (30, 1))
    arm = np.arange(30) % 3
    offered[arm != 2] = [0.5, 0.5, 0.0]
    data = UpliftDataset.checked(**{**good(), "propensity": offered})
    assert (data.propensity[:, 2] > 0).sum() == 10
