"""A segment, its frozen versions and its members."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from domain.criteria import Expression, to_json
from domain.objective import CampaignObjective


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Frozen):
    """An estimate with its interval, on reporting customers the model never saw.

    `estimate`, `low` and `high` are in units of the outcome a customer (a probability for a
    binary outcome, money for a money outcome), over doing nothing."""

    estimate: float
    low: float
    high: float
    level: float = 0.95
    basis: str
    """What the interval is about, in words."""


class Evidence(StrEnum):
    STRONG = "strong"
    """The interval lies on one side of zero."""
    THIN = "thin"
    """The interval includes zero."""
    NONE = "none"
    """Too few customers were tried to say anything."""


class RankedTrigger(_Frozen):
    """How one trigger would do if everyone in the audience got it. `none` is always ranked."""

    trigger: str
    evidence: Evidence
    reason: str
    lift: Interval | None
    """Per customer; None where there is no evidence."""
    expected_outcomes: float | None
    """Incremental outcomes over the whole audience."""
    expected_net_value: float | None
    """Incremental net value over the whole audience; None where value or cost is not known."""
    preferred_by: int
    """How many eligible customers have it as their best trigger."""


class Fact(_Frozen):
    """One thing that sets the segment apart, counted in the segment and in the rest."""

    field: str
    text: str
    inside: float
    outside: float
    inside_count: int
    outside_count: int


class Explanation(_Frozen):
    """Why these customers, and why this trigger. Every number is computed from the segment."""

    text: str
    facts: tuple[Fact, ...] = ()
    drivers: tuple[str, ...] = ()


class SegmentVersion(_Frozen):
    """One frozen version of a segment: who was in it, by which criteria, and what to expect."""

    segment_id: str
    version: Annotated[int, Field(ge=1)]
    name: str
    recommended_trigger: str
    criteria: Expression
    criteria_text: str
    size: int
    cut: str | None = None
    """What was cut off the members by `max_customers` or a budget, in words."""
    outcome: str
    expected_lift: Interval | None
    expected_lift_reason: str = ""
    """Why there is no expected lift, where there is none."""
    expected_net_value: float | None
    """Over the whole segment, in the shop's currency; None where value or cost is not known."""
    value_unit: str
    """What each member's `expected_net_value` is in: a currency, or the outcome's own units
    (costs then not counted)."""
    explanation: Explanation
    objective: CampaignObjective
    model_id: str
    profiles_id: str
    members_id: str
    created_at: datetime

    @field_serializer("criteria")
    def _criteria(self, criteria: Expression) -> dict[str, object]:
        return to_json(criteria)


class Uplift(_Frozen):
    """What the recommended trigger changes for one customer. The interval is that of the group
    of customers with like predicted effects, and `basis` says so."""

    estimate: float
    low: float
    high: float
    level: float = 0.95
    basis: str


class Member(_Frozen):
    customer_id: str
    uplift: Uplift
    uplift_score: float
    """The model's own prediction for this customer, by which members are ranked."""
    expected_net_value: float
    runner_up_trigger: str | None
