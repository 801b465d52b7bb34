"""A segment's version activated: a campaign that keeps a random control group."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.segment import Interval
from domain.triggers import Channel


class Activation(BaseModel):
    """One campaign on a segment, as it was declared when it began; `version` is the one that its
    beginning made, whose members are the assignments.

    `holdout` is the share of the eligible who are held out (by a hash with `salt`), `exploration`
    the share who get a trigger at random, one of `explored`. `arm_probabilities` is what follows
    from both, the same for every eligible customer, and `arms` how many got each.
    `held_out_for_good` counts the members whom no campaign addresses: they take no part in it.

    `outcome` is what it is judged by, from the start to `ends_at`, the declared end, or to
    `ended_at` where it was ended earlier; `forecast` is the version's expected lift.
    `planned_variance` is the variance that the measured lift is expected to have at the end, by
    which the interval under peeking is tuned before any outcome is seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    campaign_id: str
    name: str
    segment_id: str
    version: Annotated[int, Field(ge=1)]
    trigger: str
    channel: Channel | None
    salt: Annotated[str, Field(repr=False)]
    holdout: Annotated[float, Field(gt=0, lt=1)]
    exploration: Annotated[float, Field(ge=0, le=0.5)]
    explored: tuple[str, ...] = ()
    arm_probabilities: dict[str, float]
    arms: dict[str, int]
    held_out_for_good: int
    outcome: str
    forecast: Interval | None
    planned_variance: Annotated[float, Field(gt=0)]
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    assignments_id: str

    @property
    def eligible(self) -> int:
        return sum(self.arms.values())
