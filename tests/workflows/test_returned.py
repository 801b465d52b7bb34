"""Erased persons do not come back by an import, and the import says how many rows were theirs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.mapping import parse_mapping
from tests.activation_api.little import little
from tests.workflows.test_tables import FIRST, LINES, ORDERS, orders_file
from workflows.erasure import erase, request_erasure
from workflows.pseudonyms import pseudonym
from workflows.returned import without_erased
from workflows.tables import import_tables, upsert_table
from workflows.workspace import Workspace


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop", buckets=3)


def orders_of(shop: Workspace) -> list[str]:
    return sorted(shop.current("orders").table(["order_id"]).column("order_id").to_pylist())


def forget(shop: Workspace, who: str) -> None:
    request_erasure(shop, who, actor="test")
    subject = pseudonym(shop, who)
    erase(shop, subject, progress=lambda share, words: None, actor="test")


@pytest.mark.parametrize("whole", [False, True])
def test_orders_of_an_erased_person_are_set_aside(
    shop: Workspace, tmp_path: Path, whole: bool
) -> None:
    mapping = parse_mapping(ORDERS)
    import_tables(shop, orders_file(tmp_path, FIRST), mapping, profiles=False)
    forget(shop, "ann")
    assert orders_of(shop) == ["o2"]
    more = [*FIRST, ("o4", "cid", "2026-04-01", 40.0)]
    done = import_tables(shop, orders_file(tmp_path, more), mapping, whole=whole, profiles=False)
    assert (done.read, done.kept, done.set_aside) == (4, 2, {"erased": 2})
    assert orders_of(shop) == ["o2", "o4"]


def test_so_are_lines_of_their_orders(shop: Workspace, tmp_path: Path) -> None:
    import_tables(shop, orders_file(tmp_path, FIRST), parse_mapping(ORDERS), profiles=False)
    request_erasure(shop, "ann", actor="test")  # asked for, and not done yet
    lines = tmp_path / "lines.csv"
    lines.write_text("id,line,product,count,price\no1,1,p,1,5\no2,1,p,1,5\n")
    done = import_tables(shop, lines, parse_mapping(LINES), profiles=False)
    assert done.set_aside == {"erased": 1}
    items = shop.current("order_items").table(["order_id"]).column("order_id").to_pylist()
    assert items == ["o2"]


def test_what_is_added_to_a_table_holds_them_no_more(shop: Workspace, tmp_path: Path) -> None:
    import_tables(shop, orders_file(tmp_path, FIRST), parse_mapping(ORDERS), profiles=False)
    before = shop.current("orders").table()
    forget(shop, "ann")
    assert upsert_table(shop, "orders", before) is None, "what is left is there already"


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.sets(st.sampled_from("abcdef")))
def test_nobody_else_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, who: list[str], gone: set[str]
) -> None:
    shop = little(tmp_path_factory.mktemp("returned") / "shop", people=3)
    for one in sorted(gone):
        request_erasure(shop, one, actor="test")
    ids: list[str | None] = [*who, None]
    table = pa.table({"customer_id": pa.array(ids, pa.string()), "n": range(len(ids))})
    kept, count = without_erased(shop, table)
    expected = [(one, n) for n, one in enumerate(ids) if one not in gone]
    assert list(zip(*kept.to_pydict().values(), strict=True)) == expected
    assert count == len(ids) - len(expected)
    other = pa.table({"order_id": ["a"]})
    assert without_erased(shop, other) == (other, 0)
    shop.close()
