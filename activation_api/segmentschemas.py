"""The JSON of what happens to segments, beside the domain's own types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from activation_api.schemas import EXAMPLE_CRITERIA, Links
from domain.reasons import CustomerWhy
from domain.segment import Member
from domain.suppression import Exclusion
from domain.triggers import Channel
from workflows.recommending import Recommendation
from workflows.segmentlife import SegmentState


class CriteriaIn(BaseModel):
    """Criteria that are the whole of a segment, and the trigger its members shall get."""

    model_config = ConfigDict(extra="forbid")

    criteria: dict[str, Any] = Field(examples=[EXAMPLE_CRITERIA])
    trigger: str = Field(max_length=64, examples=["free_shipping"])
    outcome: str | None = Field(None, max_length=200, description="Whose model; chosen without it.")


class RuleIn(BaseModel):
    """An approved rule that is the whole of a segment."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"rule": "Lapsed frequent buyers"}]}
    )

    rule: str = Field(min_length=1, max_length=120, description="The rule's id, or its name.")
    trigger: str | None = Field(
        None, max_length=64, description="The one that the model expects most of without it."
    )
    outcome: str | None = Field(None, max_length=200, description="Whose model; chosen without it.")


class RollbackIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 1}]})

    version: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="The version before the current one without it."
    )


class SegmentStateOut(BaseModel):
    segment_id: str = Field(examples=["seg_1f0c2a9b7d3e"])
    version: int = Field(examples=[2])
    archived_at: datetime | None

    @classmethod
    def of(cls, state: SegmentState) -> Self:
        return cls(
            segment_id=state.segment_id,
            version=state.current_version,
            archived_at=state.archived_at,
        )


class RecommendationOut(CustomerWhy):
    """Why a customer is in a segment or not, and what to send now."""

    send: str | None = Field(
        description="The trigger to send; null for nothing.", examples=["free_shipping"]
    )
    held_out: bool = Field(description="Held out at random: send nothing.")
    excluded: Exclusion | None = Field(
        description="Why nothing may be sent now, where that is so.", examples=["unsubscribed"]
    )
    assignment_id: str | None

    @classmethod
    def of(cls, found: Recommendation) -> Self:
        return cls(
            **dict(found.why),
            send=found.trigger,
            held_out=found.held_out,
            excluded=found.excluded,
            assignment_id=found.assignment_id,
        )


class Removed(BaseModel):
    customer_id: str = Field(examples=["cust_0a1b2c3d"])


class MemberChange(BaseModel):
    change: Literal["added", "changed"]
    customer: Member


class MemberRemoval(BaseModel):
    """A tombstone: the customer is given out no more."""

    change: Literal["removed"]
    customer: Removed


class ChangePage(BaseModel):
    """One page of what to do to mirror `version` instead of `since`."""

    segment_id: str = Field(examples=["seg_1f0c2a9b7d3e"])
    since: int = Field(examples=[1])
    version: int = Field(examples=[2])
    channel: Channel | None = Field(examples=["email"])
    excluded: dict[Exclusion, int] = Field(
        description="Of this page, those who are not to be sent to now, by reason: they are told "
        "as removed.",
        examples=[{"unsubscribed": 3}],
    )
    changes: list[MemberChange | MemberRemoval]
    links: Links
