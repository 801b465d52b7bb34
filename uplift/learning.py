"""Learn from the learning customers, choose on them out of fold, report on the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from domain.errors import BadRequest, NoEvidence
from domain.experiment import OutcomeKind
from uplift.boosting import BinnedRows, ScoredRows
from uplift.capacity import Capacity, CapacityTrial, choose_capacity, ladder, r_loss
from uplift.crossfit import crossfit, grouped_folds
from uplift.dataset import (
    EvidenceRule,
    FloatArray,
    IntArray,
    Judged,
    NotEnoughEvidence,
    UpliftDataset,
    evidence,
)
from uplift.evaluation import LEVEL, aipw_scores
from uplift.features import FeatureSpace
from uplift.groups import EffectGroups, effect_groups
from uplift.model import EffectModels, Part, UpliftModel
from uplift.policy import Delivery, Economics, best_choice, choose_weight, with_none
from uplift.propensity import Overlap, PropensityModel, estimate_propensity, overlap
from uplift.ranking import calibration_slope
from uplift.report import Evaluation, evaluate
from uplift.stages import XModels, fit_x_models


@dataclass(frozen=True)
class LearningSettings:
    """How to learn. `capacity` None chooses one by out-of-fold R-loss among `capacity.ladder`.

    `weights` are the mixtures of personal and average effects that are tried, and `caution` the
    number of standard errors by which personalising has to beat the best constant arm. Models of
    a money outcome learn from it capped at the quantile `money_cap` of the nonzero amounts: a few
    large orders would otherwise drown what there is to learn. Estimates use the whole amounts. An
    arm is refused where less than `least_overlap` of the customers could have got it and the
    control.
    """

    folds: int = 5
    seed: int = 0
    n_jobs: int = 1
    capacity: Capacity | None = None
    minimum: EvidenceRule = field(default_factory=EvidenceRule)
    weights: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0)
    caution: float = 1.645
    level: float = LEVEL
    money_cap: float = 0.95
    least_overlap: float = 0.5


@dataclass(frozen=True)
class Learned:
    """A model and what is known of it.

    `learning_scores` and `reporting_scores` (rows, arms) are cross-fitted AIPW scores of the
    outcome, `reporting_net_scores` of the net value against none; only the reporting ones may be
    reported.
    """

    model: UpliftModel
    evaluation: Evaluation
    learning_scores: FloatArray
    reporting_scores: FloatArray
    reporting_net_scores: FloatArray
    groups: EffectGroups


@dataclass(frozen=True)
class _Fitted:
    """One outcome's final models, with AIPW scores and raw predictions of both parts.

    `learning_mu` and `learning_tau` are out of fold.
    """

    capacity: Capacity
    trials: tuple[CapacityTrial, ...]
    models: XModels
    learning_mu: FloatArray
    learning_tau: FloatArray
    learning: FloatArray
    reporting: FloatArray
    tau: FloatArray


def learn(
    learning: UpliftDataset,
    reporting: UpliftDataset,
    economics: Economics,
    settings: LearningSettings | None = None,
) -> Learned:
    """Train, choose and evaluate a multi-treatment uplift model.

    Everything that is fitted or chosen uses out-of-fold scores of `learning`; `reporting` (other
    customers, the same columns and arms) is only judged. Raises NoEvidence where the control or
    every trigger has too few rows or responders, BadRequest where the parts do not match.
    """
    settings = settings or LearningSettings()
    _check_parts(learning, reporting, economics)
    judgements = evidence(learning, settings.minimum)
    _judged_places(judgements, learning.arms)
    features = FeatureSpace.of(learning.X)
    matrix, report_matrix = features.encode(learning.X), features.encode(reporting.X)
    fold = grouped_folds(learning.unit, settings.folds, settings.seed)
    chances, report_chances, overlaps = _propensities(
        learning, reporting, matrix, report_matrix, features, fold, settings
    )
    judgements = _without_overlap(judgements, overlaps, settings)
    judged = _judged_places(judgements, learning.arms)
    sizes = np.bincount(learning.arm, minlength=len(learning.arms))[[0, *judged]]
    capacities = (settings.capacity,) if settings.capacity else ladder(sizes)
    rows = BinnedRows(matrix, features.categorical, capacities[0].outcome.bins, settings.n_jobs)
    report_rows = ScoredRows(report_matrix, settings.n_jobs)

    def fitted(
        outcome: FloatArray, report_outcome: FloatArray, tried: tuple[Capacity, ...]
    ) -> _Fitted:
        target = (
            capped(outcome, settings.money_cap) if learning.kind is OutcomeKind.MONEY else outcome
        )
        common = (learning.arm, target, chances, judged)
        cross = crossfit(rows, *common, fold, tried, settings.seed)
        losses = {name: r_loss(tau, cross.mu, *common) for name, tau in cross.tau.items()}
        name, trials = choose_capacity(losses, tried[0].name, learning.unit)
        capacity = next(item for item in tried if item.name == name)
        everyone = np.arange(learning.n)
        models = fit_x_models(rows, everyone, *common, capacity, settings.seed)
        mu = models.outcomes(report_rows, len(learning.arms))
        return _Fitted(
            capacity,
            trials,
            models,
            cross.mu,
            cross.tau[name],
            aipw_scores(outcome, learning.arm, chances, cross.mu),
            aipw_scores(report_outcome, reporting.arm, report_chances, mu),
            models.effects(report_rows, len(learning.arms)),
        )

    main = fitted(learning.outcome, reporting.outcome, capacities)
    buying = None
    if learning.kind is OutcomeKind.MONEY and economics.redeemed:
        bought, report_bought = (
            (part.outcome > 0).astype(np.float64) for part in (learning, reporting)
        )
        buying = fitted(bought, report_bought, (main.capacity,))
    lower = learning.lower_is_better
    net_learning = _net_scores(main.learning, (buying or main).learning, economics, lower)
    net_reporting = _net_scores(main.reporting, (buying or main).reporting, economics, lower)

    delivery = _calibrated(main, learning)
    conversion = None if buying is None else _calibrated(buying, learning)

    def choice(weight: float) -> IntArray:
        mixed = replace(delivery, weight=weight)
        effects = mixed.effects(main.learning_tau)
        if buying is None or conversion is None:
            conversions = mixed.base(main.learning_mu[:, 0])[:, None] + effects
        else:
            other = replace(conversion, weight=weight)
            conversions = other.base(buying.learning_mu[:, 0])[:, None] + other.effects(
                buying.learning_tau
            )
        return best_choice(economics.net_values(effects, conversions, lower))

    constant = choice(0.0)
    weight, trials = choose_weight(
        {weight: choice(weight) for weight in settings.weights},
        constant,
        net_learning,
        learning.unit,
        learning.arm,
        learning.outcome != 0,
        settings.caution,
        2 * settings.minimum.responders,
    )
    delivery = replace(delivery, weight=weight)
    model = UpliftModel(
        learning.arms,
        learning.kind,
        lower,
        features,
        _part(main.models, delivery),
        None
        if buying is None or conversion is None
        else _part(buying.models, replace(conversion, weight=weight)),
        economics,
        settings.n_jobs,
    )
    scores = model.score_matrix(report_matrix)
    evaluation = evaluate(
        reporting,
        main.reporting,
        net_reporting,
        scores,
        main.tau,
        judgements,
        int(constant[0]),
        delivery,
        trials,
        learning.n,
        economics.money,
        main.capacity,
        main.trials,
        settings.seed,
        settings.caution,
        overlaps,
        settings.level,
    )
    groups = effect_groups(
        scores.effects,
        main.reporting,
        reporting.arm,
        reporting.arms,
        reporting.unit,
        settings.level,
    )
    return Learned(model, evaluation, main.learning, main.reporting, net_reporting, groups)


def _check_parts(learning: UpliftDataset, reporting: UpliftDataset, economics: Economics) -> None:
    if learning.arms != reporting.arms or list(learning.X.columns) != list(reporting.X.columns):
        raise BadRequest(
            "The learning and the reporting part differ in their arms or columns.",
            remedy="Split one checked data set with take().",
        )
    if len(economics.unit_cost) != len(learning.arms) - 1:
        raise BadRequest(
            f"There are costs of {len(economics.unit_cost)} triggers, but "
            f"{len(learning.arms) - 1} in the data.",
            remedy="Give one unit and redemption cost a trigger, in the order of the arms.",
            field="unit_cost",
        )


def _judged_places(
    judgements: Mapping[str, Judged | NotEnoughEvidence], arms: tuple[str, ...]
) -> tuple[int, ...]:
    control = judgements[arms[0]]
    places = tuple(
        place for place in range(1, len(arms)) if isinstance(judgements[arms[place]], Judged)
    )
    refused = [item.reason for item in judgements.values() if isinstance(item, NotEnoughEvidence)]
    if isinstance(control, NotEnoughEvidence) or not places:
        raise NoEvidence(
            " ".join(refused),
            remedy="Bring more exposures, or an outcome that more customers have.",
            field="arm",
        )
    return places


def _propensities(
    learning: UpliftDataset,
    reporting: UpliftDataset,
    matrix: NDArray[np.float32],
    report_matrix: NDArray[np.float32],
    features: FeatureSpace,
    fold: IntArray,
    settings: LearningSettings,
) -> tuple[FloatArray, FloatArray, tuple[Overlap, ...]]:
    if learning.propensity is not None and reporting.propensity is not None:
        found = overlap(learning.propensity, learning.arm, learning.arms)
        return learning.propensity, reporting.propensity, found
    chances, model = _estimated(learning, matrix, features, fold, settings)
    return chances, model.predict(report_matrix), overlap(chances, learning.arm, learning.arms)


def _estimated(
    learning: UpliftDataset,
    matrix: NDArray[np.float32],
    features: FeatureSpace,
    fold: IntArray,
    settings: LearningSettings,
) -> tuple[FloatArray, PropensityModel]:
    return estimate_propensity(
        matrix,
        features.categorical,
        learning.arm,
        len(learning.arms),
        fold,
        settings.seed,
        settings.n_jobs,
    )


def capped(outcome: FloatArray, quantile: float) -> FloatArray:
    """Amounts cut at a quantile of the nonzero ones; what is 0 stays 0."""
    spent = outcome[outcome > 0]
    return np.minimum(outcome, np.quantile(spent, quantile)) if len(spent) else outcome


def _without_overlap(
    judgements: Mapping[str, Judged | NotEnoughEvidence],
    overlaps: tuple[Overlap, ...],
    settings: LearningSettings,
) -> dict[str, Judged | NotEnoughEvidence]:
    """Judgements in which arms that meet the control among too few like customers are refused."""
    found = dict(judgements)
    for item in overlaps:
        judgement = found[item.arm]
        few = item.effective < settings.minimum.control
        if isinstance(judgement, Judged) and (few or item.outside > 1 - settings.least_overlap):
            found[item.arm] = NotEnoughEvidence(
                item.arm,
                judgement.treated,
                judgement.responders,
                f"Not enough evidence on {item.arm!r}: for {item.outside:.0%} of the customers it "
                f"or the control was as good as impossible, and its {item.treated} rows weigh as "
                f"much as {item.effective:.0f}; like was not tried on like.",
            )
    return found


def _net_scores(
    gamma: FloatArray, conversions: FloatArray, economics: Economics, lower: bool
) -> FloatArray:
    contrast = gamma[:, 1:] - gamma[:, :1]
    return with_none(economics.net_values(contrast, conversions[:, 1:], lower))


def _calibrated(fitted: _Fitted, learning: UpliftDataset) -> Delivery:
    """The average effects, and slopes by which out-of-fold scores correct the personal ones."""
    contrast = fitted.learning[:, 1:] - fitted.learning[:, :1]
    tau = fitted.learning_tau
    slopes = []
    for column in range(tau.shape[1]):
        if np.isnan(tau[:, column]).any():
            slopes.append(np.nan)
            continue
        slope = calibration_slope(tau[:, column], contrast[:, column], learning.unit)
        slopes.append(0.0 if slope is None else float(np.clip(slope.value, 0.0, 2.0)))
    return Delivery(
        weight=1.0,
        average=tuple(contrast.mean(axis=0).tolist()),
        slope=tuple(slopes),
        centre=tuple(tau.mean(axis=0).tolist()),
        base_average=float(fitted.learning[:, 0].mean()),
        base_centre=float(fitted.learning_mu[:, 0].mean()),
    )


def _part(models: XModels, delivery: Delivery) -> Part:
    return Part(
        EffectModels(models.outcome[0], models.effect),
        delivery,
    )
