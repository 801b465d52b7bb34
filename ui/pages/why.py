"""Why: a segment's trigger explained, the sentence first, then pictures, then one customer."""

from __future__ import annotations

import re
from typing import Any

from domain.errors import AetherError
from domain.experiment import OutcomeKind
from domain.scopes import Scope
from domain.segment import SegmentVersion
from workflows.activation import list_campaigns
from workflows.effectspread import EffectSpread, effect_spread
from workflows.measurement import campaign_results
from workflows.segmentlife import show_segment

from ..desk import Desk, failure, fill
from ..frame import frame, tabs
from ..parts.curves import bars, calibration, curve, histogram, pairs
from ..parts.figure import figure
from ..parts.intervals import Span
from ..parts.lookup import Lookup
from ..parts.markup import el, heading, say
from ..parts.measured import measured_figure
from ..parts.reasoned import reasoned
from ..parts.words import count, lift, percent, plain, trigger_name
from .segment import parts_of

_READ, _CUSTOMERS = Scope.SEGMENTS_READ, Scope.CUSTOMERS_READ


async def show(desk: Desk, segment_id: str) -> None:
    """The page."""
    crumbs = [("Segments", "/segments")]
    try:
        version = await desk.ask(_READ, show_segment, desk.workspace, segment_id)
    except AetherError as error:
        with frame(desk, "Segments", "No such segment", crumbs=crumbs):
            failure(error)
        return
    name = trigger_name(desk.workspace.catalogue(), version.recommended_trigger)
    lead = version.name.split(": ", 1)[-1]
    with frame(desk, "Segments", name, lead, crumbs=crumbs):
        tabs(parts_of(desk, segment_id), "Why")
        with el("div", "stack loose"):
            with el("section", "card stack", aria_label="In a sentence"):
                reasoned(version.explanation, large=True)
            place = el("div", "stack loose")
            if desk.may(_CUSTOMERS):
                Lookup(desk, version).build()
        dashboard = _Dashboard(desk, version, name)
        await fill(place, dashboard.build)


