"""The JSON that goes in and out, beside the domain's own types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.objective import CampaignObjective
from domain.segment import Explanation, Interval, Member, RankedTrigger, Rule, SegmentVersion
from domain.suppression import Exclusion
from domain.triggers import Channel
from workflows.campaign import Plan

EXAMPLE_BRIEF = "Bring back customers who have not bought in 6 months"
EXAMPLE_CRITERIA = {"all": [{"field": "best_trigger", "op": "eq", "value": "free_shipping"}]}


CustomerId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["cust_0a1b2c3d"],
    ),
]


class Links(BaseModel):
    next: str | None = Field(
        None, examples=["/api/v1/segments/seg_1f0c/customers?limit=100&cursor=AbC"]
    )


class SegmentSummary(BaseModel):
    segment_id: str = Field(examples=["seg_1f0c2a9b7d3e"])
    version: int = Field(examples=[1])
    name: str = Field(examples=["Free shipping: days since the last purchase at least 180"])
    recommended_trigger: str = Field(examples=["free_shipping"])
    criteria: dict[str, Any] = Field(examples=[EXAMPLE_CRITERIA])
    criteria_text: str = Field(examples=["best trigger is free shipping"])
    exact: bool = False
    size: int = Field(examples=[8210])
    held_out: int = Field(0, examples=[164])
    cut: str | None = Field(None, examples=["the 5,000 with the highest expected net value"])
    outcome: str = Field(examples=["visit"])
    expected_lift: Interval | None
    expected_lift_reason: str = ""
    joint_lift: Interval | None = None
    expected_net_value: float | None = Field(None, examples=[1240.5])
    value_unit: str = Field(examples=["EUR"])
    rule: Rule | None = None
    rule_reason: str = ""
    model_id: str
    created_at: datetime

    @classmethod
    def of(cls, version: SegmentVersion) -> Self:
        plain = version.model_dump(mode="json", by_alias=True)
        return cls.model_validate({name: plain[name] for name in cls.model_fields})


class SegmentDetail(SegmentSummary):
    explanation: Explanation
    objective: CampaignObjective
    profiles_id: str


class SegmentList(BaseModel):
    segments: list[SegmentSummary]


class CustomerPage(BaseModel):
    """One page of a frozen version's members."""

    segment_id: str = Field(examples=["seg_1f0c2a9b7d3e"])
    version: int = Field(examples=[1])
    recommended_trigger: str = Field(examples=["free_shipping"])
    criteria: dict[str, Any] = Field(examples=[EXAMPLE_CRITERIA])
    explanation: str = Field(
        examples=["We recommend Free shipping for these 8,210 customers, 41 % of those eligible."]
    )
    outcome: str = Field(examples=["visit"])
    value_unit: str = Field(examples=["EUR"])
    size: int = Field(examples=[8210], description="Everybody in the segment.")
    held_out: int = Field(0, examples=[164], description="Of these, held out at random.")
    channel: Channel | None = Field(examples=["email"])
    excluded: dict[Exclusion, int] = Field(
        description="Members of this page who were left out, by reason.",
        examples=[{"unsubscribed": 3, "no_consent": 12}],
    )
    customer_profiles: list[Member]
    links: Links


class SegmentsIn(BaseModel):
    """Either a brief, or an objective (a COO as `POST /objectives` returns it, edited or not)."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"brief": EXAMPLE_BRIEF}]}
    )

    brief: str | None = Field(None, min_length=1, max_length=10_000)
    objective: dict[str, Any] | None = None
    rules: bool = Field(
        False, description="Also find, for each segment, a rule that people can read."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.brief is None) == (self.objective is None):
            raise ValueError("give either a brief or an objective")
        return self


class PlanOut(BaseModel):
    objective: CampaignObjective
    outcome: str
    model_id: str
    audience: str
    eligible: int
    reached: int = Field(
        description="How many of the eligible may be addressed; the ranking is about as many, "
        "those worth each trigger most."
    )
    ranking: list[RankedTrigger]
    segments: list[SegmentSummary]
    remarks: list[str]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            objective=plan.objective,
            outcome=plan.outcome,
            model_id=plan.model_id,
            audience=plan.audience_text,
            eligible=plan.eligible,
            reached=plan.reached,
            ranking=list(plan.ranking),
            segments=[SegmentSummary.of(version) for version in plan.segments],
            remarks=list(plan.remarks),
        )


class TrainingIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"outcome": "visit"}]}
    )

    outcome: str | None = Field(None, description="One outcome; all that are mapped without it.")
    campaign: str | None = Field(None, description="One campaign; chosen without it.")


class JobOut(BaseModel):
    job_id: str = Field(examples=["job_5d1f0c2a9b7d3e11"])
    kind: str = Field(examples=["train"])
    state: Literal["queued", "running", "done", "failed"]
    progress: float = Field(examples=[0.4])
    message: str = Field(examples=["visit: learning from 44,800 customers"])
    result: dict[str, Any] | None = Field(
        None,
        description="Of a training: `models`, each with `model_id`, `outcome`, whether it was "
        "`promoted` to be the current one, and `why`. Of a discovery: `discovery_id`, the number "
        "of `segments`, and `message`. Of a refresh of the axes: `counts` by axis and segment, and "
        "how many customers `moved`.",
    )
    created_at: datetime
    updated_at: datetime


class JobList(BaseModel):
    jobs: list[JobOut]


class TriggerOut(BaseModel):
    key: str = Field(examples=["free_shipping"])
    name: str = Field(examples=["Free shipping"])
    type: str = Field(examples=["monetary"])
    unit_cost: float | None = Field(None, examples=[0.05])
    redemption_cost: float | None = Field(None, examples=[4.9])
    channels: list[str] = Field(examples=[["email", "sms"]])


class TriggerList(BaseModel):
    triggers: list[TriggerOut]


class Health(BaseModel):
    status: str = Field(examples=["ok"])
