"""A segment, its frozen versions and its members."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from domain.criteria import Expression, to_json
from domain.objective import CampaignObjective
from domain.triggers import Channel


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Frozen):
    """An estimate with its interval, on reporting customers the model never saw.

    `estimate`, `low` and `high` of a lift are in units of the outcome a customer (a probability for
    a binary outcome, money for a money outcome), over doing nothing."""

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
    """How one trigger would do if everyone in the audience got it, or as many of them as the brief
    lets be addressed, those worth it most. `none` is always ranked."""

    trigger: str
    evidence: Evidence
    reason: str
    lift: Interval | None
    """Per customer; None where there is no evidence."""
    joint_lift: Interval | None = None
    """The wider interval that holds for all triggers ranked at once, where there are several."""
    expected_outcomes: float | None
    """Incremental outcomes over all of these."""
    expected_net_value: float | None
    """Incremental net value over all of these; None where value or cost is not known."""
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


class Driver(_Frozen):
    """A field that changes how well the trigger works, by TreeSHAP of the effect model.

    `strength` is the mean absolute TreeSHAP value among the members, in units of the outcome a
    customer; `direction` above 0 where more of the field means more effect, None where it can't be
    told."""

    field: str
    text: str
    strength: float
    direction: float | None


class RunnerUp(_Frozen):
    """The next best thing to do with these members, `none` included, and by how much it loses.

    `loses_by` is the difference in net value a customer that the model predicts, the mean over
    the members; `measured` the same difference on held-out customers. Both are in `unit`, a
    currency or the outcome's own units (costs then not counted)."""

    trigger: str
    loses_by: float
    measured: Interval | None
    unit: str


class Switch(_Frozen):
    """What would change the recommendation: worth `amount` less a customer, by a higher cost or a
    weaker effect, the trigger is no longer the best for `members` of the segment, at least half;
    `trigger` is what is then the best for most of these. By the model; in `unit`."""

    amount: float
    members: int
    trigger: str
    unit: str


class Explanation(_Frozen):
    """Why these customers, and why this trigger. Every number is computed from the segment.

    `sentences` are the text's: what is recommended, what sets the customers apart, what was
    measured, and then what qualifies it. Segments frozen by an older version have none."""

    text: str
    sentences: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    drivers: tuple[Driver, ...] = ()
    runner_up: RunnerUp | None = None
    switch: Switch | None = None


class Rule(_Frozen):
    """An approximation of a segment's criteria that a person can read.

    `criteria` is the whole rule, the audience included; `rule_text` prints only what it adds to
    the audience, in `conditions` conditions. Of the `size` customers who meet it today the share
    `precision` is in the segment, and the share `recall` of the segment meets it, both before any
    cut. `value_kept` is the share of the full policy's value that giving each customer what the
    rules of all segments say keeps, measured on held-out customers; None where there is too
    little to measure it by, and then `value_kept_reason` says why."""

    label: Literal["approximation"] = "approximation"
    criteria: Expression
    rule_text: str
    conditions: int
    size: int
    precision: float
    recall: float
    value_kept: Interval | None
    value_kept_reason: str = ""

    @field_serializer("criteria")
    def _criteria(self, criteria: Expression) -> dict[str, object]:
        return to_json(criteria)


class SegmentVersion(_Frozen):
    """One frozen version of a segment: who was in it, by which criteria, and what to expect."""

    segment_id: str
    version: Annotated[int, Field(ge=1)]
    name: str
    recommended_trigger: str
    criteria: Expression
    criteria_text: str
    exact: bool = False
    """Whether the criteria were given as they are, not made from an objective's audience and the
    choice of the best trigger."""
    size: int
    held_out: int = 0
    """How many of them are held out at random, and so left out of pulls."""
    channel: Channel | None = None
    """The channel of the campaign that the version was frozen in; the objective's own without."""
    cut: str | None = None
    """What was cut off the members by `max_customers` or a budget, in words."""
    outcome: str
    expected_lift: Interval | None
    expected_lift_reason: str = ""
    """Why there is no expected lift, where there is none."""
    joint_lift: Interval | None = None
    """The wider interval that holds for all segments of its plan at once, where there are
    several."""
    expected_net_value: float | None
    """Over the whole segment, in the shop's currency; None where value or cost is not known."""
    value_unit: str
    """What each member's `expected_net_value` is in: a currency, or the outcome's own units
    (costs then not counted)."""
    explanation: Explanation
    rule: Rule | None = None
    """Where one was asked for."""
    rule_reason: str = ""
    """Why there is no rule, where one was asked for in vain."""
    objective: CampaignObjective
    model_id: str
    profiles_id: str
    axes_id: str | None = None
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
    """One customer of a segment, frozen with the version: nothing is computed when it is pulled.

    `recommended_trigger` is what to send: the segment's trigger, but for the few whom a campaign
    that explores gave one at random. `reasons` are up to three, the ones that weigh most in the
    predicted effect; none where the model expects the same of everyone."""

    customer_id: str
    recommended_trigger: str
    uplift: Uplift
    uplift_score: float
    """The model's own prediction for this customer, by which members are ranked."""
    expected_net_value: float
    runner_up_trigger: str | None
    reasons: tuple[str, ...] = ()
    assignment_id: str | None = None
    """By which deliveries and outcomes are reported, once the segment was activated."""
