"""X, arm, outcome and propensity of past campaigns, checked once at the door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from domain.errors import BadData, NoEvidence
from domain.experiment import OutcomeKind
from domain.triggers import NO_TRIGGER
from uplift.features import FeatureSpace

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class NoControl(NoEvidence):
    """No row was held out, so that no effect can be seen."""


class OneArm(NoEvidence):
    """Every row is in one arm."""


class ConstantOutcome(NoEvidence):
    """The outcome is the same for everyone."""


class InfiniteValue(BadData):
    """A feature, an outcome or a propensity is infinite (or an outcome missing)."""


class LengthMismatch(BadData):
    """Two arrays that describe the same rows differ in length."""


class BadPropensity(BadData):
    """Stated propensities are no probabilities of the arms."""


class BadOutcome(BadData):
    """An outcome does not fit its kind."""


class BadArm(BadData):
    """An arm's number or name is not one of the experiment's."""


@dataclass(frozen=True)
class UpliftDataset:
    """Rows of past campaigns: one row is one customer's exposure.

    X (n, features) holds numbers, bools and pandas categories, NaN allowed; `arm` (n,) indexes
    `arms`, whose first is the held-out control "none"; `outcome` (n,); `propensity` (n, arms) is
    the probability with which each arm was assigned, None where it must be estimated;
    `customer_id` (n,) keeps a customer in one fold; `cluster` (n,) names the unit of assignment
    where that is wider than the customer (a household). `campaign` (n,) numbers the campaigns of
    pooled exposures in the order of time. An arm that a row's campaign did not offer has the
    propensity 0 there. Make it by `checked`.
    """

    X: pd.DataFrame
    arm: IntArray
    outcome: FloatArray
    arms: tuple[str, ...]
    kind: OutcomeKind
    propensity: FloatArray | None
    customer_id: NDArray[Any]
    cluster: NDArray[Any] | None = None
    lower_is_better: bool = False
    campaign: IntArray | None = None

    @classmethod
    def checked(
        cls,
        X: pd.DataFrame,
        arm: ArrayLike,
        outcome: ArrayLike,
        arms: tuple[str, ...],
        kind: OutcomeKind,
        propensity: ArrayLike | None = None,
        customer_id: ArrayLike | None = None,
        cluster: ArrayLike | None = None,
        lower_is_better: bool = False,
        campaign: ArrayLike | None = None,
    ) -> UpliftDataset:
        """A data set of which the rest of the package may trust every property.

        `propensity` may be (arms,), the same for everyone. Without `customer_id` each row is a
        customer. Raises NoControl, OneArm, ConstantOutcome, InfiniteValue, LengthMismatch,
        BadPropensity, BadOutcome, BadArm or BadFeature, each naming the value and the remedy.
        """
        X = X.reset_index(drop=True)
        n = len(X)
        codes = _checked_arm(np.asarray(arm), arms)
        values = np.asarray(outcome, dtype=np.float64)
        ids = np.arange(n).astype(str) if customer_id is None else np.asarray(customer_id)
        groups = None if cluster is None else np.asarray(cluster)
        sent_in = None if campaign is None else np.asarray(campaign, dtype=np.int64)
        arrays = {"arm": codes, "outcome": values, "customer_id": ids}
        optional = {"cluster": groups, "campaign": sent_in}
        arrays.update({name: array for name, array in optional.items() if array is not None})
        for name, array in arrays.items():
            _check_length(name, array, n)
        check_features(X)
        _check_outcome(values, kind)
        chances = None if propensity is None else checked_propensity(propensity, codes, len(arms))
        return cls(X, codes, values, arms, kind, chances, ids, groups, lower_is_better, sent_in)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def unit(self) -> NDArray[Any]:
        """(n,) the unit that errors are clustered by: the cluster, or else the customer."""
        return self.customer_id if self.cluster is None else self.cluster

    def take(self, rows: ArrayLike) -> UpliftDataset:
        """The rows of a boolean mask (n,) or of an index array, in its order."""
        chosen = np.asarray(rows)
        index = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return replace(
            self,
            X=self.X.iloc[index].reset_index(drop=True),
            arm=self.arm[index],
            outcome=self.outcome[index],
            propensity=None if self.propensity is None else self.propensity[index],
            customer_id=self.customer_id[index],
            cluster=None if self.cluster is None else self.cluster[index],
            campaign=None if self.campaign is None else self.campaign[index],
        )


def checked_propensity(propensity: ArrayLike, arm: IntArray, arms: int) -> FloatArray:
    """Propensities as (n, arms) of rows that got `arm` (n,).

    0 means that an arm was not on offer; the control always was. Raises BadPropensity or
    LengthMismatch.
    """
    n = len(arm)
    chances = np.asarray(propensity, dtype=np.float64)
    if chances.ndim == 1 and chances.shape == (arms,):
        chances = np.tile(chances, (n, 1))
    if chances.shape != (n, arms):
        raise LengthMismatch(
            f"propensity has the shape {chances.shape}, the data {n} rows and {arms} arms.",
            remedy=f"Give ({n}, {arms}), or ({arms},) where it is the same for everyone.",
            field="propensity",
        )
    possible = ((chances >= 0) & (chances < 1)).all(axis=1)
    possible &= (chances[:, 0] > 0) & (chances[np.arange(n), arm] > 0)
    if not possible.all():
        row = int(np.flatnonzero(~possible)[0])
        raise BadPropensity(
            f"Row {row} has the propensities {chances[row].tolist()} and the arm {arm[row]}: the "
            f"control's and its own must be above 0, and none below 0 or at 1.",
            remedy="Leave out rows that could not have been held out.",
            field="propensity",
        )
    off = np.abs(chances.sum(axis=1) - 1) > 1e-6
    if off.any():
        row = int(np.flatnonzero(off)[0])
        raise BadPropensity(
            f"The propensities of row {row} sum to {chances[row].sum():.6g}, not to 1.",
            remedy="Give the probability of every arm, the control included.",
            field="propensity",
        )
    return chances


def _checked_arm(arm: NDArray[Any], arms: tuple[str, ...]) -> IntArray:
    if not arms or arms[0] != NO_TRIGGER:
        raise NoControl(
            f"The arms {list(arms)} do not begin with the control {NO_TRIGGER!r}.",
            remedy="Name the held-out control, and put it first.",
            field="arms",
        )
    if len(arms) < 2:
        raise OneArm("There is no arm beside the control.", remedy="Name at least one trigger.")
    if not np.issubdtype(arm.dtype, np.integer):
        raise BadArm(
            f"arm holds {arm.dtype}, not the places of {list(arms)}.",
            remedy="Give integers, 0 for the control.",
            field="arm",
        )
    strange = (arm < 0) | (arm >= len(arms))
    if strange.any():
        row = int(np.flatnonzero(strange)[0])
        raise BadArm(
            f"Row {row} has the arm {arm[row]}, but there are {len(arms)} arms.",
            remedy="Give integers from 0 to the number of triggers.",
            field="arm",
        )
    present = np.unique(arm)
    if len(present) == 1:
        raise OneArm(
            f"All {len(arm)} rows are in the arm {arms[present[0]]!r}.",
            remedy="An effect needs a treated and a held-out group.",
            field="arm",
        )
    if 0 not in present:
        raise NoControl(
            "No row is in the control.",
            remedy="An effect needs customers who were held out.",
            field="arm",
        )
    return arm.astype(np.int64)


def _check_length(name: str, array: NDArray[Any], n: int) -> None:
    if array.shape != (n,):
        raise LengthMismatch(
            f"{name} has the shape {array.shape}, X has {n} rows.",
            remedy="Give one value a row.",
            field=name,
        )


def check_features(X: pd.DataFrame) -> None:
    """Raises BadFeature for a column that no tree can split, InfiniteValue for an infinite one."""
    FeatureSpace.of(X)
    for name in X.columns:
        column = X[name]
        if not pd.api.types.is_float_dtype(column.dtype):
            continue
        infinite = np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan))
        if infinite.any():
            raise InfiniteValue(
                f"Column {name!r} is infinite in row {int(np.flatnonzero(infinite)[0])}.",
                remedy="Replace it by a number or by a missing value.",
                field=str(name),
            )


def _check_outcome(outcome: FloatArray, kind: OutcomeKind) -> None:
    bad = ~np.isfinite(outcome)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InfiniteValue(
            f"The outcome of row {row} is {outcome[row]}.",
            remedy="Give a finite number a row; who bought nothing has 0.",
            field="outcome",
        )
    if kind is OutcomeKind.BINARY:
        bad = (outcome != 0) & (outcome != 1)
        wanted = "0 or 1"
    elif kind is OutcomeKind.COUNT:
        bad = (outcome < 0) | (outcome != np.round(outcome))
        wanted = "a whole number from 0"
    if kind is not OutcomeKind.MONEY and bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise BadOutcome(
            f"The {kind.value} outcome of row {row} is {outcome[row]:g}, not {wanted}.",
            remedy="State the outcome's kind as it is: binary, count or money.",
            field="outcome",
        )
    if len(outcome) and outcome.min() == outcome.max():
        raise ConstantOutcome(
            f"The outcome is {outcome[0]:g} in every row.",
            remedy="Nothing can be learned from it; choose another outcome.",
            field="outcome",
        )
