"""The evaluation of a model on customers from whom nothing was learned or chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from uplift.capacity import Capacity, CapacityTrial
from uplift.dataset import FloatArray, UpliftDataset
from uplift.delivery import Delivery, Mixture, MixtureTrial
from uplift.evaluation import Estimate, average_effect, policy_difference, policy_value
from uplift.evidence import Judged, NotEnoughEvidence
from uplift.methods import Method
from uplift.model import Scores
from uplift.policy import best_choice, with_none
from uplift.propensity import Overlap
from uplift.ranking import Calibration, TocPoint, auuc, calibration, qini, rate, toc


@dataclass(frozen=True)
class Evaluation:
    """What is known of a model. Every estimate is from the reporting rows only.

    `effects` are average effects by trigger in the outcome's units (a lower-is-better outcome
    keeps its sign). `policy_value` and the `against_...` differences are gains in `unit`
    ("money": the shop's currency, "outcome": the outcome's units, positive is good) a customer;
    `outcome_against_none` is the policy's effect in the outcome's units. `best_single` is the
    trigger (or "none") for everyone that was best on the learning rows, `random` gives each
    judged trigger on offer and none with equal chance. `qini`, `auuc`, `rate` (AUTOC), `toc` and
    `calibration` judge the personal effects before shrinking. `mixture` is how far the delivered
    effects are personal; `trials` are the out-of-fold gains it was chosen by, `capacity_trials`
    the losses that the trees' capacity was.
    """

    arms: tuple[str, ...]
    evidence: Mapping[str, Judged | NotEnoughEvidence]
    learning_rows: int
    reporting_rows: int
    unit: str
    effects: Mapping[str, Estimate | NotEnoughEvidence]
    best_single: str
    policy_value: Estimate
    against_none: Estimate
    against_best_single: Estimate
    against_random: Estimate
    outcome_against_none: Estimate
    recommended_share: Mapping[str, float]
    qini: Mapping[str, Estimate]
    auuc: Mapping[str, Estimate]
    rate: Mapping[str, Estimate]
    toc: Mapping[str, tuple[TocPoint, ...]]
    policy_qini: Estimate
    calibration: Mapping[str, Calibration]
    personalise: bool
    verdict: str
    method: Method
    mixture: Mixture
    trials: tuple[MixtureTrial, ...]
    capacity: Capacity
    capacity_trials: tuple[CapacityTrial, ...]
    seed: int
    propensity_estimated: bool
    overlap: tuple[Overlap, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object; infinite errors and NaN become null."""
        cleaned: dict[str, Any] = finite(asdict(self))
        return cleaned


def finite(value: Any) -> Any:
    """Nested values as JSON can hold them: infinite numbers and NaN become null."""
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def verdict_of(
    weight: float, gain: Estimate, best_single: str, unit: str, caution: float
) -> tuple[bool, str]:
    """Whether personalising is worth it, and the sentence that says so."""
    single = (
        "giving nobody a trigger"
        if best_single == "none"
        else f"{best_single.replace('_', ' ')} for everyone"
    )
    if weight == 0:
        return False, (
            f"There is nothing to personalise: out of fold, no policy from the predicted effects "
            f"beat {single} by more than {caution:g} standard error of the difference."
        )
    # Gains are positive where they are good, also where less of an outcome is.
    measured = (
        f"it did {'worse' if gain.value < 0 else 'better'} than {single} by "
        f"{_digits(abs(gain.value))} {'in money' if unit == 'money' else 'of the outcome'} a "
        f"customer ({gain.level * 100:.0f} % interval {_digits(gain.low)} to {_digits(gain.high)})"
    )
    if gain.low > 0:
        return True, f"Personalising pays: on the held-out customers {measured}."
    return False, (
        "It is not certain that personalising pays: out of fold it does, but the held-out "
        f"customers do not confirm it; on them {measured}."
    )


