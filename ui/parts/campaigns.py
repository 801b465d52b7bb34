"""Campaigns on a segment: begun behind one confirmation, watched, ended, learned from."""

from __future__ import annotations

from datetime import timedelta

from nicegui import ui

from domain.activation import Activation
from domain.errors import BadRequest
from domain.experiment import OutcomeKind
from domain.results import CampaignResults
from domain.scopes import Scope
from domain.segment import SegmentVersion
from domain.triggers import Channel
from workflows.activation import (
    DAYS,
    HOLDOUT,
    MOST_HOLDOUT,
    Declared,
    activate_segment,
    end_campaign,
)
from workflows.measurement import campaign_results
from workflows.recycling import learn_from

from ..desk import Desk, guarded, tell
from .confirm import confirmed
from .fields import choice, line
from .markup import badge, button, el, heading, say, table
from .measured import measured_figure
from .words import count, day, percent, plain, trigger_name

_READ, _WRITE = Scope.SEGMENTS_READ, Scope.SEGMENTS_WRITE
_UNTOLD = "not stated"


class CampaignPart:
    def __init__(self, desk: Desk, version: SegmentVersion, campaigns: list[Activation]) -> None:
        self._desk, self._version, self._campaigns = desk, version, campaigns
        self._name = trigger_name(desk.workspace.catalogue(), version.recommended_trigger)
        now = desk.workspace.now()
        self._running = next(
            (one for one in campaigns if one.ended_at is None and now < one.ends_at), None
        )

    async def build(self) -> None:
        for activation in self._campaigns:
            results = await self._desk.ask(
                _READ, campaign_results, self._desk.workspace, activation.campaign_id
            )
            self._results(activation, results)
        if self._running is None and self._desk.may(_WRITE):
            self._form()

    def _form(self) -> None:
        version = self._version
        trigger = self._desk.workspace.catalogue()[version.recommended_trigger]
        wanted = version.objective.channel
        stated = {
            "name": f"{self._name}, {day(self._desk.workspace.now())}",
            "holdout": f"{HOLDOUT * 100:g}",
            "days": str(DAYS),
            "channel": wanted.value if wanted in trigger.channels else "",
        }

        def keep(field: str) -> None:
            def changed(text: str) -> None:
                stated[field] = text

            labels = {"name": "Name", "holdout": "Held out, %", "days": "Days"}
            line(
                labels[field],
                stated[field],
                changed,
                visible=True,
                kind="text" if field == "name" else "number",
                min=None if field == "name" else 1,
            ).style(f"flex:{'2 1 240px' if field == 'name' else '0 1 110px'}")

        def channel(value: str) -> None:
            stated["channel"] = value

        async def ask() -> None:
            await self._activate(stated)

        with el("section", "card", aria_label="Activate"), el("div", "stack"):
            heading("Activate")
            say(
                "Begins a campaign: a random share is held out, so that its effect can be "
                "measured. Your platform pulls the others.",
                "soft",
            )
            with el("div", "row").style("align-items:flex-end"):
                keep("name")
                channels = {
                    one.value: plain(one.value) for one in Channel if one in trigger.channels
                }
                choice(
                    "Channel",
                    {"": _UNTOLD, **channels},
                    stated["channel"],
                    channel,
                    visible=True,
                ).style("flex:0 1 150px")
                keep("holdout")
                keep("days")
                button("Activate…", guarded(ask), "primary")

    async def _activate(self, stated: dict[str, str]) -> None:
        declared = declared_of(self._desk, stated)
        held = round(self._version.size * declared.holdout)
        if not await confirmed(
            "Begin this campaign?",
            [
                f"About {count(self._version.size - held)} customers are to get {self._name}"
                + (f" by {plain(declared.channel.value)}." if declared.channel else "."),
                f"About {count(held)}, drawn at random, are held out of every pull and file.",
                f"Outcomes count until {day(declared.ends_at)}."
                if declared.ends_at
                else "Outcomes count until its end.",
                "Nothing is sent from here: your platform pulls the customers.",
            ],
            "Begin the campaign",
        ):
            return
        await self._desk.ask(
            _WRITE,
            activate_segment,
            self._desk.workspace,
            self._version.segment_id,
            declared,
            actor=self._desk.visitor.actor,
        )
        tell("The campaign has begun.")
        ui.navigate.reload()

    def _results(self, activation: Activation, results: CampaignResults) -> None:
        with el("section", "card", aria_label=f"Campaign {activation.name}"), el("div", "stack"):
            with el("div", "row between top"):
                with el("div"):
                    heading(activation.name)
                    channel = f" by {plain(activation.channel.value)}" if activation.channel else ""
                    say(
                        f"{day(activation.started_at)} to {day(activation.ends_at)}{channel}, "
                        f"{activation.campaign_id}",
                        "small mute",
                    )
                badge("running" if results.running else "over", "good" if results.running else "")
            for place, sentence in enumerate(results.sentences):
                say(sentence, "break" if place == 0 else "soft break")
            for warning in results.warnings:
                el("p", "note warn", warning)
            measured_figure(self._desk, results)
            binary = self._desk.workspace.outcomes()[results.outcome].kind is OutcomeKind.BINARY
            table(
                ("Arm", "Chance", "Assigned", "Sent", "With the outcome", "Mean"),
                [
                    (
                        trigger_name(self._desk.workspace.catalogue(), arm.trigger),
                        percent(arm.probability),
                        count(arm.assigned),
                        count(arm.sent),
                        count(arm.with_outcome),
                        percent(arm.mean, 1) if binary else f"{arm.mean:.4g}",
                    )
                    for arm in results.arms
                ],
                "Arms",
            )
            if self._desk.may(_WRITE):
                with el("div", "row"):
                    if results.running:
                        button("End it now", guarded(self._end, activation), "small danger")
                    else:
                        button("Let the next model learn from it", guarded(self._learn, activation))

    async def _end(self, activation: Activation) -> None:
        if not await confirmed(
            "End this campaign now?",
            [
                "Outcomes from now on do not count any more.",
                "An end before the declared one can't be undone.",
            ],
            "End it",
            "danger",
        ):
            return
        await self._desk.ask(
            _WRITE,
            end_campaign,
            self._desk.workspace,
            activation.campaign_id,
            actor=self._desk.visitor.actor,
        )
        tell("The campaign is over.")
        ui.navigate.reload()

    async def _learn(self, activation: Activation) -> None:
        await self._desk.ask(
            _WRITE,
            learn_from,
            self._desk.workspace,
            activation.campaign_id,
            actor=self._desk.visitor.actor,
        )
        tell("The next training learns from this campaign.")


def declared_of(desk: Desk, stated: dict[str, str]) -> Declared:
    """What was stated in the form. Raises BadRequest for what is no number."""
    try:
        holdout, days = float(stated["holdout"]) / 100, float(stated["days"])
    except ValueError:
        raise BadRequest(
            "The share held out and the days are numbers.",
            remedy=f"Such as {HOLDOUT * 100:g} % and {DAYS} days.",
        ) from None
    if not 0.01 <= holdout <= MOST_HOLDOUT:
        raise BadRequest(
            f"{holdout * 100:g} % can't be held out.",
            remedy=f"Hold out 1 to {MOST_HOLDOUT * 100:g} %: without a control group nobody could "
            "tell the effect.",
        )
    if not stated["name"].strip():
        raise BadRequest("The campaign has no name.", remedy="Give it one.")
    if not 0 < days <= 730:
        raise BadRequest(f"{days:g} days is not a length.", remedy="Choose 1 to 730 days.")
    channel = Channel(stated["channel"]) if stated["channel"] else None
    ends_at = desk.workspace.now() + timedelta(days=days)
    return Declared(stated["name"].strip(), holdout, 0.0, channel, ends_at)
