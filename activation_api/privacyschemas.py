"""Suppressions, and what is held on a person, over HTTP."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from activation_api.schemas import CustomerId
from domain.triggers import Channel


class SuppressionIn(BaseModel):
    """A customer who is not to be sent to, on one channel or on all."""

    model_config = ConfigDict(extra="forbid")

    customer_id: CustomerId
    channel: Channel | Literal["all"] = Field("all", examples=["email"])
    reason: Literal["unsubscribed", "suppressed"] = Field(
        "unsubscribed",
        description="`unsubscribed` by the customer, or `suppressed` by the company.",
    )


class SuppressionsIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"suppressions": [{"customer_id": "cust_0a1b2c3d", "channel": "email"}]}]
        },
    )

    suppressions: list[SuppressionIn] = Field(min_length=1, max_length=2_500)


class Suppressed(BaseModel):
    changed: int = Field(description="How many are new or have another reason.", examples=[1])


class HeldData(BaseModel):
    """What is held on one customer, by the table or snapshot it lies in."""

    customer_id: str = Field(examples=["cust_0a1b2c3d"])
    held: dict[str, Any] = Field(
        examples=[{"identities": [{"customer_id": "cust_0a1b2c3d", "first_name": "Ann"}]}]
    )
