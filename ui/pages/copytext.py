"""Copy: variants of a text for a trigger by channel, with what a person must fill in marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nicegui import ui
from nicegui.element import Element

from domain.errors import AetherError
from domain.objective import CampaignObjective
from domain.scopes import Scope
from domain.triggers import Channel
from workflows.briefs import COPY_LIMITS, COPY_VARIANTS, Copy, suggest_copy
from workflows.conversations import show_conversation
from workflows.discovery import Completer
from workflows.segmentlife import show_segment

from ..desk import Desk, failure, guarded, tell
from ..frame import frame
from ..parts.markup import badge, button, el, heading, live, say
from ..parts.words import plain, trigger_name

_NAMES = {
    Channel.EMAIL: "E-mail",
    Channel.SMS: "SMS",
    Channel.PUSH: "Push",
    Channel.WEB: "Web",
    Channel.ADS: "Ad",
    Channel.DIRECT_MAIL: "Letter",
}
_PLACEHOLDER = re.compile(r"(\[[^\[\]]{1,60}\])")


async def of_brief(desk: Desk, conversation_id: str, trigger: str) -> None:
    """Copy for a trigger of a brief's ranking."""
    try:
        talk = await desk.ask(
            Scope.SEGMENTS_WRITE, show_conversation, desk.workspace, conversation_id
        )
    except AetherError as error:
        with frame(desk, "Brief", "Copy"):
            failure(error)
        return
    path = f"/briefs/{conversation_id}"
    crumbs = [("Briefs", "/"), (talk.title, path), ("Triggers", f"{path}/triggers")]
    await _page(desk, "Brief", crumbs, talk.objective, trigger)


async def of_segment(desk: Desk, segment_id: str) -> None:
    """Copy for a segment's trigger."""
    try:
        version = await desk.ask(Scope.SEGMENTS_READ, show_segment, desk.workspace, segment_id)
    except AetherError as error:
        with frame(desk, "Segments", "Copy"):
            failure(error)
        return
    crumbs = [("Segments", "/segments"), (version.name, f"/segments/{segment_id}")]
    await _page(desk, "Segments", crumbs, version.objective, version.recommended_trigger)


async def _page(
    desk: Desk,
    here: str,
    crumbs: list[tuple[str, str]],
    objective: CampaignObjective,
    trigger: str,
) -> None:
    name = trigger_name(desk.workspace.catalogue(), trigger)
    suggestions = _Suggestions(desk, objective, trigger)
    with frame(
        desk,
        here,
        f"Copy: {name}",
        "Suggestions to work from. What nobody stated stands in brackets, for you to fill in.",
        crumbs=crumbs,
        wide=True,
        beside=suggestions.controls,
    ):
        await suggestions.build()


