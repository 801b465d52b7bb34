"""What share of a policy's value short rules keep, on a synthetic workspace with a model.

    aether synth --workspace demo --size demo && aether train --workspace demo --outcome converted
    python -m benchmarks.segment_rules demo

A policy tree is grown on the net values that the model predicts for the customers of today, as
`aether brief --rules` does it, at several depths. The share kept is then told three ways: by the
model's own predictions, by AIPW on the held-out customers, and by the hidden truth of a campaign
that would start now, which has no noise of outcomes.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from domain.criteria import EVERYONE, Condition, Expression, Op, conditions
from domain.customer import Field
from domain.triggers import NO_TRIGGER
from storage import definitions, models
from storage.population import Population
from uplift.model import UpliftModel
from uplift.policy import best_choice, with_none
from uplift.rules import grow_policy_tree, share_kept
from workflows.features import feature_fields, feature_frame
from workflows.modelfiles import load_model
from workflows.modelscores import CLUSTER, NET
from workflows.workspace import PROFILES, Workspace

NOW = "now"
DEPTHS = (2, 3, 4, 5)
AUDIENCES: dict[str, Expression] = {
    "everyone": EVERYONE,
    "not bought in 60 days": Condition(field="days_since_last_purchase", op=Op.GTE, value=60),
}


@dataclass(frozen=True)
class Part:
    """Customers of one audience: X, predicted net values (n, K), and net values or scores
    (n, K + 1), none first: of today by the hidden truth, of the held-out ones by AIPW."""

    X: pd.DataFrame
    predicted: np.ndarray
    net: np.ndarray
    cluster: np.ndarray | None = None


def matrix(table: pa.Table, names: list[str]) -> np.ndarray:
    return np.column_stack([table.column(name).to_numpy() for name in names])


def features(table: pa.Table, fields: list[Field], scores: list[str]) -> pd.DataFrame:
    uplift = pd.DataFrame({name: table.column(name).to_numpy() for name in scores})
    return pd.concat([feature_frame(table, fields), uplift], axis=1)


def true_net(truth: pa.Table, ids: pa.ChunkedArray, model: UpliftModel) -> np.ndarray:
    rows = truth.take(pc.index_in(ids, truth.column("customer_id").combine_chunks()))
    chance = matrix(rows, [f"converted_{arm}" for arm in model.arms]).astype(np.float64)
    net = model.economics.net_values(chance[:, 1:] - chance[:, :1], chance[:, 1:])
    return with_none(net)[:, [0, *(model.arms.index(key) for key in model.judged)]]


def report(name: str, today: Part, held_out: Part) -> None:
    rows, full = np.arange(len(today.net)), best_choice(today.predicted)
    predicted, whole = with_none(today.predicted), today.net[rows, full].mean()
    single = today.net.mean(axis=0).max()
    print(f"{name}: {len(rows):,} customers today, {len(held_out.net):,} held out. By the truth ")
    print(f"  the full policy brings {whole:.3f} a customer, the best single trigger {single:.3f}.")
    for depth in DEPTHS:
        start = time.process_time()
        tree = grow_policy_tree(today.X, today.predicted, np.random.default_rng(0), depth=depth)
        seconds = time.process_time() - start
        choice = tree.choose(today.X)
        kept = share_kept(
            held_out.net,
            tree.choose(held_out.X),
            best_choice(held_out.predicted),
            held_out.cluster,
        ).share
        longest = max(len(list(conditions(tree.rule(arm)))) for arm in tree.arms)
        by_model = predicted[rows, choice].sum() / predicted.max(axis=1).sum()
        by_truth = today.net[rows, choice].mean() / whole
        measured = "not clear"
        if kept is not None:
            measured = f"{kept.value:.0%} ({kept.low:.0%} to {kept.high:.0%})"
        print(
            f"  depth {depth}: {len(tree.arms)} rules of up to {longest} conditions keep, by the "
            f"model {by_model:.0%}, held out {measured}, by the truth {by_truth:.0%}; "
            f"{seconds:.1f} s of processor"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workspace", type=Path)
    workspace = Workspace.open(parser.parse_args().workspace)
    with workspace.control.read() as session:
        record = models.current(session)["converted"]
        truth_id = definitions.current(session)["truth:potential_outcomes"]
    truth = workspace.snapshots.open(truth_id).table()
    truth = truth.filter(pc.equal(truth.column("campaign_id"), NOW))
    schema, model = workspace.schema(), load_model(workspace, record.id)
    used = set(model.features.names)
    fields = [field for field in feature_fields(schema.values()) if field.name in used]
    scores = [f"uplift_score_for_{key}" for key in model.judged]
    values = [f"net_value_for_{key}" for key in model.judged]
    net_scores = [f"{NET}{key}" for key in (NO_TRIGGER, *model.judged)]
    columns = ["customer_id", *(field.name for field in fields), *scores, *values]
    snapshots = [workspace.current(PROFILES), workspace.snapshots.open(record.scores_id)]
    evidence = [workspace.snapshots.open(record.evidence_id)]
    with Population(schema, snapshots) as people, Population(schema, evidence) as witnesses:
        for name, audience in AUDIENCES.items():
            now = people.select(audience, columns)
            then = witnesses.select(audience, [*columns, *net_scores, CLUSTER])
            report(
                name,
                Part(
                    features(now, fields, scores),
                    matrix(now, values),
                    true_net(truth, now.column("customer_id"), model),
                ),
                Part(
                    features(then, fields, scores),
                    matrix(then, values),
                    matrix(then, net_scores),
                    then.column(CLUSTER).to_numpy(zero_copy_only=False),
                ),
            )


if __name__ == "__main__":
    main()
