"""Discover: segments before any campaign, the behavioural axes, and rules to approve."""

from __future__ import annotations

import asyncio

from nicegui import ui

from domain.discovery import Comparison, Discovery, QualificationRule, RuleStatus, SegmentCard
from domain.errors import AetherError
from domain.scopes import Scope
from workflows.axisstats import AxisDescription, describe_axes
from workflows.discovery import list_discoveries, show_discovery
from workflows.discoverydefaults import discovery_defaults
from workflows.jobs import JobState, show_job, submit_discovery
from workflows.qualification import apply_card, approve_rule, list_rules
from workflows.workspace import PROFILES

from ..desk import Desk, failure, fill, guarded, tell
from ..frame import frame, tabs
from ..parts.confirm import confirmed
from ..parts.markup import badge, button, el, heading, link, live, say
from ..parts.words import ago, count, percent, plain

_READ, _WRITE, _ADMIN = Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE, Scope.ADMIN
_PARTS = (("Segments", "/discover"), ("Axes", "/discover/axes"), ("Rules", "/discover/rules"))
_SECONDS = 1.0


async def show(desk: Desk, discovery_id: str | None = None) -> None:
    """The newest discovery, or another."""
    with frame(desk, "Discover", "Discover", "Groups of customers, from what they do.", wide=True):
        tabs(_PARTS, "Segments")
        place = el("div", "stack loose")

        async def load() -> None:
            runs = await desk.ask(_READ, list_discoveries, desk.workspace)
            if discovery_id is not None:
                chosen = await desk.ask(_READ, show_discovery, desk.workspace, discovery_id)
            elif runs:
                chosen = runs[0]
            else:
                with el("div", "card empty"):
                    heading("Nothing was discovered yet")
                    say(
                        "A discovery looks for groups of customers in what they do. Groups have to "
                        "beat shuffled data and to be found again in resamples; otherwise it says "
                        "that there are none."
                    )
                    _run(desk)
                return
            _found(desk, chosen, runs)

        await fill(place, load)


def _run(desk: Desk) -> None:
    """Begin a discovery, where the key allows it; it works beside the page."""
    if not desk.may(_ADMIN):
        say("Whoever has an admin key can run one.", "small mute")
        return

    async def begin() -> None:
        started.classes("busy").props["disabled"] = True
        status.text = "Waiting for the worker…"
        try:
            parameters = await desk.ask(_ADMIN, discovery_defaults, desk.workspace)
            job = await desk.ask(
                _ADMIN,
                submit_discovery,
                desk.workspace,
                parameters,
                table=PROFILES,
                completer=desk.house.completer,
            )
            if isinstance(job, Comparison):
                status.text = job.text
                return
            while job.state in (JobState.QUEUED, JobState.RUNNING):
                await asyncio.sleep(_SECONDS)
                job = await desk.ask(_ADMIN, show_job, desk.workspace, job.id)
                if job.state is JobState.RUNNING:
                    status.text = f"{percent(job.progress)}: {job.message or 'working'}…"
            if job.state is JobState.FAILED:
                status.text = job.message
                return
            ui.navigate.to("/discover")
        finally:
            started.classes(remove="busy").props.pop("disabled", None)
            started.update()

    with el("div", "row"):
        started = button("Discover segments", guarded(begin), "primary")
        status = live("", "small mute", role="status")


def _found(desk: Desk, chosen: Discovery, runs: list[Discovery]) -> None:
    with el("div", "card"), el("div", "row between top"):
        with el("div").style("flex:1 1 300px"):
            say(chosen.message, "break")
            say(
                f"{count(chosen.rows)} {chosen.row_name}, "
                f"{ago(chosen.created_at, desk.workspace.now())}, {chosen.tier}",
                "small mute",
            )
        _run(desk)
    for warning in chosen.warnings:
        el("p", "note warn", warning)
    with el("div", "stack"):
        for card in chosen.cards:
            _card(desk, chosen, card)
    if len(runs) > 1:
        with el("details", "more"):
            el("summary", "", "Earlier discoveries")
            with el("ul", "past"):
                for run in runs:
                    with el("li").style("padding:8px 0"):
                        told = f"{ago(run.created_at, desk.workspace.now())}: {run.message}"
                        link(told, f"/discover/{run.discovery_id}")


