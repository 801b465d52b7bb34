"""The JSON of campaigns, and of what platforms report."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from activation_api.schemas import CustomerId
from domain.activation import Activation
from domain.segment import Interval
from domain.triggers import Channel
from workflows.activation import HOLDOUT, MOST_EXPLORATION, MOST_HOLDOUT, Declared
from workflows.reporting import MOST, Did, Received, Sent

PLAIN = r"^[^\x00-\x1f\x7f]+$"
MessageId = Annotated[
    str, Field(min_length=1, max_length=200, pattern=PLAIN, alias="messageId", examples=["m-1"])
]
AssignmentId = Annotated[
    str, Field(max_length=64, pattern=PLAIN, examples=["asg_3f2a9c1b2d4e_1a_9f8e7d6c5b4a3f2e"])
]


class ActivationIn(BaseModel):
    """How a campaign shall run; all of it is declared before it begins."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Win back, spring"}]}
    )

    name: str = Field(min_length=1, max_length=120, pattern=PLAIN)
    holdout: float = Field(
        HOLDOUT, ge=0.01, le=MOST_HOLDOUT, description="The share who are held out at random."
    )
    exploration: float = Field(
        0.0,
        ge=0,
        le=MOST_EXPLORATION,
        description="The share who get a trigger at random, so that the next model learns more; "
        "0.05 is advised.",
    )
    channel: Channel | None = Field(None, description="The objective's own without it.")
    ends_at: AwareDatetime | None = Field(
        None, description="The declared end, to which outcomes count; two weeks on without it."
    )

    def declared(self) -> Declared:
        return Declared(self.name, self.holdout, self.exploration, self.channel, self.ends_at)


class CampaignOut(BaseModel):
    campaign_id: str = Field(examples=["cmp_3f2a9c1b2d4e"])
    name: str = Field(examples=["Win back, spring"])
    segment_id: str = Field(examples=["seg_1f0c2a9b7d3e"])
    version: int = Field(examples=[2], description="The version that the assignments are.")
    trigger: str = Field(examples=["free_shipping"])
    channel: Channel | None
    holdout: float = Field(examples=[0.1])
    exploration: float = Field(examples=[0.05])
    arm_probabilities: dict[str, float] = Field(examples=[{"none": 0.1, "free_shipping": 0.9}])
    arms: dict[str, int] = Field(examples=[{"none": 812, "free_shipping": 7234}])
    held_out_for_good: int = Field(
        examples=[164], description="Members whom no campaign addresses; not in the comparison."
    )
    outcome: str = Field(examples=["converted"])
    forecast: Interval | None
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, activation: Activation) -> Self:
        plain = activation.model_dump(mode="json")
        return cls.model_validate({name: plain[name] for name in cls.model_fields})


class CampaignList(BaseModel):
    campaigns: list[CampaignOut]


class LearnedOut(BaseModel):
    """A past campaign that the next training learns from."""

    campaign_id: str = Field(examples=["cmp_3f2a9c1b2d4e"])
    name: str
    started_at: datetime
    outcome_window_days: int | None
    arm_probabilities: dict[str, float] | None


class DeliveryIn(BaseModel):
    """What became of one message: by `assignment_id`, or by `campaign_id` and `customer_id`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    message_id: MessageId
    status: Literal["sent", "failed", "bounced"] = "sent"
    at: AwareDatetime | None = Field(None, description="Now without it.")
    channel: Channel | None = None
    assignment_id: AssignmentId | None = None
    campaign_id: str | None = Field(
        None, max_length=64, pattern=PLAIN, examples=["cmp_3f2a9c1b2d4e"]
    )
    customer_id: CustomerId | None = None

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        named = self.campaign_id is not None and self.customer_id is not None
        if (self.assignment_id is None) is not named:
            raise ValueError("give either an assignment_id, or a campaign_id and a customer_id")
        return self

    def sent(self) -> Sent:
        return Sent(
            self.message_id,
            self.status,
            self.at,
            self.channel,
            self.assignment_id,
            self.campaign_id,
            self.customer_id,
        )


class DeliveriesIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    deliveries: Annotated[list[DeliveryIn], Field(min_length=1, max_length=MOST)]


class OutcomeIn(BaseModel):
    """What a customer did, by `customer_id` or `assignment_id`: numbers by the names of outcomes,
    such as `{"converted": 1, "revenue": 59.9}`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    message_id: MessageId
    outcomes: Annotated[
        dict[Annotated[str, Field(max_length=64)], Annotated[float, Field(allow_inf_nan=False)]],
        Field(min_length=1, max_length=20, examples=[{"converted": 1, "revenue": 59.9}]),
    ]
    at: AwareDatetime | None = Field(None, description="When it happened; now without it.")
    assignment_id: AssignmentId | None = None
    customer_id: CustomerId | None = None

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if (self.assignment_id is None) is (self.customer_id is None):
            raise ValueError("give either an assignment_id or a customer_id")
        return self

    def did(self) -> Did:
        return Did(self.message_id, self.outcomes, self.at, self.assignment_id, self.customer_id)


class OutcomesIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcomes: Annotated[list[OutcomeIn], Field(min_length=1, max_length=MOST)]


class ReceivedOut(BaseModel):
    """How many messages were new, how many were known already and changed nothing, and how many
    were of erased persons and were dropped."""

    accepted: int = Field(examples=[2499])
    duplicates: int = Field(examples=[1])
    erased: int = Field(examples=[0])

    @classmethod
    def of(cls, received: Received) -> Self:
        return cls(
            accepted=received.accepted, duplicates=received.duplicates, erased=received.erased
        )
