"""The play of a campaign on the synthetic customers, so that the whole loop can be tried.

Outcomes are drawn from the hidden truth, as the world would produce them. What comes back is what
a company would have measured: it can be imported as an experiment, and learned from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.errors import BadData, BadRequest
from domain.triggers import NO_TRIGGER
from synth.chance import Floats, Ints, Keys, Stream, keys, normal, poisson, uniform
from synth.truth import NOW

_SYNTHETIC = re.compile(r"cust_[0-9a-f]{8}")
_SPREAD = 0.6
"""Standard deviation of the logarithm of what a buyer spends, about the customer's own mean."""


def randomise(customer_ids: Sequence[str], shares: Mapping[str, float], seed: int) -> pa.Table:
    """Assign customers to triggers at random: `customer_id`, `trigger`, `propensities`.

    `shares` maps each arm, the control `none` included, to its probability; a campaign without
    control can't be learned from, so one is required.
    """
    arms = tuple(shares)
    probability = np.array([shares[arm] for arm in arms], dtype=np.float64)
    if NO_TRIGGER not in shares or probability.min() <= 0 or abs(probability.sum() - 1) > 1e-9:
        raise BadRequest(
            f"The shares {dict(shares)} are no probabilities of arms with a control.",
            remedy=f"Give each arm, {NO_TRIGGER!r} included, a positive share; they sum to 1.",
            field="shares",
        )
    draw = uniform(_keys(customer_ids, seed), Stream.ASSIGNMENT)
    code = np.searchsorted(np.cumsum(probability)[:-1], draw, side="right")
    row = list(shares.items())
    return pa.table(
        {
            "customer_id": pa.array(customer_ids, type=pa.string()),
            "trigger": pa.array(arms).take(pa.array(code)),
            "propensities": pa.array(
                [row] * len(customer_ids), type=pa.map_(pa.string(), pa.float64())
            ),
        }
    )


def simulate(truth: pa.Table, assigned: pa.Table, seed: int, *, campaign: str = NOW) -> pa.Table:
    """Play a campaign: the rows of `assigned` with `converted`, `revenue`, `orders` and `visit`.

    `truth` is the table `potential_outcomes`, of which the rows of `campaign` are used (by default
    a campaign that starts now), for at least the customers assigned; `assigned` has `customer_id`
    and `trigger`, and any other columns, which are kept. A customer draws the same luck whatever
    the trigger, so that two plays with one seed differ only by what the triggers do. Raises
    `BadData` for a customer or a trigger that the synthetic world does not know.
    """
    truth = truth.filter(pc.equal(truth["campaign_id"], campaign))
    place = pc.index_in(assigned["customer_id"], value_set=truth["customer_id"].combine_chunks())
    if place.null_count:
        stranger = assigned["customer_id"].filter(pc.is_null(place))[0].as_py()
        raise BadData(
            f"There is no hidden truth about the customer {stranger!r}.",
            remedy="Play campaigns only on the customers of a synthetic workspace.",
            field="customer_id",
        )
    arms, code = np.unique(assigned["trigger"].to_numpy(), return_inverse=True)
    unknown = [arm for arm in arms if f"converted_{arm}" not in truth.column_names]
    if unknown:
        raise BadData(
            f"The synthetic world does not know the trigger {unknown[0]!r}.",
            remedy="Use the triggers of the standard catalogue.",
            field="trigger",
        )
    rows = place.to_numpy().astype(np.int64)
    expected = {
        outcome: _given(truth, outcome, [str(arm) for arm in arms], rows, code)
        for outcome in ("converted", "orders", "revenue", "visit")
    }
    played = _draw(expected, _keys(assigned["customer_id"].to_pylist(), seed))
    for name in ("converted", "revenue", "orders", "visit"):
        assigned = assigned.append_column(name, pa.array(played[name]))
    return assigned


def _given(truth: pa.Table, outcome: str, arms: list[str], rows: Ints, code: Ints) -> Floats:
    """The expectation of an outcome under the trigger that each customer was given."""
    table = np.stack([truth[f"{outcome}_{arm}"].to_numpy()[rows] for arm in arms], axis=1)
    given: Floats = table[np.arange(len(rows)), code].astype(np.float64)
    return given


def _draw(expected: dict[str, Floats], key: Keys) -> dict[str, Floats | Ints]:
    """Outcomes with these expectations: buyers' orders are 1 + Poisson, their spending lognormal,
    and whoever buys has visited."""
    p = expected["converted"]
    converted = uniform(key, Stream.SIMULATION, 0) < p
    buyers = np.maximum(p, 1e-9)
    more = np.maximum(expected["orders"] / buyers - 1, 0.0)
    extra = poisson(key, Stream.SIMULATION, more, 1)
    noise = np.exp(_SPREAD * normal(key, Stream.SIMULATION, 2) - _SPREAD**2 / 2)
    browses = np.clip((expected["visit"] - p) / np.maximum(1 - p, 1e-9), 0.0, 1.0)
    visits = converted | (uniform(key, Stream.SIMULATION, 3) < browses)
    return {
        "converted": converted.astype(np.int64),
        "revenue": np.where(converted, expected["revenue"] / buyers * noise, 0.0).round(2),
        "orders": np.where(converted, 1 + extra, 0),
        "visit": visits.astype(np.int64),
    }


def _keys(customer_ids: Sequence[str], seed: int) -> Keys:
    for one in customer_ids:
        if not _SYNTHETIC.fullmatch(one):
            raise BadData(
                f"{one!r} is no id of a synthetic customer.",
                remedy="Play campaigns only on the customers of a synthetic workspace.",
                field="customer_id",
            )
    return keys(seed, np.array([int(one[5:], 16) for one in customer_ids], dtype=np.int64))
