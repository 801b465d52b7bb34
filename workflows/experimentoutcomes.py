"""The outcomes of an experiment file, checked against its mapping."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.criteria import MAX_NUMBER
from domain.customer import FieldType
from domain.errors import BadData
from domain.experiment import Outcome, OutcomeKind
from workflows.mapping import ExperimentMapping
from workflows.reading import convert


def read_outcomes(
    table: pa.Table, mapping: ExperimentMapping
) -> tuple[tuple[Outcome, ...], dict[str, NDArray[np.float64]]]:
    """The outcomes, and the values (n,) of each by its name."""
    outcomes, values = [], {}
    for name, part in mapping.outcomes.items():
        kind = mapping.outcome_kind(name)
        column = table.column(part.column)
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int64())
        numbers = convert(part.column, column, FieldType.FLOAT)
        missing = pc.index(pc.is_null(numbers), True).as_py()
        if missing >= 0:
            raise BadData(
                f"Row {missing + 1} has no outcome in {part.column!r}.",
                remedy="An outcome that was not seen is 0; a customer not followed is no row.",
                field=part.column,
            )
        array = numbers.to_numpy().astype(np.float64)
        _check_outcome(part.column, kind, array)
        outcomes.append(
            Outcome(
                name=name,
                kind=kind,
                source=part.column,
                value=part.value,
                lower_is_better=part.lower_is_better,
            )
        )
        values[name] = array
    return tuple(outcomes), values


def _check_outcome(column: str, kind: OutcomeKind, array: NDArray[np.float64]) -> None:
    if kind is OutcomeKind.BINARY:
        wrong, wanted = ~np.isin(array, (0.0, 1.0)), "0 or 1"
    elif kind is OutcomeKind.COUNT:
        wrong, wanted = (array < 0) | (array != np.floor(array)), "a whole number from 0"
    else:
        wrong, wanted = np.abs(array) > MAX_NUMBER, f"an amount of at most {MAX_NUMBER:g}"
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise BadData(
            f"Outcome {column!r} is {array[row]:g} in row {row + 1}, not {wanted}.",
            remedy="Mend the row, or state another kind in the mapping.",
            field=column,
        )
