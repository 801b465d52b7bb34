"""What people see of campaigns in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from aether.screen import columns, console, line
from domain.experiment import OutcomeKind

if TYPE_CHECKING:
    from domain.activation import Activation
    from domain.results import CampaignResults, ProgrammeResults


def begun(activation: Activation) -> None:
    """How a campaign is declared, and who got what."""
    console.print(Text(f"{activation.campaign_id}  {activation.name}", style="bold"))
    ends = activation.ended_at or activation.ends_at
    line(
        f"  {activation.trigger} on {activation.segment_id} version {activation.version}, "
        f"{activation.started_at:%Y-%m-%d} to {ends:%Y-%m-%d}, judged by {activation.outcome}."
    )
    table = columns("arm", "chance", "customers")
    for arm, chance in activation.arm_probabilities.items():
        table.add_row(_arm(arm), f"{chance:.1%}", f"{activation.arms[arm]:,}")
    console.print(table)
    if activation.held_out_for_good:
        line(f"  {activation.held_out_for_good:,} more are addressed by no campaign at all.")


def campaigns(listed: Sequence[Activation], now: datetime) -> None:
    if not listed:
        line("There are none. Next: aether campaigns begin SEGMENT --name NAME")
        return
    table = columns("id", "name", "segment", "trigger", "began", "ends", "")
    for one in listed:
        ends = one.ended_at or one.ends_at
        table.add_row(
            one.campaign_id,
            Text(one.name),
            one.segment_id,
            one.trigger,
            f"{one.started_at:%Y-%m-%d}",
            f"{ends:%Y-%m-%d}",
            "runs" if now < ends else "over",
        )
    console.print(table)


def results(found: CampaignResults, kind: OutcomeKind) -> None:
    """The verdict first, then the arms."""
    first, *others = found.sentences
    console.print(Text(first, style="bold"), soft_wrap=True)
    for thought in others:
        line(thought)
    table = columns("arm", "assigned", "sent", f"with {found.outcome}", "mean")
    for arm in found.arms:
        table.add_row(
            _arm(arm.trigger),
            f"{arm.assigned:,}",
            f"{arm.sent:,}",
            f"{arm.with_outcome:,}",
            _mean(arm.mean, kind),
        )
    console.print(table)
    _warned(found.warnings)


def programme(found: ProgrammeResults, kind: OutcomeKind) -> None:
    """The verdict first, then the two sides."""
    console.print(Text(" ".join(found.sentences), style="bold"), soft_wrap=True)
    line(
        f"  {found.since:%Y-%m-%d} to {found.measured_until:%Y-%m-%d}, in which "
        f"{found.campaigns:,} campaign{'' if found.campaigns == 1 else 's'} ran; "
        f"{found.holdout:.1%} of customers are held out of all."
    )
    table = columns("", "customers", "sent", f"with {found.outcome}", "mean")
    for name, side in (("held out", found.held_out), ("everybody else", found.others)):
        table.add_row(
            name,
            f"{side.customers:,}",
            f"{side.sent:,}",
            f"{side.with_outcome:,}",
            "" if side.mean is None else _mean(side.mean, kind),
        )
    console.print(table)
    _warned(found.warnings)


def _mean(mean: float, kind: OutcomeKind) -> str:
    return f"{mean:.2%}" if kind is OutcomeKind.BINARY else f"{mean:,.4g}"


def _warned(warnings: Sequence[str]) -> None:
    for warning in warnings:
        console.print(Text(f"Warning: {warning}", style="bold yellow"), soft_wrap=True)


def _arm(trigger: str) -> str:
    return "held out" if trigger == "none" else trigger