class _Suggestions:
    """Variants for all channels: from templates at once, and by the LLM as it writes them."""

    def __init__(self, desk: Desk, objective: CampaignObjective, trigger: str) -> None:
        self._desk, self._trigger, self._wanted = desk, trigger, objective.channel
        self._objective = objective.model_copy(update={"channel": None})
        self._round = 0
        self._variants: list[tuple[Copy, ...]] = []

    def controls(self) -> None:
        """A button for other variants, and what is being written."""
        with el("div", "row"):
            self._again = button("Suggest others", guarded(self._others))
            self._status = live("", "small mute", role="status")

    async def build(self) -> None:
        with el("div", "stack"):
            self._reason = el("div", "")
            self._place = el("div", "stack")
        try:
            await self._from_templates()
        except AetherError as error:
            with self._place:
                failure(error)
            return
        if self._desk.house.completer is not None:
            ui.timer(0.01, guarded(self._by_llm), once=True)

    async def _others(self) -> None:
        self._round += 1
        await self._from_templates()
        if self._desk.house.completer is not None:
            await self._by_llm()

    async def _from_templates(self) -> None:
        self._variants = [await self._variant(place) for place in range(COPY_VARIANTS)]
        self._draw()

    async def _by_llm(self) -> None:
        """Each variant as soon as it is written; the first that gets no text at all is the last."""
        this_round = self._round
        self._again.props["disabled"] = True
        self._again.update()
        try:
            for place in range(COPY_VARIANTS):
                self._status.text = f"The language model writes variant {place + 1}…"
                copies = await self._variant(place, self._desk.house.completer)
                if this_round != self._round:
                    return
                self._variants[place] = copies
                self._draw()
                if all(copy.reason is not None for copy in copies):
                    break
        finally:
            self._again.props.pop("disabled", None)
            self._again.update()
            self._status.text = ""

    async def _variant(self, place: int, completer: Completer | None = None) -> tuple[Copy, ...]:
        return await self._desk.ask(
            Scope.SEGMENTS_WRITE,
            suggest_copy,
            self._objective,
            self._desk.workspace,
            self._trigger,
            variant=self._round * COPY_VARIANTS + place,
            completer=completer,
        )

    def _draw(self) -> None:
        self._reason.clear()
        reasons = {copy.reason for copies in self._variants for copy in copies}
        shared = reasons.pop() if len(reasons) == 1 else self._failed()
        if shared is not None:
            with self._reason:
                told = f"The language model could not be used, so these are templates: {shared}"
                el("p", "note warn", told)
        by_channel = list(zip(*self._variants, strict=True))
        self._place.clear()
        with self._place:
            for copies in by_channel:
                if copies[0].channel is self._wanted:
                    _channel(copies, wanted=True, shared=shared)
            for copies in by_channel:
                if copies[0].channel is not self._wanted:
                    _channel(copies, wanted=False, shared=shared)

    def _failed(self) -> str | None:
        """Why the LLM wrote nothing of a variant, so that it was not asked for the next."""
        for copies in self._variants:
            if len({copy.reason for copy in copies}) == 1 and copies[0].reason is not None:
                return copies[0].reason
        return None


def _channel(copies: Sequence[Copy], *, wanted: bool, shared: str | None) -> None:
    """A channel's variants; `shared` is a reason that the page gives already."""
    channel = copies[0].channel
    with el("section", "card", aria_label=_NAMES[channel]):
        with el("div", "row between"):
            heading(_NAMES[channel])
            if wanted:
                badge("the brief's channel", "good")
        with el("div", "variants"):
            for number, copy in enumerate(copies, start=1):
                with el("div", "stack"):
                    with el("div", "row between"):
                        el("p", "eyebrow", f"Variant {number}")
                        if copy.source == "llm":
                            badge("by the language model")
                    for name, text in copy.parts.items():
                        _part(channel, name, number, text)
                    if copy.reason not in (None, shared):
                        say(f"The language model's text was not taken: {copy.reason}", "small mute")
        for note in copies[0].notes:
            el("p", "note warn", note).style("margin-top:16px")


def _part(channel: Channel, name: str, number: int, text: str) -> None:
    called = plain(name)

    async def copied() -> None:
        ui.clipboard.write(text)
        tell("Copied.")

    with el("div"):
        with el("div", "row between").style("margin-bottom:6px"):
            el("h3", "", called.capitalize())
            with el("div", "row"):
                el("span", "small mute", f"{len(text)} of {COPY_LIMITS[channel][name]} characters")
                button(
                    "Copy",
                    guarded(copied),
                    "small",
                    aria_label=f"Copy the {called} of {_NAMES[channel]}, variant {number}",
                )
        marked_text(text)


def marked_text(text: str) -> Element:
    """A text with its placeholders marked."""
    with el("p", "copy-text") as made:
        for place, part in enumerate(_PLACEHOLDER.split(text)):
            if part:
                el("mark" if place % 2 else "span", "", part)
    return made


ROUTES = {
    "/briefs/{conversation_id}/copy/{trigger}": of_brief,
    "/segments/{segment_id}/copy": of_segment,
}
