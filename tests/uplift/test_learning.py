import json

import numpy as np
import pandas as pd
import pytest

from domain.errors import BadRequest, NoEvidence
from domain.experiment import OutcomeKind
from tests.uplift.trials import Trial, halves, trial
from uplift.dataset import UpliftDataset
from uplift.evidence import NotEnoughEvidence
from uplift.learning import LearningSettings, learn
from uplift.policy import Economics, best_choice

FAST = LearningSettings(folds=3)
FREE = Economics.free(2)
UNSURE = ("There is nothing to personalise:", "It is not certain that personalising pays:")


@pytest.fixture(scope="module")
def learned():
    made = trial(0, 16_000)
    learning, reporting = halves(made.data, 0)
    return made, learning, reporting, learn(learning, reporting, FREE, FAST)


def test_where_triggers_suit_different_customers_personalising_pays(learned):
    made, _, _, found = learned
    assert found.evaluation.personalise
    assert found.evaluation.mixture.weight > 0
    assert found.evaluation.against_best_single.low > 0
    assert found.evaluation.verdict.startswith("Personalising pays")
    best = found.model.score(made.data.X).best
    value = made.mu[np.arange(made.data.n), best].mean()
    oracle = made.mu.max(axis=1).mean()
    assert value - made.mu[:, 0].mean() > 0.85 * (oracle - made.mu[:, 0].mean())


def test_estimates_come_from_the_reporting_scores(learned):
    _, _, reporting, found = learned
    gamma = found.reporting_scores
    best = found.model.score(reporting.X).best
    report = found.evaluation
    assert report.effects["first"].value == pytest.approx(np.mean(gamma[:, 1] - gamma[:, 0]))
    chosen = np.array([gamma[i, best[i]] - gamma[i, 0] for i in range(len(best))])
    assert report.against_none.value == pytest.approx(chosen.mean())
    assert report.against_none.se == pytest.approx(chosen.std(ddof=1) / np.sqrt(len(chosen)))
    single = reporting.arms.index(report.best_single)
    assert report.against_best_single.value == pytest.approx(
        chosen.mean() - np.mean(gamma[:, single] - gamma[:, 0])
    )
    assert report.against_random.value == pytest.approx(
        chosen.mean() + gamma[:, 0].mean() - gamma.mean()
    )
    assert report.recommended_share["second"] == pytest.approx(np.mean(best == 2))


def test_reporting_outcomes_never_reach_the_model(learned):
    _, learning, reporting, found = learned
    turned = UpliftDataset.checked(
        reporting.X,
        reporting.arm,
        1 - reporting.outcome,
        reporting.arms,
        reporting.kind,
        reporting.propensity,
        reporting.customer_id,
    )
    again = learn(learning, turned, FREE, FAST)
    np.testing.assert_array_equal(
        again.model.score(reporting.X).effects, found.model.score(reporting.X).effects
    )
    assert again.evaluation.best_single == found.evaluation.best_single


def test_intervals_hold_the_truth(learned):
    made, _, _, found = learned
    for place, name in enumerate(("first", "second")):
        estimate = found.evaluation.effects[name]
        assert abs(estimate.value - made.effects[:, place].mean()) < 4 * estimate.se


def test_learning_scores_are_out_of_fold_aipw_scores(learned):
    made, learning, _, found = learned
    assert found.learning_scores.shape == (learning.n, 3)
    lift = np.mean(found.learning_scores[:, 1] - found.learning_scores[:, 0])
    assert lift == pytest.approx(made.effects[:, 0].mean(), abs=0.03)


def test_the_evaluation_is_json(learned):
    text = json.dumps(learned[3].evaluation.to_json(), allow_nan=False)
    assert json.loads(text)["best_single"] in {"first", "second"}


def test_where_everyone_is_alike_the_best_arm_goes_to_all_and_the_card_says_so():
    flat = trial(5, 6000, strength=0.0)
    rng = np.random.default_rng(0)
    better = (flat.data.arm == 2) & (rng.random(6000) < 0.1)
    data = UpliftDataset.checked(
        flat.data.X,
        flat.data.arm,
        np.maximum(flat.data.outcome, better),
        flat.data.arms,
        OutcomeKind.BINARY,
        flat.data.propensity,
    )
    found = learn(*halves(data, 0), FREE, FAST)
    scores = found.model.score(data.X)
    assert found.evaluation.verdict.startswith(UNSURE[found.evaluation.mixture.weight > 0])
    assert not found.evaluation.personalise
    if found.evaluation.mixture.weight == 0:
        assert set(scores.best.tolist()) == {2}
        assert np.ptp(scores.effects, axis=0).max() == 0


