import numpy as np
import pytest

from tests.uplift.trials import trial
from uplift.capacity import choose_capacity, ladder, r_loss
from uplift.xlearner import XLearner


def slow_r_loss(tau, mu, arm, outcome, propensity, arms):
    """The R-loss row by row and arm by arm."""
    losses = []
    for i in range(len(arm)):
        loss = 0.0
        for a in arms:
            if arm[i] not in (0, a):
                continue
            e = propensity[i][a] / (propensity[i][a] + propensity[i][0])
            m = e * mu[i][a] + (1 - e) * mu[i][0]
            loss += (outcome[i] - m - ((arm[i] == a) - e) * tau[i][a - 1]) ** 2
        losses.append(loss)
    return np.array(losses)


def test_r_loss_matches_the_slow_sum_and_is_least_at_the_truth():
    made = trial(0, 6000, shares=(0.5, 0.3, 0.2))
    data = made.data
    common = (made.mu, data.arm, data.outcome, made.propensity, (1, 2))
    found = r_loss(made.effects, *common)
    np.testing.assert_allclose(found, slow_r_loss(made.effects, *common))
    for other in (0 * made.effects, 2 * made.effects, made.effects + 0.1):
        assert r_loss(other, *common).mean() > found.mean()


def test_a_change_from_the_default_must_beat_the_noise():
    rng = np.random.default_rng(0)
    base = rng.random(2000)
    noise = rng.normal(size=2000)
    noise -= noise.mean()
    clear = {"small": base, "medium": base - 0.1 + 0.01 * noise, "stumps": base - 0.05}
    assert choose_capacity(clear, "small", None)[0] == "medium"
    faint = {"small": base, "medium": base - 0.001 + noise}
    name, trials = choose_capacity(faint, "small", None)
    assert name == "small"
    assert trials[0].loss.value == pytest.approx(-1 / base.mean())


def test_an_arm_that_is_small_gets_smaller_leaves():
    assert ladder(np.array([9000, 9000]))[0].outcome.rows == 200
    assert ladder(np.array([9000, 400]))[0].outcome.rows == 25
    assert ladder(np.array([9000, 60]))[0].outcome.rows == 5


def test_how_much_is_tried_depends_on_how_much_there_is_to_learn_from():
    def tried(rows):
        return {capacity.name for capacity in ladder(np.full(6, rows // 6))}

    assert tried(20_000) == {"small", "stumps", "medium", "loud"}
    assert tried(300_000) == {"small", "stumps", "medium", "long"}
    assert tried(3_000_000) == {"small", "stumps", "medium", "long", "large"}


def interacting(n):
    """Effects of opposite sign in the four quadrants of two fields, and loud."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 4))
    arm = rng.integers(0, 2, size=n)
    effect = np.sign(X[:, 0]) * np.sign(X[:, 1]) * np.sign(X[:, 2] + 0.3)
    return X, arm, arm * effect + rng.normal(size=n), effect


def test_the_learner_takes_more_leaves_where_the_effect_needs_them():
    X, arm, y, effect = interacting(12_000)
    chosen = XLearner().fit(X, arm, y)
    stumps = XLearner(num_leaves=2).fit(X, arm, y)
    assert chosen.capacity_.name == "loud"
    assert {trial.name for trial in chosen.trials_} == {"stumps", "medium", "loud"}
    errors = [np.mean((learner.predict(X)[:, 0] - effect) ** 2) for learner in (chosen, stumps)]
    assert errors[0] < 0.7 * errors[1]
