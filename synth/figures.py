"""Pictures of a synthetic world, each a PNG as a data address that a page can hold."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from synth.chance import Floats

_BLUE, _GREY, _RED = "#2b6cb0", "#a0aec0", "#c53030"


def distributions(orders: pd.DataFrame, customers: int, sessions: pd.Series) -> str:
    """How often, how much and when: orders a customer, their value, and the rhythm of sessions."""
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    axes = figure.subplots(2, 2)
    counts = orders.groupby("customer_id").size().value_counts().sort_index()
    never = customers - orders["customer_id"].nunique()
    axes[0, 0].loglog(counts.index, counts.to_numpy(), "o", ms=3, color=_BLUE)
    axes[0, 0].set(
        title=f"Orders a customer ({never / customers:.0%} never bought)",
        xlabel="orders",
        ylabel="customers",
    )
    spent = np.sort(orders.groupby("customer_id")["total"].sum().to_numpy())[::-1]
    share = np.cumsum(spent) / spent.sum()
    top = share[max(0, len(share) // 5 - 1)]
    axes[0, 1].plot(np.linspace(0, 1, len(share)), share, color=_BLUE)
    axes[0, 1].plot([0, 1], [0, 1], color=_GREY, lw=0.8)
    axes[0, 1].set(
        title=f"The best fifth of buyers bring {top:.0%} of revenue",
        xlabel="share of buyers, best first",
        ylabel="share of revenue",
    )
    value = orders["total"].to_numpy()
    axes[1, 0].hist(value, bins=np.geomspace(max(value.min(), 1), value.max(), 50), color=_BLUE)
    axes[1, 0].set(xscale="log", title="Order value", xlabel="total", ylabel="orders")
    week = sessions.dt.isocalendar()
    weekly = sessions.groupby([week["year"], week["week"]]).size().to_numpy()[1:-1]
    axes[1, 1].plot(weekly, color=_BLUE)
    axes[1, 1].set(title="Sessions a week", xlabel="week", ylabel="sessions", ylim=(0, None))
    return _address(figure)


def retention(active: pd.DataFrame) -> str:
    """Share of each joining quarter (rows) that was active in each month since (columns)."""
    figure = Figure(figsize=(7.5, 4), layout="constrained")
    axes = figure.subplots()
    shades = np.linspace(0.35, 1.0, len(active))
    for shade, (cohort, curve) in zip(shades, active.iterrows(), strict=True):
        axes.plot(curve.dropna().to_numpy(), color=_BLUE, alpha=float(shade), label=str(cohort))
    axes.set(
        title="Retention: customers with a session or an order",
        xlabel="months since joining",
        ylabel="share active",
        ylim=(0, 1),
    )
    axes.legend(title="joined", fontsize=8)
    return _address(figure)


def heat(values: pd.DataFrame, title: str) -> str:
    """A table of correlations as colours and numbers."""
    figure = Figure(figsize=(9, 0.42 * len(values) + 2), layout="constrained")
    axes = figure.subplots()
    numbers = values.to_numpy(dtype=np.float64)
    picture = axes.imshow(numbers, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axes.set_xticks(range(values.shape[1]), _words(values.columns), rotation=35, ha="right")
    axes.set_yticks(range(values.shape[0]), _words(values.index))
    for row, column in np.ndindex(*numbers.shape):
        number = numbers[row, column]
        axes.text(
            column,
            row,
            f"{number:.2f}",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if abs(number) > 0.6 else "black",
        )
    axes.set_title(title)
    figure.colorbar(picture, ax=axes, shrink=0.8)
    return _address(figure)


def effect_spread(effects: dict[str, Floats]) -> str:
    """How each trigger's true effect on conversion spreads over customers, in points."""
    figure = Figure(figsize=(8.5, 4.5), layout="constrained")
    axes = figure.subplots()
    names = sorted(effects, key=lambda name: float(effects[name].mean()))
    for place, name in enumerate(names):
        low, first, third, high = 100 * np.percentile(effects[name], [5, 25, 75, 95])
        axes.plot([low, high], [place, place], color=_GREY, lw=2)
        axes.plot([first, third], [place, place], color=_BLUE, lw=6, solid_capstyle="butt")
        axes.plot(100 * effects[name].mean(), place, "o", color=_RED)
    axes.axvline(0, color="black", lw=0.8)
    axes.set_yticks(range(len(names)), _words(names))
    axes.set(
        title="True effect on conversion: mean, middle half, and 5th to 95th percentile",
        xlabel="percentage points",
    )
    return _address(figure)


def balance(differences: pd.DataFrame, targeted: set[str]) -> str:
    """Standardised differences between each campaign's treated and control (a Love plot)."""
    figure = Figure(figsize=(8.5, 0.32 * len(differences) + 1.6), layout="constrained")
    axes = figure.subplots()
    for place, (name, row) in enumerate(differences.iterrows()):
        colour = _RED if name in targeted else _BLUE
        axes.plot(row.to_numpy(), np.full(len(row), place), "o", color=colour, ms=5, alpha=0.7)
    axes.axvline(0, color="black", lw=0.8)
    for border in (-0.1, 0.1):
        axes.axvline(border, color=_GREY, lw=0.8, ls="--")
    axes.set_yticks(range(len(differences)), list(differences.index))
    axes.set(
        title="Balance before the campaign: randomised (blue), targeted (red)",
        xlabel="standardised difference, treated less control",
    )
    return _address(figure)


def _words(names: Iterable[object]) -> list[str]:
    return [str(name).replace("_", " ") for name in names]


def _address(figure: Figure) -> str:
    file = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(file, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