def test_an_arm_without_evidence_gets_nan_and_never_wins():
    made = trial(1, 8000)
    few = np.r_[np.flatnonzero(made.data.arm != 2), np.flatnonzero(made.data.arm == 2)[:40]]
    data = made.data.take(np.sort(few))
    found = learn(*halves(data, 0), FREE, FAST)
    scores = found.model.score(data.X)
    assert isinstance(found.evaluation.effects["second"], NotEnoughEvidence)
    assert "second" not in found.groups.arms
    assert found.model.judged == ("first",)
    assert np.isnan(scores.effects[:, 1]).all()
    assert np.isnan(found.reporting_scores[:, 2]).all()
    assert 2 not in set(scores.best.tolist())
    json.dumps(found.evaluation.to_json(), allow_nan=False)


def test_no_arm_with_evidence_is_an_error_that_says_why():
    data = trial(2, 90).data
    with pytest.raises(NoEvidence, match="where 50 and 15 are needed"):
        learn(*halves(data, 0), FREE, FAST)


def test_costs_turn_the_choice_to_none():
    made = trial(0, 6000)
    dear = Economics(1.0, (5.0, 5.0), (0.0, 0.0))
    found = learn(*halves(made.data, 0), dear, FAST)
    assert found.evaluation.best_single == "none"
    assert found.evaluation.unit == "money"
    assert set(found.model.score(made.data.X).best.tolist()) == {0}


def test_redemptions_are_paid_for_those_who_would_have_bought_anyway():
    made = trial(0, 8000, strength=0.0)
    found = learn(*halves(made.data, 0), Economics(10.0, (0.1, 0.1), (2.0, 0.0)), FAST)
    scores = found.model.score(made.data.X)
    delivery = found.model.outcome.delivery
    base = delivery.base_average + delivery.weight * (scores.baseline - delivery.base_average)
    expected = 10 * scores.effects[:, 0] - 0.1 - 2.0 * (base + scores.effects[:, 0])
    np.testing.assert_allclose(scores.net_values[:, 0], expected)
    np.testing.assert_allclose(scores.net_values[:, 1], 10 * scores.effects[:, 1] - 0.1)


def money(made: Trial, seed=0) -> UpliftDataset:
    spent = np.random.default_rng(seed).lognormal(3, 0.7, size=made.data.n)
    data = made.data
    return UpliftDataset.checked(
        data.X, data.arm, data.outcome * spent, data.arms, OutcomeKind.MONEY, data.propensity
    )


def test_money_with_redemptions_models_who_buys():
    made = trial(0, 10_000)
    found = learn(*halves(money(made), 0), Economics(0.4, (0.05, 0.05), (3.0, 3.0)), FAST)
    assert found.model.conversion is not None
    scores = found.model.score(made.data.X)
    implied = (0.4 * scores.effects - 0.05 - scores.net_values) / 3.0
    assert implied.mean(axis=0) == pytest.approx(made.mu[:, 1:].mean(axis=0), abs=0.03)
    np.testing.assert_array_equal(scores.best, best_choice(scores.net_values))


def test_lower_is_better_turns_the_choice_and_not_the_effect():
    made = trial(1, 10_000)
    data = made.data
    churn = UpliftDataset.checked(
        data.X,
        data.arm,
        1 - data.outcome,
        data.arms,
        OutcomeKind.BINARY,
        data.propensity,
        lower_is_better=True,
    )
    found = learn(*halves(churn, 0), FREE, FAST)
    scores = found.model.score(data.X)
    np.testing.assert_allclose(scores.net_values, -scores.effects)
    assert found.evaluation.outcome_against_none.value < 0
    assert found.evaluation.against_none.value > 0
    assert found.evaluation.qini["first"].value > 0


