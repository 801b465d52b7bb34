"""A company's raw tables, through import to profiles."""

import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from domain.errors import BadData
from profiles.mapping import parse_mapping
from workflows.campaignprofiles import campaign_profiles
from workflows.importing import import_experiment
from workflows.mapping import ExperimentMapping
from workflows.tables import import_tables
from workflows.workspace import PROFILES, Workspace

ORDERS = {
    "kind": "orders",
    "columns": {
        "order_id": "id",
        "customer_id": "who",
        "ordered_at": "when",
        "total": "sum",
    },
}
LINES = {
    "kind": "order_items",
    "columns": {
        "order_id": "id",
        "line": "line",
        "product_id": "product",
        "quantity": "count",
        "unit_price": "price",
    },
}


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop", buckets=3)


def orders_file(folder: Path, rows: list[tuple[str, str, str, float]]) -> Path:
    path = folder / "orders.csv"
    pd.DataFrame(rows, columns=["id", "who", "when", "sum"]).to_csv(path, index=False)
    return path


FIRST = [
    ("o1", "ann", "2026-01-01", 10.0),
    ("o2", "bob", "2026-02-01", 20.0),
    ("o3", "ann", "2026-03-01", 30.0),
]


def test_an_upsert_replaces_by_key_and_twice_changes_nothing(
    shop: Workspace, tmp_path: Path
) -> None:
    mapping = parse_mapping(ORDERS)
    done = import_tables(shop, orders_file(tmp_path, FIRST), mapping, profiles=False)
    assert (done.read, done.kept, done.changed) == (3, 3, {"orders": 3})
    before = shop.current("orders").id
    again = import_tables(shop, orders_file(tmp_path, FIRST), mapping, profiles=False)
    assert again.changed == {"orders": 0}
    assert shop.current("orders").id == before
    more = [("o2", "bob", "2026-02-01", 25.0), ("o4", "cyd", "2026-04-01", 40.0)]
    import_tables(shop, orders_file(tmp_path, more), mapping, profiles=False)
    totals = {row["order_id"]: row["total"] for row in shop.current("orders").table().to_pylist()}
    assert totals == {"o1": 10.0, "o2": 25.0, "o3": 30.0, "o4": 40.0}
    import_tables(shop, orders_file(tmp_path, more), mapping, whole=True, profiles=False)
    assert sorted(shop.current("orders").table().column("order_id").to_pylist()) == ["o2", "o4"]


def test_orders_alone_give_transactional_profiles(shop: Workspace, tmp_path: Path) -> None:
    import_tables(shop, orders_file(tmp_path, FIRST), parse_mapping(ORDERS))
    rows = {row["customer_id"]: row for row in shop.current(PROFILES).table().to_pylist()}
    assert rows["ann"]["lifetime_value"] == 40.0
    assert rows["ann"]["lifetime_orders"] == 2
    assert rows["bob"]["days_since_last_purchase"] == 28
    assert rows["bob"]["session_count"] is None


def test_lines_follow_their_order_into_its_bucket(shop: Workspace, tmp_path: Path) -> None:
    lines = tmp_path / "lines.csv"
    lines.write_text("id,line,product,count,price\no1,1,p1,2,5\no9,1,p1,1,5\n")
    with pytest.raises(BadData, match="no orders"):
        import_tables(shop, lines, parse_mapping(LINES), profiles=False)
    import_tables(shop, orders_file(tmp_path, FIRST), parse_mapping(ORDERS), profiles=False)
    done = import_tables(shop, lines, parse_mapping(LINES), profiles=False)
    assert done.set_aside == {"without a known order": 1}
    orders, items = shop.current("orders"), shop.current("order_items")
    (bucket,) = items.files
    table = orders.read(bucket)
    assert table is not None
    assert "o1" in table.column("order_id").to_pylist()


def test_a_database_gives_what_the_file_gives(shop: Workspace, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        frame = pd.DataFrame(FIRST, columns=["id", "who", "when", "sum"])
        frame.to_sql("orders", connection, index=False)
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    done = import_tables(
        shop, url, parse_mapping(ORDERS), query="SELECT * FROM orders", profiles=False
    )
    assert done.kept == 3
    again = import_tables(shop, orders_file(tmp_path, FIRST), parse_mapping(ORDERS), profiles=False)
    assert again.changed == {"orders": 0}
    with pytest.raises(BadData, match="no such table"):
        import_tables(shop, url, parse_mapping(ORDERS), query="SELECT * FROM absent")
    with pytest.raises(BadData, match="query"):
        import_tables(shop, url, parse_mapping(ORDERS))


def test_an_experiment_beside_orders_gets_profiles_as_of_its_start(
    shop: Workspace, tmp_path: Path
) -> None:
    import_tables(shop, orders_file(tmp_path, FIRST), parse_mapping(ORDERS))
    file = tmp_path / "campaign.csv"
    rows = [(f"c{i}", "none" if i % 2 else "mail", i % 3 == 0, i) for i in range(40)]
    rows += [("ann", "mail", True, 7), ("bob", "none", False, 8)]
    frame = pd.DataFrame(rows, columns=["id", "arm", "bought", "points"])
    frame.assign(bought=frame.bought.astype(int)).to_csv(file, index=False)
    mapping = ExperimentMapping.model_validate(
        {
            "kind": "experiment",
            "campaign": {"id": "feb", "started_at": "2026-02-15T00:00:00Z"},
            "customer": {"column": "id"},
            "arm": {"column": "arm", "control": "none", "triggers": {"mail": "content_story"}},
            "outcomes": {"converted": {"column": "bought"}},
        }
    )
    import_experiment(shop, file, mapping)
    (campaign,) = shop.campaigns()
    (profiles,) = campaign_profiles(shop, [campaign])
    then = {row["customer_id"]: row for row in profiles.table().to_pylist()}
    assert then["ann"]["lifetime_orders"] == 1, "the order of March is not yet known in February"
    assert then["ann"]["points"] == 7
    assert then["c3"]["points"] == 3
    now = {row["customer_id"]: row for row in shop.current(PROFILES).table().to_pylist()}
    assert (now["ann"]["lifetime_orders"], now["ann"]["points"]) == (2, 7)


@pytest.mark.real_data
def test_cdnow_keeps_every_order(tmp_path: Path, shared_data: Path) -> None:
    from profiles.mapping import read_raw_mapping

    shop = Workspace.create(tmp_path / "cdnow")
    mapping = read_raw_mapping(Path(__file__).parents[2] / "examples" / "cdnow.toml")
    path = shared_data / "cdnow" / "CDNOW_master.txt"
    done = import_tables(shop, path, mapping, profiles=False)
    assert (done.read, done.kept) == (69_659, 69_659)
    total = sum(shop.current("orders").table(["total"]).column(0).to_pylist())
    assert total == pytest.approx(2_500_315.63)
