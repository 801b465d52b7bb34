"""What people see of discoveries and rules in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.panel import Panel
from rich.text import Text

from aether.screen import columns, console, line
from domain.clusters import Clustering
from domain.discovery import (
    Comparison,
    Discovery,
    DiscoveryParameters,
    QualificationRule,
    Recommendation,
    RuleStatus,
    SegmentCard,
)
from workflows.amounts import percent

SHOWN = 4
"""Characteristics on a card in the terminal."""


def discovery(found: Discovery) -> None:
    """What was used and found, a card a segment."""
    line(
        f"{found.discovery_id}: {found.rows:,} {found.row_name} ({found.source}), "
        f"{found.tier.value} tier."
    )
    for note in found.fields:
        line(f"  {note.field}: {note.text}.")
    for warning in found.warnings:
        console.print(Text(f"Warning: {warning}", style="bold yellow"), soft_wrap=True)
    line(found.message)
    if found.quality is not None and found.quality.silhouette is not None:
        line(
            f"Silhouette {found.quality.silhouette:.2f} ({found.quality.metric}, on "
            f"{found.quality.sample_rows:,} rows)"
            + (
                ""
                if found.quality.stability is None
                else f", stability {found.quality.stability:.2f} over {found.quality.resamples} "
                "pairs of resamples"
            )
            + "."
        )
    if found.quality is not None and found.cards:
        line(f"The segments explain {percent(found.quality.explained)} of the spread.")
    if found.outliers:
        line(f"{found.outliers:,} fit no segment.")
    if found.tokens is not None:
        cost = "" if found.tokens.cost is None else f", {found.tokens.cost:.4f} in money"
        line(f"{found.tokens.prompt + found.tokens.completion:,} tokens used{cost}.")
    for card in found.cards:
        console.print(_panel(card))
    if found.cards:
        line(f"Use one: aether discover apply {found.discovery_id} {found.cards[0].key}")


def _panel(card: SegmentCard) -> Panel:
    text = Text(card.description + "\n")
    for one in card.characteristics[:SHOWN]:
        bar = "█" * round(10 * one.importance)
        text.append(f"{bar:<10} ", style="cyan").append(f"{one.text}\n")
    if card.filter_rules is None:
        text.append(f"Rules: none. {card.rules_reason}\n")
    else:
        rules = card.filter_rules
        text.append("Rules: ", style="bold").append(
            f"{rules.text} ({rules.size:,} meet them; precision {percent(rules.precision)}, "
            f"recall {percent(rules.recall)})\n"
        )
    text.append("Idea: ", style="bold").append(card.suggested_use)
    if card.causal is not None:
        text.append("\nKnown: ", style="bold").append(card.causal.text)
    title = Text(f"{card.key}  {card.name}", style="bold")
    return Panel(text, title=title, title_align="left", subtitle=f"{card.percentage:.1f} %")


def discoveries(listed: Sequence[Discovery]) -> None:
    """One line a discovery."""
    table = columns("discovery", "made", "source", "tier", "segments", "")
    for one in listed:
        names = ", ".join(card.name for card in one.cards) or one.message
        made = f"{one.created_at:%Y-%m-%d %H:%M}"
        table.add_row(
            one.discovery_id, made, one.source, one.tier.value, str(len(one.cards)), names
        )
    console.print(table)


def comparison(found: Comparison) -> None:
    """The tiers beside each other."""
    line(found.text)
    table = columns("tier", "accuracy", "", "tokens", "cost", "seconds", "")
    for one in found.tiers:
        table.add_row(
            one.tier.value,
            "unknown" if one.accuracy is None else percent(one.accuracy),
            one.accuracy_text,
            f"{one.tokens:,}",
            "no price set" if one.cost is None else f"{one.cost:.4f}",
            f"{one.seconds:.1f}",
            one.speed_text,
        )
    console.print(table)
    line("Accuracy: the share of the spread between customers that the segments explain.")


def recommendation(made: Recommendation) -> None:
    """What to do, and what is needed before the rule can be used."""
    line(made.text)
    line(f"Rule: {made.rule.criteria_text}")
    line(
        f"Kept as a draft, {made.rule.rule_id} version {made.rule.version}: {made.rule.name!r}. "
        f"Approve it: aether discover approve {made.rule.rule_id} --by NAME"
    )


def approved(rule: QualificationRule) -> None:
    """How an approved rule is used."""
    line(f"{rule.name!r} version {rule.version} is approved by {rule.approved_by}.")
    line(f'Use it: aether brief "Win back customers of {rule.name}"')
    line(f'Or make a segment of it: aether segments create --rule "{rule.name}"')


def rules(listed: Sequence[QualificationRule]) -> None:
    """One line a version."""
    table = columns("rule", "version", "name", "status", "criteria")
    for rule in listed:
        status = rule.status.value
        if rule.status is RuleStatus.APPROVED:
            status = f"approved by {rule.approved_by} on {rule.approved_at:%Y-%m-%d}"
        table.add_row(rule.rule_id, str(rule.version), rule.name, status, rule.criteria_text)
    console.print(table)


def kept(listed: Sequence[Clustering]) -> None:
    """Each kept discovery's field, its segments, and how well the rules place customers."""
    for one in listed:
        line(
            f"{one.field.name}: kept by {one.kept_by} on {one.kept_at:%Y-%m-%d}, of "
            f"{one.discovery_id}."
        )
        if one.agreement is not None:
            line(f"The rules place {percent(one.agreement)} of customers as the clustering did.")
        table = columns("segment", "customers", "rules")
        for cluster in one.clusters:
            table.add_row(cluster.name, f"{one.counts[cluster.name]:,}", cluster.text)
        rest = one.customers - sum(one.counts.values())
        table.add_row("(none)", f"{rest:,}", "meets no rules")
        console.print(table)
        first = one.clusters[0].name
        line(f'In criteria: {{"field": "{one.field.name}", "op": "eq", "value": "{first}"}}')


def parameters(saved: DiscoveryParameters) -> None:
    """The saved defaults."""
    table = columns("parameter", "default")
    for name, value in saved.model_dump(mode="json").items():
        shown = ", ".join(value) or "chosen" if isinstance(value, list) else str(value)
        table.add_row(name, shown)
    console.print(table)
