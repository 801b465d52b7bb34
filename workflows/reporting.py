"""What platforms report: messages sent, and what customers did. A message may come twice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import BadRequest
from domain.experiment import Outcome, OutcomeKind
from domain.triggers import Channel
from storage import activations, deliveries, outcomes
from storage.deliveries import Delivery
from storage.outcomes import OutcomeMessage
from workflows.assignments import resolve_assignments
from workflows.news import results_updated
from workflows.returned import erased_among
from workflows.workspace import Workspace

MOST = 2_500
"""Messages in one batch."""
_NEWS_EVERY = timedelta(days=1)
"""How often webhooks are told that a campaign's results have changed."""
_AHEAD = timedelta(hours=1)
"""How far another machine's clock may be ahead of ours."""


@dataclass(frozen=True)
class Sent:
    """A message sent, or not: of an assignment, or of a campaign's customer."""

    message_id: str
    status: str
    at: datetime | None = None
    channel: Channel | None = None
    assignment_id: str | None = None
    campaign_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True)
class Did:
    """What a customer did: of an assignment, or of a customer, whoever he is assigned to."""

    message_id: str
    outcomes: Mapping[str, float]
    at: datetime | None = None
    assignment_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True)
class Received:
    """How many messages were new, how many were known already and changed nothing, and how many
    were of erased persons and were dropped."""

    accepted: int
    duplicates: int
    erased: int


def report_deliveries(workspace: Workspace, batch: Sequence[Sent]) -> Received:
    """Keep what was sent. All of a batch is kept or, where one can't be, none of it;
    messages of erased persons are dropped."""
    _require_size(len(batch), "deliveries")
    now = workspace.now()
    assigned = [place for place, one in enumerate(batch) if one.assignment_id is not None]
    found = resolve_assignments(
        workspace,
        [batch[place].assignment_id or "" for place in assigned],
        [f"deliveries.{place}.assignment_id" for place in assigned],
    )
    resolved = dict(zip(assigned, found, strict=True))
    with workspace.control.read() as session:
        for campaign in {one.campaign_id for one in batch if one.campaign_id is not None}:
            activations.get(session, campaign)
    rows = []
    for place, one in enumerate(batch):
        campaign_id, customer_id = resolved.get(place, (one.campaign_id, one.customer_id))
        if campaign_id is None or customer_id is None:
            raise _of_nobody(f"deliveries.{place}")
        at = _checked_time(one.at, now, f"deliveries.{place}.at")
        channel = None if one.channel is None else one.channel.value
        rows.append(Delivery(one.message_id, campaign_id, customer_id, one.status, channel, at))
    with workspace.control.write() as session:
        gone = erased_among(workspace, session, {one.customer_id for one in rows})
        kept = [one for one in rows if one.customer_id not in gone]
        accepted = deliveries.add(session, kept, now)
    return Received(accepted, len(kept) - accepted, len(batch) - len(kept))


def report_outcomes(workspace: Workspace, batch: Sequence[Did]) -> Received:
    """Keep what customers did. All of a batch is kept or, where one can't be, none of it;
    messages of erased persons are dropped.

    An outcome counts for every campaign that the customer is assigned in, held out or not, whatever
    assignment it is reported under: only so is a comparison as assigned a fair one."""
    _require_size(len(batch), "outcomes")
    now = workspace.now()
    known = workspace.outcomes()
    assigned = [place for place, one in enumerate(batch) if one.assignment_id is not None]
    found = resolve_assignments(
        workspace,
        [batch[place].assignment_id or "" for place in assigned],
        [f"outcomes.{place}.assignment_id" for place in assigned],
    )
    customers = {place: customer for place, (_, customer) in zip(assigned, found, strict=True)}
    rows = []
    for place, one in enumerate(batch):
        customer = customers.get(place, one.customer_id)
        if customer is None:
            raise _of_nobody(f"outcomes.{place}")
        values = {
            name: _checked_value(known, name, value, f"outcomes.{place}.outcomes.{name}")
            for name, value in one.outcomes.items()
        }
        at = _checked_time(one.at, now, f"outcomes.{place}.at")
        rows.append(OutcomeMessage(one.message_id, customer, values, at))
    with workspace.control.write() as session:
        gone = erased_among(workspace, session, {one.customer_id for one in rows})
        kept = [one for one in rows if one.customer_id not in gone]
        accepted = outcomes.add(session, kept, now)
        for campaign_id in activations.to_tell(session, now, _NEWS_EVERY) if accepted else ():
            results_updated(session, campaign_id, now)
    return Received(accepted, len(kept) - accepted, len(batch) - len(kept))


def _of_nobody(field: str) -> BadRequest:
    return BadRequest(
        "A message says neither an assignment nor whose it is.",
        remedy="Give the assignment_id that was pulled with the customer, or the customer_id (and "
        "of a delivery the campaign_id).",
        field=field,
    )


def _require_size(count: int, field: str) -> None:
    if not 1 <= count <= MOST:
        raise BadRequest(
            f"The batch has {count:,} messages, which is not between 1 and {MOST:,}.",
            remedy="Send it in parts.",
            field=field,
        )


def _checked_time(at: datetime | None, now: datetime, field: str) -> datetime:
    if at is None:
        return now
    if at.tzinfo is None:
        raise BadRequest(f"The time {at} has no time zone.", remedy="Add a Z.", field=field)
    if at > now + _AHEAD:
        raise BadRequest(
            f"{at:%Y-%m-%d %H:%M} is in the future.",
            remedy="Report what has happened.",
            field=field,
        )
    return at


def _checked_value(known: Mapping[str, Outcome], name: str, value: float, field: str) -> float:
    if name not in known:
        raise BadRequest(
            f"The workspace has no outcome {name!r}.",
            remedy=f"It has {', '.join(known) or 'none'}.",
            field=field,
        )
    if not math.isfinite(value):
        raise BadRequest(f"{name} is {value}.", remedy="Give a finite number.", field=field)
    kind = known[name].kind
    if kind is OutcomeKind.BINARY and value not in (0, 1):
        raise BadRequest(
            f"{name} is {value:g}, and can be 0 or 1.",
            remedy="Give 1 where it happened.",
            field=field,
        )
    if kind is OutcomeKind.COUNT and value < 0:
        raise BadRequest(f"{name} is {value:g}, a count below 0.", field=field)
    return value
