"""Copy: suggested texts for a trigger by channel, with what a person must fill in marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
            found = [
                await desk.ask(Scope.SEGMENTS_WRITE, suggest_copy, variant, desk.workspace, trigger)
                for variant in variants_of(objective)
            ]
        except AetherError as error:
            failure(error)
            return
        first = objective.channel
        with el("div", "stack"):
            by_channel = list(zip(*found, strict=True))
            for copies in by_channel:
                if copies[0].channel is first:
                    _channel(copies, wanted=True)
            with el("div", "grid2"):
                for copies in by_channel:
                    if copies[0].channel is not first:
                        _channel(copies, wanted=False)


def variants_of(objective: CampaignObjective) -> tuple[CampaignObjective, ...]:
    """The objective for every channel: with its goal, which opens the text, and without, so that
    the text comes to the offer at once."""
    with_goal = objective.model_copy(update={"channel": None})
    if objective.campaign_goal is None:
        return (with_goal,)
    return with_goal, with_goal.model_copy(update={"campaign_goal": None})


def _channel(copies: Sequence[Copy], wanted: bool) -> None:
    channel = copies[0].channel
    with el("section", "card", aria_label=_NAMES[channel]):
        with el("div", "row between").style("margin-bottom:16px"):
            heading(_NAMES[channel])
            if wanted:
                badge("the brief's channel", "good")
        for name in copies[0].parts:
            texts = list(dict.fromkeys(copy.parts[name] for copy in copies))
            for number, text in enumerate(texts, start=1):
                variant = f", variant {number}" if len(texts) > 1 else ""
                with el("div", "part"):
                    _part(channel, name, variant, text)
        for note in copies[0].notes:
            el("p", "note warn", note).style("margin-top:16px")


def _part(channel: Channel, name: str, variant: str, text: str) -> None:
    limit = COPY_LIMITS[channel][name]
    long = len(text) > limit
    called = f"{plain(name)}{variant}"
    with el("div", "row between").style("margin-bottom:6px"):
        el("h3", "", called.capitalize())
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
                aria_label=f"Copy the {called} of {_NAMES[channel]}",
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
