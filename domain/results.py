"""What a campaign, or all of them together, have shown so far, as assigned."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.segment import Interval


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdict(StrEnum):
    NOT_YET = "not_enough_data_yet"
    BETTER = "better"
    """The interval lies on the good side of zero."""
    WORSE = "worse"
    UNCLEAR = "unclear"
    """The campaign is over, and the interval includes zero."""


class ArmResult(_Frozen):
    """One arm: how many eligible customers were assigned to it, to how many something was sent, how
    many had the outcome, and its mean a customer, those who had none counted as 0."""

    trigger: str
    probability: float
    assigned: int
    sent: int
    with_outcome: int
    mean: float


class SampleRatio(_Frozen):
    """Whether the arms' sizes fit the chances that they were drawn with (chi-square)."""

    p_value: float
    sound: bool


class AgainstForecast(_Frozen):
    """The lift that was expected, and whether what is measured fits it: `p_value` is that of both
    having the same truth, None before the end (a part of the time shows a part of the effect)."""

    forecast: Interval
    p_value: float | None
    text: str


class CampaignResults(_Frozen):
    """A campaign's lift as assigned: the segment's trigger against those held out, whether or not
    something was sent.

    `lift` is in units of the outcome a customer. Before the declared end its interval holds at all
    looks at once; once the end is reached it is the ordinary one of one look that was declared
    ahead. It is None where an arm has too few customers with the outcome to say anything.
    `incremental` is the lift over all customers of the arm."""

    campaign_id: str
    name: str
    outcome: str
    started_at: datetime
    ends_at: datetime
    measured_until: datetime
    running: bool
    verdict: Verdict
    lift: Interval | None
    incremental: float | None
    days_more: int | None
    arms: tuple[ArmResult, ...]
    held_out_for_good: int
    sample_ratio: SampleRatio
    against_forecast: AgainstForecast | None
    sentences: tuple[str, ...]
    """The whole of it in plain words, the verdict first."""
    warnings: tuple[str, ...]


class SideResult(_Frozen):
    """Those held out of all campaigns, or everybody else: how many, to how many something was sent,
    how many had the outcome, and its mean a customer (None where there are no customers)."""

    customers: int
    sent: int
    with_outcome: int
    mean: float | None


class ProgrammeResults(_Frozen):
    """What all campaigns together changed since a time: today's customers whom they may address
    against those whom none ever does, whether or not something was sent.

    `lift` is in units of the outcome a customer, and its interval holds at all looks at once; it is
    None where a side has too few customers with the outcome to say anything. `incremental` is the
    lift over everybody who may be addressed; `campaigns` how many ran in the time."""

    outcome: str
    since: datetime
    measured_until: datetime
    campaigns: int
    holdout: float
    verdict: Verdict
    lift: Interval | None
    incremental: float | None
    days_more: int | None
    held_out: SideResult
    others: SideResult
    sample_ratio: SampleRatio
    sentences: tuple[str, ...]
    """The whole of it in plain words, the verdict first."""
    warnings: tuple[str, ...]