def _digits(value: float) -> str:
    """Three digits that count, never as a power of ten."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")


def evaluate(
    reporting: UpliftDataset,
    offered: NDArray[np.bool_],
    gamma: FloatArray,
    net_scores: FloatArray,
    scores: Scores,
    raw_effects: FloatArray,
    judgements: Mapping[str, Judged | NotEnoughEvidence],
    best_single: int,
    delivery: Delivery,
    mixture: Mixture,
    trials: tuple[MixtureTrial, ...],
    learning_rows: int,
    money: bool,
    method: Method,
    capacity: Capacity,
    capacity_trials: tuple[CapacityTrial, ...],
    seed: int,
    caution: float,
    overlap: tuple[Overlap, ...],
    level: float,
) -> Evaluation:
    """Judge the delivered policy on reporting rows.

    `gamma` and `net_scores` (n, K + 1) are their AIPW scores of outcome and net value. Where a
    row's campaign did not offer an arm (`offered` (n, K + 1)), the policy gives the best of those
    that it did, and what can't be compared on the row is left out.
    """
    arms, unit_of, n = reporting.arms, reporting.unit, reporting.n
    judged = [place for place in range(1, len(arms)) if isinstance(judgements[arms[place]], Judged)]
    none = np.zeros(n, dtype=np.int64)
    single = np.full(n, best_single, dtype=np.int64)
    random = np.zeros((n, len(arms)))
    random[:, [0, *judged]] = offered[:, [0, *judged]]
    random /= random.sum(axis=1, keepdims=True)
    policy = best_choice(np.where(offered[:, 1:], scores.net_values, np.nan))
    personal = replace(delivery, weight=1.0, quiet=(0.0,) * len(delivery.quiet)).effects(
        raw_effects
    )
    effects: dict[str, Estimate | NotEnoughEvidence] = {}
    for place, name in enumerate(arms[1:], start=1):
        judgement = judgements[name]
        effects[name] = (
            average_effect(gamma, place, unit_of, level)
            if isinstance(judgement, Judged)
            else judgement
        )
    gain = policy_difference(net_scores, policy, single, unit_of, level)
    unit = "money" if money else "outcome"
    personalise, verdict = verdict_of(delivery.weight, gain, arms[best_single], unit, caution)
    top = np.where(offered, with_none(scores.net_values), -np.inf)[:, judged]
    some = np.isfinite(top).any(axis=1)
    chosen = np.asarray(judged)[top.argmax(axis=1)]
    turn = -1.0 if reporting.lower_is_better else 1.0
    ranked = {
        arms[place]: (
            turn * personal[known, place - 1],
            turn * (gamma[known, place] - gamma[known, 0]),
            unit_of[known],
            level,
        )
        for place in judged
        for known in (np.isfinite(gamma[:, place]),)
    }
    return Evaluation(
        arms=arms,
        evidence=dict(judgements),
        learning_rows=learning_rows,
        reporting_rows=n,
        unit=unit,
        effects=effects,
        best_single=arms[best_single],
        policy_value=policy_value(net_scores, policy, unit_of, level),
        against_none=policy_difference(net_scores, policy, none, unit_of, level),
        against_best_single=gain,
        against_random=policy_difference(net_scores, policy, random, unit_of, level),
        outcome_against_none=policy_difference(gamma, policy, none, unit_of, level),
        recommended_share={
            name: float(np.mean(scores.best == place)) for place, name in enumerate(arms)
        },
        qini={name: qini(*rows) for name, rows in ranked.items()},
        auuc={name: auuc(*rows) for name, rows in ranked.items()},
        rate={name: rate(*rows) for name, rows in ranked.items()},
        toc={
            name: toc(score, contrast, unit, level=level)
            for name, (score, contrast, unit, _) in ranked.items()
        },
        policy_qini=qini(
            top.max(axis=1)[some], net_scores[np.arange(n), chosen][some], unit_of[some], level
        ),
        calibration={
            name: calibration(turn * score, turn * contrast, unit, level=level)
            for name, (score, contrast, unit, _) in ranked.items()
        },
        personalise=personalise,
        verdict=verdict,
        method=method,
        mixture=mixture,
        trials=trials,
        capacity=capacity,
        capacity_trials=capacity_trials,
        seed=seed,
        propensity_estimated=reporting.propensity is None,
        overlap=overlap,
    )
