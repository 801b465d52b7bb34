"""Is an experiment sound? Sample ratio, covariate balance, and whether the arm can be predicted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import roc_auc_score

from domain.experiment import Design
from uplift.dataset import FloatArray, IntArray, checked_propensity
from uplift.features import FeatureSpace

ALARM = 0.001
"""Chance of a false alarm of each check, over all its columns, in a sound experiment."""
TINY = 0.05
"""A standardised difference below this is no imbalance, however sure a large sample is of it."""
TINY_AUC = 0.02
FOLDS = 3


@dataclass(frozen=True)
class DesignReport:
    """What the design check found; `warnings` is empty where nothing speaks against the design.

    `sizes` by arm; `ratio_p_value` the chi-square test of sizes against stated propensities, None
    where none are stated; `largest_difference` is the largest standardised mean difference of any
    arm from the control, in `largest_column` of `largest_arm`; `auc` with `auc_se` that of a model
    that tells `auc_arm` from the control out of fold, the worst arm's.
    """

    sizes: dict[str, int]
    ratio_p_value: float | None
    largest_difference: float
    largest_column: str | None
    largest_arm: str | None
    auc: float
    auc_se: float
    auc_arm: str | None
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class _Difference:
    arm: str
    column: str
    value: float
    z: float


def check_design(
    X: pd.DataFrame,
    arm: IntArray,
    arms: tuple[str, ...],
    stated: FloatArray | None,
    design: Design,
    seed: int,
    n_jobs: int = 1,
) -> DesignReport:
    """Check an experiment before anything is learned from it.

    `stated` propensities are (arms,), (n, arms) or None. Where they differ by row, balance and
    predictability are those of the inversely weighted rows. Warnings take the sample size into
    account: each check raises a false alarm in about one of a thousand sound experiments.
    """
    n = len(X)
    chances = None if stated is None else checked_propensity(stated, arm, len(arms))
    weight = np.ones(n) if chances is None else 1 / chances[np.arange(n), arm]
    sizes = np.bincount(arm, minlength=len(arms))
    ratio = None if chances is None else ratio_p_value(sizes, chances)
    present = [place for place in range(1, len(arms)) if sizes[place] > 1 and sizes[0] > 1]
    columns = indicator_columns(X)
    differences = [
        difference
        for place in present
        for difference in _differences(columns, arm, place, arms[place], weight)
    ]
    worst = max(differences, key=lambda item: abs(item.value), default=None)
    aucs = [(arms[place], *arm_auc(X, arm, place, weight, seed, n_jobs)) for place in present]
    auc_arm, auc, auc_se = max(
        aucs, key=lambda item: (item[1] - 0.5) / item[2], default=(None, 0.5, 0.0)
    )
    return DesignReport(
        sizes={name: int(sizes[place]) for place, name in enumerate(arms)},
        ratio_p_value=ratio,
        largest_difference=0.0 if worst is None else worst.value,
        largest_column=None if worst is None else worst.column,
        largest_arm=None if worst is None else worst.arm,
        auc=auc,
        auc_se=auc_se,
        auc_arm=auc_arm,
        warnings=_warnings(sizes, arms, ratio, differences, auc, auc_se, auc_arm, design),
    )


def ratio_p_value(sizes: NDArray[Any], propensity: FloatArray) -> float:
    """Chi-square test of arm sizes against the sums of propensities (n, arms).

    With propensities that differ by row, the variance of a size is less than a multinomial's, and
    the test errs on the quiet side.
    """
    return float(stats.chisquare(sizes, propensity.sum(axis=0)).pvalue)


def indicator_columns(X: pd.DataFrame, levels: int = 20) -> dict[str, FloatArray]:
    """Numeric columns as they are, categorical ones as an indicator for each frequent level, and
    an indicator of missing values for columns that have some."""
    columns: dict[str, FloatArray] = {}
    for name in X.columns:
        column = X[name]
        missing = column.isna().to_numpy()
        if isinstance(column.dtype, pd.CategoricalDtype):
            for level in column.value_counts().index[:levels]:
                columns[f"{name} = {level}"] = (column == level).to_numpy(dtype=np.float64)
        else:
            columns[str(name)] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if missing.any():
            columns[f"{name} is missing"] = missing.astype(np.float64)
    return columns


def _differences(
    columns: dict[str, FloatArray], arm: IntArray, place: int, name: str, weight: FloatArray
) -> list[_Difference]:
    found = []
    for column, values in columns.items():
        known = ~np.isnan(values)
        treated, control = known & (arm == place), known & (arm == 0)
        if treated.sum() < 2 or control.sum() < 2:
            continue
        mean_t, var_t, eff_t = _weighted_moments(values[treated], weight[treated])
        mean_c, var_c, eff_c = _weighted_moments(values[control], weight[control])
        spread = np.sqrt((var_t + var_c) / 2)
        if spread <= 1e-12 * max(1.0, abs(mean_t), abs(mean_c)):
            continue
        z = (mean_t - mean_c) / np.sqrt(var_t / eff_t + var_c / eff_c)
        found.append(_Difference(name, column, float((mean_t - mean_c) / spread), float(z)))
    return found


def _weighted_moments(values: FloatArray, weight: FloatArray) -> tuple[float, float, float]:
    """Weighted mean and variance, and Kish's effective sample size."""
    share = weight / weight.sum()
    mean = float(share @ values)
    effective = float(1 / np.sum(share**2))
    return mean, float(share @ (values - mean) ** 2) * effective / (effective - 1), effective


