"""A segment's criteria: as a sentence, and as conditions to make another segment of."""

from __future__ import annotations

from nicegui import ui

from domain.criteria import Expression
from domain.scopes import Scope
from domain.segment import SegmentVersion
from workflows.bycriteria import segment_by_criteria

from ..desk import Desk, guarded
from .confirm import confirmed
from .markup import button, el, heading, live, say
from .ruleform import RuleForm
from .words import count, percent, trigger_name

_WRITE = Scope.SEGMENTS_WRITE


class CriteriaPart:
    def __init__(self, desk: Desk, version: SegmentVersion) -> None:
        self._desk, self._version = desk, version

    def build(self) -> None:
        version = self._version
        with el("section", "card", aria_label="Criteria"), el("div", "stack"):
            heading("Who is in it")
            say(f"Exactly those with: {version.criteria_text}.", "break")
            if version.cut:
                say(f"Of these, only {version.cut}.", "soft")
            if version.rule is not None:
                rule = version.rule
                el(
                    "p",
                    "note break",
                    f"In short, an approximation: {rule.rule_text}. Of the {count(rule.size)} who "
                    f"meet it, {percent(rule.precision)} meet the exact criteria; of all who do, "
                    f"it finds {percent(rule.recall)}.",
                )
            if self._desk.may(_WRITE):
                self._place = el("div", "")
                with self._place:
                    button("Edit as rules", guarded(self._edit), "small")

    def _start(self) -> Expression:
        rule = self._version.rule
        return self._version.objective.audience if rule is None else rule.criteria

    async def _edit(self) -> None:
        known = await self._desk.ask(_WRITE, self._desk.house.counter.fields)
        self._place.clear()
        with self._place, el("div", "stack"):
            el("hr", "rule")
            heading("Conditions", 3)
            self._form = RuleForm(
                self._desk.workspace.schema(),
                known,
                self._start(),
                on_input=guarded(self._count),
                on_change=guarded(self._count),
            )
            with el("div", "live", aria_live="polite"):
                self._total = live("…", "big")
                self._said = live("", "mute")
            with el("div", "row"):
                button("Make a segment of exactly these", guarded(self._make), "primary")
        await self._count()

    async def _count(self) -> None:
        members = self._form.members
        counts = await self._desk.ask(_WRITE, self._desk.house.counter.count, members)
        if members != self._form.members:
            return
        self._total.text = count(counts.total)
        self._said.text = " ".join(self._form.faults) or "customers meet all of these"
        self._form.show_counts(counts.by_member)

    async def _make(self) -> None:
        if self._form.faults:
            self._said.text = " ".join(self._form.faults)
            return
        trigger = self._version.recommended_trigger
        name = trigger_name(self._desk.workspace.catalogue(), trigger)
        if not await confirmed(
            "Make a segment of these conditions?",
            [
                f"{self._total.text} customers become members, whatever trigger the model would "
                "choose for them.",
                f"Each is to get {name}.",
                "This segment stays as it is.",
            ],
            "Make the segment",
        ):
            return
        made = await self._desk.ask(
            _WRITE,
            segment_by_criteria,
            self._desk.workspace,
            self._form.expression,
            trigger,
            outcome=self._version.outcome,
            actor=self._desk.visitor.actor,
        )
        ui.navigate.to(f"/segments/{made.segment_id}")
