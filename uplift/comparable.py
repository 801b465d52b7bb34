"""Which arms can be compared: those with enough evidence, met by like customers."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import BadRequest, NoEvidence
from uplift.boosting import BinnedRows, ScoredRows
from uplift.dataset import FloatArray, IntArray, UpliftDataset
from uplift.evidence import EvidenceRule, Judged, NotEnoughEvidence
from uplift.propensity import Overlap, estimate_propensity
from uplift.rowsource import RowSource


def judged_places(
    judgements: Mapping[str, Judged | NotEnoughEvidence], arms: tuple[str, ...]
) -> tuple[int, ...]:
    """The arms (from 1) with enough evidence; NoEvidence where the control or all lack it."""
    control = judgements[arms[0]]
    places = tuple(
        place for place in range(1, len(arms)) if isinstance(judgements[arms[place]], Judged)
    )
    refused = [item.reason for item in judgements.values() if isinstance(item, NotEnoughEvidence)]
    if isinstance(control, NotEnoughEvidence) or not places:
        raise NoEvidence(
            " ".join(refused),
            remedy="Bring more exposures, or an outcome that more customers have.",
            field="arm",
        )
    return places


def propensities_of(
    learning: UpliftDataset,
    reporting: UpliftDataset,
    source: RowSource,
    fold: IntArray,
    seed: int,
    n_jobs: int,
) -> tuple[FloatArray, FloatArray]:
    """Propensities (n, arms) of both parts, estimated where they are not known."""
    if learning.propensity is not None and reporting.propensity is not None:
        return learning.propensity, reporting.propensity
    rows, report_rows = source.learning, source.reporting
    if not (isinstance(rows, BinnedRows) and isinstance(report_rows, ScoredRows)):
        raise BadRequest(
            "Propensities can't be estimated from rows that lie on a cluster.",
            remedy="Import the campaign with its probabilities, or train without a cluster.",
            field="propensity",
        )
    chances, model = estimate_propensity(
        rows.matrix,
        source.features.categorical,
        learning.arm,
        len(learning.arms),
        fold,
        seed,
        n_jobs,
    )
    return chances, model.predict(report_rows.matrix)


def without_overlap(
    judgements: Mapping[str, Judged | NotEnoughEvidence],
    overlaps: tuple[Overlap, ...],
    minimum: EvidenceRule,
    least_overlap: float,
) -> dict[str, Judged | NotEnoughEvidence]:
    """Judgements in which arms that meet the control among too few like customers are refused."""
    found = dict(judgements)
    for item in overlaps:
        judgement = found[item.arm]
        few = item.effective < minimum.control
        if isinstance(judgement, Judged) and (few or item.outside > 1 - least_overlap):
            found[item.arm] = NotEnoughEvidence(
                item.arm,
                judgement.treated,
                judgement.responders,
                f"Not enough evidence on {item.arm!r}: for {item.outside:.0%} of the customers it "
                f"or the control was as good as impossible, and its {item.treated} rows weigh as "
                f"much as {item.effective:.0f}; like was not tried on like.",
            )
    return found
