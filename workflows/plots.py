"""Pictures for pages: made off screen, returned as text that a page can hold."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, ACCENT, MUTED = "#1c2733", "#0f6fb3", "#9aa7b4"
Row = tuple[str, float, float, float]
"""A label, an estimate, and the ends of its interval."""


def interval_plot(rows: Sequence[Row], x_label: str) -> str:
    """Estimates with their intervals, one below the other, beside a line at zero."""
    figure, axes = figure_of(1.1 + 0.45 * max(len(rows), 1))
    places = range(len(rows))
    values = [value for _, value, _, _ in rows]
    errors = [
        [value - low for _, value, low, _ in rows],
        [high - value for _, value, _, high in rows],
    ]
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.errorbar(values, list(places), xerr=errors, fmt="o", color=ACCENT, capsize=3)
    axes.set_yticks(list(places), [label for label, *_ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(x_label)
    return embedded(figure)


def calibration_plot(rows: Sequence[tuple[float, float, float, float]], unit: str) -> str:
    """Predicted against held-out effects of groups of customers, beside the diagonal."""
    figure, axes = figure_of(3.4)
    predicted = [row[0] for row in rows]
    observed = [row[1] for row in rows]
    errors = [[row[1] - row[2] for row in rows], [row[3] - row[1] for row in rows]]
    ends = [min(predicted), max(predicted)]
    axes.plot(ends, ends, color=MUTED, linewidth=1, label="perfect calibration")
    axes.axhline(0, color=MUTED, linewidth=0.5, linestyle=":")
    axes.errorbar(predicted, observed, yerr=errors, fmt="o", color=ACCENT, capsize=3)
    axes.set_xlabel(f"predicted effect ({unit})")
    axes.set_ylabel(f"measured effect ({unit})")
    axes.legend(frameon=False)
    return embedded(figure)


def figure_of(height: float) -> tuple[Figure, Axes]:
    """An empty figure of the page's width, `height` in inches."""
    figure = Figure(figsize=(7.2, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    return figure, axes


def embedded(figure: Figure) -> str:
    """The figure as the address of an image that a page holds."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