def arm_auc(
    X: pd.DataFrame, arm: IntArray, place: int, weight: FloatArray, seed: int, n_jobs: int
) -> tuple[float, float]:
    """Cross-validated AUC, with standard error, of a small LightGBM that tells an arm from the
    control. 0.5 is a coin: the arm can't be told from the profile. The error is that of Hanley
    and McNeil (1982) at 0.5, from effective sample sizes."""
    rows = np.flatnonzero((arm == place) | (arm == 0))
    label = (arm[rows] == place).astype(np.int64)
    features = FeatureSpace.of(X)
    matrix = features.encode(X.iloc[rows])
    scale = weight[rows] / np.where(
        label == 1, weight[rows][label == 1].mean(), weight[rows][label == 0].mean()
    )
    fold = _stratified(label, seed)
    score = np.zeros(len(rows))
    parameters = {
        "objective": "binary",
        "num_leaves": 4,
        "learning_rate": 0.1,
        "min_data_in_leaf": int(np.clip(len(rows) // 50, 5, 200)),
        "max_bin": 63,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": n_jobs,
        "verbosity": -1,
    }
    for held in range(FOLDS):
        inside = fold != held
        data = lgb.Dataset(
            matrix[inside],
            label=label[inside],
            weight=scale[inside],
            categorical_feature=list(features.categorical),
            params={"verbosity": -1},
        )
        booster = lgb.train(parameters, data, num_boost_round=40)
        # Ranks are compared across folds, so each fold's scores are brought to its own base rate.
        held_score = booster.predict(matrix[~inside], raw_score=True, num_threads=n_jobs)
        score[~inside] = held_score
    auc = float(roc_auc_score(label, score, sample_weight=scale))
    treated, control = (
        float(scale[label == side].sum() ** 2 / np.sum(scale[label == side] ** 2))
        for side in (1, 0)
    )
    return auc, float(np.sqrt((treated + control + 1) / (12 * treated * control)))


def _stratified(label: IntArray, seed: int) -> IntArray:
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(label), dtype=np.int64)
    for side in (0, 1):
        rows = rng.permutation(np.flatnonzero(label == side))
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def _warnings(
    sizes: NDArray[Any],
    arms: tuple[str, ...],
    ratio: float | None,
    differences: list[_Difference],
    auc: float,
    auc_se: float,
    auc_arm: str | None,
    design: Design,
) -> tuple[str, ...]:
    found = []
    if ratio is not None and ratio < ALARM:
        listed = ", ".join(f"{name} {sizes[place]:,}" for place, name in enumerate(arms))
        found.append(
            f"The arm sizes ({listed}) do not fit the stated propensities "
            f"(chi-square p = {ratio:.2g}): rows were lost or assigned otherwise than stated."
        )
    bound = stats.norm.isf(ALARM / 2 / max(len(differences), 1))
    sure = [item for item in differences if abs(item.z) > bound and abs(item.value) > TINY]
    if sure:
        worst = max(sure, key=lambda item: abs(item.value))
        more = f" and {len(sure) - 1} other differences" if len(sure) > 1 else ""
        found.append(
            f"{worst.arm} and the control differ in {worst.column!r} by {worst.value:+.2f} "
            f"standard deviations{more}, more than chance explains: " + _consequence(design)
        )
    if auc_se > 0 and (auc - 0.5) / auc_se > stats.norm.isf(ALARM) and auc > 0.5 + TINY_AUC:
        found.append(
            f"A model tells {auc_arm} from the control with an AUC of {auc:.2f} "
            f"(0.5 is chance, standard error {auc_se:.3f}): " + _consequence(design)
        )
    return tuple(found)


def _consequence(design: Design) -> str:
    if design is Design.RANDOMISED:
        return "the arms were not assigned at random alike, and raw differences are biased."
    return "effects rest on the profile explaining the assignment, and on overlap."
