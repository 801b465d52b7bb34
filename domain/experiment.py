"""Campaigns as experiments: design, arms, outcomes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.triggers import Channel


class OutcomeKind(StrEnum):
    BINARY = "binary"
    COUNT = "count"
    MONEY = "money"


class Design(StrEnum):
    RANDOMISED = "randomised"
    TARGETED = "targeted"


OUTCOME_KINDS: dict[str, OutcomeKind] = {
    "converted": OutcomeKind.BINARY,
    "revenue": OutcomeKind.MONEY,
    "visit": OutcomeKind.BINARY,
    "opened": OutcomeKind.BINARY,
    "clicked": OutcomeKind.BINARY,
    "orders": OutcomeKind.COUNT,
    "units": OutcomeKind.COUNT,
    "sessions": OutcomeKind.COUNT,
}
"""The usual outcomes and their kinds; a company may map others, stating the kind."""


class Outcome(BaseModel):
    """An outcome that exposures are measured by. `source` is the column it was imported from;
    `value` is what one unit of it is worth in the shop's currency before costs, if known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    kind: OutcomeKind
    source: str = ""
    value: Annotated[float, Field(gt=0)] | None = None
    lower_is_better: bool = False


class Campaign(BaseModel):
    """One past campaign. `arm_probabilities` maps trigger (`none` included) to the probability
    with which it was assigned; None where unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    campaign_id: Annotated[str, Field(min_length=1, max_length=200)]
    name: str
    started_at: datetime
    design: Design = Design.RANDOMISED
    channel: Channel | None = None
    outcome_window_days: int | None = None
    arm_probabilities: dict[str, float] | None = None
