import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.choices import best_among
from domain.criteria import (
    EVERYONE,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Op,
    both,
    conditions,
    normalise,
    to_json,
)
from domain.customer import STANDARD, bucket_of
from domain.errors import AetherError, BadExpression, UnknownField, WrongType
from domain.parsing import parse
from domain.sentences import sentence
from tests.domain.expressions import expressions

EXAMPLE = {
    "all": [
        {"field": "lifetime_value", "op": "gt", "value": 500},
        {
            "any": [
                {"field": "location_city", "op": "in", "value": ["London", "Paris"]},
                {"not": {"field": "has_ever_returned_item", "op": "eq", "value": True}},
            ]
        },
    ]
}


def test_the_contract_s_example_reads_as_its_sentence() -> None:
    assert sentence(parse(EXAMPLE, STANDARD), STANDARD) == (
        "lifetime value > 500 and (city is London or Paris or has never returned an item)"
    )


def test_json_goes_round() -> None:
    parsed = parse(EXAMPLE, STANDARD)
    assert json.loads(json.dumps(to_json(parsed))) == EXAMPLE


@given(expressions())
def test_any_tree_survives_json_and_prints(expression: object) -> None:
    assert parse(to_json(expression), STANDARD) == expression  # type: ignore[arg-type]
    assert sentence(expression, STANDARD)  # type: ignore[arg-type]


@given(expressions())
def test_normalised_has_no_negation_and_is_stable(expression: object) -> None:
    pushed = normalise(expression)  # type: ignore[arg-type]
    assert "not" not in {k for node in _nodes(to_json(pushed)) for k in node}
    assert normalise(pushed) == pushed
    assert len(list(conditions(pushed))) == len(list(conditions(expression)))  # type: ignore[arg-type]


def _nodes(node: dict) -> list[dict]:  # type: ignore[type-arg]
    inner = [*node.get("all", []), *node.get("any", [])]
    return [node, *(deep for member in inner for deep in _nodes(member))]


def test_not_over_null_checks_and_percent() -> None:
    null = Condition(field="lifetime_value", op=Op.IS_NULL)
    top = Condition(field="lifetime_value", op=Op.TOP_PERCENT, value=10)
    pushed = normalise(Not(not_=AllOf(all=(null, top))))
    assert pushed == AnyOf(
        any=(
            Condition(field="lifetime_value", op=Op.NOT_NULL),
            Condition(field="lifetime_value", op=Op.BOTTOM_PERCENT, value=90),
        )
    )


def test_both_is_flat() -> None:
    leaf = Condition(field="lifetime_orders", op=Op.GTE, value=2)
    assert both(EVERYONE, AllOf(all=(leaf,)), leaf) == AllOf(all=(leaf, leaf))


@pytest.mark.parametrize(
    ("raw", "error", "words"),
    [
        ({"field": "lifetime_valeu", "op": "gt", "value": 1}, UnknownField, "lifetime_value"),
        ({"field": "email_address", "op": "eq", "value": "a@b"}, UnknownField, "personal"),
        ({"field": "lifetime_value", "op": "gt", "value": "many"}, WrongType, "number"),
        ({"field": "lifetime_value", "op": "gt", "value": True}, WrongType, "number"),
        ({"field": "lifetime_value", "op": "gt", "value": float("nan")}, WrongType, "number"),
        ({"field": "lifetime_value", "op": "contains", "value": "x"}, WrongType, "contains"),
        ({"field": "lifetime_value", "op": "near", "value": 1}, BadExpression, "operator"),
        ({"field": "lifetime_value", "op": "top_percent", "value": 100}, WrongType, "percentage"),
        ({"field": "email_consent", "op": "eq", "value": "yes"}, WrongType, "true or false"),
        ({"field": "last_purchase_date", "op": "gt", "value": "soon"}, WrongType, "date"),
        ({"field": "location_city", "op": "in", "value": []}, WrongType, "list"),
        ({"field": "location_city", "op": "contains", "value": " - "}, WrongType, "word"),
        ({"field": "lifetime_value", "op": "is_null", "value": 3}, WrongType, "no value"),
        ({"field": "transaction_history", "op": "eq", "value": 3}, WrongType, "nested"),
        ({}, BadExpression, "nothing"),
        ({"all": [], "any": []}, BadExpression, "all, any"),
        ({"all": {}}, BadExpression, "list"),
        ("everyone", BadExpression, "everyone"),
        (None, BadExpression, "None"),
    ],
)
def test_faults_are_named(raw: object, error: type[AetherError], words: str) -> None:
    with pytest.raises(error) as caught:
        parse(raw, STANDARD)
    assert words in str(caught.value)


def test_depth_is_bounded() -> None:
    raw: dict[str, object] = {"all": []}
    for _ in range(50):
        raw = {"not": raw}
    with pytest.raises(BadExpression, match="nested"):
        parse(raw, STANDARD)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "op", "value"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_parsed_or_refused_by_name(raw: object) -> None:
    try:
        parse(raw, STANDARD)
    except AetherError as error:
        assert str(error)


def test_the_best_among_some_triggers_needs_their_net_values() -> None:
    schema = STANDARD.with_triggers(["free_shipping", "social_proof"])
    name = best_among(["social_proof", "free_shipping"])
    assert name == "best_trigger_among.free_shipping.social_proof"
    tree = parse({"field": name, "op": "eq", "value": "free_shipping"}, schema)
    assert sentence(tree, schema) == (
        "best trigger among free shipping and social proof is free shipping"
    )
    with pytest.raises(UnknownField, match="net_value_for_scarcity"):
        parse({"field": best_among(["scarcity"]), "op": "eq", "value": "none"}, schema)


def test_the_best_among_any_number_of_triggers_is_a_field() -> None:
    keys = [f"{'trigger_' * 7}{number}" for number in range(40)]
    schema = STANDARD.with_triggers(keys)
    assert schema.require(best_among(keys)).name == best_among(keys)


def test_buckets_are_stable_and_even() -> None:
    assert bucket_of("cust_00000001", 64) == bucket_of("cust_00000001", 64)
    counts = [0] * 8
    for index in range(8_000):
        counts[bucket_of(f"cust_{index:08x}", 8)] += 1
    assert min(counts) > 850
