"""What a model says of one customer: the choice, the effect and its reasons, the nearest change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from domain.customer import Field, FieldType, Schema
from domain.experiment import Outcome
from domain.reasons import NearestChange, Reason
from domain.segment import SegmentVersion, Uplift
from domain.triggers import NO_TRIGGER
from storage.population import Population
from storage.snapshots import Snapshot
from uplift.dataset import FloatArray
from uplift.explain import shap_values
from uplift.model import UpliftModel
from uplift.policy import with_none
from uplift.standings import changes, standings
from workflows.amounts import ValueUnit, effect, size
from workflows.covariates import Covariates
from workflows.decision import named
from workflows.features import feature_fields, feature_frame
from workflows.memberreasons import REASONS
from workflows.membership import group_basis
from workflows.modelfiles import load_groups
from workflows.unmet import as_typed, own_value, person, said_value
from workflows.workspace import Workspace


@dataclass(frozen=True)
class Asked:
    """One customer asked about, and what a version was frozen with."""

    workspace: Workspace
    schema: Schema
    customer_id: str
    version: SegmentVersion
    model: UpliftModel
    outcome: Outcome
    allowed: tuple[str, ...]
    profiles: Snapshot
    covariates: Covariates
    people: Population

    @property
    def unit(self) -> ValueUnit:
        """What net values are in."""
        return ValueUnit.of(
            self.outcome.name,
            self.outcome.kind,
            self.model.economics.money,
            self.workspace.settings.currency,
        )


@dataclass(frozen=True)
class Choice:
    """The best of what the brief allows for a customer, and the next."""

    best: str
    runner_up: str
    margin: float
    text: str


def choice_of(asked: Asked, net: FloatArray) -> Choice:
    """The best trigger for the customer and the next, from net values (1, allowed)."""
    names, trigger, unit = (
        (NO_TRIGGER, *asked.allowed),
        asked.version.recommended_trigger,
        asked.unit,
    )
    found = standings(net)
    best, second = names[int(found.choice[0])], names[int(found.runner_up[0])]
    margin = float(found.margin[0])
    if best == trigger:
        other = _named(second)
        turn = "costs that much more" if unit.money else "brings that much less"
        text = (
            f"{_told(trigger)} is the best choice for this customer. The runner-up, {other}, is "
            f"{unit.said(margin)} behind, and is better once {named(trigger)} {turn}."
        )
    else:
        gap = float(with_none(net)[0, names.index(best)] - net[0, asked.allowed.index(trigger)])
        text = (
            f"{_told(best)} is the best choice for this customer; {named(trigger)} is "
            f"{unit.said(gap)} behind."
        )
    return Choice(best, second, margin, text)


def _named(trigger: str) -> str:
    return "doing nothing" if trigger == NO_TRIGGER else named(trigger)


def _told(trigger: str) -> str:
    return _named(trigger).capitalize()


def uplift_of(asked: Asked, score: float) -> Uplift:
    """What held-out customers of a like predicted effect of the segment's trigger showed."""
    trigger = asked.version.recommended_trigger
    groups = load_groups(asked.workspace, asked.version.model_id)
    estimate, low, high = (float(one[0]) for one in groups.look_up(trigger, np.array([score])))
    return Uplift(
        estimate=estimate, low=low, high=high, basis=group_basis(trigger, asked.outcome.name)
    )


def expected(asked: Asked, score: float, uplift: Uplift) -> str:
    """The predicted effect and the measured one, in words."""
    kind = asked.outcome.kind
    currency = asked.workspace.settings.currency
    told = effect(score, asked.outcome.name, kind, currency)
    like, low, high = (
        size(value, kind, signed=True) for value in (uplift.estimate, uplift.low, uplift.high)
    )
    noun = asked.outcome.name.replace("_", " ")
    return (
        f"The model expects {named(asked.version.recommended_trigger)} to change {noun} by {told}; "
        f"on held-out customers with a like prediction it was {like} ({low} to {high})."
    )


def features_of(asked: Asked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The customer's features (one row), and those of a bucket of customers to compare with."""
    used = set(asked.model.features.names)
    fields = [f for f in feature_fields(asked.schema.values()) if f.name in used]
    row = asked.people.select(person(asked.customer_id), [f.name for f in fields])
    bucket = min(asked.profiles.files)
    held = asked.profiles.table_schema().names
    others = asked.profiles.read(bucket, asked.covariates.columns(used, held))
    assert others is not None
    others = asked.covariates.beside(others, bucket)
    return feature_frame(row, fields), feature_frame(others, fields)


def reasons_of(asked: Asked, row: pd.DataFrame) -> tuple[Reason, ...]:
    """The fields with the largest TreeSHAP values of the effect on this customer."""
    model, outcome = asked.model, asked.outcome
    values = shap_values(model, row, asked.version.recommended_trigger)[0]
    own = asked.people.select(person(asked.customer_id), list(row.columns)).to_pylist()[0]
    found: list[Reason] = []
    for place in np.argsort(-np.abs(values), kind="stable").tolist():
        name = model.features.names[place]
        if values[place] == 0 or len(found) == REASONS:
            break
        if name not in own:
            continue
        value = own_value(own[name], asked.schema[name])
        part = effect(values[place], outcome.name, outcome.kind, asked.workspace.settings.currency)
        found.append(
            Reason(
                field=name,
                value=value,
                effect=float(values[place]),
                text=f"{said_value(value, asked.schema[name])} ({part})",
            )
        )
    return tuple(found)


def because(reasons: tuple[Reason, ...]) -> str:
    """The reasons in words."""
    if not reasons:
        return "It expects the same of everyone, so that no field is a reason."
    listed = "; ".join(reason.text for reason in reasons)
    return f"What most sets this customer's effect apart from the average: {listed}."


def nearest_change(
    asked: Asked, row: pd.DataFrame, reference: pd.DataFrame
) -> NearestChange | None:
    found = changes(asked.model, row, reference, asked.allowed)
    if not found:
        return None
    nearest = found[0]
    field = asked.schema[nearest.field]
    value = own_value(as_typed(nearest.value, field), field)
    trigger = asked.model.arms[nearest.choice]
    return NearestChange(
        field=nearest.field,
        value=value,
        trigger=trigger,
        text=f"For a customer like this one {_but(value, field)}, {_named(trigger)} would be the "
        "best choice by the model.",
    )


def _but(value: str, field: Field) -> str:
    """`but with usual basket 50`, `who does not read the newsletter`."""
    if field.type is FieldType.BOOL and field.negated:
        return f"who {value}"
    return f"but with {said_value(value, field)}"
