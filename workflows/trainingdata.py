"""Past campaigns as rows to learn from: exposures beside profiles as of each campaign's start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from domain.errors import NoEvidence, NotFound
from domain.experiment import Campaign, Outcome
from domain.triggers import NO_TRIGGER
from uplift.dataset import UpliftDataset
from uplift.model import Scores, UpliftModel
from uplift.rowsource import RowSource, rows_in_memory
from workflows.campaignprofiles import campaign_profiles
from workflows.engine import Engine
from workflows.features import feature_frame
from workflows.profiling import Progress
from workflows.trainingsources import Assigned, Sources
from workflows.workspace import Workspace


class Features(Protocol):
    """The customers' features of training rows, wherever they lie."""

    def rows_of(
        self, learning: UpliftDataset, reporting: UpliftDataset, bins: int, n_jobs: int
    ) -> RowSource:
        """Rows to learn from and to report on, see `rowsource.RowsOf`."""
        ...

    def columns(self, learning: UpliftDataset) -> Iterator[tuple[str, pd.Series[Any]]]:
        """The columns of the learning rows, one after the other."""
        ...

    def delivered(self, model: UpliftModel, learning: UpliftDataset) -> Scores:
        """What a model says of the learning rows, as it is said of customers today."""
        ...

    def reporting_profiles(self) -> Iterator[pa.Table]:
        """The reporting customers as of their campaign's start, without nested fields: row by row,
        perhaps in several tables."""
        ...


@dataclass(frozen=True)
class TrainingRows:
    """Exposures of one or more campaigns, checked once; an arm that a campaign did not offer has
    the propensity 0 there.

    `campaign_ids` (n,) says which campaign each is of; `reporting` (n,) says which rows may only be
    reported on. The data set's X has no columns where the `features` lie elsewhere."""

    campaigns: tuple[Campaign, ...]
    campaign_ids: NDArray[Any]
    dataset: UpliftDataset
    reporting: NDArray[np.bool_]
    features: Features


Beside = Callable[[pa.Table, NDArray[Any]], pa.Table]
"""Adds columns to profiles (n rows) of customers of the campaigns of these ids (n,)."""


def unchanged(profiles: pa.Table, campaign_ids: NDArray[Any]) -> pa.Table:
    """No further columns."""
    return profiles


@dataclass(frozen=True)
class FeaturesHere:
    """Features in the data sets of this process, and the `reporting` rows' profiles beside them."""

    reporting: pa.Table

    def rows_of(
        self, learning: UpliftDataset, reporting: UpliftDataset, bins: int, n_jobs: int
    ) -> RowSource:
        return rows_in_memory(learning, reporting, bins, n_jobs)

    def columns(self, learning: UpliftDataset) -> Iterator[tuple[str, pd.Series[Any]]]:
        return ((str(name), column) for name, column in learning.X.items())

    def delivered(self, model: UpliftModel, learning: UpliftDataset) -> Scores:
        return model.score(learning.X)

    def reporting_profiles(self) -> Iterator[pa.Table]:
        yield self.reporting


def find_outcome(workspace: Workspace, name: str) -> Outcome:
    """An outcome by its name, or by the column it was imported from."""
    outcomes = workspace.outcomes()
    if name in outcomes:
        return outcomes[name]
    for outcome in outcomes.values():
        if outcome.source == name:
            return outcome
    raise NotFound(
        f"The workspace has no outcome {name!r}.",
        remedy=f"It has {', '.join(outcomes) or 'none: import a campaign first'}.",
        field="outcome",
    )


def choose_campaigns(
    workspace: Workspace, outcome: Outcome, campaign_id: str | None
) -> tuple[Campaign, ...]:
    """The campaigns to learn from, the oldest first: the one named; or all that measured the
    outcome, held customers out and know their propensities; or, where none knows them, the newest
    of those that tried most triggers."""
    campaigns = {c.campaign_id: c for c in workspace.campaigns()}
    if campaign_id is not None:
        if campaign_id not in campaigns:
            raise NotFound(
                f"The workspace has no campaign {campaign_id!r}.",
                remedy=f"It has {', '.join(campaigns) or 'none'}.",
                field="campaign",
            )
        return (campaigns[campaign_id],)
    found = []
    for campaign in campaigns.values():
        meta = workspace.current(f"exposures@{campaign.campaign_id}").meta
        if outcome.name in meta["outcomes"]:
            found.append((meta["propensities_known"], tuple(meta["arms"]), campaign))
    if not found:
        raise NoEvidence(
            f"No campaign of the workspace measured {outcome.name}.",
            remedy="Import one: `aether import FILE --mapping MAP.toml`.",
        )
    pooled = [row[2] for row in found if row[0] and NO_TRIGGER in row[1]]
    if pooled:
        return tuple(sorted(pooled, key=lambda campaign: campaign.started_at))
    return (max(found, key=lambda row: (len(row[1]), row[2].started_at))[2],)


