"""Names that follow the centroids' rank, and stay when customers are clustered anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.axes import AXES
from clustering.axis_naming import fresh_names, kept_names, matched, order_along

PRICE, CHANNEL = AXES["price_sensitivity"], AXES["communication_preference"]


def test_every_axis_can_name_as_many_segments_as_it_may_have() -> None:
    for axis in AXES.values():
        for count in range(2, axis.most_segments + 1):
            centres = np.random.default_rng(count).normal(size=(count, len(axis.features)))
            names = fresh_names(axis, axis.features, centres)
            assert len(set(names)) == count
            assert all(names)


def test_the_ends_of_the_scale_are_named_first() -> None:
    centres = np.array([[1.2, 1.0], [-0.6, -0.5]])
    assert fresh_names(PRICE, PRICE.features, centres) == ("deal_hunter", "full_price")
    three = np.array([[0.1, 0.1], [1.2, 1.0], [-0.6, -0.5]])
    names = fresh_names(PRICE, PRICE.features, three)
    assert names == ("half_and_half", "deal_hunter", "full_price")


def test_a_falling_feature_turns_the_scale() -> None:
    axis = AXES["purchase_cadence"]
    centres = np.array([[1.0, 0.0], [-1.0, 0.0]])  # many days between orders, and few
    assert fresh_names(axis, axis.features, centres) == ("seasonal", "rapid")


def test_an_axis_without_a_scale_names_by_what_stands_out() -> None:
    centres = np.array([[-0.5, -0.4], [1.4, -0.2], [-0.3, 2.0]])
    names = fresh_names(CHANNEL, CHANNEL.features, centres)
    assert names == ("prefers_web", "prefers_email", "prefers_messages")


@given(st.permutations(range(3)))
def test_names_stay_whatever_the_order_of_the_new_segments(order: list[int]) -> None:
    old = ("full_price", "half_and_half", "deal_hunter")
    centres = np.array([[-1.0, -1.0], [0.1, 0.0], [1.2, 1.0]])[order]
    together = np.array([[90, 8, 0], [5, 60, 4], [0, 6, 70]])[:, order]
    assert kept_names(PRICE, PRICE.features, centres, old, together) == tuple(
        old[place] for place in order
    )


def test_a_segment_that_splits_leaves_its_name_with_the_larger_part() -> None:
    old = ("full_price", "deal_hunter")
    centres = np.array([[-1.0, -1.0], [0.4, 0.2], [1.5, 1.4]])
    together = np.array([[100, 2, 0], [0, 20, 60]])
    names = kept_names(PRICE, PRICE.features, centres, old, together)
    assert (names[0], names[2]) == old
    assert names[1] == "half_and_half"
    assert matched(together) == {0: 0, 2: 1}


def test_too_few_common_customers_are_no_match() -> None:
    assert matched(np.array([[10, 45], [45, 300]])) == {1: 1}


@given(
    st.integers(2, 5),
    st.integers(2, 5),
    st.integers(0, 2**32 - 1),
)
def test_names_never_contradict_the_scale(old: int, new: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(new, 2))
    before = fresh_names(PRICE, PRICE.features, np.sort(rng.normal(size=(old, 2)), axis=0))
    together = rng.integers(0, 100, (old, new))
    names = kept_names(PRICE, PRICE.features, centres, before, together)
    assert len(set(names)) == new
    places = [PRICE.scale.index(names[s]) for s in order_along(PRICE.features, centres)]
    assert places == sorted(places)


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_names_are_words_of_their_own(axis: object) -> None:
    every = [name for one in AXES.values() for name in (*one.scale, one.otherwise) if name]
    assert len(set(every)) == len(every)
