"""Copy: suggested texts for a trigger by channel, with what a person must fill in marked."""

from __future__ import annotations

import re

from nicegui import ui
from nicegui.element import Element

from domain.errors import AetherError
from domain.objective import CampaignObjective
from domain.scopes import Scope
from domain.triggers import Channel
from workflows.briefs import COPY_LIMITS, Copy, suggest_copy
from workflows.conversations import show_conversation
from workflows.segmentlife import show_segment

from ..desk import Desk, failure, guarded, tell
from ..frame import frame
from ..parts.markup import badge, button, el, heading
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
    with frame(
        desk,
        here,
        f"Copy: {name}",
        "Suggestions to work from. What nobody stated stands in brackets, for you to fill in.",
        crumbs=crumbs,
    ):
        try:
            of_any_channel = objective.model_copy(update={"channel": None})
            copies = await desk.ask(
                Scope.SEGMENTS_WRITE, suggest_copy, of_any_channel, desk.workspace, trigger
            )
        except AetherError as error:
            failure(error)
            return
        first = objective.channel
        with el("div", "stack"):
            for copy in copies:
                if copy.channel is first:
                    _channel(copy, wanted=True)
            with el("div", "grid2"):
                for copy in copies:
                    if copy.channel is not first:
                        _channel(copy, wanted=False)


def _channel(copy: Copy, wanted: bool) -> None:
    with el("section", "card", aria_label=_NAMES[copy.channel]):
        with el("div", "row between").style("margin-bottom:16px"):
            heading(_NAMES[copy.channel])
            if wanted:
                badge("the brief's channel", "good")
        for name, text in copy.parts.items():
            with el("div", "part"):
                _part(copy.channel, name, text)
        for note in copy.notes:
            el("p", "note warn", note).style("margin-top:16px")


def _part(channel: Channel, name: str, text: str) -> None:
    limit = COPY_LIMITS[channel][name]
    long = len(text) > limit
    with el("div", "row between").style("margin-bottom:6px"):
        el("h3", "", plain(name).capitalize())
        with el("div", "row"):
            el("span", "small mute", f"{len(text)} of {limit} characters")
            if long:
                badge("too long", "bad")

            async def copied() -> None:
                ui.clipboard.write(text)
                tell("Copied.")

            button(
                "Copy",
                guarded(copied),
                "small",
                aria_label=f"Copy the {plain(name)} of {_NAMES[channel]}",
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
