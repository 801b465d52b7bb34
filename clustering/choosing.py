"""How many clusters: by silhouette and stability, and only where they beat chance.

A clustering algorithm always finds clusters. Here each number of clusters has to be better than the
same clustering of shuffled columns, which keeps every field as it is and takes away how the fields
go together; and it has to be found again in resamples. Otherwise there are no natural segments.
What is distributed like its own shuffles, a grid of independent fields, has none in this sense.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from clustering.algorithms import Fit, FloatArray, IntArray
from domain.discovery import Candidate

METRIC = "euclidean"
SOFT = 0.5
"""A silhouette below this is no strong structure (Kaufman and Rousseeuw 1990)."""


@dataclass(frozen=True)
class Thoroughness:
    """How much work goes into the choice: clusterings learn from at most `fit_rows` rows and are
    judged on at most `judge_rows` others, drawn at random."""

    fit_rows: int = 3_000
    judge_rows: int = 1_200
    resamples: int = 5
    shuffles: int = 5


@dataclass(frozen=True)
class Admission:
    """What a number of clusters needs: its silhouette above every shuffle's by so many
    `deviations` of what shuffles usually give, and above their mean by `margin`; a `stability`; and
    few enough outliers. With five shuffles and the like of normal deviations, one of seven numbers
    of clusters passes by chance in less than one of a hundred data sets."""

    margin: float = 0.03
    deviations: float = 2.5
    stability: float = 0.7
    assigned: float = 0.5
    tie: float = 0.02
    """Silhouettes this near to the best are as good, and the stabler clustering is taken."""


@dataclass(frozen=True)
class Choice:
    """Everything that was looked at, and the best of it: None where nothing beats chance, and then
    `reason` says so. Silhouettes are means over `judge_rows` rows."""

    candidates: tuple[Candidate, ...]
    best: Candidate | None
    reason: str
    judge_rows: int
    resamples: int
    shuffles: int


def choose_clusters(
    X: FloatArray,
    settings: Iterable[int],
    fit: Fit,
    rng: np.random.Generator,
    *,
    groups: IntArray | None = None,
    clusters: range = range(2, 51),
    thoroughness: Thoroughness | None = None,
    admission: Admission | None = None,
) -> Choice:
    """Which setting of a clustering of X (n, d) is best, if any.

    `groups` (d,) says which columns belong together (the levels of one category) and are shuffled
    as one; `clusters` how many clusters may be found. A single field can't be shuffled against
    itself: it is compared with normal samples of the same mean and spread.
    """
    work, needed = thoroughness or Thoroughness(), admission or Admission()
    order = rng.permutation(len(X))
    # Rows are judged that were not learned from, as long as there are enough.
    judged = X[order[: min(work.judge_rows, max(len(X) // 3, 1))]]
    learned = X[order[len(judged) :][: work.fit_rows]] if len(X) > len(judged) else judged
    places = np.arange(X.shape[1]) if groups is None else groups
    seed = int(rng.integers(2**31))
    apart = distances(judged)
    chances = []
    for _ in range(work.shuffles):
        reference = _reference(np.vstack([learned, judged]), places, rng)
        some, rows = reference[: len(learned)], reference[len(learned) :]
        chances.append((some, rows, distances(rows)))

    def look(setting: int) -> Candidate:
        labels = fit(learned, setting, seed)(judged)
        chance = [silhouette(d, fit(some, setting, seed)(rows)) for some, rows, d in chances]
        return Candidate(
            setting=setting,
            clusters=len(set(labels[labels >= 0].tolist())),
            silhouette=silhouette(apart, labels),
            chance=float(np.mean(chance)),
            chance_most=float(np.max(chance)),
            chance_deviation=float(np.std(chance, ddof=1)) if len(chance) > 1 else 0.0,
            stability=stability(learned, judged, setting, fit, rng, work.resamples),
            assigned=float(np.mean(labels >= 0)),
            admitted=False,
        )

    # Matrices this small are done sooner by one thread than by several that wait for each other.
    with threadpool_limits(limits=1):
        looked = [look(setting) for setting in settings]
    usual = float(np.median([one.chance_deviation for one in looked])) if looked else 0.0
    found = [
        one.model_copy(update={"admitted": _admitted(one, clusters, needed, usual)})
        for one in looked
    ]
    best = _best(found, needed)
    return Choice(
        tuple(found),
        best,
        _reason(found, best, needed, usual),
        len(judged),
        work.resamples,
        work.shuffles,
    )


def distances(X: FloatArray) -> FloatArray:
    """Euclidean distances between rows (n, n)."""
    squares = (X**2).sum(axis=1)
    away = squares[:, None] + squares[None, :] - 2 * X @ X.T
    np.fill_diagonal(away, 0.0)
    return np.asarray(np.sqrt(np.maximum(away, 0.0)))


def silhouette(apart: FloatArray, labels: IntArray) -> float:
    """The mean silhouette (Rousseeuw 1987) of rows with distances (n, n), outliers left out.

    With a the mean distance to the other rows of a row's own cluster and b the least mean distance
    to those of another, a row's silhouette is (b - a) / max(a, b), and 0 alone in its cluster. 0
    where there are fewer than two clusters: nothing was told apart.
    """
    inside = labels >= 0
    names, codes = np.unique(labels[inside], return_inverse=True)
    if len(names) < 2:
        return 0.0
    apart = apart[np.ix_(inside, inside)] if not inside.all() else apart
    rows = np.arange(len(codes))
    member = np.zeros((len(codes), len(names)))
    member[rows, codes] = 1.0
    counts = member.sum(axis=0)
    sums = apart @ member
    own = counts[codes]
    a = sums[rows, codes] / np.maximum(own - 1, 1)
    means = sums / counts
    means[rows, codes] = np.inf
    b = means.min(axis=1)
    widest = np.maximum(a, b)
    values = np.divide(b - a, widest, out=np.zeros_like(a), where=widest > 0)
    return float(np.where(own > 1, values, 0.0).mean())


def stability(
    learned: FloatArray,
    judged: FloatArray,
    setting: int,
    fit: Fit,
    rng: np.random.Generator,
    resamples: int,
) -> float:
    """The mean adjusted Rand index between two clusterings of the judged rows, each learned from
    its own random half (Hubert and Arabie 1985; Lange et al. 2004): 1 where the same clusters are
    found whoever is asked, about 0 by chance."""
    found = []
    half = max(len(learned) // 2, 1)
    for _ in range(resamples):
        order = rng.permutation(len(learned))
        seeds = rng.integers(2**31, size=2)
        first, second = (
            fit(learned[rows], setting, int(seed))(judged)
            for rows, seed in zip((order[:half], order[half:]), seeds, strict=True)
        )
        found.append(adjusted_rand_score(first, second))
    return float(np.mean(found))


def shuffled(X: FloatArray, groups: IntArray, rng: np.random.Generator) -> FloatArray:
    """The rows with each group of columns put into an order of its own: every field keeps its
    values, and none goes with another any more."""
    mixed = np.empty_like(X)
    for group in np.unique(groups):
        columns = np.flatnonzero(groups == group)
        mixed[:, columns] = X[np.ix_(rng.permutation(len(X)), columns)]
    return mixed


def _reference(X: FloatArray, groups: IntArray, rng: np.random.Generator) -> FloatArray:
    if len(np.unique(groups)) > 1:
        return shuffled(X, groups, rng)
    return rng.normal(X.mean(axis=0), X.std(axis=0), size=X.shape)


def _beats_chance(one: Candidate, needed: Admission, usual: float) -> bool:
    beyond = one.chance_most + needed.deviations * usual
    return one.silhouette > beyond and one.silhouette >= one.chance + needed.margin


def _admitted(one: Candidate, clusters: range, needed: Admission, usual: float) -> bool:
    return (
        one.clusters in clusters
        and _beats_chance(one, needed, usual)
        and one.stability >= needed.stability
        and one.assigned >= needed.assigned
    )


def _best(found: list[Candidate], needed: Admission) -> Candidate | None:
    admitted = [one for one in found if one.admitted]
    if not admitted:
        return None
    top = max(one.silhouette for one in admitted)
    near = [one for one in admitted if one.silhouette >= top - needed.tie]
    return max(near, key=lambda one: (one.stability, one.silhouette))


def _reason(found: list[Candidate], best: Candidate | None, needed: Admission, usual: float) -> str:
    if best is not None:
        soft = " They shade into one another: their borders are soft."
        return (
            f"{best.clusters} segments: silhouette {best.silhouette:.2f} against {best.chance:.2f} "
            f"on shuffled columns, stability {best.stability:.2f}."
            f"{soft if best.silhouette < SOFT else ''}"
        )
    if not found:
        return "No natural segments: no number of clusters could be tried."
    beating = [one for one in found if _beats_chance(one, needed, usual)]
    if not beating:
        near = max(found, key=lambda one: one.silhouette - one.chance)
        return (
            "No natural segments: no number of clusters is told apart clearly better than in "
            f"shuffled columns (at best a silhouette of {near.silhouette:.2f} against "
            f"{near.chance:.2f})."
        )
    near = max(beating, key=lambda one: one.stability)
    if near.stability >= needed.stability:
        return (
            "No natural segments: what beats chance leaves too many outliers, or is not of the "
            "number of segments that was asked for."
        )
    return (
        "No natural segments: what is told apart better than in shuffled columns is not found "
        f"again in resamples (a stability of {near.stability:.2f} where {needed.stability:.2f} "
        "is needed)."
    )


__all__ = [
    "METRIC",
    "Admission",
    "Choice",
    "Thoroughness",
    "choose_clusters",
    "distances",
    "shuffled",
    "silhouette",
    "stability",
]