def test_unknown_propensities_are_estimated_and_confounding_goes():
    rng = np.random.default_rng(0)
    n = 20_000
    X = pd.DataFrame({"rich": rng.normal(size=n), "noise": rng.normal(size=n)})
    chance = 1 / (1 + np.exp(-1.2 * X["rich"].to_numpy()))
    arm = (rng.random(n) < chance).astype(int)
    outcome = (rng.random(n) < 0.3 + 0.2 * (X["rich"] > 0) + 0.05 * arm).astype(float)
    data = UpliftDataset.checked(X, arm, outcome, ("none", "gift"), OutcomeKind.BINARY)
    naive = outcome[arm == 1].mean() - outcome[arm == 0].mean()
    found = learn(*halves(data, 0), Economics.free(1), FAST)
    estimate = found.evaluation.effects["gift"]
    assert naive > 0.12
    assert abs(estimate.value - 0.05) < 4 * estimate.se
    assert found.evaluation.propensity_estimated
    assert found.evaluation.overlap[1].effective > 1000


def test_errors_are_clustered_by_household():
    made = trial(0, 6000)
    data = made.data
    homes = UpliftDataset.checked(
        data.X,
        data.arm,
        data.outcome,
        data.arms,
        data.kind,
        data.propensity,
        cluster=np.arange(data.n) // 3,
    )
    inside = (np.arange(data.n) // 3) % 10 < 7
    found = learn(homes.take(inside), homes.take(~inside), FREE, FAST)
    assert found.evaluation.effects["first"].n == np.count_nonzero(~inside) // 3


def test_parts_that_do_not_match_are_refused():
    first, second = trial(0, 500).data, trial(1, 500).data
    with pytest.raises(BadRequest, match="columns"):
        learn(
            first,
            UpliftDataset.checked(
                second.X.drop(columns="x0"), second.arm, second.outcome, second.arms, second.kind
            ),
            FREE,
        )
    with pytest.raises(BadRequest, match="costs of 1"):
        learn(first, second, Economics.free(1))


@pytest.mark.slow
def test_without_a_signal_nothing_beats_the_best_constant_arm_in_18_of_20_seeds():
    made = trial(0, 5000)
    quiet = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        data = made.data
        shuffled = UpliftDataset.checked(
            data.X, rng.permutation(data.arm), data.outcome, data.arms, data.kind, data.propensity
        )
        found = learn(*halves(shuffled, seed), FREE, FAST).evaluation
        quiet += found.against_best_single.low <= 0
        assert found.personalise or found.verdict.startswith(UNSURE[found.mixture.weight > 0])
    assert quiet >= 18


def test_arms_that_were_never_tried_on_like_customers_are_refused():
    rng = np.random.default_rng(0)
    n = 8000
    X = pd.DataFrame({"rich": rng.normal(size=n), "noise": rng.normal(size=n)})
    arm = np.where(X["rich"] > 0.1, 1, 0)
    swapped = rng.random(n) < 0.002
    arm = np.where(swapped, 1 - arm, arm)
    outcome = (rng.random(n) < 0.3).astype(float)
    data = UpliftDataset.checked(X, arm, outcome, ("none", "gift"), OutcomeKind.BINARY)
    with pytest.raises(NoEvidence, match="like was not tried on like"):
        learn(*halves(data, 0), Economics.free(1), FAST)


def test_amounts_are_smoothed_for_learning_and_whole_in_estimates():
    data = money(trial(0, 6000))
    learning, reporting = halves(data, 0)
    found = learn(learning, reporting, FREE, FAST)
    raw = [reporting.outcome[reporting.arm == place].mean() for place in range(3)]
    for place, name in enumerate(("first", "second"), start=1):
        estimate = found.evaluation.effects[name]
        assert abs(estimate.value - (raw[place] - raw[0])) < 2 * estimate.se
    baseline = found.model.score(reporting.X).baseline.mean()
    assert baseline == pytest.approx(raw[0], rel=0.2)


def test_hostile_columns_do_no_harm():
    made = trial(0, 6000)
    rng = np.random.default_rng(0)
    X = made.data.X.assign(
        empty=np.nan,
        same=1.0,
        huge=rng.random(6000) * 1e30,
        crowd=pd.Categorical(rng.integers(0, 10_000, size=6000).astype(str)),
    )
    data = UpliftDataset.checked(
        X, made.data.arm, made.data.outcome, made.data.arms, made.data.kind, made.data.propensity
    )
    found = learn(*halves(data, 0), FREE, FAST)
    assert np.isfinite(found.model.score(X).effects).all()
