"""A campaign's measured lift beside the one that was predicted."""

from __future__ import annotations

from domain.experiment import OutcomeKind
from domain.results import CampaignResults

from ..desk import Desk
from .figure import figure
from .intervals import Span, interval_plot
from .words import lift, plain


def measured_figure(desk: Desk, results: CampaignResults) -> None:
    """Nothing where there is nothing measured yet."""
    if results.lift is None:
        return
    outcome = desk.workspace.outcomes()[results.outcome]
    currency = desk.workspace.settings.currency
    points = outcome.kind is OutcomeKind.BINARY
    found = {"Measured so far" if results.running else "Measured": results.lift}
    if results.against_forecast is not None:
        found["Predicted"] = results.against_forecast.forecast
    scale = 100 if points else 1
    spans = [
        Span(name, one.estimate * scale, one.low * scale, one.high * scale)
        for name, one in found.items()
    ]
    figure(
        "Predicted against measured lift",
        "The prediction is for the whole time; where the intervals overlap, it holds so far."
        if len(spans) > 1
        else "The lift so far, with its interval.",
        interval_plot(
            spans,
            "points a customer" if points else f"{plain(outcome.name)} a customer",
            "Predicted against measured lift",
        ),
        ("", "Lift", "From", "To"),
        [
            (
                name,
                *(
                    lift(value, outcome.kind, outcome.name, currency)
                    for value in (one.estimate, one.low, one.high)
                ),
            )
            for name, one in found.items()
        ],
    )
