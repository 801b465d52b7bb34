"""What people see in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from domain.experiment import OutcomeKind
from domain.sentences import sentence
from workflows.amounts import percent

if TYPE_CHECKING:
    from domain.customer import Schema
    from domain.reasons import CustomerWhy
    from domain.segment import Interval, Rule
    from interpreter.copywriting import Copy
    from interpreter.reader import Reading
    from storage.access import ApiKey
    from storage.snapshots import Snapshot
    from workflows.campaign import Plan
    from workflows.importing import Imported
    from workflows.simulation import Simulated
    from workflows.tables import TablesImported

PIPED = 160
"""Columns where nobody looks at a terminal: a pipe should not break the names of models."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED)


def line(text: str) -> None:
    console.print(Text(text), soft_wrap=True)


@contextmanager
def progress(title: str) -> Iterator[Callable[[float, str], None]]:
    """A bar with a message, for long work."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[message]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        task = bars.add_task(title, total=1.0, message="")
        yield lambda share, message: bars.update(task, completed=share, message=message)


def imported(done: Imported) -> None:
    """What was imported, and what the design check found."""
    design = done.design
    line(
        f"Imported {done.rows:,} customers of {done.campaign.name} "
        f"({done.campaign.design.value}, {len(done.fields)} fields, "
        f"outcomes {', '.join(outcome.name for outcome in done.outcomes)})."
    )
    if done.erased:
        line(f"  {done.erased:,} erased persons in the file were left out.")
    table = columns("arm", "customers")
    for arm, size in done.arms.items():
        table.add_row(arm, f"{size:,}")
    console.print(table)
    ratio = (
        "no probabilities were stated to check the arms' sizes against"
        if design.ratio_p_value is None
        else f"arm sizes against the stated probabilities: p = {design.ratio_p_value:.3g}"
    )
    line(f"Design check: {ratio};")
    line(
        f"  largest standardised difference {abs(design.largest_difference):.3f} "
        f"({design.largest_column}); a model tells the arms apart with AUC {design.auc:.3f} "
        f"(0.5 is chance)."
    )
    for warning in design.warnings:
        console.print(Text(f"Warning: {warning}", style="bold yellow"), soft_wrap=True)
    if not design.warnings:
        line("  Nothing speaks against the design.")


def tables_imported(done: TablesImported) -> None:
    """What was kept of a raw table, and what was set aside and why."""
    line(f"Read {done.read:,} rows of {done.kind}: {done.kept:,} kept.")
    if done.returned:
        line(f"  {done.returned:,} rows marked earlier ones as returned.")
    for reason, count in done.set_aside.items():
        line(f"  {count:,} set aside: {reason}.")
    for name, count in done.changed.items():
        line(f"  {name}: {f'{count:,} rows new or changed' if count else 'nothing new'}.")


def profiled(made: Snapshot) -> None:
    """How many profiles there are, and how well each score forecast a later period."""
    line(f"Made {made.rows:,} profiles as of {made.meta['as_of']}.")
    for name, one in made.meta.get("scores", {}).items():
        line(f"  {name}: {one['words']}")
    for name, reason in made.meta.get("unscored", {}).items():
        line(f"  {name}: none. {reason}")


def simulated(done: Simulated) -> None:
    """What the synthetic world answered, and how to import it."""
    table = columns("arm", "customers", "bought")
    for arm, (count, share) in done.arms.items():
        table.add_row(arm, f"{count:,}", f"{share:.2%}")
    console.print(table)
    line(f"Import it: aether import {done.outcomes} --mapping {done.mapping} --workspace W")


def objective(reading: Reading, schema: Schema) -> None:
    """What was understood, line by line."""
    plain = reading.objective.model_dump(mode="json", by_alias=True)
    table = columns("understood as", "")
    for name in ("campaign_goal", "target_behavior", "proposed_intervention", "channel"):
        if plain[name] is not None:
            table.add_row(name.replace("_", " "), str(plain[name]))
    metric = [str(value) for value in plain["metric_target"].values() if value is not None]
    if metric:
        table.add_row("metric target", ", ".join(metric))
    for name in ("allowed_interventions", "excluded_interventions"):
        if plain[name]:
            table.add_row(name.split("_")[0] + " triggers", ", ".join(plain[name]))
    table.add_row("audience", sentence(reading.objective.audience, schema))
    if plain["budget"]:
        table.add_row("budget", f"{plain['budget']['amount']:,.0f} {plain['budget']['currency']}")
    if plain["max_customers"]:
        table.add_row("at most", f"{plain['max_customers']:,} customers")
    for assumption in plain["assumptions"]:
        table.add_row("assumed", assumption)
    for question in reading.questions:
        table.add_row("question", question.text)
    console.print(table)
    if reading.reason is not None:
        line(f"Read by the embedded reader: {reading.reason}.")


def suggested(copies: Sequence[Copy]) -> None:
    """Copy by channel, with its length against the limit, and what a person must fill in."""
    from interpreter.copywriting import LIMITS

    for copy in copies:
        table = columns(copy.channel.value.replace("_", " "), "", "length")
        for part, text in copy.parts.items():
            table.add_row(part, Text(text), f"{len(text)} of {LIMITS[copy.channel][part]}")
        console.print(table)
        if copy.placeholders:
            line(f"To fill in: {', '.join(copy.placeholders)}.")
        for note in copy.notes:
            line(note)


def plan(made: Plan, kind: OutcomeKind, currency: str) -> None:
    """The ranked triggers, then each segment with its reason."""
    line(f"{made.eligible:,} customers are eligible: {made.audience_text}.")
    if made.reached < made.eligible:
        line(f"Ranked by what a trigger brings to {made.reached:,} of them, those worth it most.")
    table = columns("trigger", "evidence", f"lift in {made.outcome}", "net value", "best for")
    for entry in made.ranking:
        net = entry.expected_net_value
        table.add_row(
            entry.trigger,
            entry.evidence.value,
            _lift(entry.lift, kind),
            "" if net is None else f"{net:,.0f} {currency}",
            f"{entry.preferred_by:,}",
        )
    console.print(table)
    for remark in made.remarks:
        line(f"Note: {remark}")
    for version in made.segments:
        line("")
        console.print(Text(f"{version.segment_id}  {version.name}", style="bold"))
        line(f"  {version.size:,} customers: {version.criteria_text}")
        if version.cut:
            line(f"  Kept: {version.cut}.")
        line(f"  {version.explanation.text}")
        for driver in version.explanation.drivers:
            line(f"  - {driver.text}")
        if version.rule is not None:
            rule(version.rule)
        elif version.rule_reason:
            line(f"  {version.rule_reason}")
    ruled = next((version.rule for version in made.segments if version.rule is not None), None)
    if ruled is not None:
        value_kept(ruled)


def rule(found: Rule) -> None:
    """A rule, labelled as what it is, with how close it comes."""
    line(f"  Rule (an {found.label}): {found.rule_text}")
    line(
        f"    {found.size:,} customers meet it: {percent(found.precision)} of these meet the exact "
        f"criteria, and of all who do it finds {percent(found.recall)}."
    )


def value_kept(found: Rule) -> None:
    """What the rules of all segments together keep, which is the same whichever is asked."""
    kept = found.value_kept
    line("")
    if kept is None:
        line(found.value_kept_reason)
        return
    line(
        f"Giving each customer what the rules say keeps {percent(kept.estimate)} of the full "
        f"policy's value, {percent(kept.low)} to {percent(kept.high)} ({kept.basis})."
    )


def reasons(found: CustomerWhy) -> None:
    """Why a customer is in a segment or not, a thought a line."""
    first, *others = found.sentences
    console.print(Text(first, style="bold"), soft_wrap=True)
    for thought in others:
        line(f"  {thought}")


def keys(listed: Sequence[ApiKey]) -> None:
    table = columns("id", "name", "scopes", "made", "last used", "expires", "revoked")
    for key in listed:
        times = (key.created_at, key.last_used_at, key.expires_at, key.revoked_at)
        told = ("" if at is None else f"{at:%Y-%m-%d %H:%M}" for at in times)
        table.add_row(key.id, key.name, "\n".join(key.scopes), *told)
    console.print(table)


def _lift(lift: Interval | None, kind: OutcomeKind) -> str:
    if lift is None:
        return "not enough evidence"
    scale, unit, digits = (100, " points", 2) if kind is OutcomeKind.BINARY else (1, "", 3)
    value, low, high = (f"{x * scale:+.{digits}f}" for x in (lift.estimate, lift.low, lift.high))
    return f"{value}{unit} ({low} to {high})"


def columns(*names: str) -> Table:
    """An empty table with these columns."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in names:
        table.add_column(column, overflow="fold")
    return table