def sources_of(
    workspace: Workspace,
    campaigns: tuple[Campaign, ...],
    outcome: Outcome,
    *,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
) -> Sources:
    """Where the campaigns' rows are read; profiles as of a campaign's start are made where they are
    not there yet. Raises NoEvidence where a campaign did not measure the outcome."""
    exposures = [workspace.current(f"exposures@{c.campaign_id}") for c in campaigns]
    for campaign, one in zip(campaigns, exposures, strict=True):
        if outcome.name not in one.meta["outcomes"]:
            raise NoEvidence(
                f"Campaign {campaign.campaign_id} did not measure {outcome.name}.",
                remedy=f"It measured {', '.join(one.meta['outcomes'])}.",
                field="outcome",
            )
    return Sources(
        tuple(exposures),
        campaign_profiles(workspace, campaigns, engine=engine, progress=progress),
        tuple(workspace.schema().values()),
        outcome.name,
        control_first(arm for one in exposures for arm in one.meta["arms"]),
        all(one.meta["propensities_known"] for one in exposures),
        workspace.settings.salt,
    )


def training_rows(
    workspace: Workspace,
    campaigns: tuple[Campaign, ...],
    outcome: Outcome,
    *,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
    beside: Beside = unchanged,
) -> TrainingRows:
    """The campaigns' exposures beside the profiles as of each one's start, under all their arms.
    `beside` adds covariates as of then, of which no evidence is kept."""
    sources = sources_of(workspace, campaigns, outcome, engine=engine, progress=progress)
    assigned, profiles = sources.read()
    names = np.asarray([campaign.campaign_id for campaign in campaigns])
    X = feature_frame(beside(profiles, names[assigned.campaign]), sources.known)
    features = FeaturesHere(profiles.filter(pa.array(assigned.reporting)))
    return rows_with(campaigns, outcome, sources, assigned, X, features)


def rows_with(
    campaigns: tuple[Campaign, ...],
    outcome: Outcome,
    sources: Sources,
    assigned: Assigned,
    X: pd.DataFrame,
    features: Features,
) -> TrainingRows:
    """What was read of the campaigns, checked."""
    dataset = UpliftDataset.checked(
        X=X,
        arm=assigned.arm,
        outcome=assigned.outcome,
        arms=sources.arms,
        kind=outcome.kind,
        propensity=assigned.propensity if sources.propensities_known else None,
        customer_id=assigned.customer_id,
        cluster=assigned.unit if assigned.in_household.any() else None,
        lower_is_better=outcome.lower_is_better,
        campaign=assigned.campaign if len(campaigns) > 1 else None,
    )
    names = np.asarray([campaign.campaign_id for campaign in campaigns])
    return TrainingRows(campaigns, names[assigned.campaign], dataset, assigned.reporting, features)


def exposure_meta(table: pa.Table, campaign_id: str, arms: tuple[str, ...]) -> dict[str, object]:
    """What a snapshot of exposures says of itself, so that choosing among campaigns reads none."""
    outcomes = table.column("outcomes")
    first: list[tuple[str, float]] = next((o.as_py() for o in outcomes[:1] if o.is_valid), [])
    return {
        "campaign_id": campaign_id,
        "arms": list(arms),
        "outcomes": [name for name, _ in first],
        "propensities_known": table.column("propensities").null_count == 0,
    }


def control_first(triggers: Iterable[str]) -> tuple[str, ...]:
    """Arms in their fixed order: the control, then the triggers by key."""
    return (NO_TRIGGER, *sorted(set(triggers) - {NO_TRIGGER}))
