"""Why a customer is in a segment or not: the criteria, the effect's reasons, what would change it.

All of it is asked of the model, the profile and the members that the version was frozen with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from domain.criteria import conditions
from domain.customer import Schema, best_among_keys
from domain.errors import NotFound
from domain.experiment import Outcome
from domain.reasons import CustomerWhy, NearestChange, Reason, Standing, Unmet
from domain.segment import SegmentVersion, Uplift
from domain.triggers import NO_TRIGGER
from storage import models, segments
from storage.population import Population
from storage.snapshots import Snapshot
from uplift.dataset import FloatArray
from uplift.explain import changes, shap_values, standings
from uplift.model import UpliftModel
from uplift.policy import with_none
from workflows.amounts import ValueUnit, effect, size
from workflows.decision import named
from workflows.features import feature_fields, feature_frame
from workflows.membership import group_basis
from workflows.modelfiles import load_groups, load_model
from workflows.trainingdata import find_outcome
from workflows.unmet import as_typed, own_value, person, said_value, unmet_parts
from workflows.workspace import PROFILES, Workspace

REASONS = 3


@dataclass(frozen=True)
class _Asked:
    """One customer asked about, and what a version was frozen with."""

    workspace: Workspace
    schema: Schema
    customer_id: str
    version: SegmentVersion
    model: UpliftModel
    outcome: Outcome
    allowed: tuple[str, ...]
    profiles: Snapshot
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


def why(workspace: Workspace, customer_id: str, segment_id: str) -> CustomerWhy:
    """Why a customer is in the segment's current version, or is not.

    Raises NotFound where there is no such segment or customer.
    """
    with workspace.control.read() as session:
        version = segments.get(session, segment_id)
        record = models.get(session, version.model_id)
    schema = workspace.schema()
    model = load_model(workspace, record.id)
    profiles = workspace.snapshots.open(version.profiles_id)
    scores = workspace.snapshots.open(record.scores_id)
    with Population(schema, [profiles, scores]) as people:
        asked = _Asked(
            workspace,
            schema,
            customer_id,
            version,
            model,
            find_outcome(workspace, version.outcome),
            _allowed(version, model),
            profiles,
            people,
        )
        if not people.count(person(customer_id)):
            return _later(asked)
        return _explained(asked)


def _allowed(version: SegmentVersion, model: UpliftModel) -> tuple[str, ...]:
    """The triggers that the version chose among: its criteria say so."""
    for condition in conditions(version.criteria):
        among = best_among_keys(condition.field)
        if among is not None and condition.value == version.recommended_trigger:
            return among
    return model.judged


def _later(asked: _Asked) -> CustomerWhy:
    """A customer who was not there, or not scored, when the version was frozen."""
    version = asked.version
    with Population(asked.schema, [asked.workspace.current(PROFILES)]) as today:
        if not today.count(person(asked.customer_id)):
            raise NotFound(
                f"There is no customer {asked.customer_id!r}.",
                remedy="Give an id as it stands in the imported data.",
                field="customer_id",
            )
    return CustomerWhy(
        customer_id=asked.customer_id,
        segment_id=version.segment_id,
        version=version.version,
        trigger=version.recommended_trigger,
        standing=Standing.LATER,
        text=f"{asked.customer_id} was not known yet when this segment was made, on "
        f"{version.created_at:%Y-%m-%d}. Make it anew to have them considered.",
    )


def _explained(asked: _Asked) -> CustomerWhy:
    version, trigger = asked.version, asked.version.recommended_trigger
    columns = [f"net_value_for_{key}" for key in asked.allowed]
    scored = asked.people.select(
        person(asked.customer_id), [*columns, f"uplift_score_for_{trigger}"]
    ).to_pylist()[0]
    if None in scored.values():
        return _later(asked)
    net = np.array([[scored[name] for name in columns]])
    unmet = unmet_parts(asked.people, asked.schema, version.criteria, asked.customer_id)
    choice = _choice(asked, net)
    score = scored[f"uplift_score_for_{trigger}"]
    uplift = _uplift(asked, score)
    row, reference = _features(asked)
    reasons = _reasons(asked, row)
    change = _change(asked, row, reference)
    standing = _standing(asked, unmet, choice.best)
    return CustomerWhy(
        customer_id=asked.customer_id,
        segment_id=version.segment_id,
        version=version.version,
        trigger=trigger,
        standing=standing,
        text=" ".join(
            (
                _membership(asked, standing, unmet),
                choice.text,
                _expected(asked, score, uplift),
                _because(reasons),
                change.text if change else "By the model no single field would change that.",
            )
        ),
        unmet=unmet,
        uplift=uplift,
        uplift_score=score,
        reasons=reasons,
        best=choice.best,
        runner_up=choice.runner_up,
        margin=choice.margin,
        unit=asked.unit.name,
        change=change,
    )


def _standing(asked: _Asked, unmet: tuple[Unmet, ...], best: str) -> Standing:
    members = asked.workspace.snapshots.open(asked.version.members_id).table(["customer_id"])
    if pc.any(pc.equal(members.column("customer_id"), asked.customer_id)).as_py():
        return Standing.MEMBER
    if unmet:
        return Standing.UNMET
    if best != asked.version.recommended_trigger:
        return Standing.OTHER_TRIGGER
    return Standing.CUT if asked.version.cut else Standing.LATER


def _membership(asked: _Asked, standing: Standing, unmet: tuple[Unmet, ...]) -> str:
    who, version = asked.customer_id, asked.version
    match standing:
        case Standing.MEMBER:
            return f"{who} is in this segment."
        case Standing.UNMET:
            return f"{who} is not in this segment. {' '.join(part.text for part in unmet)}"
        case Standing.OTHER_TRIGGER:
            return (
                f"{who} is not in this segment: the audience's conditions are met, but "
                f"{named(version.recommended_trigger)} is not the best for this customer."
            )
        case Standing.CUT:
            return f"{who} meets the criteria, but was cut off: kept are only {version.cut}."
        case Standing.LATER:
            return (
                f"{who} meets the criteria now, but is not among the members that were frozen on "
                f"{version.created_at:%Y-%m-%d}."
            )


@dataclass(frozen=True)
class _Choice:
    best: str
    runner_up: str
    margin: float
    text: str


def _choice(asked: _Asked, net: FloatArray) -> _Choice:
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
    return _Choice(best, second, margin, text)


def _named(trigger: str) -> str:
    return "doing nothing" if trigger == NO_TRIGGER else named(trigger)


def _told(trigger: str) -> str:
    return _named(trigger).capitalize()


def _uplift(asked: _Asked, score: float) -> Uplift:
    trigger = asked.version.recommended_trigger
    groups = load_groups(asked.workspace, asked.version.model_id)
    estimate, low, high = (float(one[0]) for one in groups.look_up(trigger, np.array([score])))
    return Uplift(
        estimate=estimate, low=low, high=high, basis=group_basis(trigger, asked.outcome.name)
    )


def _expected(asked: _Asked, score: float, uplift: Uplift) -> str:
    kind = asked.outcome.kind
    currency = asked.workspace.settings.currency
    expected = effect(score, asked.outcome.name, kind, currency)
    like, low, high = (
        size(value, kind, signed=True) for value in (uplift.estimate, uplift.low, uplift.high)
    )
    return (
        f"The model expects {expected} from {named(asked.version.recommended_trigger)}; held-out "
        f"customers of whom it expected the like showed {like} ({low} to {high})."
    )


def _features(asked: _Asked) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The customer's features (one row), and those of a bucket of customers to compare with."""
    used = set(asked.model.features.names)
    fields = [f for f in feature_fields(asked.schema.values()) if f.name in used]
    row = asked.people.select(person(asked.customer_id), [f.name for f in fields])
    others = asked.profiles.read(min(asked.profiles.files), [f.name for f in fields])
    assert others is not None
    return feature_frame(row, fields), feature_frame(others, fields)


def _reasons(asked: _Asked, row: pd.DataFrame) -> tuple[Reason, ...]:
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


def _because(reasons: tuple[Reason, ...]) -> str:
    if not reasons:
        return "It expects the same of everyone, so that no field is a reason."
    listed = "; ".join(reason.text for reason in reasons)
    return f"What most sets this customer's effect apart from the average: {listed}."


def _change(asked: _Asked, row: pd.DataFrame, reference: pd.DataFrame) -> NearestChange | None:
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
        text=f"All else being equal, {_named(trigger)} would be the best choice by the model with "
        f"{said_value(value, field)}.",
    )
