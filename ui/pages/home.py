"""Brief: where a conversation begins, with examples that fit, and where earlier ones are found."""

from __future__ import annotations

from nicegui import ui

from domain.conversation import Conversation
from domain.scopes import Scope
from workflows.conversations import begin_conversation, list_conversations

from ..desk import Desk, fill, guarded
from ..frame import frame
from ..parts.fields import area
from ..parts.markup import BASE, button, el, heading, live
from ..parts.words import ago

_WRITE = Scope.SEGMENTS_WRITE
_DRAFT = "brief"


async def show(desk: Desk) -> None:
    """Where a conversation begins."""
    if not desk.may(_WRITE):
        ui.navigate.to("/segments")
        return
    with frame(desk, "Brief", "What should the campaign achieve?"):
        said = {"text": ""}

        async def begin() -> None:
            send.classes("busy").props["disabled"] = True
            status.text = "Reading your brief…"
            try:
                talk = await desk.ask(
                    _WRITE, begin_conversation, desk.workspace, said["text"], desk.house.llm
                )
                ui.run_javascript(f"forgetDraft('{_DRAFT}')")
                ui.navigate.to(f"/briefs/{talk.conversation_id}")
            finally:
                send.classes(remove="busy").props.pop("disabled", None)
                send.update()
                status.text = ""

        def typed(text: str) -> None:
            said["text"] = text

        with el("div", "stack loose"):
            with el("div", "card composer"):
                box = area(
                    "Your campaign's goal",
                    "",
                    typed,
                    placeholder="A goal in plain words: for whom, what should change, what you "
                    "would offer or never offer, by which channel, for how much.",
                    autofocus=True,
                    maxlength=10_000,
                    rows=3,
                    data_draft=_DRAFT,
                )
                box.on(
                    "keydown",
                    guarded(begin),
                    [],
                    js_handler="(event) => { if (event.key === 'Enter' && !event.shiftKey) "
                    "{ event.preventDefault(); emit(); } }",
                )
                with el("div", "row between"):
                    status = live("", "small mute", role="status")
                    send = button("Read the brief", guarded(begin), "primary")
            examples = el("div", "")
            past = el("div", "")

            async def load() -> None:
                found = await desk.ask(_WRITE, desk.house.example_briefs)
                if found:
                    heading("For example", 2, "eyebrow")
                with el("div", "chips").style("margin-top:12px"):
                    for text in found:

                        async def use(text: str = text) -> None:
                            said["text"] = text
                            await begin()

                        button(text, guarded(use)).classes(replace="chip")

            async def load_past() -> None:
                talks = await desk.ask(_WRITE, list_conversations, desk.workspace)
                if talks:
                    heading("Earlier conversations")
                    _listed(desk, talks)

            await fill(examples, load)
            await fill(past, load_past)


def _listed(desk: Desk, talks: list[Conversation]) -> None:
    now = desk.workspace.now()
    with el("ul", "past"):
        for talk in talks:
            with el("li"), el("a", "", href=f"{BASE}/briefs/{talk.conversation_id}"):
                el("span", "", talk.title)
                number = len(talk.latest.questions)
                state = f"{number} to answer" if number else "ready"
                branch = "a branch, " if talk.branched_from else ""
                told = f"{branch}{state}, {ago(talk.latest.at, now)}"
                el("span", "small mute", told)


ROUTES = {"/": show}
