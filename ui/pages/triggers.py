"""Triggers: what each would bring to the audience, what a budget buys, and segments made of it."""

from __future__ import annotations

from domain.conversation import Conversation
from domain.errors import AetherError
from domain.scopes import Scope
from domain.segment import RankedTrigger
from domain.triggers import NO_TRIGGER
from workflows.budgeting import Spending
from workflows.campaign import OpenQuestions, Plan, build_segments
from workflows.conversations import show_conversation
from workflows.suggesting import Suggestions, suggest_triggers

from ..desk import Desk, failure, fill, guarded
from ..frame import frame, tabs
from ..parts.budget import BudgetPart
from ..parts.figure import drawing
from ..parts.intervals import Span, one_interval, shared_scale
from ..parts.markup import badge, button, el, heading, link, live, say
from ..parts.words import (
    DASH,
    EVIDENCE,
    between,
    count,
    lift,
    money,
    percent,
    plain,
    plural,
    trigger_name,
)
from .brief import parts_of

_WRITE = Scope.SEGMENTS_WRITE


async def show(desk: Desk, conversation_id: str) -> None:
    """The ranking of one conversation's objective."""
    try:
        talk = await desk.ask(_WRITE, show_conversation, desk.workspace, conversation_id)
    except AetherError as error:
        with frame(desk, "Brief", "Triggers"):
            failure(error)
        return
    with frame(desk, "Brief", talk.title, crumbs=[("Briefs", "/")]):
        tabs(parts_of(conversation_id), "Triggers")
        place = el("div", "stack loose")

        async def load() -> None:
            try:
                found = await desk.ask(_WRITE, suggest_triggers, desk.workspace, talk.objective)
            except OpenQuestions as open_:
                with el("div", "card empty"):
                    heading("Some questions are open")
                    for text in open_.questions:
                        say(text)
                    link("Answer them", f"/briefs/{conversation_id}", "btn primary")
                return
            _Ranking(desk, talk, found).build()

        await fill(place, load)


