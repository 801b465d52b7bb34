"""One experiment file, read and checked against its mapping, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.customer import Field, FieldType
from domain.errors import BadData, BadMapping
from domain.experiment import Campaign, Design, Outcome
from domain.triggers import CATALOGUE, NO_TRIGGER, Channel, Trigger, TriggerCatalogue
from workflows.experimentfields import read_fields
from workflows.experimentoutcomes import read_outcomes
from workflows.mapping import ExperimentMapping, arm_value
from workflows.reading import convert, read_table

EXPOSURES = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("customer_id", pa.string()),
        ("trigger", pa.string()),
        ("propensities", pa.map_(pa.string(), pa.float64())),
        ("assigned_at", pa.timestamp("us", "UTC")),
        ("sent_at", pa.timestamp("us", "UTC")),
        ("outcomes", pa.map_(pa.string(), pa.float64())),
        ("cluster_id", pa.string()),
    ]
)


@dataclass(frozen=True)
class Experiment:
    """A file after all checks, before anything is written."""

    campaign: Campaign
    triggers: tuple[Trigger, ...]
    fields: tuple[Field, ...]
    outcomes: tuple[Outcome, ...]
    profiles: pa.Table
    exposures: pa.Table
    arms: tuple[str, ...]
    arm: NDArray[np.int64]
    stated: NDArray[np.float64] | None


def read_experiment(
    path: Path,
    mapping: ExperimentMapping,
    catalogue: TriggerCatalogue,
    now: datetime,
    *,
    described: bool = False,
) -> Experiment:
    """The file's campaign, exposures and profiles; `now` is its start where none is stated.
    `described` says that the workspace knows its customers, so that the file need not.

    Raises `BadData` or `BadMapping`, naming the row or column, for whatever does not fit.
    """
    table = read_table(path)
    _require_columns(table, mapping)
    ids = _customer_ids(table, mapping)
    triggers = _own_triggers(mapping, catalogue)
    arms, arm = _arms(table, mapping)
    stated = _stated_propensities(table, mapping, arms)
    outcomes, values = read_outcomes(table, mapping)
    fields, columns = read_fields(table, mapping)
    if not fields and not described:
        raise BadData(
            f"{path} has no column that describes the customers.",
            remedy="Without one nobody can be told apart; add what was known of them before.",
        )
    started_at = mapping.started_at(now)
    campaign = Campaign(
        campaign_id=mapping.campaign.id,
        name=mapping.campaign.name or mapping.campaign.id,
        started_at=started_at,
        design=mapping.campaign.design,
        channel=mapping.campaign.channel,
        outcome_window_days=mapping.campaign.outcome_window_days,
        arm_probabilities=_by_trigger(mapping),
    )
    rows = table.num_rows
    propensities = _propensities(stated, arm, arms, mapping.campaign.design)
    cluster = mapping.customer.cluster
    exposures = pa.table(
        {
            "campaign_id": pa.array([campaign.campaign_id] * rows),
            "customer_id": ids,
            "trigger": pa.array(np.asarray(arms, dtype=object)[arm], pa.string()),
            "propensities": _maps(arms, propensities, rows),
            "assigned_at": pa.array([started_at] * rows, pa.timestamp("us", "UTC")),
            "sent_at": pa.nulls(rows, pa.timestamp("us", "UTC")),
            "outcomes": _maps(tuple(values), np.column_stack(list(values.values())), rows),
            "cluster_id": table.column(cluster).cast(pa.string())
            if cluster
            else pa.nulls(rows, pa.string()),
        },
        schema=EXPOSURES,
    )
    return Experiment(
        campaign,
        triggers,
        fields,
        outcomes,
        pa.table({"customer_id": ids, **columns}),
        exposures,
        arms,
        arm,
        stated,
    )


def _require_columns(table: pa.Table, mapping: ExperimentMapping) -> None:
    named = {
        mapping.arm.column,
        *(outcome.column for outcome in mapping.outcomes.values()),
        *mapping.fields,
        *mapping.ignore.columns,
        *(mapping.arm.probability_columns or {}).values(),
        *filter(None, (mapping.customer.column, mapping.customer.cluster)),
    }
    missing = sorted(named - set(table.column_names))
    if missing:
        raise BadData(
            f"The file has no column {missing[0]!r}.",
            remedy=f"Its columns are {', '.join(map(repr, table.column_names))}.",
            field=missing[0],
        )


def _customer_ids(table: pa.Table, mapping: ExperimentMapping) -> pa.Array:
    if mapping.customer.column is None:
        width = max(8, len(str(table.num_rows)))
        return pa.array([f"row_{row:0{width}d}" for row in range(1, table.num_rows + 1)])
    name = mapping.customer.column
    ids = table.column(name).cast(pa.string()).combine_chunks()
    nameless = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(ids), ""), True)
    missing = pc.index(nameless, True).as_py()
    if missing >= 0:
        raise BadData(f"Row {missing + 1} has no customer id in {name!r}.", field=name)
    counts = pc.value_counts(ids)
    if len(counts) < len(ids):
        double = counts.field("values")[
            pc.index(pc.greater(counts.field("counts"), 1), True).as_py()
        ]
        rows = np.flatnonzero(np.asarray(pc.equal(ids, double)))[:2] + 1
        raise BadData(
            f"Customer id {double.as_py()!r} stands in rows {rows[0]} and {rows[1]}.",
            remedy="In one campaign a customer is exposed once; keep one row each.",
            field=name,
        )
    return ids


def _own_triggers(mapping: ExperimentMapping, known: TriggerCatalogue) -> tuple[Trigger, ...]:
    """The triggers that the mapping defines, or states the cost of."""
    own = []
    for key, part in mapping.triggers.items():
        base = known.get(key)
        kind = part.type or (base.type if base else None)
        if kind is None:
            raise BadMapping(
                f"triggers.{key}: the catalogue does not know it.",
                remedy="State its type: monetary, psychological or informational.",
                field=key,
            )
        channels = part.channels if part.channels is not None else (base.channels if base else None)
        own.append(
            Trigger(
                key=key,
                name=part.name or (base.name if base else key.replace("_", " ").capitalize()),
                type=kind,
                unit_cost=part.unit_cost,
                redemption_cost=part.redemption_cost,
                channels=frozenset(Channel) if channels is None else frozenset(channels),
            )
        )
    known = known.with_triggers(tuple(own))
    for value, key in mapping.arm.triggers.items():
        if key not in known:
            raise BadMapping(
                f"arm.triggers: {value!r} is mapped to {key!r}, which the catalogue lacks.",
                remedy=f"Use one of {', '.join(CATALOGUE)}, or define [triggers.{key}].",
                field=key,
            )
    return tuple(own)


def _arms(table: pa.Table, mapping: ExperimentMapping) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The arms, `none` first, and the arm of every row."""
    name = mapping.arm.column
    to_trigger = mapping.arm.value_to_trigger()
    column = _arm_values(table.column(name))
    arms = (NO_TRIGGER, *mapping.arm.triggers.values())
    place = {value: arms.index(trigger) for value, trigger in to_trigger.items()}
    index = pc.index_in(column, pa.array(list(to_trigger)))
    unknown = pc.index(pc.is_null(index), True).as_py()
    if unknown >= 0:
        value = column[unknown].as_py()
        raise BadData(
            f"Row {unknown + 1} has {value!r} in {name!r}, which the mapping does not name."
            if value is not None
            else f"Row {unknown + 1} has no arm in {name!r}.",
            remedy="Add it to [arm.triggers], or leave such rows out of the file.",
            field=name,
        )
    arm = np.asarray(list(place.values()))[index.to_numpy()]
    sizes = np.bincount(arm, minlength=len(arms))
    if sizes[0] == 0:
        raise BadData(
            f"No row has {mapping.arm.control!r} in {name!r}: there is no control.",
            remedy="Without customers who got nothing no effect can be measured.",
            field=name,
        )
    for trigger, size in zip(arms, sizes, strict=True):
        if size == 0:
            raise BadData(f"No row has the arm of {trigger!r} in {name!r}.", field=name)
    return arms, arm.astype(np.int64)


