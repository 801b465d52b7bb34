"""Models: every version, what it is worth, which is current, and how that is changed."""

from __future__ import annotations

from nicegui import ui

from domain.customer import Schema
from domain.errors import AetherError
from domain.scopes import Scope
from workflows.comparing import Comparison, compare_models
from workflows.drift import Drift, drift_of
from workflows.modelscores import BASELINE
from workflows.promotion import (
    RULE,
    ModelRecord,
    list_models,
    promote,
    rollback,
    show_model,
)

from ..desk import Desk, failure, fill, guarded, tell
from ..frame import frame
from ..parts.confirm import confirmed
from ..parts.fields import line
from ..parts.figure import figure
from ..parts.intervals import Span, interval_plot
from ..parts.markup import badge, button, el, heading, link, say, table
from ..parts.words import ago, count, day, money, plain, trigger_name

_READ, _ADMIN = Scope.SEGMENTS_READ, Scope.ADMIN
_SHOWN = 12


async def show(desk: Desk) -> None:
    """The list."""
    with frame(desk, "Models", "Models", "What has been learned from past campaigns."):
        place = el("div", "stack loose")

        async def load() -> None:
            found = await desk.ask(_READ, list_models, desk.workspace)
            if not found:
                with el("div", "card empty"):
                    heading("No model yet")
                    say(
                        "A model learns from past campaigns what each trigger changes, and is "
                        "judged on customers it never saw. Train one from the command line:"
                    )
                    with el("p", "code"):
                        el("span", "mono", "aether train")
                return
            for outcome in dict.fromkeys(record.outcome for record in found):
                versions = [record for record in found if record.outcome == outcome]
                _outcome(desk, outcome, versions[::-1])

        await fill(place, load)


def _outcome(desk: Desk, outcome: str, records: list[ModelRecord]) -> None:
    with el("section", "card", aria_label=f"Models of {plain(outcome)}"), el("div", "stack"):
        with el("div", "row between"):
            heading(plain(outcome).capitalize())
            if desk.may(_ADMIN) and sum(record.promoted for record in records) > 1:
                button("Roll back", guarded(_roll_back, desk, outcome), "small")
        with el("ul", "past"):
            for record in records:
                with el("li"), el("div", "row between").style("padding:12px 0"):
                    with el("div"):
                        link(record.id, f"/models/{record.id}", "break")
                        rows = record.card["evaluation"]["learning_rows"]
                        say(
                            f"{ago(record.created_at, desk.workspace.now())}, learned from "
                            f"{count(rows)} customers",
                            "small mute",
                        )
                    standing_badge(record)


def standing_badge(record: ModelRecord) -> None:
    if record.current:
        badge("current", "good")
    else:
        badge("current before" if record.promoted else "not current")


async def _roll_back(desk: Desk, outcome: str) -> None:
    if not await confirmed(
        f"Roll back the model of {plain(outcome)}?",
        [
            "The model that was current before becomes current again.",
            "Segments that are made from now on use it; those there are stay as they are.",
        ],
        "Roll back",
    ):
        return
    now, before = await desk.ask(
        _ADMIN, rollback, desk.workspace, outcome, actor=desk.visitor.actor
    )
    tell(f"{now.id} is current again, instead of {before.id}.")
    ui.navigate.reload()


async def show_one(desk: Desk, model_id: str) -> None:
    """The card of one model."""
    crumbs = [("Models", "/models")]
    try:
        record = await desk.ask(_READ, show_model, desk.workspace, model_id)
    except AetherError as error:
        with frame(desk, "Models", "No such model", crumbs=crumbs):
            failure(error)
        return
    lead = f"{record.id}, made on {day(record.created_at)}."
    with frame(desk, "Models", f"Model of “{plain(record.outcome)}”", lead, crumbs=crumbs):
        _Card(desk, record).build()
        moved = el("div", "").style("margin-top:32px")

        async def load() -> None:
            drift = await desk.ask(_READ, drift_of, desk.workspace, record)
            _drift(desk, drift)

        await fill(moved, load)


