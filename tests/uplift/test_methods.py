import numpy as np
import pytest

from domain.experiment import OutcomeKind
from tests.uplift.trials import halves, trial
from uplift.boosting import BinnedRows, ScoredRows, Shape
from uplift.capacity import Capacity
from uplift.context import CAMPAIGN, in_campaign
from uplift.dataset import UpliftDataset
from uplift.evaluation import aipw_scores
from uplift.features import FeatureSpace
from uplift.learning import LearningSettings, learn
from uplift.methods import DR_FOLDS, Method, fit_models
from uplift.model import UpliftModel
from uplift.policy import Economics
from uplift.stages import fit_common, fit_outcomes

TINY = Capacity("tiny", Shape(4, 30, rows=20), (Shape(4, 30, rows=20),))
EVERY = list(Method)


def rows_of(data):
    space = FeatureSpace.of(data.X)
    return BinnedRows(space.encode(data.X), space.categorical, 63, 1)


@pytest.fixture(scope="module")
def made():
    return trial(0, 6000)


@pytest.mark.parametrize("method", EVERY)
def test_effects_point_the_right_way(made, method):
    data, rows = made.data, rows_of(made.data)
    common = (data.arm, data.outcome, data.propensity, (1, 2))
    models = fit_models(method, rows, np.arange(data.n), *common, TINY)
    tau = models.effects(rows, 3)
    for column in range(2):
        assert np.corrcoef(tau[:, column], made.effects[:, column])[0, 1] > 0.3


def test_t_is_the_difference_of_the_outcome_models(made):
    data, rows = made.data, rows_of(made.data)
    everyone = np.arange(data.n)
    common = (data.arm, data.outcome)
    models = fit_models(Method.T, rows, everyone, *common, data.propensity, (1, 2), TINY)
    shared = fit_common(rows, everyone, data.outcome, TINY.common)
    outcomes = fit_outcomes(rows, everyone, data.arm, shared, data.propensity, (1, 2), TINY.outcome)
    mu = [outcomes.merged()[place].predict(rows.matrix) for place in range(3)]
    expected = np.column_stack([mu[1] - mu[0], mu[2] - mu[0]])
    np.testing.assert_allclose(models.effects(rows, 3), expected, atol=1e-9)


def test_dr_regresses_scores_whose_outcome_models_never_saw_the_row(made):
    data, rows = made.data, rows_of(made.data)
    everyone = np.arange(data.n)
    found = fit_models(
        Method.DR, rows, everyone, data.arm, data.outcome, data.propensity, (1,), TINY
    )
    half = np.random.default_rng(0).permutation(data.n) % DR_FOLDS
    gamma = np.full((data.n, 3), np.nan)
    for row_half in range(DR_FOLDS):
        inside, outside = np.flatnonzero(half != row_half), np.flatnonzero(half == row_half)
        shared = fit_common(rows, inside, data.outcome, TINY.common)
        outcomes = fit_outcomes(rows, inside, data.arm, shared, data.propensity, (1,), TINY.outcome)
        mu = outcomes.outcomes(rows, 3, outside)
        gamma[outside] = aipw_scores(
            data.outcome[outside], data.arm[outside], data.propensity[outside], mu
        )
    slow = rows.fit(everyone, gamma[:, 1] - gamma[:, 0], None, TINY.effect[0], 0)
    np.testing.assert_allclose(found.effects(rows, 3)[:, 0], slow.predict(rows.matrix), atol=1e-9)


@pytest.mark.parametrize("method", EVERY)
def test_every_method_learns_is_kept_and_comes_back(made, method, tmp_path):
    settings = LearningSettings(folds=2, method=method, capacity=TINY)
    learned = learn(*halves(made.data, 0), Economics.free(2), settings)
    assert learned.evaluation.method is method
    learned.model.save(tmp_path)
    again = UpliftModel.load(tmp_path)
    np.testing.assert_array_equal(
        again.score(made.data.X).effects, learned.model.score(made.data.X).effects
    )


def two_campaigns(seed, n):
    """Two campaigns: the second in a better season, and with the first trigger only."""
    made = trial(seed, n)
    data = made.data
    rng = np.random.default_rng(seed)
    second = rng.random(n) < 0.5
    arm = np.where(second & (data.arm == 2), 0, data.arm)
    mu = made.mu + 0.2 * second[:, None]
    outcome = (rng.random(n) < mu[np.arange(n), arm]).astype(float)
    propensity = np.where(second[:, None], [[0.67, 0.33, 0.0]], [[0.34, 0.33, 0.33]])
    pooled = UpliftDataset.checked(
        data.X, arm, outcome, data.arms, OutcomeKind.BINARY, propensity, campaign=second.astype(int)
    )
    return made, pooled


def test_campaigns_of_different_arms_pool():
    made, data = two_campaigns(0, 20_000)
    learning, reporting = halves(data, 0)
    found = learn(learning, reporting, Economics.free(2), LearningSettings(folds=3))
    report = found.evaluation
    for place, name in enumerate(("first", "second")):
        estimate = report.effects[name]
        assert abs(estimate.value - made.effects[:, place].mean()) < 4 * estimate.se
    assert report.effects["first"].n == reporting.n
    assert report.effects["second"].n == np.count_nonzero(reporting.campaign == 0)
    np.testing.assert_array_equal(
        np.isnan(found.reporting_scores[:, 2]), reporting.propensity[:, 2] == 0
    )
    best = found.model.score(made.data.X).best
    value = made.mu[np.arange(made.data.n), best].mean() - made.mu[:, 0].mean()
    assert value > 0.8 * (made.mu.max(axis=1).mean() - made.mu[:, 0].mean())


def test_the_campaign_moves_expected_outcomes_and_never_effects():
    _, data = two_campaigns(1, 12_000)
    model = learn(*halves(data, 0), Economics.free(2), LearningSettings(folds=3)).model
    assert CAMPAIGN in model.features.names
    first, second = (model.score(in_campaign(data.X, number)) for number in (0, 1))
    assert (second.baseline - first.baseline).mean() > 0.1
    np.testing.assert_array_equal(first.effects, second.effects)
    np.testing.assert_array_equal(model.score(data.X).baseline, second.baseline)


def test_columns_a_model_is_blind_to_are_never_split(made):
    data, rows = made.data, rows_of(made.data)
    place = list(data.X.columns).index("x0")
    common = (np.arange(data.n), data.outcome, None, TINY.outcome, 0)
    seeing, blind = rows.fit(*common), rows.fit(*common, blind=(place,))
    assert seeing.feature_importance()[place] > 0
    assert blind.feature_importance()[place] == 0
    assert ScoredRows(rows.matrix).score([blind]).std() > 0
