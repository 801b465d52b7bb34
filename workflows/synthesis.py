"""A synthetic company: raw tables, past campaigns and profiles, and the hidden truth apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from domain.experiment import OUTCOME_KINDS, Campaign, Design, Outcome
from domain.triggers import CATALOGUE, Channel, Trigger
from storage import audit, definitions
from storage.snapshots import Snapshot
from synth.generate import Recipe, generate_bucket, global_tables, recipe
from synth.recipe import LOCALES
from synth.report import report
from workflows.engine import Engine, InProcess, map_buckets
from workflows.profiling import write_profiles
from workflows.trainingdata import control_first, exposure_meta
from workflows.workspace import PROFILES, Workspace

Progress = Callable[[float, str], None]

TABLES = ("identities", "customers", "orders", "order_items", "events", "exposures")
BUCKET_CUSTOMERS = 6_250
REPORT_BUCKETS = 4
TRUTH = ("potential_outcomes", "traits")

COSTS: dict[str, tuple[float, float]] = {
    "free_shipping": (0.02, 4.9),
    "percentage_discount": (0.02, 6.0),
    "loyalty_reward": (0.02, 3.0),
    "bundle_offer": (0.02, 3.5),
    "scarcity_message": (0.02, 0.0),
    "exclusivity_offer": (0.02, 0.0),
    "social_proof": (0.02, 0.0),
    "content_story": (0.02, 0.0),
    "product_recommendation": (0.02, 0.0),
}
"""What the synthetic shop states of its triggers: cost of a send, and of a redemption."""


VALUES = {"converted": 24.0}
"""What one conversion is worth to the synthetic shop before costs: its margin on a usual order."""


def _one_bucket(recipe: Recipe, count: int, bucket: int) -> dict[str, pa.Table]:
    part = generate_bucket(recipe, bucket, count)
    return {**part.tables, **part.truth}


def recipe_of(size: str, seed: int, *, months: int = 24, locales: tuple[str, ...] = ()) -> Recipe:
    """A preset by name, or any number of customers; no locales means all that are known."""
    return recipe(
        int(size) if size.isdigit() else size,
        seed=seed,
        months=months,
        locales=locales or LOCALES,
    )


def buckets_for(recipe: Recipe) -> int:
    """So many buckets that each holds about `BUCKET_CUSTOMERS`: fewer would need more memory, more
    would pay for the same set-up again and again."""
    return min(4096, max(1, round(recipe.customers / BUCKET_CUSTOMERS)))


def report_page(workspace: Workspace) -> str:
    """A page of plots on a synthetic company, truth included, from a sample of its buckets."""
    with workspace.control.read() as session:
        current = definitions.current(session)
    names = {name: name for name in (*TABLES, "products", "campaigns")}
    names |= {f"truth:{name}": name for name in TRUTH}
    found = {}
    for stored, name in names.items():
        snapshot = workspace.snapshots.open(current[stored])
        first = sorted(snapshot.files)[:REPORT_BUCKETS]
        tables = [table for bucket in first if (table := snapshot.read(bucket)) is not None]
        found[name] = pa.concat_tables(tables)
    return report(found, {name: found.pop(name) for name in TRUTH})


def synthesise(
    workspace: Workspace,
    recipe: Recipe,
    *,
    engine: Engine | None = None,
    progress: Progress = lambda share, message: None,
    actor: str = "cli",
) -> None:
    """Fill an empty workspace with a synthetic company, a bucket at a time.

    The hidden truth is written as a snapshot of its own kind, `truth`, which nothing that
    decides may read.
    """
    engine = engine or InProcess()
    count = workspace.settings.buckets
    keep = workspace.snapshots
    shared = global_tables(recipe)
    made = {name: keep.write(name, [(0, table)]) for name, table in shared.items()}
    drafts = {name: keep.draft(name) for name in TABLES}
    hidden = {name: keep.draft("truth", meta={"table": name}) for name in TRUTH}

    def done(ready: int, total: int) -> None:
        progress(0.6 * ready / total, f"customers, bucket {ready} of {total}")

    with ExitStack() as stack:
        for draft in (*drafts.values(), *hidden.values()):
            stack.enter_context(draft)
        one = partial(_one_bucket, recipe, count)
        for bucket, part in map_buckets(engine, one, range(count), done):
            for name, draft in (drafts | hidden).items():
                draft.add(bucket, part[name])
        made |= {name: draft.finish() for name, draft in drafts.items()}
        truths = {name: draft.finish() for name, draft in hidden.items()}
    campaigns = tuple(_campaign(row) for row in shared["campaigns"].to_pylist())
    exposures = {
        campaign.campaign_id: _exposures_of(workspace, made["exposures"], campaign)
        for campaign in campaigns
    }
    with workspace.control.write() as session:
        for name, snapshot in made.items():
            definitions.put_current(session, name, snapshot.id)
        for name, snapshot in truths.items():
            definitions.put_current(session, f"truth:{name}", snapshot.id)
        for campaign in campaigns:
            definitions.put_campaign(session, campaign)
            identity = exposures[campaign.campaign_id].id
            definitions.put_current(session, f"exposures@{campaign.campaign_id}", identity)
        definitions.put_triggers(session, _priced_triggers())
        definitions.put_outcomes(session, _outcomes(exposures.values()))

    def profiled(share: float, message: str) -> None:
        progress(0.6 + 0.4 * share, message)

    newest = write_profiles(workspace, recipe.ends_at, engine=engine, progress=profiled)
    with workspace.control.write() as session:
        definitions.put_current(session, PROFILES, newest.id)
        audit.append(
            session,
            at=workspace.now(),
            actor=actor,
            action="synthesise",
            subject=workspace.settings.name,
            detail={"customers": recipe.customers, "seed": recipe.seed, "profiles": newest.id},
        )
    progress(1.0, "done")


def is_synthetic(workspace: Workspace) -> bool:
    """Whether the workspace holds a synthetic company, which alone has a hidden truth."""
    with workspace.control.read() as session:
        return any(name.startswith("truth:") for name in definitions.current(session))


def _campaign(row: dict[str, Any]) -> Campaign:
    shares = row["arm_probabilities"]
    return Campaign(
        campaign_id=row["campaign_id"],
        name=row["name"],
        started_at=row["started_at"],
        design=Design(row["design"]),
        channel=Channel(row["channel"]) if row["channel"] else None,
        outcome_window_days=row["outcome_window_days"],
        arm_probabilities=None if shares is None else dict(shares),
    )


def _exposures_of(workspace: Workspace, exposures: Snapshot, campaign: Campaign) -> Snapshot:
    """One campaign's exposures, in the same buckets."""
    triggers: set[str] = set()
    parts = []
    for bucket in sorted(exposures.files):
        table = exposures.read(bucket)
        assert table is not None
        own = table.filter(pc.equal(table.column("campaign_id"), campaign.campaign_id))
        triggers |= set(pc.unique(own.column("trigger")).to_pylist())
        parts.append((bucket, own))
    meta = exposure_meta(
        pa.concat_tables(table for _, table in parts), campaign.campaign_id, control_first(triggers)
    )
    return workspace.snapshots.write("exposures", parts, meta=meta)


def _priced_triggers() -> tuple[Trigger, ...]:
    return tuple(
        trigger.model_copy(update={"unit_cost": COSTS[key][0], "redemption_cost": COSTS[key][1]})
        for key, trigger in CATALOGUE.items()
    )


def _outcomes(exposures: Iterable[Snapshot]) -> tuple[Outcome, ...]:
    names = dict.fromkeys(name for snapshot in exposures for name in snapshot.meta["outcomes"])
    return tuple(
        Outcome(name=name, kind=OUTCOME_KINDS[name], value=VALUES.get(name)) for name in names
    )
