"""What weighs most in the predicted effect on each member, said when the members are frozen, so
that a pull needs no model."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.criteria import Expression
from domain.customer import Field
from uplift.explain import shap_values
from workflows.amounts import effect
from workflows.decision import Decision
from workflows.features import feature_fields, feature_frame
from workflows.unmet import own_value, said_value

REASONS = 3
ROWS_AT_ONCE = 50_000
"""Members whose TreeSHAP values are in memory together."""


def member_reasons(
    decision: Decision, trigger: str, criteria: Expression, members: pa.Table
) -> list[pa.Array]:
    """The first, second and third reason of each member (n,), as `uplift.explain.shap_values`
    weighs them; null where the model expects the same of everyone."""
    model = decision.model
    if not members.num_rows or not model.outcome.delivery.weight:
        return [pa.nulls(members.num_rows, pa.string())] * REASONS
    used = set(model.features.names)
    fields = {f.name: f for f in feature_fields(decision.schema.values()) if f.name in used}
    people = decision.people.select(criteria, ["customer_id", *fields])
    ids = members.column("customer_id").combine_chunks()
    people = people.filter(pc.is_in(people.column("customer_id"), value_set=ids))
    parts = [
        _reasons(decision, trigger, fields, people.slice(first, ROWS_AT_ONCE))
        for first in range(0, people.num_rows, ROWS_AT_ONCE)
    ]
    return [pa.array(np.concatenate(place), pa.string()) for place in zip(*parts, strict=True)]


def _reasons(
    decision: Decision, trigger: str, fields: dict[str, Field], people: pa.Table
) -> list[np.ndarray]:
    model, outcome = decision.model, decision.outcome
    currency = decision.workspace.settings.currency
    levels = {name: list(texts) for name, texts in model.features.levels.items()}
    values = shap_values(model, feature_frame(people, fields.values(), levels), trigger)
    known = [place for place, name in enumerate(model.features.names) if name in fields]
    names = [model.features.names[place] for place in known]
    values = values[:, known]
    order = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :REASONS]
    texts = np.full((people.num_rows, REASONS), None, dtype=object)
    for column, name in enumerate(names):
        rows, places = np.nonzero((order == column) & (values[:, [column]] != 0))
        own = people.column(name).take(pa.array(rows)).to_pylist()
        said: dict[object, str] = {}
        for row, place, value in zip(rows.tolist(), places.tolist(), own, strict=True):
            if value not in said:
                said[value] = said_value(own_value(value, fields[name]), fields[name])
            part = effect(values[row, column], outcome.name, outcome.kind, currency)
            texts[row, place] = f"{said[value]} ({part})"
    return [texts[:, place] for place in range(texts.shape[1])]