class _Ranking:
    """The page once the engine has answered."""

    def __init__(self, desk: Desk, talk: Conversation, found: Suggestions) -> None:
        self._desk, self._talk, self._found = desk, talk, found
        self._catalogue = desk.workspace.catalogue()
        self._currency = desk.workspace.settings.currency
        self._kind = found.outcome.kind

    def build(self) -> None:
        found = self._found
        if not found.eligible:
            with el("div", "card empty"):
                heading("Nobody meets this audience")
                say(f"Asked for were customers with: {found.audience_text}.", "break")
                say("Widen a condition or take one out, and rank again.")
                path = f"/briefs/{self._talk.conversation_id}"
                link("Change the audience", path, "btn primary")
            return
        with el("section", "card", aria_label="Ranking"):
            with el("div", "row between top"), el("div"):
                heading(self._headline())
                say(
                    f"If {self._whom()} got it, judged by “{plain(found.outcome.name)}” among "
                    "customers the model never saw.",
                    "small mute",
                )
            self._ranked()
            if found.differs is not None:
                el("p", "note", found.differs)
        if isinstance(found.spending, Spending):
            talk = self._talk.conversation_id
            BudgetPart(self._desk, talk, found, found.spending, self._kept).build()
        else:
            el("p", "note", found.spending)
        self._make()
        if found.remarks:
            with el("details", "more"):
                el("summary", "", "How this was judged")
                with el("ul", "bullets"):
                    for remark in found.remarks:
                        el("li", "", remark)

    def _whom(self) -> str:
        reached, eligible = self._found.reached, self._found.eligible
        if reached == eligible:
            return f"all {count(eligible)} eligible customers"
        return f"the {count(reached)} of {count(eligible)} eligible customers worth it most"

    def _name(self, key: str) -> str:
        return trigger_name(self._catalogue, key)

    def _headline(self) -> str:
        first = self._found.ranking[0]
        if first.trigger == NO_TRIGGER:
            if self._found.reached < self._found.eligible:
                return "Even for those worth it most, doing nothing is the best"
            return "For all of them at once, doing nothing is the best"
        return f"{self._name(first.trigger)} would bring the most"

    def _ranked(self) -> None:
        spans = [self._span(entry) for entry in self._found.ranking]
        scale = shared_scale([span for span in spans if span is not None])
        with el("ol", "rank"):
            for place, (entry, span) in enumerate(
                zip(self._found.ranking, spans, strict=True), start=1
            ):
                with el("li"):
                    el("span", "place", f"{place}")
                    self._entry(entry)
                    with el("div", "plot"):
                        if span is not None and entry.trigger != NO_TRIGGER:
                            drawing(one_interval(span, scale))
                    self._numbers(entry)
                    with el("div", "go"):
                        if entry.trigger != NO_TRIGGER:
                            link(
                                "Copy",
                                f"/briefs/{self._talk.conversation_id}/copy/{entry.trigger}",
                                "btn small",
                                aria_label=f"Copy for {self._name(entry.trigger)}",
                            )
                    if entry.trigger not in (*self._found.allowed, NO_TRIGGER):
                        el("span", "why", "Not allowed by this brief; shown to compare.")

    def _entry(self, entry: RankedTrigger) -> None:
        with el("div", "who stack tight").style("gap:4px"):
            el("span", "name", self._name(entry.trigger))
            if entry.trigger == NO_TRIGGER:
                el("span", "small mute", "What every other is measured against.")
                return
            words, kind = EVIDENCE[entry.evidence]
            with el("span", "row").style("gap:8px"):
                badge(words, kind)
            el("span", "small mute", self._why(entry))

    def _why(self, entry: RankedTrigger) -> str:
        if entry.lift is None:
            return entry.reason
        told = between(entry.lift, self._kind, self._found.outcome.name, self._currency)
        zero = entry.lift.low <= 0 <= entry.lift.high
        return f"{told} a customer{', so it may do nothing' if zero else ''}"

    def _numbers(self, entry: RankedTrigger) -> None:
        outcomes = entry.expected_outcomes
        net = entry.expected_net_value
        cost = self._found.costs.get(entry.trigger)
        gained = None if outcomes is None else round(outcomes)
        direction = "more" if gained is None or gained >= 0 else "fewer"
        noun = "customers" if self._found.outcome.name == "converted" else "in all"
        with el("div", "val"):
            el("strong", "", DASH if gained is None else count(abs(gained)))
            el("span", "", f"{direction} {noun}")
        with el("div", "val"):
            el("strong", "", DASH if net is None else money(net, self._currency, signed=True))
            el("span", "", "net revenue")
            if cost is not None:
                el("span", "", f"cost {money(cost * self._found.reached, self._currency)}")
        with el("div", "val"):
            el("strong", "", count(entry.preferred_by))
            share = entry.preferred_by / self._found.eligible
            el("span", "", f"best for {percent(share)}")

    def _span(self, entry: RankedTrigger) -> Span | None:
        if entry.lift is None:
            return None
        told = lift(entry.lift.estimate, self._kind, self._found.outcome.name, self._currency)
        name = f"{self._name(entry.trigger)}: {told} a customer, {self._why(entry)}"
        return Span(name, entry.lift.estimate, entry.lift.low, entry.lift.high)

    def _kept(self, talk: Conversation) -> None:
        self._talk = talk

    def _make(self) -> None:
        place = el("div", "stack")
        with place, el("section", "card", aria_label="Segments"), el("div", "stack"):
            heading("Make segments of it")
            say(
                "Each customer goes to the segment of the trigger that is the best for them; whom "
                "nothing helps is in none. Members are frozen, and nothing is sent yet.",
                "soft",
            )
            with el("div", "row"):
                made = button("Make segments", None, "primary")
                status = live("", "small mute", role="status")

        async def make() -> None:
            made.classes("busy").props["disabled"] = True
            status.text = "Choosing for each customer, measuring, freezing…"
            try:
                plan = await self._desk.ask(
                    _WRITE,
                    build_segments,
                    self._desk.workspace,
                    self._talk.objective,
                    rules=True,
                    actor=self._desk.visitor.actor,
                )
            finally:
                made.classes(remove="busy").props.pop("disabled", None)
                made.update()
                status.text = ""
            place.clear()
            with place:
                self._made(plan)

        made.on("click", guarded(make), [])

    def _made(self, plan: Plan) -> None:
        with el("section", "card", aria_label="Segments made"), el("div", "stack"):
            if not plan.segments:
                heading("No segment was made")
            else:
                heading(f"{plural(len(plan.segments), 'segment')} made")
                for version in plan.segments:
                    with el("div", "row between"):
                        with el("div"):
                            link(
                                self._name(version.recommended_trigger),
                                f"/segments/{version.segment_id}",
                            )
                            say(plural(version.size, "customer"), "small mute")
                        link(
                            "Open",
                            f"/segments/{version.segment_id}",
                            "btn",
                            aria_label=f"Open {self._name(version.recommended_trigger)}",
                        )
            with el("ul", "bullets small"):
                for remark in plan.remarks:
                    el("li", "", remark)


ROUTES = {"/briefs/{conversation_id}/triggers": show}
