"""What a model version keeps of itself: data, code, seed, parameters, evaluation, histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.experiment import Campaign, Outcome
from storage.snapshots import Snapshot
from uplift.covariates import Trials
from uplift.histograms import Histogram, histograms_of
from uplift.learning import Learned, LearningSettings
from uplift.model import Scores
from uplift.policy import Economics
from workflows.choosing import Choice
from workflows.codeversion import code_version
from workflows.modelscores import score_columns


@dataclass(frozen=True)
class DataVersions:
    """The snapshots that a model was made from, and those made with it: `exposures` and
    `campaign_profiles` (as of its start) by campaign, the `profiles` of everybody whom it scored,
    its `scores` of them, its `evidence` on reporting and its `policy` on learning customers."""

    exposures: Mapping[str, str]
    campaign_profiles: Mapping[str, str]
    profiles: str
    scores: str
    evidence: str
    policy: str


def model_card(
    *,
    model_id: str,
    made_at: datetime,
    outcome: Outcome,
    campaigns: Sequence[Campaign],
    features: Mapping[str, Histogram],
    delivered: Scores,
    learned: Learned,
    tournament: Choice | None,
    covariates: Trials | None,
    settings: LearningSettings,
    economics: Economics,
    currency: str,
    remarks: Sequence[str],
    profiles: Snapshot,
    data: DataVersions,
) -> dict[str, Any]:
    """The card as a JSON object. `features` are the histograms of the learning rows' columns, and
    `delivered` is what the model says of the same rows: drift is measured against both."""
    evaluation = learned.evaluation.to_json()
    scored = score_columns(learned.model, delivered)
    scores = histograms_of((name, column.to_pandas()) for name, column in scored.items())
    return {
        "model_id": model_id,
        "outcome": outcome.model_dump(mode="json"),
        "campaigns": [campaign.model_dump(mode="json") for campaign in campaigns],
        "created_at": made_at.isoformat(),
        "currency": currency,
        "data": asdict(data),
        "code": code_version(),
        "parameters": {
            **asdict(settings),
            "capacity": evaluation["capacity"],
            **evaluation["mixture"],
        },
        "tournament": None if tournament is None else tournament.to_json(),
        "covariates": None if covariates is None else covariates.to_json(),
        "features": list(features),
        "economics": economics.to_json(),
        "remarks": list(remarks),
        "profile_scores": {
            "evaluations": profiles.meta.get("scores", {}),
            "without": profiles.meta.get("unscored", {}),
        },
        "evaluation": evaluation,
        "histograms": {
            "rows": len(delivered.best),
            "features": _plain(features),
            "scores": _plain(scores),
        },
    }


def _plain(histograms: Mapping[str, Histogram]) -> dict[str, Any]:
    return {name: one.to_json() for name, one in histograms.items()}
