"""Score models for a time: learned from a sample of buckets, from nothing at or after that time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from domain.experiment import Design
from domain.triggers import NO_TRIGGER
from profiles.build import build_profiles
from profiles.scores.labels import Cut, Labelled, label_bucket
from profiles.scores.models import SENSITIVITIES, ScoreModels, fit_scores
from profiles.scores.past import plan_cuts
from profiles.scores.sensitivity import Exposed, exposed_bucket
from storage.snapshots import decode
from workflows.engine import Engine, map_buckets
from workflows.rawfiles import RawTables

SAMPLE = 6_000
"""Customers that score models learn from: buckets are drawn by a hash, so the first few are a fair
sample, and more customers than this hardly change a score."""

SEED = 0


def learn_scores(
    tables: RawTables,
    as_of: datetime,
    *,
    engine: Engine,
    progress: Callable[[float, str], None] = lambda share, message: None,
) -> ScoreModels:
    """Every score model that the history before `as_of` allows."""
    sample = _sample(tables)
    plan = plan_cuts(as_of, _since(tables, sample, as_of))
    cuts = sorted({cut for pair in plan.values() for cut in pair}, key=lambda cut: cut.as_of)
    campaigns = _campaigns(tables, as_of)
    one = partial(_history, tables, tuple(cuts), tuple(campaigns), as_of)

    def done(ready: int, total: int) -> None:
        progress(0.4 * ready / total, f"history, bucket {ready} of {total}")

    parts = dict(map_buckets(engine, one, sample, done))
    pieces = [{k: decode(v) for k, v in parts[bucket].items()} for bucket in sorted(parts)]

    def joined(name: str) -> pa.Table:
        return pa.concat_tables([piece[name] for piece in pieces])

    labelled = {
        cut: Labelled(cut, joined(f"profiles {place}"), joined(f"outcomes {place}"))
        for place, cut in enumerate(cuts)
    }
    exposed: dict[str, list[Exposed]] = {}
    for place, (campaign_id, started_at, trigger) in enumerate(campaigns):
        rows = joined(f"exposed {place}")
        columns = [
            np.asarray(rows.column(n).to_numpy()) for n in ("treated", "converted", "weight")
        ]
        profiles = rows.drop_columns(["treated", "converted", "weight"])
        exposed.setdefault(trigger, []).append(
            Exposed(campaign_id, started_at, profiles, columns[0].astype(np.bool_), *columns[1:])
        )
    progress(0.4, "learning scores")
    products = tables.shared.get("products")
    return fit_scores(
        plan,
        labelled,
        joined("now"),
        as_of=as_of,
        products=None if products is None else pq.read_table(products),
        exposed=exposed,
        seed=SEED,
        threads=1,
    )


def _history(
    tables: RawTables,
    cuts: tuple[Cut, ...],
    campaigns: tuple[tuple[str, datetime, str], ...],
    as_of: datetime,
    bucket: int,
) -> dict[str, pa.Table]:
    """One bucket's profiles and outcomes at each cut, its exposures, and its profiles now."""
    own = tables.of(bucket)
    made = {"now": build_profiles(own, as_of, threads=1)}
    for place, cut in enumerate(cuts):
        labelled = label_bucket(own, cut, threads=1)
        made[f"profiles {place}"] = labelled.profiles
        made[f"outcomes {place}"] = labelled.outcomes
    then: dict[datetime, pa.Table] = {}
    for place, (campaign_id, started_at, trigger) in enumerate(campaigns):
        if started_at not in then:
            then[started_at] = build_profiles(own, started_at, threads=1)
        one = exposed_bucket(
            then[started_at],
            own,
            campaign_id=campaign_id,
            started_at=started_at,
            trigger=trigger,
            as_of=as_of,
            threads=1,
        )
        made[f"exposed {place}"] = (
            one.profiles.append_column("treated", pa.array(one.treated))
            .append_column("converted", pa.array(one.converted))
            .append_column("weight", pa.array(one.weight))
        )
    return made


def _sample(tables: RawTables) -> list[int]:
    """The first buckets that hold about `SAMPLE` customers, a fifth less at most."""
    chosen: list[int] = []
    customers = 0
    for bucket in tables.buckets:
        chosen.append(bucket)
        customers += _customers(tables.by_bucket[bucket])
        if customers >= 0.8 * SAMPLE:
            break
    return chosen


def _customers(files: Mapping[str, Path]) -> int:
    if "customers" in files:
        return int(pq.read_metadata(files["customers"]).num_rows)
    name = "orders" if "orders" in files else next(iter(files))
    return len(pc.unique(pq.read_table(files[name], columns=["customer_id"]).column(0)))


def _since(tables: RawTables, sample: list[int], as_of: datetime) -> datetime:
    """When the history of the sample begins."""
    found = [as_of]
    for bucket in sample:
        for name, column in (("orders", "ordered_at"), ("events", "occurred_at")):
            path = tables.by_bucket[bucket].get(name)
            if path is not None:
                first = pc.min(pq.read_table(path, columns=[column]).column(0)).as_py()
                found += [] if first is None else [first]
    return min(found)


def _campaigns(tables: RawTables, as_of: datetime) -> list[tuple[str, datetime, str]]:
    """Randomised campaigns with a control, before `as_of`, that tried what a sensitivity is of."""
    path = tables.shared.get("campaigns")
    if path is None or "exposures" not in tables.names:
        return []
    wanted = set(SENSITIVITIES.values())
    found = []
    for row in pq.read_table(path).to_pylist():
        arms = dict(row["arm_probabilities"] or ())
        if row["design"] == Design.RANDOMISED and NO_TRIGGER in arms and row["started_at"] < as_of:
            found += [
                (row["campaign_id"], row["started_at"], trigger)
                for trigger in sorted(wanted & arms.keys())
            ]
    return found
