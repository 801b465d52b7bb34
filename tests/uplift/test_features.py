import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplift.features import MAX_LEVELS, BadFeature, FeatureSpace


def slow_code(levels, value):
    """The code of a level by search; NaN where it is missing or unknown."""
    return float(levels.index(value)) if value in levels else float("nan")


@given(st.lists(st.one_of(st.none(), st.sampled_from("abcdefg")), min_size=1, max_size=50))
def test_codes_are_the_places_of_levels_and_unseen_ones_are_missing(values):
    train = pd.DataFrame({"c": pd.Categorical(["a", "b", "b", "c", None])})
    space = FeatureSpace.of(train)
    levels = list(space.levels["c"])
    expected = [slow_code(levels, value) for value in values]
    for column in (pd.Series(values, dtype=object), pd.Series(pd.Categorical(values))):
        found = space.encode(pd.DataFrame({"c": column}))[:, 0]
        np.testing.assert_array_equal(found, np.array(expected, dtype=np.float32))


def test_ten_thousand_categories_keep_the_most_frequent():
    values = [f"rare{i}" for i in range(10_000)] + ["often"] * 5
    space = FeatureSpace.of(pd.DataFrame({"c": pd.Categorical(values)}))
    assert len(space.levels["c"]) == MAX_LEVELS
    assert space.levels["c"][0] == "often"


def test_columns_may_come_in_any_order_and_survive_json():
    train = pd.DataFrame(
        {"a": [1.5, np.nan], "b": [True, False], "c": pd.Categorical(["x", "y"]), "d": [1, 2]}
    )
    space = FeatureSpace.of(train)
    again = FeatureSpace.from_json(space.to_json())
    assert again == space
    np.testing.assert_array_equal(again.encode(train[["d", "c", "a", "b"]]), space.encode(train))


def test_nullable_columns_become_nan():
    train = pd.DataFrame({"a": pd.array([1, None], dtype="Int64")})
    assert np.isnan(FeatureSpace.of(train).encode(train)[1, 0])


def test_a_text_column_and_an_absent_column_are_named():
    with pytest.raises(BadFeature, match="town"):
        FeatureSpace.of(pd.DataFrame({"town": ["Paris"]}))
    space = FeatureSpace.of(pd.DataFrame({"a": [1.0], "b": [2.0]}))
    with pytest.raises(BadFeature, match="b"):
        space.encode(pd.DataFrame({"a": [1.0]}))
