"""Learn from the learning customers, choose on them out of fold, report on the others."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from domain.errors import BadRequest
from domain.experiment import OutcomeKind
from uplift.amounts import smoothed_amounts
from uplift.capacity import Capacity, ladder
from uplift.comparable import judged_places, propensities_of, without_overlap
from uplift.crossfit import Smooth, grouped_folds
from uplift.dataset import FloatArray, IntArray, UpliftDataset
from uplift.delivery import NOT_PERSONAL, Delivery, Mixture, choose_mixture
from uplift.evaluation import LEVEL
from uplift.evidence import EvidenceRule, evidence
from uplift.fitting import Fitted, Part, calibrated, fit_outcome
from uplift.groups import EffectGroups, effect_groups
from uplift.methods import Method
from uplift.model import EffectModels, ModelPart, Scores, UpliftModel
from uplift.policy import Economics, best_choice, with_none
from uplift.propensity import overlap
from uplift.report import Evaluation, evaluate
from uplift.rowsource import RowsOf, rows_in_memory
from uplift.stages import XModels

BINS = 63
MIXTURES = (
    Mixture(1.0),
    Mixture(0.75),
    Mixture(1.0, quiet=0.5),
    Mixture(0.5),
    Mixture(1.0, quiet=0.8),
    Mixture(0.25),
)


@dataclass(frozen=True)
class LearningSettings:
    """How to learn. `method` makes effects from trees (X, T or DR); `capacity` None chooses one by
    out-of-fold R-loss among `capacity.ladder`.

    `mixtures` of personal and average effects are tried, the most personal first, and `caution` is
    the number of standard errors by which personalising has to beat the best constant arm. Models
    of a money outcome learn from what buyers like each one spend, amounts capped at the quantile
    `money_cap` (see `amounts.smoothed_amounts`): the chance in amounts would otherwise drown what
    there is to learn. Estimates use the amounts as they are. An arm is refused where less than
    `least_overlap` of the customers could have got it and the control.
    """

    folds: int = 5
    seed: int = 0
    n_jobs: int = 1
    method: Method = Method.X
    capacity: Capacity | None = None
    minimum: EvidenceRule = field(default_factory=EvidenceRule)
    mixtures: tuple[Mixture, ...] = MIXTURES
    caution: float = 1.645
    level: float = LEVEL
    money_cap: float = 0.95
    least_overlap: float = 0.5


@dataclass(frozen=True)
class Learned:
    """A model and what is known of it.

    `learning_scores` and `reporting_scores` (rows, arms) are cross-fitted AIPW scores of the
    outcome, `learning_net_scores` and `reporting_net_scores` of the net value against none; only
    the reporting ones may be reported. `learning_choice` (rows,) are the arms that the policy
    chooses out of fold for the learning rows, among those on offer to them; `reporting_delivered`
    is what the model says of the reporting rows.
    """

    model: UpliftModel
    evaluation: Evaluation
    learning_scores: FloatArray
    learning_net_scores: FloatArray
    learning_choice: IntArray
    reporting_scores: FloatArray
    reporting_net_scores: FloatArray
    reporting_delivered: Scores
    groups: EffectGroups


def learn(
    learning: UpliftDataset,
    reporting: UpliftDataset,
    economics: Economics,
    settings: LearningSettings | None = None,
    rows_of: RowsOf = rows_in_memory,
) -> Learned:
    """Train, choose and evaluate a multi-treatment uplift model.

    Everything that is fitted or chosen uses out-of-fold scores of `learning`; `reporting` (other
    customers, the same columns and arms) is only judged. `rows_of` says where the features lie.
    Raises NoEvidence where the control or every trigger has too few rows or responders,
    BadRequest where the parts do not match.
    """
    settings = settings or LearningSettings()
    _check_parts(learning, reporting, economics)
    judgements = evidence(learning, settings.minimum)
    judged_places(judgements, learning.arms)
    source = rows_of(learning, reporting, BINS, settings.n_jobs)
    fold = grouped_folds(learning.unit, settings.folds, settings.seed)
    chances, report_chances = propensities_of(
        learning, reporting, source, fold, settings.seed, settings.n_jobs
    )
    overlaps = overlap(chances, learning.arm, learning.arms)
    judgements = without_overlap(judgements, overlaps, settings.minimum, settings.least_overlap)
    judged = judged_places(judgements, learning.arms)
    sizes = np.bincount(learning.arm, minlength=len(learning.arms))[[0, *judged]]

    def fitted(
        outcome: FloatArray,
        report_outcome: FloatArray,
        tried: tuple[Capacity, ...],
        smooth: Smooth | None = None,
    ) -> Fitted:
        return fit_outcome(
            source,
            Part(learning.arm, outcome, chances),
            Part(reporting.arm, report_outcome, report_chances),
            learning,
            judged,
            fold,
            tried,
            settings.method,
            settings.seed,
            smooth,
        )

    def smoothed(index: IntArray) -> FloatArray:
        return smoothed_amounts(
            source.learning,
            index,
            learning.arm,
            learning.outcome,
            judged,
            settings.money_cap,
            settings.seed,
        )

    capacities = (settings.capacity,) if settings.capacity else ladder(sizes, BINS)
    smooth = smoothed if learning.kind is OutcomeKind.MONEY else None
    main = fitted(learning.outcome, reporting.outcome, capacities, smooth)
    buying = None
    if learning.kind is OutcomeKind.MONEY and economics.redeemed:
        bought, report_bought = (
            (part.outcome > 0).astype(np.float64) for part in (learning, reporting)
        )
        buying = fitted(bought, report_bought, (main.capacity,))
    lower = learning.lower_is_better
    net_learning = _net_scores(main.learning, (buying or main).learning, economics, lower)
    net_reporting = _net_scores(main.reporting, (buying or main).reporting, economics, lower)

    delivery = calibrated(main, learning)
    conversion = None if buying is None else calibrated(buying, learning)

    def net_values(mixture: Mixture) -> FloatArray:
        mixed = delivery.mixed(mixture, main.learning_tau)
        effects = mixed.effects(main.learning_tau)
        if buying is None or conversion is None:
            conversions = mixed.base(main.learning_mu[:, 0])[:, None] + effects
        else:
            other = conversion.mixed(mixture, buying.learning_tau)
            conversions = other.base(buying.learning_mu[:, 0])[:, None] + other.effects(
                buying.learning_tau
            )
        return economics.net_values(effects, conversions, lower)

    def choice(mixture: Mixture) -> IntArray:
        """The best arm of each learning row, among those on offer to it."""
        return best_choice(np.where(chances[:, 1:] > 0, net_values(mixture), np.nan))

    # Without personal effects every row has the same net values: the best arm for everyone.
    constant = int(best_choice(net_values(NOT_PERSONAL)[:1])[0])
    mixture, trials = choose_mixture(
        {mixture: choice(mixture) for mixture in settings.mixtures},
        np.full(learning.n, constant, dtype=np.int64),
        net_learning,
        learning.unit,
        learning.arm,
        learning.outcome != 0,
        settings.caution,
        2 * settings.minimum.responders,
    )
    delivery = delivery.mixed(mixture, main.learning_tau)
    model = UpliftModel(
        learning.arms,
        learning.kind,
        lower,
        source.features,
        _part(main.models, delivery),
        None
        if buying is None or conversion is None
        else _part(buying.models, conversion.mixed(mixture, buying.learning_tau)),
        economics,
        None if learning.campaign is None else int(learning.campaign.max()),
        settings.n_jobs,
    )
    scores = model.score_rows(source.reporting)
    evaluation = evaluate(
        reporting,
        report_chances > 0,
        main.reporting,
        net_reporting,
        scores,
        main.tau,
        judgements,
        constant,
        delivery,
        mixture,
        trials,
        learning.n,
        economics.money,
        settings.method,
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
    return Learned(
        model,
        evaluation,
        main.learning,
        net_learning,
        choice(mixture),
        main.reporting,
        net_reporting,
        scores,
        groups,
    )


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


def _net_scores(
    gamma: FloatArray, conversions: FloatArray, economics: Economics, lower: bool
) -> FloatArray:
    contrast = gamma[:, 1:] - gamma[:, :1]
    return with_none(economics.net_values(contrast, conversions[:, 1:], lower))


def _part(models: XModels, delivery: Delivery) -> ModelPart:
    difference = models.combination == "difference"
    effect = models.effect
    if difference:
        effect = {place: (model,) for place, model in models.outcome.items() if place > 0}
    return ModelPart(EffectModels(models.outcome[0], effect, difference), delivery)
