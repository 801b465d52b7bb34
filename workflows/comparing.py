"""Two models compared on the same learning rows, out of fold: what a promotion is decided by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.customer import AXIS
from domain.errors import BadRequest, NotFound
from storage import buckets, models
from storage.models import ModelRecord
from storage.snapshots import DamagedSnapshot, Snapshot
from uplift.challenge import Challenge, NotComparable, challenge
from uplift.features import BadFeature
from uplift.model import UpliftModel
from uplift.policy import best_choice
from workflows.amounts import percent
from workflows.axiswitnesses import kept_memberships
from workflows.covariates import Covariates, covariates_of
from workflows.features import feature_frame
from workflows.modelfiles import load_model
from workflows.policies import Policy
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Comparison:
    """A challenger beside a champion of the same outcome.

    `judge_id` is the model whose learning rows and scores both are judged by: the one that was
    trained later, so that the newest campaigns and today's costs decide. `known` of its rows were
    learned from by the other too, whose choices there are its own out-of-fold ones; for the rest
    it never saw the row, and its model chooses. `unit` is that of net values: a currency, or "of"
    the outcome.
    """

    challenger: ModelRecord
    champion: ModelRecord
    judge_id: str
    known: int
    unit: str
    remarks: tuple[str, ...]
    result: Challenge | NotComparable

    @property
    def words(self) -> str:
        """The answer in one sentence."""
        if isinstance(self.result, NotComparable):
            return (
                f"{self.challenger.id} can't be compared with {self.champion.id}: "
                f"{self.result.reason}."
            )
        if self.result.agreement == 1:
            return (
                f"Out of fold, {self.challenger.id} and {self.champion.id} choose alike on all "
                f"{self.result.rows:,} learning rows of the later one: it is not worse."
            )
        gain = self.result.gain
        return (
            f"Out of fold, on the {self.result.rows:,} learning rows of the later one, "
            f"{self.challenger.id} brings {gain.value:+.4g} {self.unit} a customer against "
            f"{self.champion.id} ({percent(gain.level)} interval {gain.low:+.4g} to "
            f"{gain.high:+.4g}): it is "
            f"{'not worse' if self.result.not_worse else 'worse, beyond noise'}."
        )


def compare_models(workspace: Workspace, challenger_id: str, champion_id: str | None) -> Comparison:
    """Compare two models by their ids; without a champion, with the outcome's current model."""
    with workspace.control.read() as session:
        challenger = models.get(session, challenger_id)
        if champion_id is None:
            current = models.current(session).get(challenger.outcome)
            if current is None:
                raise NotFound(
                    f"No model of {challenger.outcome} is current.",
                    remedy="Name the model to compare with.",
                )
            champion = current
        else:
            champion = models.get(session, champion_id)
    if challenger.id == champion.id:
        raise BadRequest(
            f"{challenger.id} is compared with itself.",
            remedy="Name another model to compare with.",
        )
    if challenger.outcome != champion.outcome:
        raise BadRequest(
            f"{challenger.id} is of {challenger.outcome}, {champion.id} of {champion.outcome}.",
            remedy="Compare models of one outcome.",
        )
    return compare(workspace, challenger, champion)


def compare(
    workspace: Workspace, challenger: ModelRecord, champion: ModelRecord, n_jobs: int = 2
) -> Comparison:
    """Compare two models of one outcome; reads learning rows only, never the reporting part."""
    later = challenger.created_at >= champion.created_at
    judge, other = (challenger, champion) if later else (champion, challenger)
    known = 0
    result: Challenge | NotComparable
    try:
        rows = _policy(workspace, judge)
        choice, known = _choice_of(workspace, other, judge, rows, n_jobs)
    except (NotFound, DamagedSnapshot, BadFeature) as error:
        result = NotComparable(error.message.rstrip("."))
    else:
        first, second = (rows.choice, choice) if later else (choice, rows.choice)
        result = challenge(rows.net_scores, rows.arms, first, second, rows.unit)
    money = judge.card["evaluation"]["unit"] == "money"
    return Comparison(
        challenger,
        champion,
        judge.id,
        known,
        judge.card["currency"] if money else f"of {judge.outcome}",
        _remarks(judge, other),
        result,
    )


def _policy(workspace: Workspace, record: ModelRecord) -> Policy:
    if record.policy_id is None:
        raise NotFound(f"{record.id} was trained before out-of-fold policies were kept")
    return Policy.read(workspace.snapshots.open(record.policy_id))


