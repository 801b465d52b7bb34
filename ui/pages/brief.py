"""One conversation: what was understood of a brief, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from domain.conversation import Conversation, TurnKind
from domain.errors import AetherError, NotFound
from domain.scopes import Scope
from workflows.conversations import (
    answer_question,
    branch_conversation,
    edit_objective,
    show_conversation,
)

from ..desk import Desk, failure, guarded, tell
from ..frame import frame, tabs
from ..parts.fields import line
from ..parts.markup import button, el, heading, link, live, say
from ..parts.quotes import marked
from ..parts.ruleform import RuleForm
from ..parts.understood import Understood
from ..parts.words import count, percent, plain

_WRITE = Scope.SEGMENTS_WRITE


def parts_of(conversation_id: str) -> list[tuple[str, str]]:
    """The pages of one conversation."""
    return [
        ("Brief", f"/briefs/{conversation_id}"),
        ("Triggers", f"/briefs/{conversation_id}/triggers"),
    ]


async def show(desk: Desk, conversation_id: str) -> None:
    """One conversation."""
    try:
        talk = await desk.ask(_WRITE, show_conversation, desk.workspace, conversation_id)
    except NotFound as error:
        with frame(desk, "Brief", "No such conversation"):
            failure(error)
        return
    except AetherError as error:
        with frame(desk, "Brief", "Not for you"):
            failure(error)
        return
    with frame(desk, "Brief", talk.title, crumbs=[("Briefs", "/")]):
        tabs(parts_of(conversation_id), "Brief")
        await _Talk(desk, talk).build()


class _Talk:
    """The page of a conversation, redrawn in parts as it goes on."""

    def __init__(self, desk: Desk, talk: Conversation) -> None:
        self._desk, self._talk = desk, talk
        self._schema = desk.workspace.schema()

    async def build(self) -> None:
        known = await self._desk.ask(_WRITE, self._desk.house.counter.fields)
        with el("div", "with-aside"):
            with el("div", "stack"):
                self._turns = el("div", "talk")
                self._questions = el("div", "", aria_live="polite")
                self._card = el("div", "card")
                self._assumed = el("div", "")
                self._known = known
            with el("aside", "stack sticky", aria_label="Audience"), el("div", "card"):
                el("p", "eyebrow", "Audience")
                with el("div", "live", aria_live="polite"):
                    self._total = live("…", "big")
                    self._share = live("", "mute")
                self._fault = live("", "small mute", "p")
                self._ready = el("div", "stack tight").style("margin-top:16px")
        self._draw()
        self._draw_rows()
        ui.timer(0.01, guarded(self._count), once=True)

    def _draw(self) -> None:
        """All but the rows, which show what was edited already."""
        talk, latest = self._talk, self._talk.latest
        self._turns.clear()
        with self._turns:
            for place, turn in enumerate(talk.turns):
                if turn.kind is TurnKind.EDIT:
                    el("p", "edited", f"You set {turn.text}")
                    continue
                with el("p", "said"):
                    if place == 0:
                        marked(turn.text, talk.quotes)
                    else:
                        el("span", "", turn.text)
            read = talk.turns[0]
            if read.reason:
                el(
                    "p",
                    "note warn",
                    f"The language model could not be used, so the built-in reader read this: "
                    f"{read.reason}.",
                )
            elif read.source == "llm":
                el("p", "edited", "Read by the language model, and checked against your words.")
        self._questions.clear()
        with self._questions:
            if latest.questions:
                self._draw_questions()
        self._ready.clear()
        with self._ready:
            if latest.questions:
                number = len(latest.questions)
                say(f"{number} question{'s' * (number > 1)} to answer first.", "small soft")
            else:
                path = f"/briefs/{talk.conversation_id}/triggers"
                link("Rank the triggers", path, "btn primary")
            button("Branch from here", guarded(self._branch), "quiet small")
        self._assumed.clear()
        with self._assumed:
            if talk.objective.assumptions:
                with el("div", "card"):
                    heading("What I assumed")
                    with el("ul", "bullets").style("margin-top:10px"):
                        for one in talk.objective.assumptions:
                            el("li", "", plain(one[:1].upper() + one[1:]))

    def _draw_questions(self) -> None:
        with el("div", "card"), el("div", "stack"):
            heading("Before anything is ranked")
            for place, asked in enumerate(self._talk.latest.questions):
                with el("div", "ask"):
                    say(asked.text)
                    if asked.choices:
                        with el("div", "chips"):
                            for word in asked.choices:
                                text = word.replace("_", " ")
                                button(text, guarded(self._answer, word)).classes(replace="chip")
                if place == 0 and len(self._talk.latest.questions) > 1:
                    el("hr", "rule")
            said = {"text": ""}

            def typed(text: str) -> None:
                said["text"] = text

            async def send() -> None:
                await self._answer(said["text"])

            async def enter(text: str) -> None:
                await self._answer(text)

            with el("div", "row"):
                line(
                    "Your answer",
                    "",
                    typed,
                    on_enter=guarded(enter),
                    placeholder="Answer in your own words, such as: the last 60 days, only UK",
                    data_draft=self._draft,
                ).style("flex:1 1 260px")
                button("Answer", guarded(send), "primary")

    @property
    def _draft(self) -> str:
        """The name under which a browser keeps an answer until it is sent; the next has another."""
        answers = sum(turn.kind is TurnKind.ANSWER for turn in self._talk.turns)
        return f"{self._talk.conversation_id}-{answers}"

    def _draw_rows(self) -> None:
        self._card.clear()
        with self._card:
            heading("What I understood")
            say("Change anything: what you set stands.", "small mute")
            Understood(
                self._talk,
                self._desk.workspace.catalogue(),
                self._desk.workspace.settings.currency,
                guarded(self._edit),
                self._draw_audience,
            )

    def _draw_audience(self) -> None:
        self._form = RuleForm(
            self._schema,
            self._known,
            self._talk.objective.audience,
            on_input=guarded(self._count),
            on_change=guarded(self._audience_changed),
        )

    async def _count(self) -> None:
        form = self._form
        members = form.members
        self._fault.text = " ".join(form.faults)
        counts = await self._desk.ask(_WRITE, self._desk.house.counter.count, members)
        if form is not self._form or members != form.members:
            return  # it was edited meanwhile; that edit has a count of its own
        self._total.text = count(counts.total)
        share = counts.total / counts.everyone if counts.everyone else 0.0
        self._share.text = f"{percent(share, 1)} of {count(counts.everyone)}"
        form.show_counts(counts.by_member)
        if counts.missing:
            names = " and ".join(self._schema[name].text for name in counts.missing)
            self._fault.text = f"Not counted: the data holds nothing on {names}."
        elif counts.total == 0:
            self._fault.text = "Nobody meets all of these: widen one of the conditions."

    async def _audience_changed(self) -> None:
        await self._count()
        if self._form.faults:
            return
        expression = self._form.expression
        if expression == self._talk.objective.audience:
            return
        await self._edit({"audience": expression}, "the audience")

    async def _edit(self, values: Mapping[str, Any], said: str) -> None:
        made = await self._desk.ask(
            _WRITE,
            edit_objective,
            self._desk.workspace,
            self._talk.conversation_id,
            values,
            said,
        )
        if len(made.turns) > len(self._talk.turns):  # else a later edit was told of earlier
            self._talk = made
            self._draw()

    async def _answer(self, text: str) -> None:
        self._talk = await self._desk.ask(
            _WRITE, answer_question, self._desk.workspace, self._talk.conversation_id, text
        )
        self._draw()
        self._draw_rows()
        await self._count()

    async def _branch(self) -> None:
        made = await self._desk.ask(
            _WRITE,
            branch_conversation,
            self._desk.workspace,
            self._talk.conversation_id,
            len(self._talk.turns),
        )
        tell("This is a copy of its own now.")
        ui.navigate.to(f"/briefs/{made.conversation_id}")


ROUTES = {"/briefs/{conversation_id}": show}
