"""Why a customer is in a segment, or is not."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.segment import Uplift


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Standing(StrEnum):
    """How a customer stands to a frozen version of a segment."""

    MEMBER = "member"
    UNMET = "unmet"
    """A condition of the audience is not met."""
    OTHER_TRIGGER = "other_trigger"
    """The audience's conditions are met, but another trigger, or none, is the best."""
    CUT = "cut"
    """The criteria are met, but the brief's number of customers or budget did not reach."""
    LATER = "later"
    """The customer was not known yet, or not a member, when the version was frozen."""


class Unmet(_Frozen):
    """A part of the criteria that does not hold, and the customer's own values of its fields, as
    they are said."""

    criteria_text: str
    values: dict[str, str]
    text: str


class Reason(_Frozen):
    """A field's part in the predicted effect of the segment's trigger on this customer: its
    TreeSHAP value, in units of the outcome, against the average customer's."""

    field: str
    value: str
    effect: float
    text: str


class NearestChange(_Frozen):
    """The nearest single change of a field at which the model would recommend something else."""

    field: str
    value: str
    trigger: str
    text: str


class CustomerWhy(_Frozen):
    """Why a customer is in a segment or not, by the model and the profile it was made from.

    `best` is the best trigger for the customer of those the brief allows, `none` included;
    `runner_up` is `margin` behind it in net value (`unit`: a currency, or the outcome). All are
    None for a customer who was not known when the segment was made."""

    customer_id: str
    segment_id: str
    version: int
    trigger: str
    standing: Standing
    sentences: tuple[str, ...]
    """The whole of it in plain words."""
    unmet: tuple[Unmet, ...] = ()
    uplift: Uplift | None = None
    uplift_score: float | None = None
    reasons: tuple[Reason, ...] = ()
    best: str | None = None
    runner_up: str | None = None
    margin: float | None = None
    unit: str | None = None
    change: NearestChange | None = None
