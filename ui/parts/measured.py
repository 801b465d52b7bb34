"""A campaign's measured lift beside the one that was predicted."""

from __future__ import annotations

from collections.abc import Mapping

from domain.experiment import OutcomeKind
from domain.results import CampaignResults
from domain.segment import Interval

from ..desk import Desk
from .figure import figure
from .intervals import Span, interval_plot
from .words import lift, plain


def measured_figure(desk: Desk, results: CampaignResults) -> None:
    """Nothing where there is nothing measured yet."""
    if results.lift is None:
        return
    found = {"Measured so far" if results.running else "Measured": results.lift}
    if results.against_forecast is not None:
        found["Predicted"] = results.against_forecast.forecast
    lift_figure(
        desk,
        results.outcome,
        "Predicted against measured lift",
        "The prediction is for the whole time; where the intervals overlap, it holds so far."
        if len(found) > 1
        else "The lift so far, with its interval.",
        found,
    )


def lift_figure(
    desk: Desk, outcome: str, title: str, reading: str, found: Mapping[str, Interval]
) -> None:
    """Lifts by name, each drawn with its interval."""
    kind = desk.workspace.outcomes()[outcome].kind
    currency = desk.workspace.settings.currency
    points = kind is OutcomeKind.BINARY
    scale = 100 if points else 1
    spans = [
        Span(name, one.estimate * scale, one.low * scale, one.high * scale)
        for name, one in found.items()
    ]
    unit = "points a customer" if points else f"{plain(outcome)} a customer"
    figure(
        title,
        reading,
        interval_plot(spans, unit, title),
        ("", "Lift", "From", "To"),
        [
            (
                name,
                *(
                    lift(value, kind, outcome, currency)
                    for value in (one.estimate, one.low, one.high)
                ),
            )
            for name, one in found.items()
        ],
    )
