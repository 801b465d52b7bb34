"""Profiles beside scores, as one relation that is read and never written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from domain.choices import best_among
from domain.criteria import EVERYONE, AllOf, Condition, Op
from domain.customer import STANDARD
from domain.errors import UnknownField
from storage.population import Population
from storage.snapshots import SnapshotStore

SCHEMA = STANDARD.with_triggers(["free_shipping", "social_proof"])


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Population]:
    store = SnapshotStore(tmp_path / "it's [a] store*")
    profiles = pa.table(
        {
            "customer_id": ["c", "a", "b", "d"],
            "lifetime_value": [3.0, 1.0, 2.0, None],
            "location_city": ["Paris", "Rome", "Paris", None],
            "product_categories_purchased": [["x", "y"], ["y"], [], None],
        }
    )
    scores = pa.table(
        {
            "customer_id": ["a", "b", "z"],
            "net_value_for_free_shipping": [1.0, -1.0, 5.0],
            "best_trigger": ["free_shipping", "none", "free_shipping"],
        }
    )
    parts = [
        store.write("profiles", [(0, profiles.slice(0, 2)), (1, profiles.slice(2))]),
        store.write("scores", [(0, scores)]),
    ]
    with Population(SCHEMA, parts) as opened:
        yield opened


def ids(table: pa.Table) -> list[str]:
    return [str(one) for one in table.column("customer_id").to_pylist()]


def test_the_first_snapshot_says_who_is_there(people: Population) -> None:
    table = people.select(EVERYONE, ["customer_id", "best_trigger"])
    assert ids(table) == ["a", "b", "c", "d"]
    assert table.column("best_trigger").to_pylist() == ["free_shipping", "none", None, None]
    assert people.count(EVERYONE) == 4


def test_many_counts_are_those_one_by_one(people: Population) -> None:
    several = [
        EVERYONE,
        Condition(field="location_city", op=Op.EQ, value="Paris"),
        Condition(field="lifetime_value", op=Op.GTE, value=2.0),
        Condition(field="lifetime_value", op=Op.IS_NULL),
    ]
    assert people.count_each(several) == tuple(map(people.count, several)) == (4, 2, 2, 1)
    assert people.count_each([]) == ()


def test_criteria_of_both_choose(people: Population) -> None:
    criteria = AllOf(
        all=(
            Condition(field="location_city", op=Op.EQ, value="Paris"),
            Condition(field="best_trigger", op=Op.EQ, value="none"),
        )
    )
    assert ids(people.select(criteria, ["customer_id"])) == ["b"]
    among = Condition(field=best_among(["free_shipping"]), op=Op.EQ, value="free_shipping")
    assert ids(people.select(among, ["customer_id"])) == ["a"]


def test_percentages_become_borders(people: Population) -> None:
    top = Condition(field="lifetime_value", op=Op.TOP_PERCENT, value=34)
    resolved = people.resolve(top)
    assert resolved == Condition(field="lifetime_value", op=Op.GTE, value=2.0)
    assert ids(people.select(resolved, ["customer_id"])) == ["b", "c"]


@pytest.mark.parametrize(
    ("field", "missing"),
    [
        ("lifetime_orders", "lifetime_orders"),
        ("net_value_for_social_proof", "net_value_for_social_proof"),
        (best_among(["free_shipping", "social_proof"]), "net_value_for_social_proof"),
    ],
)
def test_what_there_is_no_column_for_is_named(people: Population, field: str, missing: str) -> None:
    value: object = "none" if field.startswith("best") else 1
    condition = Condition(field=field, op=Op.EQ, value=value)  # type: ignore[arg-type]
    assert people.missing_fields(condition) == [missing]
    for ask in (people.resolve, people.count):
        with pytest.raises(UnknownField, match=missing):
            ask(condition)
    with pytest.raises(UnknownField, match="lifetime_orders"):
        people.select(EVERYONE, ["lifetime_orders"])


def test_levels_are_the_commonest_first(people: Population) -> None:
    assert people.levels("location_city", 5) == ("Paris", "Rome")
    assert people.levels("product_categories_purchased", 5) == ("y", "x")
    assert people.levels("location_city", 1) == ("Paris",)