class _Card:
    def __init__(self, desk: Desk, record: ModelRecord) -> None:
        self._desk, self._record = desk, record
        self._evaluation = record.card["evaluation"]
        self._binary = record.card["outcome"]["kind"] == "binary"

    def build(self) -> None:
        record, evaluation = self._record, self._evaluation
        with el("div", "stack loose"):
            with el("section", "card", aria_label="In short"), el("div", "stack"):
                with el("div", "row"):
                    standing_badge(record)
                    if record.ruling is not None:
                        say(record.ruling["words"], "small soft break")
                say(evaluation["verdict"])
                with el("dl", "facts"):
                    for label, text in (
                        ("Learned from", count(evaluation["learning_rows"])),
                        ("Judged on", count(evaluation["reporting_rows"])),
                        ("Looked at", f"{record.looks} times"),
                        ("Campaigns", count(len(record.card["campaigns"]))),
                    ):
                        with el("div"):
                            el("dt", "", label)
                            el("dd", "", text)
                if not record.current and self._desk.may(_ADMIN):
                    self._promotion()
            with el("div", "grid2"):
                with el("div", "card"):
                    self._effects()
                with el("div", "card"):
                    self._gains()

    def _effects(self) -> None:
        scale = 100 if self._binary else 1
        unit = "points" if self._binary else plain(self._record.outcome)
        catalogue = self._desk.workspace.catalogue()
        spans = [
            Span(
                trigger_name(catalogue, arm),
                one["value"] * scale,
                one["low"] * scale,
                one["high"] * scale,
            )
            for arm, one in self._evaluation["effects"].items()
            if "value" in one and one["low"] is not None
        ]
        figure(
            "Average effects",
            "What each trigger changes on average; grey where it may be nothing.",
            interval_plot(spans, f"{unit} a customer", "Average effects of triggers"),
            ("Trigger", "Effect", "From", "To"),
            [(s.name, f"{s.estimate:+.2f}", f"{s.low:+.2f}", f"{s.high:+.2f}") for s in spans],
        )

    def _gains(self) -> None:
        evaluation = self._evaluation
        in_money = evaluation["unit"] == "money"
        scale = 1 if in_money else 100 if self._binary else 1
        currency = self._record.card["currency"]
        unit = currency if in_money else "points" if self._binary else plain(self._record.outcome)
        catalogue = self._desk.workspace.catalogue()
        best = trigger_name(catalogue, evaluation["best_single"]).lower()
        spans = [
            Span(name, one["value"] * scale, one["low"] * scale, one["high"] * scale)
            for name, one in (
                ("over doing nothing", evaluation["against_none"]),
                (f"over {best} for all", evaluation["against_best_single"]),
                ("over a random trigger", evaluation["against_random"]),
            )
            if one["low"] is not None
        ]
        gain = evaluation["against_best_single"]["value"] * scale
        told = money(gain, currency, signed=True) if in_money else f"{gain:+.2f} {unit}"
        figure(
            "What choosing for each customer gains",
            f"Against the best single trigger for all it gains {told} a customer.",
            interval_plot(spans, f"{unit} a customer", "Gains of the policy"),
            ("Gain", "Estimate", "From", "To"),
            [(s.name, f"{s.estimate:+.3f}", f"{s.low:+.3f}", f"{s.high:+.3f}") for s in spans],
        )

    def _promotion(self) -> None:
        reason = {"text": ""}

        def typed(text: str) -> None:
            reason["text"] = text

        async def compare() -> None:
            compared.clear()
            with compared:
                say("Comparing on the same learning customers…", "small mute")
            found = await self._desk.ask(
                _READ, compare_models, self._desk.workspace, self._record.id, None
            )
            compared.clear()
            with compared:
                _compared(found)

        async def promoted(forced: bool) -> None:
            because = reason["text"].strip() if forced else None
            if not await confirmed(
                "Make this model current?",
                [
                    RULE,
                    "Segments that are made from now on use it; those there are stay as they are.",
                    *([f"By force, because: {because}"] if because else []),
                ],
                "Promote",
            ):
                return
            ruling = await self._desk.ask(
                _ADMIN,
                promote,
                self._desk.workspace,
                self._record.id,
                forced_because=because,
                actor=self._desk.visitor.actor,
            )
            if ruling.promoted:
                tell(ruling.words)
                ui.navigate.reload()
                return
            compared.clear()
            with compared:
                el("p", "note warn", ruling.words)

        with el("div", "row"):
            button("Compare with the current one", guarded(compare))
            button("Promote", guarded(promoted, False), "primary")
        compared = el("div", "stack tight")
        with el("details", "more"):
            el("summary", "", "Promote it though it is worse")
            with el("div", "row").style("align-items:flex-end"):
                line("Reason, kept in the audit", "", typed, visible=True).style("flex:1 1 260px")
                button("Promote by force", guarded(promoted, True), "danger")


def _compared(found: Comparison) -> None:
    say(found.words)
    for remark in found.remarks:
        say(remark, "small mute")


def _label(schema: Schema, name: str) -> str:
    """A field's words; a model may have learned from one that is no longer there."""
    if name == BASELINE:
        return "outcome without a trigger"
    return schema[name].text if name in schema else plain(name)


def _drift(desk: Desk, found: list[Drift]) -> None:
    with el("section", "card", aria_label="How far customers moved"), el("div", "stack"):
        heading("How far today's customers have moved")
        far = [one for one in found if one.words == "moved far"]
        say(
            "Against the customers it learned from; up to 0.1 is usual, above 0.25 is much. "
            + (
                f"{len(far)} of {len(found)} moved far: it may be time to train again."
                if far
                else "Nothing moved far."
            ),
            "soft",
        )
        schema = desk.workspace.schema()
        rows = [
            (
                _label(schema, one.name),
                "" if one.index is None else f"{one.index:.3f}",
                one.words.replace(" ", "\u00a0"),
            )
            for one in found
        ]
        names = ("Field or score", "Stability index", "In words")
        table(names, rows[:_SHOWN], "Drift")
        if len(rows) > _SHOWN:
            with el("details", "more"):
                el("summary", "", f"The other {len(rows) - _SHOWN}")
                table(names, rows[_SHOWN:], "More drift")


ROUTES = {"/models": show, "/models/{model_id}": show_one}
