"""One customer on every axis: given as raw rows and not stored, or looked up.

The rows go through the queries and the centroids that placed everybody; nothing is clustered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from clustering.axes import AXES
from clustering.axis_model import FittedAxis, Standing
from domain.customer import AXIS, bucket_of
from domain.errors import BadData, NotFound
from profiles.axes.reader import FeatureReader
from profiles.contract import RAW_TABLES
from storage import axes as versions
from storage import definitions
from workflows.axes import NoCentroids, current_memberships, require_axes
from workflows.axisplaces import STRENGTHS, place_bucket
from workflows.profiling import raw_tables
from workflows.workspace import MEMBERSHIPS, Workspace

_Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_KEPT_READERS = 3


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _within_reach(moment: datetime) -> datetime:
    """A time that arithmetic on days can't carry past the ends of the calendar."""
    if not 1900 <= moment.year <= 2200:
        raise ValueError("the year must lie between 1900 and 2200")
    return moment


_Moment = Annotated[AwareDatetime, AfterValidator(_within_reach)]


class RawOrder(_Row):
    order_id: str = Field(examples=["o-1"])
    ordered_at: _Moment
    total: _Money | None = Field(None, examples=[59.9])
    discount_amount: _Money | None = Field(None, examples=[6.0])


class RawItem(_Row):
    order_id: str = Field(examples=["o-1"])
    product_id: str | None = Field(None, examples=["prod_0007"])
    category: str | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    returned_at: _Moment | None = None


class RawEvent(_Row):
    occurred_at: _Moment
    type: str = Field(examples=["support_ticket"])
    channel: str | None = Field(None, examples=["email"])
    duration_seconds: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class RawCustomer(_Row):
    """A customer as raw rows, as the raw tables hold them. `as_of` is the time to judge at: that of
    the memberships without it, or the end of the day of the newest order where that is later."""

    creation_date: _Moment | None = None
    as_of: _Moment | None = None
    orders: Annotated[tuple[RawOrder, ...], Field(max_length=10_000)] = ()
    items: Annotated[tuple[RawItem, ...], Field(max_length=100_000)] = ()
    events: Annotated[tuple[RawEvent, ...], Field(max_length=100_000)] = ()


@dataclass(frozen=True)
class Placement:
    """A customer's place on one axis; without a segment, `reason` says why. `strengths` are
    those in every segment of the axis."""

    axis: str
    segment: str | None
    strength: float | None
    strengths: dict[str, float]
    reason: str = ""


@dataclass(frozen=True)
class Placements:
    version: int
    as_of: datetime
    axes: tuple[Placement, ...]


@dataclass(frozen=True)
class _Standing:
    """What places customers until the axes, the memberships or the products change."""

    key: tuple[object, ...]
    version: int
    as_of: datetime
    fitted: tuple[FittedAxis, ...]
    open_reader: Callable[[datetime], FeatureReader]


