"""A discovery as a page that a person reads: cards, sizes, a heat map, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from domain.discovery import Candidate, Discovery, SegmentCard

_PAGES = Environment(
    loader=PackageLoader("workflows", "pages"), autoescape=True, undefined=StrictUndefined
)
WIDTH, HEIGHT, MARGIN = 520, 190, 34


@dataclass(frozen=True)
class Line:
    """A line of the plot of candidates: its points as SVG says them, and where its label stands."""

    label: str
    color: str
    points: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Cell:
    """One field of one segment in the heat map: from -1 (lower than the others') to 1."""

    shade: float
    text: str


def discovery_page(found: Discovery, company: str) -> str:
    """HTML of a company's discovery, self-contained; every number is the discovery's own."""
    features = list(
        dict.fromkeys(one.feature for card in found.cards for one in card.characteristics)
    )
    labels = {one.feature: one.label for card in found.cards for one in card.characteristics}
    candidates = found.quality.candidates if found.quality is not None else ()
    return _PAGES.get_template("discovery.html").render(
        found=found,
        company=company,
        features=features,
        labels=labels,
        cells={card.key: _cells(card) for card in found.cards},
        lines=_lines(candidates),
        ticks=_ticks(candidates),
        width=WIDTH,
        height=HEIGHT,
        margin=MARGIN,
    )


def _cells(card: SegmentCard) -> dict[str, Cell]:
    return {
        one.feature: Cell(one.importance * (1 if one.high else -1), one.text)
        for one in card.characteristics
    }


def _lines(candidates: tuple[Candidate, ...]) -> list[Line]:
    """Silhouette, the same on shuffled columns, and stability, by the settings in their order."""
    if len(candidates) < 2:
        return []
    drawn = {
        ("silhouette", "#0f6fb3"): [one.silhouette for one in candidates],
        ("silhouette on shuffled columns", "#9aa7b4"): [one.chance for one in candidates],
        ("stability", "#2e8b57"): [one.stability for one in candidates],
    }
    made = []
    for (label, color), values in drawn.items():
        dots = tuple(
            (_across(place, len(values)), _up(value)) for place, value in enumerate(values)
        )
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        made.append(Line(label, color, points, dots))
    return made


def _ticks(candidates: tuple[Candidate, ...]) -> list[tuple[float, str, bool]]:
    return [
        (_across(place, len(candidates)), str(one.clusters), one.admitted)
        for place, one in enumerate(candidates)
    ]


def _across(place: int, count: int) -> float:
    return MARGIN + (WIDTH - 2 * MARGIN) * place / max(count - 1, 1)


def _up(value: float) -> float:
    return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * min(max(value, 0.0), 1.0)
