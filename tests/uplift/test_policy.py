import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadRequest
from uplift.policy import Delivery, Economics, best_choice, choose_weight, with_none

numbers = st.floats(-10, 10)


def slow_net(value, unit, redemption, effect, conversion, lower):
    gain = -effect if lower else effect
    if value is None:
        return gain
    return value * gain - unit - redemption * conversion


@given(
    st.one_of(st.none(), st.floats(0.1, 20)),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3), numbers, st.floats(0, 1)), min_size=1),
    st.booleans(),
)
def test_net_values_match_the_formula(value, triggers, lower):
    economics = Economics(
        value, tuple(unit for unit, *_ in triggers), tuple(item[1] for item in triggers)
    )
    effects = np.array([[item[2] for item in triggers]])
    conversions = np.array([[item[3] for item in triggers]])
    expected = [slow_net(value, *item, lower) for item in triggers]
    np.testing.assert_allclose(
        economics.net_values(effects, conversions, lower)[0], expected, atol=1e-9
    )


@given(
    st.lists(
        st.lists(st.one_of(numbers, st.just(float("nan"))), min_size=3, max_size=3), min_size=1
    )
)
def test_best_choice_matches_a_search(rows):
    found = best_choice(np.array(rows))
    for row, choice in zip(rows, found.tolist(), strict=True):
        best, value = 0, 0.0
        for place, net in enumerate(row, start=1):
            if net > value:
                best, value = place, net
        assert choice == best


@pytest.mark.parametrize(
    ("value", "unit", "redemption", "field"),
    [
        (1.0, (0.1,), (), "redemption_cost"),
        (1.0, (-0.1,), (0.0,), "unit_cost"),
        (0.0, (0.1,), (0.0,), "value_per_unit"),
    ],
)
def test_impossible_economics_are_refused(value, unit, redemption, field):
    with pytest.raises(BadRequest) as caught:
        Economics(value, unit, redemption)
    assert caught.value.field == field


def test_economics_and_delivery_survive_json():
    economics = Economics(3.0, (0.1, 0.0), (0.0, 2.0))
    assert Economics.from_json(economics.to_json()) == economics
    delivery = Delivery(0.5, (0.1, np.nan), (1.0, np.nan), (0.2, np.nan), 0.3, 0.4)
    again = Delivery.from_json(delivery.to_json())
    assert again.average[0] == 0.1
    assert np.isnan(again.slope[1])


def test_weight_zero_delivers_the_average_and_one_the_calibrated_effect():
    tau = np.random.default_rng(0).normal(size=(50, 2))
    delivery = Delivery(0.0, (0.1, 0.2), (0.5, 2.0), tuple(tau.mean(axis=0)), 0.3, 0.1)
    np.testing.assert_allclose(delivery.effects(tau), np.tile([0.1, 0.2], (50, 1)))
    whole = Delivery(1.0, (0.1, 0.2), (0.5, 2.0), tuple(tau.mean(axis=0)), 0.3, 0.1).effects(tau)
    np.testing.assert_allclose(whole.mean(axis=0), [0.1, 0.2])
    np.testing.assert_allclose(np.std(whole, axis=0), np.std(tau, axis=0) * [0.5, 2.0])


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
    weight, trials = choose_weight({1.0: moved}, constant, net, None, arm, everyone)
    assert weight == 1.0
    assert trials[0].gain.value == pytest.approx((net[:2000, 2] - net[:2000, 1]).sum() / 4000)
    net, constant, moved, arm = candidates(-0.3)
    assert choose_weight({1.0: moved}, constant, net, None, arm, everyone)[0] == 0.0


def test_a_gain_from_a_handful_of_responders_is_not_believed():
    net, constant, moved, arm = candidates(0.3)
    few = np.zeros(len(arm), dtype=bool)
    few[np.flatnonzero(arm[:2000] == 2)[:29]] = True
    weight, trials = choose_weight({1.0: moved}, constant, net, None, arm, few, responders=30)
    assert weight == 0.0
    assert trials[0].responders == 29


def test_policies_alike_leave_the_constant_one():
    net, constant, _, arm = candidates(0.3)
    same = choose_weight({0.5: constant}, constant, net, None, arm, np.ones(len(arm), dtype=bool))
    assert same[0] == 0.0


def test_the_largest_of_the_weights_that_earn_their_place_is_taken():
    net, constant, moved, arm = candidates(0.3)
    wider, harmed = moved.copy(), moved.copy()
    net[2000:2800, 2] -= 0.4
    net[2800:, 2] -= 1.0
    wider[2000:2800] = 2
    harmed[2000:] = 2
    weights = {0.5: moved, 0.75: wider, 1.0: harmed}
    everyone = np.ones(len(arm), dtype=bool)
    chosen, trials = choose_weight(weights, constant, net, None, arm, everyone)
    narrow, wide, all_moved = (trial.gain for trial in trials)
    assert narrow.value > wide.value > 1.645 * wide.se
    assert all_moved.value < 0
    assert chosen == 0.75
