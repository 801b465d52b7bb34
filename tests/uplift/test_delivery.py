"""How far personal effects are trusted: mixtures with the average, and regions left quiet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplift.delivery import NOT_PERSONAL, Delivery, Mixture, choose_mixture
from uplift.policy import best_choice, with_none

WHOLE = Mixture(1.0)


def candidates(gain, n=4000, seed=0):
    """Half the customers are moved from arm 1 to arm 2, which does `gain` more for them."""
    rng = np.random.default_rng(seed)
    net = with_none(np.column_stack([np.zeros(n), np.full(n, gain)]) + rng.normal(size=(n, 2)))
    constant = np.ones(n, dtype=np.int64)
    moved = constant.copy()
    moved[: n // 2] = 2
    return net, constant, moved, rng.integers(0, 3, size=n)


def test_a_clear_gain_is_taken_and_a_loss_is_not():
    net, constant, moved, arm = candidates(0.3)
    everyone = np.ones(len(arm), dtype=bool)
    mixture, trials = choose_mixture({WHOLE: moved}, constant, net, None, arm, everyone)
    assert mixture == WHOLE
    assert trials[0].gain.value == pytest.approx((net[:2000, 2] - net[:2000, 1]).sum() / 4000)
    net, constant, moved, arm = candidates(-0.3)
    assert choose_mixture({WHOLE: moved}, constant, net, None, arm, everyone)[0] == NOT_PERSONAL


def test_a_gain_from_a_handful_of_responders_is_not_believed():
    net, constant, moved, arm = candidates(0.3)
    few = np.zeros(len(arm), dtype=bool)
    few[np.flatnonzero(arm[:2000] == 2)[:29]] = True
    mixture, trials = choose_mixture({WHOLE: moved}, constant, net, None, arm, few, responders=30)
    assert mixture == NOT_PERSONAL
    assert trials[0].responders == 29


def test_policies_alike_leave_the_constant_one():
    net, constant, _, arm = candidates(0.3)
    same = choose_mixture(
        {WHOLE: constant}, constant, net, None, arm, np.ones(len(arm), dtype=bool)
    )
    assert same[0] == NOT_PERSONAL


def test_the_first_mixture_that_earns_its_place_is_taken():
    net, constant, moved, arm = candidates(0.3)
    wider, harmed = moved.copy(), moved.copy()
    net[2000:2800, 2] -= 0.4
    net[2800:, 2] -= 1.0
    wider[2000:2800] = 2
    harmed[2000:] = 2
    narrow, cautious = Mixture(0.5), Mixture(1.0, quiet=0.5)
    everyone = np.ones(len(arm), dtype=bool)
    choices = {WHOLE: harmed, cautious: wider, narrow: moved}
    chosen, trials = choose_mixture(choices, constant, net, None, arm, everyone)
    all_moved, wide, half = (trial.gain for trial in trials)
    assert half.value > wide.value > 1.645 * wide.se
    assert all_moved.value < 0
    assert chosen == cautious


def slow_effect(tau, average, slope, centre, quiet, weight):
    distance = tau - centre
    if abs(distance) <= quiet:
        return average
    kept = distance - quiet if distance > 0 else distance + quiet
    return average + weight * slope * kept


@given(
    st.lists(st.floats(-2, 2), min_size=2, max_size=20),
    st.floats(-1, 1),
    st.floats(0, 2),
    st.floats(-1, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_delivered_effects_match_the_formula(tau, average, slope, centre, quiet, weight):
    delivery = Delivery(weight, (average,), (slope,), (centre,), (quiet,), 0.0, 0.0)
    found = delivery.effects(np.array(tau)[:, None])[:, 0]
    expected = [slow_effect(one, average, slope, centre, quiet, weight) for one in tau]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_quiet_share_is_of_the_customers_nearest_to_the_average():
    tau = np.random.default_rng(1).normal(size=(1000, 2))
    whole = Delivery(1.0, (0.1, 0.2), (1.0, 1.0), (0.0, 0.0), (0.0, 0.0), 0.0, 0.0)
    found = whole.mixed(Mixture(1.0, quiet=0.8), tau).effects(tau)
    assert np.mean(found == [0.1, 0.2], axis=0) == pytest.approx([0.8, 0.8], abs=0.002)
    assert whole.mixed(WHOLE, tau) == whole


def test_a_region_of_which_nothing_is_known_is_treated_alike():
    """Where few customers differ much and all others are noise, moving all on the noise costs more
    than the few bring; the quiet mixture moves the few alone."""
    rng = np.random.default_rng(3)
    n = 6000
    few = rng.random(n) < 0.08
    true = np.column_stack([np.full(n, 0.36), np.where(few, 0.9, 0.25)])
    believed = true + rng.normal(scale=0.12, size=(n, 2))
    net = with_none(true + rng.normal(scale=0.5, size=(n, 2)))
    tau_mean = tuple(believed.mean(axis=0))
    delivery = Delivery(1.0, tuple(true.mean(axis=0)), (1.0, 1.0), tau_mean, (0.0, 0.0), 0.0, 0.0)
    arm, everyone = rng.integers(0, 3, size=n), np.ones(n, dtype=bool)
    mixtures = (WHOLE, Mixture(1.0, quiet=0.8))
    choices = {m: best_choice(delivery.mixed(m, believed).effects(believed)) for m in mixtures}
    net[~few, 2] -= 0.3  # of the rest the model is wrong
    constant = np.ones(n, dtype=np.int64)
    chosen, trials = choose_mixture(choices, constant, net, None, arm, everyone)
    assert trials[0].gain.value < 0
    assert chosen == Mixture(1.0, quiet=0.8)
    assert choices[chosen][few].mean() > 1.9
    assert choices[chosen][~few].mean() < 1.1