class _Dashboard:
    def __init__(self, desk: Desk, version: SegmentVersion, name: str) -> None:
        self._desk, self._version, self._name = desk, version, name
        self._currency = desk.workspace.settings.currency

    async def build(self) -> None:
        version = self._version
        spread = await self._desk.ask(
            _READ, effect_spread, self._desk.workspace, version.segment_id
        )
        campaigns = await self._desk.ask(
            _READ, list_campaigns, self._desk.workspace, version.segment_id
        )
        self._points = spread.outcome.kind is OutcomeKind.BINARY
        self._scale = 100 if self._points else 1
        self._unit = "points" if self._points else plain(spread.outcome.name)
        with el("div", "grid2"):
            self._spread(spread)
            self._facts()
            self._drivers(spread)
            evaluation = spread.record.card["evaluation"]
            self._calibration(spread, evaluation)
            self._qini(spread, evaluation)
            if campaigns:
                results = await self._desk.ask(
                    _READ,
                    campaign_results,
                    self._desk.workspace,
                    campaigns[0].campaign_id,
                )
                if results.lift is not None:
                    with el("div", "card"):
                        measured_figure(self._desk, results)

    def _said(self, value: float, spread: EffectSpread) -> str:
        return lift(value, spread.outcome.kind, spread.outcome.name, self._currency)

    def _spread(self, spread: EffectSpread) -> None:
        edges = [edge * self._scale for edge in spread.edges]
        put_off = percent(spread.put_off)
        with el("div", "card"):
            figure(
                "Who gains, and who is put off",
                f"Of {count(spread.customers)} customers in the audience {percent(spread.gaining)} "
                f"would gain by {self._name.lower()}, and {put_off} would be put off by it.",
                histogram(
                    edges,
                    spread.shares,
                    name=f"Predicted effects of {self._name}; {put_off} lie below zero",
                    x_unit=f"predicted effect, {self._unit}",
                ),
                ("Effect from", "to", "Of the audience", "Of the segment"),
                [
                    (
                        self._said(low, spread),
                        self._said(high, spread),
                        percent(share, 1),
                        percent(inside, 1),
                    )
                    for low, high, share, inside in zip(
                        spread.edges, spread.edges[1:], spread.shares, spread.members, strict=False
                    )
                ],
            )

    def _facts(self) -> None:
        facts = self._version.explanation.facts[:5]
        with el("div", "card"):
            if not facts:
                heading("The segment against everybody else", 2, "h3")
                say("Nothing sets these customers apart from the others.", "soft")
                return
            first = facts[0]
            figure(
                "The segment against everybody else",
                f"What sets them apart the most: {first.text}.",
                pairs(
                    [(holds(fact.text), fact.inside, fact.outside) for fact in facts],
                    name="Shares in the segment and among everybody else",
                    first="In the segment",
                    second="Everybody else",
                ),
                ("", "In the segment", "Everybody else"),
                [
                    (
                        holds(fact.text),
                        f"{percent(fact.inside, 1)} ({count(fact.inside_count)})",
                        f"{percent(fact.outside, 1)} ({count(fact.outside_count)})",
                    )
                    for fact in facts
                ],
            )

    def _drivers(self, spread: EffectSpread) -> None:
        drivers = self._version.explanation.drivers[:8]
        with el("div", "card"):
            if not drivers:
                heading("What drives the effect", 2, "h3")
                say("The model expects the same effect of everybody here.", "soft")
                return
            schema = self._desk.workspace.schema()
            named = [
                (schema[one.field].text if one.field in schema else one.text, one)
                for one in drivers
            ]
            top = named[0][0]
            figure(
                "What drives the effect",
                f"How much the effect differs from customer to customer, by field; the most by "
                f"{top}.",
                bars(
                    [
                        (
                            name,
                            driver.strength,
                            self._said(driver.strength, spread).lstrip("+"),
                        )
                        for name, driver in named
                    ],
                    name="Strength of each field",
                ),
                ("Field", "Strength", "More of it means"),
                [
                    (
                        name,
                        self._said(driver.strength, spread).lstrip("+"),
                        "can't be told"
                        if driver.direction is None
                        else "more effect"
                        if driver.direction > 0
                        else "less effect",
                    )
                    for name, driver in named
                ],
            )

    def _calibration(self, spread: EffectSpread, evaluation: dict[str, Any]) -> None:
        found = evaluation["calibration"].get(spread.trigger)
        bins = (
            [] if found is None else [b for b in found["bins"] if b["observed"]["low"] is not None]
        )
        with el("div", "card"):
            if len(bins) < 2:
                heading("Predicted against measured, by the model", 2, "h3")
                say("The model predicts too few different effects to check them by groups.", "soft")
                return
            slope = found["slope"]
            told = (
                ""
                if slope is None
                else f" Measured effects rise by {slope['value']:.2f} for each 1 predicted "
                "(1 is perfect)."
            )
            figure(
                "Predicted against measured, by the model",
                f"Groups of held-out customers by predicted effect; on the line both agree.{told}",
                calibration(
                    [
                        (
                            one["predicted"] * self._scale,
                            Span(
                                "",
                                one["observed"]["value"] * self._scale,
                                one["observed"]["low"] * self._scale,
                                one["observed"]["high"] * self._scale,
                            ),
                        )
                        for one in bins
                    ],
                    name="Measured over predicted effects",
                    unit=self._unit,
                ),
                ("Predicted", "Measured", "From", "To"),
                [
                    tuple(
                        self._said(value, spread)
                        for value in (
                            one["predicted"],
                            one["observed"]["value"],
                            one["observed"]["low"],
                            one["observed"]["high"],
                        )
                    )
                    for one in bins
                ],
            )

    def _qini(self, spread: EffectSpread, evaluation: dict[str, Any]) -> None:
        steps = evaluation["toc"].get(spread.trigger) or []
        effect = evaluation["effects"].get(spread.trigger, {}).get("value")
        qini = evaluation["qini"].get(spread.trigger)
        with el("div", "card"):
            if not steps or effect is None or qini is None:
                heading("Does the model rank customers?", 2, "h3")
                say("Too few customers were tried to tell.", "soft")
                return
            points = [(0.0, 0.0)] + [
                (
                    step["share"] * 100,
                    step["share"] * (effect + step["advantage"]["value"]) * self._scale,
                )
                for step in steps
            ]
            sure = qini["low"] is not None and qini["low"] > 0
            figure(
                "Does the model rank customers?",
                "Reaching those ranked first brings more than reaching as many at random (the "
                "lower line)." + ("" if sure else " The difference may still be chance.")
                if qini["value"] > 0
                else "The ranking is no better than chance.",
                curve(
                    points,
                    second=[(0.0, 0.0), (100.0, effect * self._scale)],
                    name=f"Qini curve; the Qini coefficient is {qini['value']:.3f}",
                    x_unit="% of customers reached",
                    y_unit=f"gain, {self._unit}",
                ),
                ("Reached", "Gain a customer of all", "At random"),
                [
                    (
                        f"{x:.0f} %",
                        self._said(y / self._scale, spread),
                        self._said(x / 100 * effect, spread),
                    )
                    for x, y in points
                ],
            )


def holds(fact: str) -> str:
    """What a fact says holds, without the shares, which are drawn."""
    return re.sub(r"^(under )?[0-9.]+ % | against .*$", "", fact)


ROUTES = {"/segments/{segment_id}/why": show}
