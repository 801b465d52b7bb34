"""Past campaigns as rows to learn from: exposures beside profiles as of each campaign's start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.customer import Schema
from domain.errors import NoEvidence, NotFound
from domain.experiment import Campaign, Outcome
from domain.triggers import NO_TRIGGER
from uplift.dataset import UpliftDataset
from workflows.features import feature_frame
from workflows.workspace import PROFILES, Workspace

REPORTING_SHARE = 0.3


@dataclass(frozen=True)
class CampaignRows:
    """One campaign's rows, in the order of customer ids. `reporting` says which of them may only
    be reported on."""

    campaign: Campaign
    dataset: UpliftDataset
    reporting: NDArray[np.bool_]
    customer_id: NDArray[np.str_]


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


def is_reporting(salt: str, unit: str) -> bool:
    """Whether a customer (or household) belongs to the 30 % that are only reported on."""
    digest = hashlib.blake2b(unit.encode(), digest_size=8, key=salt.encode()[:64]).digest()
    return int.from_bytes(digest, "little") / 2**64 < REPORTING_SHARE


def choose_campaign(workspace: Workspace, outcome: Outcome, campaign_id: str | None) -> Campaign:
    """The campaign to learn from: the one named, or the newest with known propensities among those
    with the most triggers, where the outcome was measured."""
    campaigns = {c.campaign_id: c for c in workspace.campaigns()}
    if campaign_id is not None:
        if campaign_id not in campaigns:
            raise NotFound(
                f"The workspace has no campaign {campaign_id!r}.",
                remedy=f"It has {', '.join(campaigns) or 'none'}.",
                field="campaign",
            )
        return campaigns[campaign_id]
    ranked = []
    for campaign in campaigns.values():
        exposures = workspace.current(f"exposures@{campaign.campaign_id}")
        if outcome.name not in exposures.meta["outcomes"]:
            continue
        known = exposures.meta["propensities_known"]
        ranked.append((known, len(exposures.meta["arms"]), campaign.started_at, campaign))
    if not ranked:
        raise NoEvidence(
            f"No campaign of the workspace measured {outcome.name}.",
            remedy="Import one: `aether import FILE --mapping MAP.toml`.",
        )
    return max(ranked, key=lambda row: row[:3])[3]


def campaign_rows(workspace: Workspace, campaign: Campaign, outcome: Outcome) -> CampaignRows:
    """Exposures joined to the profiles as of the campaign's start, checked once."""
    exposures = workspace.current(f"exposures@{campaign.campaign_id}")
    if outcome.name not in exposures.meta["outcomes"]:
        raise NoEvidence(
            f"Campaign {campaign.campaign_id} did not measure {outcome.name}.",
            remedy=f"It measured {', '.join(exposures.meta['outcomes'])}.",
            field="outcome",
        )
    rows = exposures.table().sort_by("customer_id")
    profiles = workspace.current(f"{PROFILES}@{campaign.campaign_id}").table()
    place = pc.index_in(rows.column("customer_id"), profiles.column("customer_id").combine_chunks())
    known = pc.is_valid(place)
    rows, profiles = rows.filter(known), profiles.take(place.drop_null())
    arms = tuple(exposures.meta["arms"])
    ids = rows.column("customer_id").to_numpy(zero_copy_only=False).astype(str)
    clusters = rows.column("cluster_id")
    cluster = None
    if clusters.null_count < len(clusters):
        cluster = pc.coalesce(clusters, rows.column("customer_id")).to_numpy(zero_copy_only=False)
    index = pc.index_in(rows.column("trigger"), pa.array(arms)).to_numpy(zero_copy_only=False)
    dataset = UpliftDataset.checked(
        X=_features(profiles, workspace.schema()),
        arm=index.astype(np.int64),
        outcome=map_values(rows.column("outcomes"), (outcome.name,))[:, 0],
        arms=arms,
        kind=outcome.kind,
        propensity=map_values(rows.column("propensities"), arms)
        if exposures.meta["propensities_known"]
        else None,
        customer_id=ids,
        cluster=cluster,
        lower_is_better=outcome.lower_is_better,
    )
    salt = workspace.settings.salt
    units = ids if cluster is None else cluster.astype(str)
    reporting = np.fromiter((is_reporting(salt, unit) for unit in units), bool, len(units))
    return CampaignRows(campaign, dataset, reporting, ids)


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


def map_values(column: pa.ChunkedArray, keys: tuple[str, ...]) -> NDArray[np.float64]:
    """A map column as a matrix (n, keys); NaN where a row lacks a key."""
    found = [pc.map_lookup(column, pa.scalar(key), "first") for key in keys]
    return np.column_stack([f.to_numpy(zero_copy_only=False).astype(np.float64) for f in found])


def control_first(triggers: list[str]) -> tuple[str, ...]:
    return (NO_TRIGGER, *sorted(set(triggers) - {NO_TRIGGER}))


def _features(profiles: pa.Table, schema: Schema) -> pd.DataFrame:
    return feature_frame(profiles, [f for f in schema.values() if f.name in profiles.column_names])