class CustomerPlacer:
    """Places customers who are given as raw rows, keeping what takes time to open."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._standing: _Standing | None = None
        self._readers: dict[datetime, FeatureReader] = {}

    def place(self, customer: RawCustomer) -> Placements:
        """The customer's place on every axis. Raises `NoCentroids` before the first clustering, and
        `BadData` for a line of an order that is not there."""
        tables = _tables(customer)
        with self._lock:
            standing = self._current()
            moment = customer.as_of or _moment(customer, standing.as_of)
            reader = self._reader(standing, moment)
            features = reader.features(tables, customer.creation_date)
        if features.num_rows == 0:
            raise BadData(
                f"The customer was created after {moment.isoformat()}, the time to judge at.",
                remedy="State a later `as_of`.",
                field="creation_date",
            )
        placed = place_bucket(standing.fitted, features)
        row = placed.to_pylist()[0]
        return Placements(standing.version, moment, _placements(row, standing.fitted))

    def _current(self) -> _Standing:
        with self._workspace.control.read() as session:
            number, current = versions.newest(session), definitions.current(session)
        if number is None or MEMBERSHIPS not in current:
            raise NoCentroids
        key = (number, *sorted(current.items()))
        if self._standing is None or self._standing.key != key:
            for reader in self._readers.values():
                reader.close()
            self._readers = {}
            version, fitted = require_axes(self._workspace)
            tables = raw_tables(self._workspace)
            shared = {name: path for name, path in tables.shared.items() if name == "products"}
            as_of = datetime.fromisoformat(current_memberships(self._workspace).meta["as_of"])
            self._standing = _Standing(
                key,
                version.version,
                as_of,
                fitted,
                lambda moment: FeatureReader(shared, tables.names, moment),
            )
        return self._standing

    def _reader(self, standing: _Standing, moment: datetime) -> FeatureReader:
        if moment not in self._readers:
            if len(self._readers) == _KEPT_READERS:
                self._readers.pop(next(iter(self._readers))).close()
            self._readers[moment] = standing.open_reader(moment)
        return self._readers[moment]


def customer_segments(workspace: Workspace, customer_id: str) -> Placements:
    """A known customer's place on every axis, as of the newest assignment."""
    version, fitted = require_axes(workspace)
    memberships = current_memberships(workspace)
    path = memberships.files.get(bucket_of(customer_id, workspace.settings.buckets))
    rows: list[dict[str, Any]] = []
    if path is not None:
        rows = pq.read_table(path, filters=[("customer_id", "==", customer_id)]).to_pylist()
    if not rows:
        raise NotFound(
            f"There is no customer {customer_id!r} on the axes.",
            remedy="A customer who came later is placed by the next `aether axes refresh`.",
            field="customer_id",
        )
    as_of = datetime.fromisoformat(memberships.meta["as_of"])
    return Placements(version.version, as_of, _placements(rows[0], fitted))


def _placements(row: dict[str, Any], fitted: Sequence[FittedAxis]) -> tuple[Placement, ...]:
    return tuple(_placement(row, axis) for axis in fitted)


def _placement(row: dict[str, Any], fitted: FittedAxis) -> Placement:
    segment = row[AXIS + fitted.axis]
    if segment is None:
        reason = fitted.reason
        if fitted.standing is Standing.SEGMENTS:
            reason = f"Too little is known: it needs {AXES[fitted.axis].least}."
        return Placement(fitted.axis, None, None, {}, reason)
    strengths = dict(zip(fitted.names, row[STRENGTHS + fitted.axis], strict=True))
    return Placement(fitted.axis, segment, row[f"{AXIS}{fitted.axis}.strength"], strengths)


def _moment(customer: RawCustomer, usual: datetime) -> datetime:
    newest = max((order.ordered_at for order in customer.orders), default=usual)
    if newest < usual:
        return usual
    day = newest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)


_WHO = "customer"


def _tables(customer: RawCustomer) -> dict[str, pa.Table]:
    known = {order.order_id for order in customer.orders}
    if len(known) < len(customer.orders):
        raise BadData("An order_id is there twice.", remedy="Give each order once.", field="orders")
    for item in customer.items:
        if item.order_id not in known:
            raise BadData(
                f"A line is of order {item.order_id!r}, which is not among the orders.",
                remedy="Give the order too, or leave the line out.",
                field="items",
            )
    rows: dict[str, list[dict[str, Any]]] = {
        "orders": [dict(order) | {"customer_id": _WHO} for order in customer.orders],
        "order_items": [dict(item) | {"line": n} for n, item in enumerate(customer.items)],
        "events": [
            dict(event) | {"customer_id": _WHO, "event_id": f"{n:06d}"}
            for n, event in enumerate(customer.events)
        ],
    }
    return {
        name: pa.Table.from_pylist(listed, schema=RAW_TABLES[name].columns)
        for name, listed in rows.items()
        if listed
    }
