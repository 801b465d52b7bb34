import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.uplift.trials import trial
from uplift.evaluation import (
    Estimate,
    aipw_scores,
    average_effect,
    mean_estimate,
    policy_difference,
    policy_value,
    rows_with_scores,
    segment_lift,
    together,
)
from uplift.evidence import NotEnoughEvidence


def slow_scores(outcome, arm, propensity, mu):
    """AIPW scores a row and an arm at a time, from the formula."""
    gamma = []
    for i in range(len(outcome)):
        row = []
        for a in range(mu.shape[1]):
            score = mu[i][a]
            if arm[i] == a:
                score += (outcome[i] - mu[i][a]) / propensity[i][a]
            row.append(score)
        gamma.append(row)
    return np.array(gamma)


def slow_mean(scores, cluster):
    """A mean and its cluster-robust error by plain loops."""
    n = len(scores)
    mean = sum(scores) / n
    sums = {}
    for score, group in zip(scores, cluster, strict=True):
        sums[group] = sums.get(group, 0.0) + score - mean
    count = len(sums)
    variance = count / (count - 1) * sum(value**2 for value in sums.values()) / n**2
    return mean, math.sqrt(variance), count


@pytest.fixture(scope="module")
def scored():
    made = trial(0, 4000, shares=(0.5, 0.3, 0.2))
    data = made.data
    gamma = aipw_scores(data.outcome, data.arm, made.propensity, made.mu)
    return made, gamma


def test_scores_match_the_formula_row_by_row(scored):
    made, gamma = scored
    data = made.data
    expected = slow_scores(data.outcome, data.arm, made.propensity, made.mu)
    np.testing.assert_allclose(gamma, expected)


def test_unjudged_arms_stay_nan_and_leave_the_others_alone(scored):
    made, gamma = scored
    data = made.data
    mu = made.mu.copy()
    mu[:, 2] = np.nan
    partly = aipw_scores(data.outcome, data.arm, made.propensity, mu)
    assert np.isnan(partly[:, 2]).all()
    np.testing.assert_allclose(partly[:, :2], gamma[:, :2])


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.integers(0, 4)), min_size=2, max_size=40).filter(
        lambda rows: len({group for _, group in rows}) > 1
    )
)
def test_mean_and_clustered_error_match_plain_loops(rows):
    scores = np.array([score for score, _ in rows])
    cluster = np.array([group for _, group in rows])
    mean, se, count = slow_mean(scores.tolist(), cluster.tolist())
    found = mean_estimate(scores, cluster)
    assert found.value == pytest.approx(mean, abs=1e-9)
    assert found.se == pytest.approx(se, abs=1e-9)
    assert found.n == count


def test_repeating_every_row_in_a_cluster_adds_no_certainty():
    scores = np.random.default_rng(0).normal(size=300)
    once = mean_estimate(scores)
    thrice = mean_estimate(np.repeat(scores, 3), np.repeat(np.arange(300), 3))
    assert thrice.se == pytest.approx(once.se)
    assert thrice.low == pytest.approx(once.low)


def test_one_row_has_no_error():
    alone = mean_estimate(np.array([3.0]))
    assert alone.value == 3.0
    assert alone.se == math.inf


def test_average_effect_covers_the_truth(scored):
    made, gamma = scored
    for place in (1, 2):
        found = average_effect(gamma, place)
        assert abs(found.value - made.effects[:, place - 1].mean()) < 4 * found.se


def test_policy_value_matches_plain_loops_for_choices_and_for_probabilities(scored):
    _, gamma = scored
    rng = np.random.default_rng(1)
    choice = rng.integers(0, 3, size=len(gamma))
    chances = rng.dirichlet(np.ones(3), size=len(gamma))
    by_choice = sum(gamma[i, choice[i]] for i in range(len(gamma))) / len(gamma)
    by_chance = sum(chances[i, a] * gamma[i, a] for i in range(len(gamma)) for a in range(3)) / len(
        gamma
    )
    assert policy_value(gamma, choice).value == pytest.approx(by_choice)
    assert policy_value(gamma, chances).value == pytest.approx(by_chance)


def test_paired_difference_is_the_difference_of_values_with_a_smaller_error(scored):
    _, gamma = scored
    first = np.ones(len(gamma), dtype=np.int64)
    mostly = first.copy()
    mostly[:200] = 2
    paired = policy_difference(gamma, mostly, first)
    values = policy_value(gamma, mostly), policy_value(gamma, first)
    assert paired.value == pytest.approx(values[0].value - values[1].value)
    assert paired.se < values[0].se
    assert policy_difference(gamma, first, first).se == 0


def test_segment_lift_is_the_mean_contrast_inside(scored):
    made, gamma = scored
    mask = made.data.X["flag"].to_numpy()
    found = segment_lift(gamma, mask, 2, made.data.customer_id, arm=made.data.arm)
    assert isinstance(found, Estimate)
    mean, se, _ = slow_mean(
        (gamma[mask, 2] - gamma[mask, 0]).tolist(), made.data.customer_id[mask].tolist()
    )
    assert found.value == pytest.approx(mean)
    assert found.se == pytest.approx(se)


def test_segment_lift_refuses_a_handful(scored):
    made, gamma = scored
    mask = np.zeros(len(gamma), dtype=bool)
    mask[:60] = True
    found = segment_lift(gamma, mask, 1, arm=made.data.arm, name="first")
    assert isinstance(found, NotEnoughEvidence)
    assert "first" in found.reason
    assert "30 of each" in found.reason


def test_segment_lift_of_an_unjudged_arm_says_so(scored):
    _, gamma = scored
    partly = gamma.copy()
    partly[:, 1] = np.nan
    found = segment_lift(partly, np.ones(len(gamma), dtype=bool), 1)
    assert isinstance(found, NotEnoughEvidence)
    assert "not judged" in found.reason


def test_intervals_looked_at_together_hold_jointly():
    rng = np.random.default_rng(0)
    alone, joint = 0, 0
    for _ in range(400):
        found = {str(k): mean_estimate(rng.normal(size=50)) for k in range(10)}
        alone += all(item.low <= 0 <= item.high for item in found.values())
        joint += all(item.low <= 0 <= item.high for item in together(found).values())
    assert alone < 0.7 * 400
    assert joint > 0.92 * 400
    assert all(item.level == pytest.approx(0.995) for item in together(found).values())


def test_rows_bear_witness_only_to_arms_that_were_on_offer():
    scores = np.array([[0.0, 1.0, np.nan], [0.0, np.nan, 1.0], [0.0, 1.0, 1.0]])
    assert rows_with_scores(scores, np.array([0, 1])).tolist() == [True, False, True]
    assert rows_with_scores(scores, np.array([1, 2])).tolist() == [False, False, True]
