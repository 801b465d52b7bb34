import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadRequest
from uplift.delivery import Delivery
from uplift.policy import Economics, best_choice

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
    delivery = Delivery(0.5, (0.1, np.nan), (1.0, np.nan), (0.2, np.nan), (0.01, np.nan), 0.3, 0.4)
    again = Delivery.from_json(delivery.to_json())
    assert again.average[0] == 0.1
    assert np.isnan(again.slope[1])


def test_weight_zero_delivers_the_average_and_one_the_calibrated_effect():
    tau = np.random.default_rng(0).normal(size=(50, 2))
    calibrated = ((0.1, 0.2), (0.5, 2.0), tuple(tau.mean(axis=0)), (0.0, 0.0), 0.3, 0.1)
    delivery = Delivery(0.0, *calibrated)
    np.testing.assert_allclose(delivery.effects(tau), np.tile([0.1, 0.2], (50, 1)))
    whole = Delivery(
        1.0, (0.1, 0.2), (0.5, 2.0), tuple(tau.mean(axis=0)), (0.0, 0.0), 0.3, 0.1
    ).effects(tau)
    np.testing.assert_allclose(whole.mean(axis=0), [0.1, 0.2])
    np.testing.assert_allclose(np.std(whole, axis=0), np.std(tau, axis=0) * [0.5, 2.0])
