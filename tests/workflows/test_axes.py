"""The axes of a planted shop: clustered, placed, refreshed, clustered anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score

from benchmarks.axes_shop import ENDS_AT
from clustering.axes import AXES
from clustering.axis_model import Standing
from domain.criteria import Condition, Op
from domain.errors import Conflict, NotFound
from storage import axes as versions
from storage import definitions
from storage.population import Population
from tests.workflows.axisshop import CUSTOMERS, Planted, axis_shop
from tests.workflows.company import NOW, copied
from workflows.axes import (
    NoCentroids,
    cluster_axes,
    current_memberships,
    refresh_axes,
    require_axes,
)
from workflows.axespage import axes_page
from workflows.axisassign import (
    CustomerPlacer,
    RawCustomer,
    RawEvent,
    RawItem,
    RawOrder,
    customer_segments,
)
from workflows.axisstats import axes_stats, describe_axes, moved_csv, moved_customers
from workflows.workspace import Workspace

PLANTED_NAMES = {
    "price_sensitivity": ("full_price", "deal_hunter"),
    "return_behavior": ("keeper", "serial_returner"),
    "purchase_value": ("small_basket", "big_spender"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Planted]:
    return axis_shop(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def shop(made: tuple[Path, Planted]) -> Iterator[Workspace]:
    """The clustered workspace, to be read."""
    workspace = Workspace.open(made[0], now=lambda: NOW)
    yield workspace
    workspace.close()


@pytest.fixture
def own(made: tuple[Path, Planted], tmp_path: Path) -> Iterator[Workspace]:
    """A copy, to be changed."""
    workspace = copied(made[0], tmp_path)
    yield workspace
    workspace.close()


@pytest.mark.slow
def test_planted_segments_are_found_and_nothing_else(
    shop: Workspace, made: tuple[Path, Planted]
) -> None:
    stats = axes_stats(shop)
    found = {axis.axis for axis in stats.axes if axis.standing is Standing.SEGMENTS}
    assert found == set(PLANTED_NAMES)
    memberships = current_memberships(shop).table()
    ids = memberships.column("customer_id").to_pylist()
    assert len(ids) == stats.customers == CUSTOMERS
    for axis, names in PLANTED_NAMES.items():
        placed = memberships.column(f"axis.{axis}").to_pylist()
        truth = [made[1][axis][one] for one in ids]
        assert adjusted_rand_score(truth, placed) >= 0.9
        assert set(placed) - {None} == set(names)
        assert sum(stats.counts[axis].values()) == len([one for one in placed if one])
        share = memberships.column(f"axis.{axis}.strength").drop_null().to_pylist()
        assert all(0.5 <= one <= 1 for one in share)


def test_an_axis_without_segments_says_why_and_places_nobody(shop: Workspace) -> None:
    stats = axes_stats(shop)
    memberships = current_memberships(shop).table()
    for axis in stats.axes:
        if axis.standing is not Standing.SEGMENTS:
            assert axis.reason
            assert memberships.column(f"axis.{axis.axis}").null_count == CUSTOMERS
    reasons = {axis.axis: axis.reason for axis in stats.axes}
    assert "No natural segments" in reasons["purchase_frequency"]
    standings = {axis.axis: axis.standing for axis in stats.axes}
    assert standings["product_knowledge"] is not Standing.SEGMENTS


def test_memberships_are_fields_of_criteria(shop: Workspace, made: tuple[Path, Planted]) -> None:
    schema = shop.schema()
    assert "axis.price_sensitivity" in schema
    assert "axis.purchase_frequency" not in schema
    hunters = Condition(field="axis.price_sensitivity", op=Op.EQ, value="deal_hunter")
    with Population(schema, [current_memberships(shop)]) as people:
        count = people.count(hunters)
        sure = Condition(field="axis.price_sensitivity.strength", op=Op.GTE, value=0.9)
        assert 0 < people.count(sure) < CUSTOMERS
    assert count == axes_stats(shop).counts["price_sensitivity"]["deal_hunter"]
    assert count == pytest.approx(sum(made[1]["price_sensitivity"].values()), rel=0.1)


def test_a_refresh_with_the_same_data_moves_nobody(own: Workspace) -> None:
    before = current_memberships(own)
    done = refresh_axes(own)
    assert (done.version, done.moves.total, done.moves.counts) == (1, 0, {})
    after = current_memberships(own)
    assert after.id != before.id
    assert after.table().equals(before.table())
    assert moved_customers(own).num_rows == 0


def test_who_moved_is_listed(own: Workspace) -> None:
    old = current_memberships(own)
    done = refresh_axes(own, as_of=ENDS_AT - timedelta(days=150))
    assert done.moves.total > 0
    moved = moved_customers(own).to_pylist()
    assert len(moved) == done.moves.total
    new = {
        axis: dict(
            zip(
                current_memberships(own).table().column("customer_id").to_pylist(),
                current_memberships(own).table().column(f"axis.{axis}").to_pylist(),
                strict=True,
            )
        )
        for axis in PLANTED_NAMES
    }
    was = {
        row["customer_id"]: row
        for row in old.table(["customer_id", *(f"axis.{axis}" for axis in AXES)]).to_pylist()
    }
    for row in moved:
        assert row["before"] == was[row["customer_id"]][f"axis.{row['axis']}"]
        assert row["after"] == new[row["axis"]][row["customer_id"]] != row["before"]
    header, first = moved_csv(own).decode().splitlines()[:2]
    assert header == '"customer_id","axis","before","after"'
    assert first.startswith('"cust_')


@pytest.mark.slow
def test_a_new_clustering_keeps_names_and_maps_old_segments(own: Workspace) -> None:
    before = current_memberships(own).table()
    done = cluster_axes(own, seed=99, threads=1)
    assert done.version == 2
    after = current_memberships(own).table()
    for axis, names in PLANTED_NAMES.items():
        assert done.kept[axis] == {name: name for name in names}
        was = before.column(f"axis.{axis}").to_pylist()
        now = after.column(f"axis.{axis}").to_pylist()
        assert sum(a == b for a, b in zip(was, now, strict=True)) > 0.98 * CUSTOMERS
    with own.control.read() as session:
        found = versions.current(session)
    assert found is not None
    assert found.payload["kept"]["price_sensitivity"]["deal_hunter"] == "deal_hunter"


def test_without_centroids_nothing_is_placed(own: Workspace, tmp_path: Path) -> None:
    empty = Workspace.create(tmp_path / "empty", now=lambda: NOW)
    for ask in (
        lambda: refresh_axes(empty),
        lambda: axes_stats(empty),
        lambda: customer_segments(empty, "cust_00000001"),
        lambda: CustomerPlacer(empty).place(RawCustomer()),
        lambda: axes_page(empty),
    ):
        with pytest.raises(NoCentroids, match="aether axes cluster"):
            ask()
    with pytest.raises(NotFound, match="no raw tables"):
        cluster_axes(empty)
    version, described = describe_axes(empty)
    assert version is None
    assert [one.name for one in described] == list(AXES)
    empty.close()


def test_a_refresh_gives_way_to_a_new_clustering(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(*_: object) -> None:
        with own.control.write() as session:
            versions.add(session, NOW, [], {"axes": []})

    with pytest.raises(Conflict, match="clustered anew"):
        refresh_axes(own, progress=other)


def raw_customer(workspace: Workspace, customer_id: str) -> RawCustomer:
    """A stored customer, written out as a caller would give them."""
    with workspace.control.read() as session:
        current = definitions.current(session)

    def rows(name: str, column: str, values: list[str]) -> list[dict[str, object]]:
        table = workspace.snapshots.open(current[name]).table()
        return table.filter(pc.is_in(table.column(column), pa.array(values))).to_pylist()

    orders = rows("orders", "customer_id", [customer_id])
    items = rows("order_items", "order_id", [str(order["order_id"]) for order in orders])
    events = rows("events", "customer_id", [customer_id])
    (who,) = rows("customers", "customer_id", [customer_id])

    def only(model: type, row: dict[str, object]) -> dict[str, object]:
        return {name: row[name] for name in model.model_fields if row[name] is not None}  # type: ignore[attr-defined]

    return RawCustomer(
        creation_date=who["creation_date"],
        orders=tuple(RawOrder(**only(RawOrder, row)) for row in orders),  # type: ignore[arg-type]
        items=tuple(RawItem(**only(RawItem, row)) for row in items),  # type: ignore[arg-type]
        events=tuple(RawEvent(**only(RawEvent, row)) for row in events),  # type: ignore[arg-type]
    )


def test_a_customer_given_as_raw_rows_is_placed_as_the_batch_placed_them(shop: Workspace) -> None:
    placer = CustomerPlacer(shop)
    ids = current_memberships(shop).table(["customer_id"]).column("customer_id").to_pylist()
    for customer_id in ids[:: CUSTOMERS // 20]:
        given, known = (
            placer.place(raw_customer(shop, customer_id)),
            customer_segments(shop, customer_id),
        )
        assert (given.version, given.as_of) == (known.version, known.as_of)
        for one, other in zip(given.axes, known.axes, strict=True):
            assert (one.axis, one.segment, one.reason) == (other.axis, other.segment, other.reason)
            assert one.strengths == pytest.approx(other.strengths)
            assert one.strength == (pytest.approx(other.strength) if other.strength else None)


def test_who_has_ordered_too_little_is_told_what_is_missing(shop: Workspace) -> None:
    newcomer = RawCustomer(
        orders=(RawOrder(order_id="a", ordered_at=ENDS_AT - timedelta(days=3), total=20),)
    )
    placed = {one.axis: one for one in CustomerPlacer(shop).place(newcomer).axes}
    assert placed["purchase_value"].segment == "small_basket"
    assert placed["price_sensitivity"].segment is None
    assert "two orders" in placed["price_sensitivity"].reason


def test_a_newer_order_counts(shop: Workspace) -> None:
    later = ENDS_AT + timedelta(days=40, hours=3)
    orders = (RawOrder(order_id="a", ordered_at=later, total=400),)
    placed = CustomerPlacer(shop).place(RawCustomer(orders=orders))
    assert placed.as_of == ENDS_AT + timedelta(days=41)
    segments = {one.axis: one.segment for one in placed.axes}
    assert segments["purchase_value"] == "big_spender"


def test_a_placer_follows_a_new_clustering(own: Workspace) -> None:
    placer = CustomerPlacer(own)
    assert placer.place(RawCustomer()).version == 1
    version, fitted = require_axes(own)
    with own.control.write() as session:
        payload = {"axes": [axis.model_dump(mode="json") for axis in fitted]}
        versions.add(session, NOW, version.assigned, payload)
    assert placer.place(RawCustomer()).version == 2


def test_an_unknown_customer_is_not_found(shop: Workspace) -> None:
    with pytest.raises(NotFound, match="nobody-here"):
        customer_segments(shop, "nobody-here")


def test_the_page_shows_every_axis(shop: Workspace) -> None:
    page = axes_page(shop)
    for axis in AXES:
        assert axis in page or axis.replace("_", " ") in page
    assert page.count("data:image/png;base64,") == 2 * len(PLANTED_NAMES)
    assert "deal_hunter" in page
    assert "No natural segments" in page


def test_bytes_of_a_bucket_are_sorted_by_customer(shop: Workspace) -> None:
    memberships = current_memberships(shop)
    for path in memberships.files.values():
        ids = pq.read_table(path, columns=["customer_id"]).column("customer_id").to_pylist()
        assert ids == sorted(ids)
