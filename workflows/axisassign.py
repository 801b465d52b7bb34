"""One customer on every axis: given as raw rows and not stored, or looked up.

The rows become the same features, and go through the centroids that placed everybody; nothing is
clustered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Annotated, Any

import pyarrow.parquet as pq
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from clustering.axes import AXES
from clustering.axis_model import FittedAxis, Standing
from domain.customer import AXIS, bucket_of
from domain.errors import BadData, NotFound
from profiles.axes.single import Places, price_places, single_features
from storage import axes as versions
from storage import definitions
from workflows.axes import NoCentroids, current_memberships, require_axes
from workflows.axisplaces import STRENGTHS, place_single
from workflows.profiling import raw_tables
from workflows.workspace import MEMBERSHIPS, Workspace

_Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]


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
    """What places customers until the axes, the memberships or the products change. `names` are the
    raw tables that the workspace has."""

    key: tuple[object, ...]
    version: int
    as_of: datetime
    fitted: tuple[FittedAxis, ...]
    names: frozenset[str]
    places: Places


class CustomerPlacer:
    """Places customers who are given as raw rows, keeping what takes time to open."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._standing: _Standing | None = None

    def place(self, customer: RawCustomer) -> Placements:
        """The customer's place on every axis. Raises `NoCentroids` before the first clustering, and
        `BadData` for a line of an order that is not there."""
        rows = _rows(customer)
        with self._lock:
            standing = self._current()
        moment = customer.as_of or _moment(customer, standing.as_of)
        features = single_features(
            rows,
            places=standing.places,
            names=standing.names,
            as_of=moment,
            created=customer.creation_date,
        )
        if features is None:
            raise BadData(
                f"The customer was created after {moment.isoformat()}, the time to judge at.",
                remedy="State a later `as_of`.",
                field="creation_date",
            )
        placed = tuple(_placement(axis, *place_single(axis, features)) for axis in standing.fitted)
        return Placements(standing.version, moment, placed)

    def _current(self) -> _Standing:
        with self._workspace.control.read() as session:
            number, current = versions.newest(session), definitions.current(session)
        if number is None or MEMBERSHIPS not in current:
            raise NoCentroids
        key = (number, *sorted(current.items()))
        if self._standing is None or self._standing.key != key:
            version, fitted = require_axes(self._workspace)
            tables = raw_tables(self._workspace)
            as_of = datetime.fromisoformat(current_memberships(self._workspace).meta["as_of"])
            places = price_places(tables.shared.get("products"))
            self._standing = _Standing(
                key, version.version, as_of, fitted, frozenset(tables.names), places
            )
        return self._standing


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
    placed = tuple(
        _placement(axis, rows[0][AXIS + axis.axis], rows[0][STRENGTHS + axis.axis])
        for axis in fitted
    )
    return Placements(version.version, as_of, placed)


def _placement(
    fitted: FittedAxis, segment: str | None, strengths: Sequence[float] | None
) -> Placement:
    if segment is None or strengths is None:
        reason = fitted.reason
        if fitted.standing is Standing.SEGMENTS:
            reason = f"Too little is known: it needs {AXES[fitted.axis].least}."
        return Placement(fitted.axis, None, None, {}, reason)
    by_name = dict(zip(fitted.names, strengths, strict=True))
    return Placement(fitted.axis, segment, by_name[segment], by_name)


def _moment(customer: RawCustomer, usual: datetime) -> datetime:
    newest = max((order.ordered_at for order in customer.orders), default=usual)
    if newest < usual:
        return usual
    day = newest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)


def _rows(customer: RawCustomer) -> dict[str, list[dict[str, Any]]]:
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
    return {
        "orders": [dict(order) for order in customer.orders],
        "order_items": [dict(item) for item in customer.items],
        "events": [dict(event) for event in customer.events],
    }
