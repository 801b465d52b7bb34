"""Suppression and consent, looked up at every pull: they change after a segment was built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta

from domain.errors import BadRequest, NotFound
from domain.suppression import STATED, Exclusion
from domain.triggers import Channel
from storage import audit, frequency, suppressionindex, suppressions
from storage.erasing import is_blank
from storage.suppressionindex import Stamp
from storage.suppressions import Suppression
from workflows.pseudonyms import pseudonym, pseudonyms
from workflows.workspace import Workspace

__all__ = ["Suppression", "counted", "excluded", "lift", "moment", "suppress"]


def excluded(
    workspace: Workspace, customer_ids: Sequence[str], channel: Channel | None
) -> dict[str, Exclusion]:
    """Those of the customers who are not to be given out now, each with the weightiest reason.

    Without a channel only what holds for all channels is looked at: no consent can be checked."""
    cap, index = workspace.settings.frequency_cap, workspace.suppressions
    reasons: dict[str, Exclusion] = {}
    now = suppressionindex.stamp(workspace.control)
    if cap is not None or index.is_behind(now):
        with workspace.control.read() as session:
            index.catch_up(session, now)
            if cap is not None:
                since = workspace.now() - timedelta(days=cap.days)
                often = frequency.sent_to(session, customer_ids, since, cap.messages)
                reasons |= dict.fromkeys(often, Exclusion.FREQUENCY_CAP)
    if now.customers_id is not None and channel is not None:
        without = workspace.consents.without(now.customers_id, channel, customer_ids)
        reasons |= dict.fromkeys(without, Exclusion.NO_CONSENT)
    reasons |= index.reasons(customer_ids, channel)
    reasons |= dict.fromkeys(filter(is_blank, customer_ids), Exclusion.ERASED)
    if index.erased:
        named = zip(customer_ids, pseudonyms(workspace, customer_ids), strict=True)
        erased = (one for one, subject in named if subject in index.erased)
        reasons |= dict.fromkeys(erased, Exclusion.ERASED)
    return reasons


def moment(workspace: Workspace) -> Stamp | None:
    """While it is the same, `excluded` gives the same; None where a frequency cap makes that depend
    on the time too."""
    if workspace.settings.frequency_cap is not None:
        return None
    return suppressionindex.stamp(workspace.control)


def counted(reasons: Collection[Exclusion]) -> dict[str, int]:
    """How many for each reason that occurs, in the order of the reasons."""
    counts = Counter(reasons)
    return {reason.value: counts[reason] for reason in Exclusion if counts[reason]}


def suppress(workspace: Workspace, wanted: Sequence[Suppression], *, actor: str) -> int:
    """Keep suppressions; how many are new or have another reason now. The audit counts them and
    names nobody: who is suppressed is in the suppressions themselves."""
    for one in wanted:
        if one.reason not in STATED:
            raise BadRequest(
                f"{one.reason} can't be stated.",
                remedy=f"State {' or '.join(STATED)}; the others follow from what is known.",
                field="reason",
            )
    now = workspace.now()
    with workspace.control.write() as session:
        changed = suppressions.put(session, wanted, now, actor)
        if changed:
            audit.append(
                session,
                at=now,
                actor=actor,
                action="suppress",
                subject="suppressions",
                detail={"changed": changed, "reasons": counted([one.reason for one in wanted])},
            )
    return changed


def lift(workspace: Workspace, customer_id: str, channel: str, *, actor: str) -> None:
    """End a suppression."""
    now = workspace.now()
    with workspace.control.write() as session:
        if not suppressions.lift(session, customer_id, channel, now, actor):
            raise NotFound(
                f"This customer is not suppressed on {channel}.",
                remedy="A suppression on all channels is lifted as `all`.",
                field="customer_id",
            )
        audit.append(
            session,
            at=now,
            actor=actor,
            action="suppress.lift",
            subject=f"person:{pseudonym(workspace, customer_id)}",
            detail={"channel": channel},
        )
