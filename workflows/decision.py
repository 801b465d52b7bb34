"""What a decision about one objective rests on: the customers of today, the model, and the
held-out customers of the past campaign as its witnesses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.criteria import Expression
from domain.customer import Schema
from domain.experiment import Outcome
from domain.objective import CampaignObjective
from domain.segment import Interval
from domain.triggers import NO_TRIGGER, TriggerCatalogue
from storage.models import ModelRecord
from storage.population import Population
from uplift.evaluation import Estimate, mean_estimate, segment_lift
from uplift.groups import EffectGroups
from uplift.model import UpliftModel
from workflows.modelscores import AIPW, ARM, CLUSTER, NET
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Decision:
    """What the steps below share while one objective is worked on."""

    workspace: Workspace
    objective: CampaignObjective
    record: ModelRecord
    outcome: Outcome
    model: UpliftModel
    groups: EffectGroups
    schema: Schema
    catalogue: TriggerCatalogue
    people: Population
    witnesses: Population
    audience: Expression
    profiles_id: str
    axes_id: str | None
    scores_id: str
    exact: bool = False
    """Whether the audience is the whole of the criteria, whatever trigger is the best."""

    @property
    def money(self) -> bool:
        return self.model.economics.money

    def cost_known(self, trigger: str) -> bool:
        known = self.catalogue.require(trigger)
        return known.unit_cost is not None or known.redemption_cost is not None

    def reached(self, eligible: int) -> int:
        """How many of the eligible the brief lets be addressed."""
        most = self.objective.max_customers
        return eligible if most is None else min(eligible, most)


SAME_CRITERIA = "who met the same criteria when it started"


def witness_rows(decision: Decision, criteria: Expression) -> pa.Table:
    """Reporting customers whose profile as of the campaign's start meets the criteria."""
    return decision.witnesses.select(criteria, witness_columns(decision))


def witness_columns(decision: Decision) -> list[str]:
    """What every measure needs of the witnesses."""
    return [ARM, CLUSTER, *(f"{mark}{arm}" for mark in (AIPW, NET) for arm in decision.model.arms)]


def expected_cost(
    decision: Decision, effect: NDArray[np.float64], net: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What addressing a customer is expected to cost, in money: what the effect is worth, less the
    net value. 0 where the worth is not stated."""
    worth = decision.model.economics.value_per_unit
    if worth is None:
        return np.zeros_like(net)
    sign = -1 if decision.outcome.lower_is_better else 1
    return np.maximum(sign * worth * effect - net, 0.0)


@dataclass(frozen=True)
class Measured:
    """An effect among held-out customers, and in words whom it was measured on."""

    estimate: Estimate
    basis: str

    @property
    def interval(self) -> Interval:
        return as_interval(self.estimate, self.basis)


def as_interval(found: Estimate, basis: str) -> Interval:
    return Interval(
        estimate=found.value, low=found.low, high=found.high, level=found.level, basis=basis
    )


def measured_lift(
    decision: Decision, witness: pa.Table, trigger: str, who: str = SAME_CRITERIA
) -> Measured | str:
    """The lift among the witnesses, or in words why there is none; `who` they are, in words."""
    arms = decision.model.arms
    gamma = np.column_stack([witness.column(f"{AIPW}{arm}").to_numpy() for arm in arms])
    found = segment_lift(
        gamma,
        np.ones(len(gamma), dtype=bool),
        arms.index(trigger),
        witness.column(CLUSTER).to_numpy(zero_copy_only=False),
        arm=witness.column(ARM).to_numpy(),
        name=named(trigger),
    )
    if not isinstance(found, Estimate):
        return found.reason
    return Measured(
        found,
        f"{held_out(decision, found.n)} {who}",
    )


MOST_NAMES = 3


def held_out(decision: Decision, count: int) -> str:
    """`3,932 held-out customers of Spring test`; many campaigns are counted, not named."""
    names = [one["name"] for one in decision.record.card["campaigns"]]
    listed = " and ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} campaigns"
    return f"{count:,} held-out customers of {listed}"


def net_value(decision: Decision, witness: pa.Table, trigger: str) -> float | None:
    """Net value a customer among the witnesses, in money; None where value or cost is unknown."""
    if not (decision.money and decision.cost_known(trigger)) or witness.num_rows == 0:
        return None
    scores = witness.column(f"{NET}{trigger}").to_numpy()
    return mean_estimate(scores[np.isfinite(scores)]).value


def named(trigger: str) -> str:
    return "no trigger" if trigger == NO_TRIGGER else trigger.replace("_", " ")
