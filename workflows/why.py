"""Why a customer is in a segment or not: the criteria, the effect's reasons, what would change it.

All of it is asked of the model, the profile and the members that the version was frozen with.
"""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from domain.choices import best_among_keys
from domain.criteria import conditions
from domain.errors import NotFound
from domain.reasons import CustomerWhy, Standing, Unmet
from domain.segment import SegmentVersion
from storage import models, segments
from storage.population import Population
from uplift.model import UpliftModel
from workflows.covariates import covariates_of
from workflows.decision import named
from workflows.modelfiles import load_model
from workflows.personal import (
    Asked,
    because,
    choice_of,
    expected,
    features_of,
    nearest_change,
    reasons_of,
    uplift_of,
)
from workflows.trainingdata import find_outcome
from workflows.unmet import person, unmet_parts
from workflows.workspace import PROFILES, Workspace


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
    axes = [] if version.axes_id is None else [workspace.snapshots.open(version.axes_id)]
    scores = workspace.snapshots.open(record.scores_id)
    with Population(schema, [profiles, *axes, scores]) as people:
        asked = Asked(
            workspace,
            schema,
            customer_id,
            version,
            model,
            find_outcome(workspace, version.outcome),
            _allowed(version, model),
            profiles,
            covariates_of(schema, model.features.names, axes[0] if axes else None),
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


def _later(asked: Asked) -> CustomerWhy:
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
        sentences=(
            f"{asked.customer_id} was not known yet when this segment was made, on "
            f"{version.created_at:%Y-%m-%d}.",
            "Make it anew to have this customer considered.",
        ),
    )


def _explained(asked: Asked) -> CustomerWhy:
    version, trigger = asked.version, asked.version.recommended_trigger
    columns = [f"net_value_for_{key}" for key in asked.allowed]
    scored = asked.people.select(
        person(asked.customer_id), [*columns, f"uplift_score_for_{trigger}"]
    ).to_pylist()[0]
    if None in scored.values():
        return _later(asked)
    net = np.array([[scored[name] for name in columns]])
    unmet = unmet_parts(asked.people, asked.schema, version.criteria, asked.customer_id)
    choice = choice_of(asked, net)
    score = scored[f"uplift_score_for_{trigger}"]
    uplift = uplift_of(asked, score)
    row, reference = features_of(asked)
    reasons = reasons_of(asked, row)
    change = nearest_change(asked, row, reference)
    standing = _standing(asked, unmet, choice.best)
    return CustomerWhy(
        customer_id=asked.customer_id,
        segment_id=version.segment_id,
        version=version.version,
        trigger=trigger,
        standing=standing,
        sentences=(
            _membership(asked, standing),
            *(part.text for part in unmet),
            choice.text,
            expected(asked, score, uplift),
            because(reasons),
            change.text if change else "By the model no single field would change the choice.",
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


def _standing(asked: Asked, unmet: tuple[Unmet, ...], best: str) -> Standing:
    members = asked.workspace.snapshots.open(asked.version.members_id).table(["customer_id"])
    if pc.any(pc.equal(members.column("customer_id"), asked.customer_id)).as_py():
        return Standing.MEMBER
    if unmet:
        return Standing.UNMET
    if best != asked.version.recommended_trigger:
        return Standing.OTHER_TRIGGER
    return Standing.CUT if asked.version.cut else Standing.LATER


def _membership(asked: Asked, standing: Standing) -> str:
    who, version = asked.customer_id, asked.version
    match standing:
        case Standing.MEMBER:
            return f"{who} is in this segment."
        case Standing.UNMET:
            return f"{who} is not in this segment."
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
