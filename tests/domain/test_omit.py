"""What is left of an expression without some fields."""

from hypothesis import given
from hypothesis import strategies as st

from domain.criteria import (
    EVERYONE,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Op,
    conditions,
    normalise,
)
from domain.omit import omit
from tests.domain.expressions import expressions

RICH = Condition(field="lifetime_value", op=Op.GT, value=500)
PARIS = Condition(field="location_city", op=Op.EQ, value="Paris")
RETURNED = Condition(field="has_ever_returned_item", op=Op.EQ, value=True)


def test_a_condition_goes_and_the_others_stay():
    assert omit(AllOf(all=(RICH, PARIS)), {"location_city"}) == normalise(AllOf(all=(RICH,)))


def test_a_group_that_loses_everything_goes_too():
    tree = AllOf(all=(RICH, AnyOf(any=(PARIS, Not(not_=PARIS)))))
    assert omit(tree, {"location_city"}) == normalise(AllOf(all=(RICH,)))


def test_where_nothing_is_left_everyone_is_meant():
    assert omit(PARIS, {"location_city"}) == EVERYONE
    assert (
        omit(AllOf(all=(PARIS, RETURNED)), {"location_city", "has_ever_returned_item"}) == EVERYONE
    )


@given(expressions(), st.sets(st.sampled_from(["lifetime_value", "location_city"])))
def test_no_condition_on_an_omitted_field_is_left_and_no_other_is_lost(tree, fields):
    left = list(conditions(omit(tree, fields)))
    kept = [one for one in conditions(normalise(tree)) if one.field not in fields]
    assert not {one.field for one in left} & fields
    assert left == kept