def _card(desk: Desk, chosen: Discovery, card: SegmentCard) -> None:
    with el("section", "card", aria_label=card.name), el("div", "stack"):
        with el("div", "row between"):
            heading(card.name)
            told = f"{count(card.size)} {chosen.row_name}, {card.percentage:.1f} %"
            el("span", "soft", told)
        say(card.description, "break")
        if len(card.characteristics) > 4:
            with el("details", "more"):
                el("summary", "", "All that sets them apart")
                with el("ul", "bullets"):
                    for one in card.characteristics:
                        el("li", "", one.text)
        with el("div", "note"):
            say(card.suggested_use)
            if card.causal is not None:
                say(card.causal.text, "small").style("margin-top:6px")
        if card.filter_rules is None:
            say(card.rules_reason, "small mute")
            return
        rules = card.filter_rules
        say(
            f"In rules: {rules.text}. They reach {count(rules.size)}; {percent(rules.precision)} "
            f"of these are in the segment, and {percent(rules.recall)} of the segment are among "
            "them.",
            "small mute break",
        )
        if desk.may(_WRITE):
            with el("div", "row"):
                button(
                    "Make a rule of it",
                    guarded(_apply, desk, chosen.discovery_id, card),
                    aria_label=f"Make a rule of {card.name}",
                )


async def _apply(desk: Desk, discovery_id: str, card: SegmentCard) -> None:
    made = await desk.ask(
        _WRITE, apply_card, desk.workspace, discovery_id, card.key, actor=desk.visitor.actor
    )
    tell(f"{made.rule.name} is a draft now. Approve it under Rules, so that briefs may use it.")


async def show_rules(desk: Desk) -> None:
    """Rules, with those to approve first."""
    with frame(desk, "Discover", "Discover", "Groups of customers, from what they do.", wide=True):
        tabs(_PARTS, "Rules")
        rules = await desk.ask(_READ, list_rules, desk.workspace)
        if not rules:
            with el("div", "card empty"):
                heading("No rules yet")
                say(
                    "A rule is a named group that briefs may address: “customers of Lapsed "
                    "frequent buyers”. Make one from a card, and approve it here."
                )
            return
        with el("div", "stack"):
            for rule in sorted(rules, key=lambda one: one.status is RuleStatus.APPROVED):
                _rule(desk, rule)


def _rule(desk: Desk, rule: QualificationRule) -> None:
    async def approve() -> None:
        if not await confirmed(
            f"Approve {rule.name}?",
            [
                f"It means: {rule.criteria_text}.",
                f"Briefs may say “customers of {rule.name}” from now on.",
                f"It is noted that {desk.visitor.key.name} approved it.",
            ],
            "Approve",
        ):
            return
        await desk.ask(
            _WRITE,
            approve_rule,
            desk.workspace,
            rule.rule_id,
            by=desk.visitor.key.name,
            version=rule.version,
            actor=desk.visitor.actor,
        )
        tell(f"{rule.name} is approved.")
        ui.navigate.reload()

    with el("section", "card pad-s", aria_label=rule.name), el("div", "row between"):
        with el("div").style("flex:1 1 300px;min-width:0"):
            with el("div", "row"):
                el("strong", "break", rule.name)
                el("span", "small mute", f"version {rule.version}")
                if rule.status is RuleStatus.APPROVED:
                    badge(f"approved by {rule.approved_by}", "good")
                else:
                    badge("draft", "warn")
            say(rule.criteria_text, "small soft break")
        if rule.status is RuleStatus.DRAFT and desk.may(_WRITE):
            button("Approve", guarded(approve), aria_label=f"Approve {rule.name}")


async def show_axes(desk: Desk) -> None:
    """The behavioural axes, with their segments."""
    with frame(desk, "Discover", "Discover", "Groups of customers, from what they do.", wide=True):
        tabs(_PARTS, "Axes")
        try:
            version, axes = await desk.ask(_READ, describe_axes, desk.workspace)
        except AetherError as error:
            failure(error)
            return
        if version is None:
            with el("div", "card empty"):
                heading("The axes were not clustered yet")
                say(
                    "Thirteen behavioural axes, such as price sensitivity and returns, are "
                    "clustered on everybody, from raw tables:"
                )
                with el("p", "code"):
                    el("span", "mono", "aether axes cluster")
        with el("div", "grid3"):
            for axis in axes:
                _axis(axis)


def _axis(axis: AxisDescription) -> None:
    with el("section", "card pad-s", aria_label=plain(axis.name)), el("div", "stack tight"):
        heading(plain(axis.name).capitalize(), 2)
        say(axis.description, "small soft")
        if axis.found is None:
            say(f"Needs {axis.needs}.", "small mute")
            return
        if not axis.found.segments:
            say(axis.found.reason, "small mute")
            return
        for segment in axis.found.segments:
            with el("div", "row between small"):
                el("span", "", plain(segment.name))
                el("span", "mute", f"{count(segment.size)}, {percent(segment.share)}")


ROUTES = {
    "/discover": show,
    "/discover/axes": show_axes,
    "/discover/rules": show_rules,
    "/discover/{discovery_id}": show,
}