def _arm_values(column: pa.ChunkedArray) -> pa.Array:
    """The arm of every row as the mapping writes it."""
    coded = column.combine_chunks().dictionary_encode()
    values = [v if v is None else arm_value(v) for v in coded.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(coded.indices)


def _stated_propensities(
    table: pa.Table, mapping: ExperimentMapping, arms: tuple[str, ...]
) -> NDArray[np.float64] | None:
    """(n, arms) as the mapping states them; None where it does not."""
    to_trigger = mapping.arm.value_to_trigger()
    if mapping.arm.probability_columns is not None:
        by_trigger = {to_trigger[v]: c for v, c in mapping.arm.probability_columns.items()}
        matrix = np.column_stack(
            [
                convert(by_trigger[a], table.column(by_trigger[a]), FieldType.FLOAT).to_numpy()
                for a in arms
            ]
        ).astype(np.float64)
        with np.errstate(invalid="ignore"):
            right = (matrix > 0).all(1) & (matrix < 1).all(1) & (abs(matrix.sum(1) - 1) < 1e-6)
        if not right.all():
            row = int(np.flatnonzero(~right)[0])
            raise BadData(
                f"The probabilities of row {row + 1} are {matrix[row].tolist()}: each must lie "
                "between 0 and 1 and they must add up to 1."
            )
        return matrix
    if mapping.arm.probabilities is None:
        return None
    shares = [{to_trigger[v]: p for v, p in mapping.arm.probabilities.items()}[a] for a in arms]
    return np.tile(np.asarray(shares, dtype=np.float64), (table.num_rows, 1))


def _by_trigger(mapping: ExperimentMapping) -> dict[str, float] | None:
    to_trigger = mapping.arm.value_to_trigger()
    stated = mapping.arm.probabilities
    return None if stated is None else {to_trigger[v]: p for v, p in stated.items()}


def _propensities(
    stated: NDArray[np.float64] | None,
    arm: NDArray[np.int64],
    arms: tuple[str, ...],
    design: Design,
) -> NDArray[np.float64] | None:
    """What is kept with every exposure: as stated; a randomised campaign's observed shares where
    nothing was stated; None for a targeted one, whose propensities are estimated in training."""
    if stated is not None:
        return stated
    if design is Design.TARGETED:
        return None
    shares = np.bincount(arm, minlength=len(arms)) / len(arm)
    return np.tile(shares, (len(arm), 1))


def _maps(keys: tuple[str, ...], values: NDArray[np.float64] | None, rows: int) -> pa.Array:
    """One map a row, all with the same keys; null maps where there are no values."""
    if values is None:
        return pa.nulls(rows, pa.map_(pa.string(), pa.float64()))
    offsets = np.arange(rows + 1, dtype=np.int32) * len(keys)
    return pa.MapArray.from_arrays(offsets, pa.array(list(keys) * rows), pa.array(values.ravel()))