def _choice_of(
    workspace: Workspace, record: ModelRecord, judge: ModelRecord, rows: Policy, n_jobs: int
) -> tuple[NDArray[Any], int]:
    """The arms (n,), by name, that a model chooses on the judge's rows without having seen them,
    and for how many of them its out-of-fold choice was kept.

    A row's campaign offered only some arms, so that there a model's best one of those counts. An
    arm that none of the judge's campaigns can speak for stays a choice: it can't be valued."""
    own = _policy(workspace, record)
    place = rows.places_in(own)
    known = place >= 0
    choice = own.choice[place].astype(object)
    if known.all():
        return choice, len(known)
    model = load_model(workspace, record.id, n_jobs)
    arms = np.asarray(model.arms, dtype=object)
    for campaign_id, profiles_id in judge.card["data"]["campaign_profiles"].items():
        unseen = np.flatnonzero(~known & (rows.campaign_id == campaign_id))
        profiles = workspace.snapshots.open(profiles_id)
        covariates = _covariates_then(workspace, record, model, campaign_id)
        for few, X in _features_of(
            workspace, model, profiles, covariates, rows.customer_id[unseen]
        ):
            here = unseen[few]
            net = model.score(X).net_values
            net = np.where(_withheld(rows, here, model), np.nan, net)
            choice[here] = arms[best_choice(net)]
    return choice, int(known.sum())


def _withheld(rows: Policy, places: NDArray[Any], model: UpliftModel) -> NDArray[np.bool_]:
    """(n, K) whether a trigger of the model was measured, but not on offer to the row."""
    withheld = np.zeros((len(places), len(model.arms) - 1), dtype=bool)
    for column, trigger in enumerate(model.arms[1:]):
        if trigger in rows.arms:
            scores = rows.net_scores[:, rows.arms.index(trigger)]
            if np.isfinite(scores).any():
                withheld[:, column] = np.isnan(scores[places])
    return withheld


def _features_of(
    workspace: Workspace,
    model: UpliftModel,
    profiles: Snapshot,
    covariates: Covariates,
    customers: NDArray[Any],
) -> Iterator[tuple[NDArray[np.int64], pd.DataFrame]]:
    """The model's features of the customers, as far as the profiles hold them: a bucket at a time,
    with the places of its customers."""
    schema = workspace.schema()
    held = set(profiles.table_schema().names)
    names = model.features.names
    columns = covariates.columns(names, held)
    fields = [schema[name] for name in names if name in held or name in covariates.names]
    levels = {name: list(known) for name, known in model.features.levels.items()}
    asked = pa.table(
        {"customer_id": pa.array(customers, pa.string()), "place": np.arange(len(customers))}
    )
    for bucket, part in buckets.split(asked, workspace.settings.buckets):
        table = profiles.read(bucket, columns)
        assert table is not None, "every exposure has a profile"
        table = covariates.beside(table, bucket)
        known = table.column("customer_id").combine_chunks()
        row = pc.index_in(part.column("customer_id"), known)
        yield part.column("place").to_numpy(), feature_frame(table.take(row), fields, levels)


def _covariates_then(
    workspace: Workspace, record: ModelRecord, model: UpliftModel, campaign_id: str
) -> Covariates:
    """The model's covariates as of the start of a campaign that it did not learn from. Raises
    NotFound where its axes are no more."""
    version = workspace.snapshots.open(record.evidence_id).meta.get("axes_version")
    axes = None if version is None else kept_memberships(workspace, campaign_id, version)
    covariates = covariates_of(workspace.schema(), model.features.names, axes)
    if axes is None and any(name.startswith(AXIS) for name in covariates.names):
        raise NotFound(
            f"{record.id} learned from version {version} of the axes, by which nobody was placed "
            f"as of {campaign_id}."
        )
    return covariates


def _remarks(judge: ModelRecord, other: ModelRecord) -> tuple[str, ...]:
    """What the two were made under that differs."""
    stated = [_economics(record.card) for record in (judge, other)]
    both = stated[0].keys() & stated[1].keys()
    if all(stated[0][name] == stated[1][name] for name in both):
        return ()
    return (
        f"{other.id} chose under other values or costs; both are valued by those of {judge.id}.",
    )


def _economics(card: dict[str, Any]) -> dict[str, Any]:
    economics = card["economics"]
    triggers = card["evaluation"]["arms"][1:]
    costs = zip(economics["unit_cost"], economics["redemption_cost"], strict=True)
    return {"value": economics["value_per_unit"], **dict(zip(triggers, costs, strict=True))}
