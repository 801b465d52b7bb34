import numpy as np
import pytest

from domain.errors import NotFound
from tests.uplift.trials import trial
from uplift.evaluation import aipw_scores
from uplift.groups import EffectGroups, effect_groups

ARMS = ("none", "first", "second")


@pytest.fixture(scope="module")
def made():
    made = trial(0, 9000)
    gamma = aipw_scores(made.data.outcome, made.data.arm, made.propensity, made.mu)
    noisy = made.effects + np.random.default_rng(0).normal(scale=0.01, size=made.effects.shape)
    return made, gamma, noisy, effect_groups(noisy, gamma, made.data.arm, ARMS)


def test_a_customer_gets_the_mean_of_the_group_around_its_effect(made):
    _, gamma, effects, groups = made
    edges = groups.arms["first"].edges
    assert len(edges) == 9
    value, low, high = groups.look_up("first", effects[:, 0])
    for customer in range(0, 9000, 997):
        mine = sum(effects[customer, 0] >= edge for edge in edges)
        peers = [i for i in range(9000) if sum(effects[i, 0] >= edge for edge in edges) == mine]
        assert value[customer] == pytest.approx(np.mean(gamma[peers, 1] - gamma[peers, 0]))
        assert low[customer] < value[customer] < high[customer]


def test_a_constant_effect_makes_one_group_of_everyone(made):
    data, gamma, _, _ = made
    groups = effect_groups(np.full((9000, 2), 0.04), gamma, data.data.arm, ARMS)
    assert groups.arms["first"].edges == ()
    value, _, _ = groups.look_up("first", np.array([-5.0, 5.0]))
    assert value == pytest.approx(np.mean(gamma[:, 1] - gamma[:, 0]))


def test_an_arm_that_was_not_judged_has_no_groups(made):
    data, gamma, effects, _ = made
    partly = gamma.copy()
    partly[:, 2] = np.nan
    groups = effect_groups(effects, partly, data.data.arm, ARMS)
    with pytest.raises(NotFound, match="second"):
        groups.look_up("second", effects[:, 1])


def test_groups_survive_json(made):
    groups = made[3]
    assert EffectGroups.from_json(groups.to_json()) == groups
