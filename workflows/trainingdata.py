"""Past campaigns as rows to learn from: exposures beside profiles as of each campaign's start."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.customer import FieldType
from domain.errors import NoEvidence, NotFound
from domain.experiment import Campaign, Outcome
from domain.triggers import NO_TRIGGER
from uplift.dataset import UpliftDataset
from workflows.engine import Engine
from workflows.features import feature_frame
from workflows.profiling import campaign_profiles
from workflows.workspace import Workspace

REPORTING_SHARE = 0.3


@dataclass(frozen=True)
class TrainingRows:
    """Exposures of one or more campaigns, checked once; an arm that a campaign did not offer has
    the propensity 0 there.

    `campaign_ids` (n,) says which campaign each is of, `profiles` (n rows) are the customers as of
    that campaign's start, without nested fields; `reporting` (n,) says which rows may only be
    reported on."""

    campaigns: tuple[Campaign, ...]
    campaign_ids: NDArray[Any]
    dataset: UpliftDataset
    profiles: pa.Table
    reporting: NDArray[np.bool_]


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


def training_rows(
    workspace: Workspace,
    campaigns: tuple[Campaign, ...],
    outcome: Outcome,
    *,
    engine: Engine | None = None,
) -> TrainingRows:
    """The campaigns' exposures beside the profiles as of each one's start, under all their arms."""
    parts = [_campaign_rows(workspace, campaign, outcome, engine) for campaign in campaigns]
    exposures = pa.concat_tables([part[0] for part in parts])
    profiles = pa.concat_tables([part[1] for part in parts], promote_options="permissive")
    metas = [workspace.current(f"exposures@{c.campaign_id}").meta for c in campaigns]
    arms = control_first(arm for meta in metas for arm in meta["arms"])
    propensity = None
    if all(meta["propensities_known"] for meta in metas):
        propensity = np.nan_to_num(map_values(exposures.column("propensities"), arms))
    sizes = [part[0].num_rows for part in parts]
    ids = exposures.column("customer_id").to_numpy(zero_copy_only=False).astype(str)
    clusters = exposures.column("cluster_id")
    cluster = None
    if clusters.null_count < len(clusters):
        household = pc.coalesce(clusters, exposures.column("customer_id"))
        cluster = household.to_numpy(zero_copy_only=False).astype(str)
    index = pc.index_in(exposures.column("trigger"), pa.array(arms)).to_numpy()
    schema = workspace.schema()
    dataset = UpliftDataset.checked(
        X=feature_frame(profiles, [f for f in schema.values() if f.name in profiles.column_names]),
        arm=index.astype(np.int64),
        outcome=map_values(exposures.column("outcomes"), (outcome.name,))[:, 0],
        arms=arms,
        kind=outcome.kind,
        propensity=propensity,
        customer_id=ids,
        cluster=cluster,
        lower_is_better=outcome.lower_is_better,
        campaign=np.repeat(np.arange(len(sizes)), sizes) if len(sizes) > 1 else None,
    )
    salt = workspace.settings.salt
    units = ids if cluster is None else cluster
    reporting = np.fromiter((is_reporting(salt, unit) for unit in units), bool, len(units))
    campaign_ids = exposures.column("campaign_id").to_numpy(zero_copy_only=False).astype(str)
    return TrainingRows(campaigns, campaign_ids, dataset, profiles, reporting)


def _campaign_rows(
    workspace: Workspace, campaign: Campaign, outcome: Outcome, engine: Engine | None
) -> tuple[pa.Table, pa.Table]:
    """One campaign's exposures, and the profile of each, row by row."""
    exposures = workspace.current(f"exposures@{campaign.campaign_id}")
    if outcome.name not in exposures.meta["outcomes"]:
        raise NoEvidence(
            f"Campaign {campaign.campaign_id} did not measure {outcome.name}.",
            remedy=f"It measured {', '.join(exposures.meta['outcomes'])}.",
            field="outcome",
        )
    rows = exposures.table().sort_by("customer_id")
    schema = workspace.schema()
    profiles = campaign_profiles(workspace, campaign, engine=engine).table()
    flat = [
        name
        for name in profiles.column_names
        if name not in schema or schema[name].type is not FieldType.NESTED
    ]
    known = profiles.column("customer_id").combine_chunks()
    place = pc.index_in(rows.column("customer_id"), known)
    found = pc.is_valid(place)
    return rows.filter(found), profiles.select(flat).take(place.drop_null())


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


def control_first(triggers: Iterable[str]) -> tuple[str, ...]:
    """Arms in their fixed order: the control, then the triggers by key."""
    return (NO_TRIGGER, *sorted(set(triggers) - {NO_TRIGGER}))
