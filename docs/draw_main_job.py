"""Draw the README's picture of the main job from a workspace: brief, ranked triggers, segments.

python docs/draw_main_job.py WORKSPACE "BRIEF" docs/images/main-job.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from domain.experiment import OutcomeKind
from domain.segment import RankedTrigger, SegmentVersion
from workflows.briefs import read_brief
from workflows.campaign import build_segments
from workflows.workspace import Workspace

INK, ACCENT, SOFT, MUTED = "#1c2733", "#0f6fb3", "#cfe3f3", "#8795a3"


def main(root: str, brief: str, target: str) -> None:
    workspace = Workspace.open(Path(root))
    plan = build_segments(workspace, read_brief(brief, workspace).objective)
    binary = workspace.outcomes()[plan.outcome].kind is OutcomeKind.BINARY
    figure = Figure(figsize=(13, 5.4), facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(0.02, 0.94, "A brief", color=MUTED, fontsize=10)
    figure.text(0.02, 0.885, f"“{brief}”", color=INK, fontsize=14, weight="bold")
    understood = f"understood as: {plan.audience_text}  ·  {plan.eligible:,} customers are eligible"
    figure.text(0.02, 0.84, understood, color=INK, fontsize=10)
    grid = figure.add_gridspec(1, 2, left=0.155, right=0.975, top=0.74, bottom=0.13, wspace=0.95)
    scale = 100 if binary else 1
    unit = "points" if binary else "a customer"
    label = f"lift in {plan.outcome} ({unit}), on customers the model never saw"
    currency = workspace.settings.currency
    _ranking(figure.add_subplot(grid[0]), plan.ranking, scale, label, currency)
    _segments(figure.add_subplot(grid[1]), plan.segments)
    figure.savefig(target, dpi=120)


def _ranking(
    axes: Axes, ranking: tuple[RankedTrigger, ...], scale: int, label: str, currency: str
) -> None:
    known = [entry for entry in ranking if entry.lift is not None]
    places = list(range(len(known)))
    for place, entry in zip(places, known, strict=True):
        assert entry.lift is not None
        low, high = entry.lift.low * scale, entry.lift.high * scale
        axes.plot([low, high], [place, place], color=ACCENT, linewidth=2, solid_capstyle="round")
        axes.plot(entry.lift.estimate * scale, place, "o", color=ACCENT)
        if entry.expected_net_value is not None:
            worth = f"{entry.expected_net_value:,.0f} {currency}"
            axes.text(1.02, place, worth, transform=axes.get_yaxis_transform(), va="center")
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.set_yticks(places, [_named(entry.trigger) for entry in known], fontsize=10)
    axes.set_ylim(len(known) - 0.4, -0.6)
    axes.set_xlabel(label, color=INK)
    axes.set_title("Triggers, ranked by what they bring net of cost", fontsize=11, loc="left")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)


def _segments(axes: Axes, segments: tuple[SegmentVersion, ...]) -> None:
    places = list(range(len(segments)))
    axes.barh(places, [segment.size for segment in segments], color=SOFT)
    for place, segment in zip(places, segments, strict=True):
        axes.text(segment.size, place, f"  {segment.size:,}", va="center", color=INK, fontsize=10)
    names = [_named(segment.recommended_trigger) for segment in segments]
    axes.set_yticks(places, names, fontsize=10)
    axes.set_ylim(len(segments) - 0.4, -0.6)
    axes.set_xlim(0, max((segment.size for segment in segments), default=1) * 1.18)
    axes.set_xlabel("customers for whom it is the best, net of cost", color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_title("Segments, ready to be pulled", fontsize=11, loc="left")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)


def _named(trigger: str) -> str:
    return "no trigger" if trigger == "none" else trigger.replace("_", " ")


if __name__ == "__main__":
    main(*sys.argv[1:])
