"""Mappings that contradict themselves are refused, naming the key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.customer import Field, FieldType
from domain.errors import BadMapping
from domain.experiment import Outcome, OutcomeKind
from domain.objective import Budget
from domain.triggers import Trigger, TriggerType
from tests.workflows.company import MAPPING
from workflows.mapping import arm_value, read_mapping
from workflows.toml import quoted

CHANGES = {
    "no control": ('control = "holdout"\n', "", "arm.control"),
    "the control as a trigger": ('ship = "free', 'holdout = "free', "control and a trigger"),
    "two values, one trigger": ('"gift_guide"', '"free_shipping"', "free_shipping"),
    "none as a trigger": ('"gift_guide"', '"none"', "'none' is the control"),
    "the same value twice": ('ship = "free', '"1.0" = "a"\n1 = "free', "the same value"),
    "an unknown key": ("[customer]", "[customer]\ncolour = 1", "customer.colour"),
    "no customer": ('column = "person"', "", "each_row"),
    "both customers": ('column = "person"', 'column = "person"\neach_row = true', "each_row"),
    "an unknown kind": ('column = "spent"', 'column = "spent"\nkind = "joy"', "outcomes.revenue"),
    "an own outcome without kind": ("[outcomes.revenue]", "[outcomes.joy]", "outcomes.joy"),
    "the arm as outcome": ('column = "spent"', 'column = "offer"', "'offer'"),
    "an odd outcome name": ("[outcomes.revenue]", '[outcomes."a b"]', "outcomes.a b"),
    "an odd field name": ('label = "orders before"', 'field = "a b"', "fields.past_orders"),
    "a probability of 1": ("holdout = 0.3", "holdout = 1.0", "holdout"),
    "a negative cost": ("unit_cost = 0.1", "unit_cost = -1", "unit_cost"),
    "a start that is no time": ("2026-02-01T00:00:00Z", '"soon"', "started_at"),
    "a campaign id with a path": ('"spring-26"', '"../x"', "campaign.id"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_contradiction_is_named(name: str, tmp_path: Path) -> None:
    old, new, says = CHANGES[name]
    assert old in MAPPING
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING.replace(old, new, 1))
    with pytest.raises(BadMapping) as caught:
        read_mapping(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_mapping_a_folder_and_other_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "odd.toml"):
        with pytest.raises(BadMapping, match=str(path)):
            read_mapping(path)


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_can_be_quoted(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}") == {"x": text}


@given(st.integers() | st.booleans() | st.text(max_size=8))
def test_an_arms_value_is_its_own_value(value: object) -> None:
    assert arm_value(arm_value(value)) == arm_value(value)
    assert arm_value(1.0) == arm_value(1) == arm_value("1.00") == "1"


@pytest.mark.parametrize("key", ["a b", "x'y", "é", "A", "1a", "", "a\n", "a" * 65])
def test_a_key_is_plain_from_its_first_letter_to_its_last(key: str) -> None:
    with pytest.raises(ValidationError):
        Trigger(key=key, name="x", type=TriggerType.MONETARY)
    with pytest.raises(ValidationError):
        Outcome(name=key, kind=OutcomeKind.BINARY)
    if key not in ("A", "a" * 65):
        with pytest.raises(ValidationError):
            Field(name=key, type=FieldType.INT)
    with pytest.raises(ValidationError):
        Budget(amount=1, currency=key + "EUR ")
