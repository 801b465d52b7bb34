"""Pictures of an axis: how well customers fit their segments, and how the segments differ."""

from __future__ import annotations

import numpy as np

from clustering.axis_fit import said
from clustering.axis_model import FittedAxis
from workflows.plots import ACCENT, MUTED, embedded, figure_of

_LOW_TO_HIGH = ("#d08700", "#ffffff", ACCENT)
"""The colours of a discovery's heat map: no segment looks like a warning."""

_SHADES = ("#0f6fb3", "#5aa0d0", "#2b8a6e", "#8fbf7f", "#b98a2f")


def silhouette_plot(axis: FittedAxis) -> str:
    """Every sampled customer's silhouette by segment, as bars as high as the segment is large,
    beside the mean and that of customers in one lump."""
    height = 1.2 + 0.55 * len(axis.segments)
    figure, axes = figure_of(height)
    low = 0.0
    for segment, shade in zip(axis.segments, _SHADES, strict=False):
        tall = segment.share
        places = low + tall * (np.arange(len(segment.silhouettes)) + 0.5) / max(
            len(segment.silhouettes), 1
        )
        axes.fill_betweenx(places, 0, segment.silhouettes, color=shade)
        label = f"{segment.name} ({segment.size:,}, {segment.share * 100:.0f} %)"
        axes.text(-0.02, low + tall / 2, label, ha="right", va="center", fontsize=9)
        low += tall + 0.02
    chosen = axis.chosen
    assert chosen is not None
    axes.axvline(chosen.silhouette, color=ACCENT, linestyle="--", linewidth=1)
    axes.axvline(chosen.null, color=MUTED, linestyle=":", linewidth=1.5)
    axes.set_yticks([])
    # The low end of the axis comes first, as in the table and the heat map.
    axes.invert_yaxis()
    axes.set_xlim(min(0.0, *(min(s.silhouettes, default=0.0) for s in axis.segments)), 1)
    axes.set_xlabel("silhouette (dashes: the mean; dots: customers in one lump)")
    axes.spines["left"].set_visible(False)
    return embedded(figure)


def heat_map(axis: FittedAxis) -> str:
    """Each segment's centroid by feature: the colour in standard deviations from the mean customer,
    the text in the feature's own unit."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("low to high", _LOW_TO_HIGH)
    features = axis.used
    figure, axes = figure_of(1.0 + 0.42 * len(axis.segments))
    centres = np.array([segment.centre for segment in axis.segments])
    most = max(1.0, float(np.abs(centres).max()))
    axes.imshow(centres, cmap=shades, vmin=-1.4 * most, vmax=1.4 * most, aspect="auto")
    for row, segment in enumerate(axis.segments):
        for column, feature in enumerate(features):
            text = said(feature, segment.values[feature.name])
            axes.text(column, row, text, ha="center", va="center", fontsize=9)
    axes.set_xticks(range(len(features)), [feature.label for feature in features])
    axes.set_yticks(range(len(axis.segments)), [segment.name for segment in axis.segments])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return embedded(figure)
