"""The behavioural axes as one page that a person reads."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from clustering.axes import AXES
from clustering.axis_choice import HALVES, NULLS
from clustering.axis_model import Standing
from workflows.axisplots import heat_map, silhouette_plot
from workflows.axisstats import axes_stats
from workflows.workspace import Workspace

_PAGES = Environment(
    loader=PackageLoader("workflows", "pages"), autoescape=True, undefined=StrictUndefined
)


def axes_page(workspace: Workspace) -> str:
    """HTML of every axis, plots inlined. Raises `NoCentroids` before the first clustering."""
    stats = axes_stats(workspace)
    found = [axis for axis in stats.axes if axis.standing is Standing.SEGMENTS]
    return _PAGES.get_template("axes.html").render(
        stats=stats,
        shop=workspace.settings.name,
        found=found,
        without=[axis for axis in stats.axes if axis.standing is not Standing.SEGMENTS],
        definitions=AXES,
        silhouettes={axis.axis: silhouette_plot(axis) for axis in found},
        heat_maps={axis.axis: heat_map(axis) for axis in found},
        nulls=NULLS,
        halves=HALVES,
    )
