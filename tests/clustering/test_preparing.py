"""Fields: which can be used, why others can't, and what becomes of their values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from clustering.fieldclasses import Refused, Usable, classify
from clustering.preparing import FLAG, between_share, prepare
from domain.customer import Field, FieldType
from domain.discovery import FieldKind
from domain.errors import BadRequest

N = 200
RNG = np.random.default_rng(0)


def field(name: str, kind: FieldType) -> Field:
    return Field(name=name, type=kind)


def column(values: Any) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values)])


@pytest.mark.parametrize(
    ("name", "kind", "values", "says"),
    [
        ("customer_id", FieldType.STRING, [f"cust_{i:08x}" for i in range(N)], "id"),
        ("loyalty_number", FieldType.INT, list(range(N)), "id"),
        ("nickname", FieldType.STRING, [f"n{i}" for i in range(N)], "id"),
        ("email_address", FieldType.STRING, ["a@b.org"] * N, "personal"),
        ("contact", FieldType.STRING, [f"p{i % 9}@shop.example" for i in range(N)], "e-mail"),
        ("remark", FieldType.STRING, [f"{i} said that all was well" for i in range(N)], "free"),
        ("note", FieldType.STRING, ["a long remark that " + "goes on " * 6 + c for c in "ab" * 100],
         "free"),
        ("shop", FieldType.STRING, ["main"] * N, "constant: every value is main"),
        ("level", FieldType.INT, [3] * N, "constant"),
        ("flag", FieldType.BOOL, [True, None] * 100, "constant: every known value"),
        ("gone", FieldType.FLOAT, [None] * N, "no values"),
        ("rare", FieldType.FLOAT, [1.0, 2.0] + [None] * (N - 2), "missing"),
        ("bought", FieldType.STRINGS, [["a"]] * N, "list"),
        ("since", FieldType.TIMESTAMP, ["2026-01-01"] * N, "date"),
    ],
)  # fmt: skip
def test_what_tells_nobody_apart_is_refused(
    name: str, kind: FieldType, values: list[Any], says: str
) -> None:
    data = pa.array(values, pa.float64()) if kind is FieldType.FLOAT else pa.array(values)
    found = classify(field(name, kind), pa.chunked_array([data]))
    assert isinstance(found, Refused)
    assert says in found.reason


def test_money_with_all_values_different_is_a_number() -> None:
    found = classify(field("spend", FieldType.FLOAT), column(RNG.random(N)))
    assert isinstance(found, Usable)
    assert found.kind is FieldKind.NUMERIC


def test_a_category_of_many_levels_is_warned_of() -> None:
    towns = [f"town {i % 40}" for i in range(2_000)]
    found = classify(field("town", FieldType.STRING), column(towns))
    assert isinstance(found, Usable)
    assert "40 different values" in found.warning
    assert len(found.levels) == 20


def test_numbers_are_centred_scaled_and_drawn_in() -> None:
    values = np.append(RNG.normal(50, 4, 999), 10_000.0)
    prepared = prepare(pa.table({"x": values}), [field("x", FieldType.FLOAT)])
    x = prepared.X[:, 0]
    assert prepared.X.shape == (1_000, 1)
    assert np.median(x) == pytest.approx(0, abs=1e-9)
    assert x.max() == 4
    assert np.std(x[x < 4]) == pytest.approx(1, abs=0.15)


def test_skewed_numbers_become_logarithms_and_it_is_said() -> None:
    values = RNG.lognormal(3, 1.2, 500)
    prepared = prepare(pa.table({"x": values}), [field("x", FieldType.FLOAT)])
    assert "logarithm" in prepared.notes[0].text
    order = np.argsort(values)
    assert (np.diff(prepared.X[order, 0]) >= 0).all(), "the order is kept"
    straight = prepare(pa.table({"x": RNG.normal(size=500)}), [field("x", FieldType.FLOAT)])
    assert "logarithm" not in straight.notes[0].text


def test_missing_values_are_marked_and_said() -> None:
    gaps = np.arange(N) % 4 == 0
    table = pa.table(
        {
            "x": pa.array(RNG.normal(size=N), mask=gaps),
            "kind": pa.array(["a", "b"] * 100, mask=gaps),
        }
    )
    prepared = prepare(table, [field("x", FieldType.FLOAT), field("kind", FieldType.STRING)])
    assert prepared.groups.tolist() == [0, 0, 1, 1, 1]
    assert (prepared.X[gaps, 0] == 0).all()
    assert set(prepared.X[gaps, 1]) == {FLAG}
    assert all("25% missing" in note.text for note in prepared.notes)
    assert np.isfinite(prepared.X).all()


def test_two_levels_are_one_unit_apart() -> None:
    table = pa.table({"kind": ["a", "b"] * 100})
    X = prepare(table, [field("kind", FieldType.STRING)]).X
    assert np.linalg.norm(X[0] - X[1]) == pytest.approx(1)


@pytest.mark.parametrize(("count", "warned"), [(2, True), (3, False), (8, False), (9, True)])
def test_few_and_many_fields_are_warned_of(count: int, warned: bool) -> None:
    table = pa.table({f"x{i}": RNG.normal(size=N) for i in range(count)})
    fields = [field(name, FieldType.FLOAT) for name in table.column_names]
    assert any("3 to 8 are advised" in text for text in prepare(table, fields).warnings) == warned


def test_nothing_usable_is_refused_with_every_reason() -> None:
    table = pa.table({"shop": ["main"] * N, "person": [f"p{i}" for i in range(N)]})
    with pytest.raises(BadRequest) as error:
        prepare(table, [field("shop", FieldType.STRING), field("person", FieldType.STRING)])
    assert error.value.field == "fields"
    assert "shop: it is constant" in error.value.message
    assert "person: it is an id" in error.value.message


def test_the_share_between_groups_by_its_definition() -> None:
    X = RNG.normal(size=(60, 2))
    labels = RNG.integers(-1, 3, 60)
    total = ((X - X.mean(axis=0)) ** 2).sum()
    between = sum(
        (labels == k).sum() * ((X[labels == k].mean(axis=0) - X.mean(axis=0)) ** 2).sum()
        for k in range(3)
    )
    assert between_share(X, labels) == pytest.approx(between / total)
    assert between_share(X, np.full(60, -1)) == 0
