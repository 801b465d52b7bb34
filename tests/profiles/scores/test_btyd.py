"""BG/NBD and gamma-gamma against the paper's own figures, numerical integrals and a simulation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, gamma

from profiles.build import build_profiles
from profiles.scores.btyd import (
    BuyTillYouDie,
    Purchases,
    fit_btyd,
    log_likelihood,
    purchases,
    value_log_likelihood,
)

# Fader, Hardie & Lee (2005), table 2: CDNOW, in weeks.
PAPER = BuyTillYouDie(r=0.243, alpha=4.414, a=0.793, b=2.426, p=6.25, q=3.74, gamma=15.44)


def one(x: float, recency: float, age: float, value: float = 30.0) -> Purchases:
    return Purchases(*(np.array([float(v)]) for v in (x, recency, age, value, x + 1)))


def test_the_papers_worked_example() -> None:
    # Section 5: a customer with x = 2, t_x = 30.43, T = 38.86 will buy 1.226 times in 39 weeks.
    assert PAPER.expected_orders(one(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=0.001)


def _integrated_likelihood(model: BuyTillYouDie, x: int, recency: float, age: float) -> float:
    """The likelihood given one customer's rate and risk, over all rates and risks."""

    # A midpoint rule over the quantiles of rate and risk.
    middles = (np.arange(1500) + 0.5) / 1500
    rate = gamma(model.r, scale=1 / model.alpha).ppf(middles)[:, None]
    risk = beta(model.a, model.b).ppf(middles)[None, :]
    survived = (1 - risk) ** x * rate**x * np.exp(-rate * age)
    died = risk * (1 - risk) ** (x - 1) * rate**x * np.exp(-rate * recency) if x else 0.0
    return float(np.mean(survived + died))


SMOOTH = BuyTillYouDie(r=1.5, alpha=20.0, a=1.6, b=2.5, p=2.0, q=3.0, gamma=10.0)


@pytest.mark.parametrize(
    ("x", "recency", "age"), [(0, 0.0, 40.0), (1, 10.0, 40.0), (3, 30.0, 40.0)]
)
def test_the_likelihood_is_the_integral_over_customers(x: int, recency: float, age: float) -> None:
    parameters = np.array([SMOOTH.r, SMOOTH.alpha, SMOOTH.a, SMOOTH.b])
    found = np.exp(log_likelihood(parameters, one(x, recency, age))[0])
    assert found == pytest.approx(_integrated_likelihood(SMOOTH, x, recency, age), rel=1e-3)


def test_the_value_likelihood_is_the_integral_over_customers() -> None:
    n, value, p, q, g = 3, 12.0, 2.0, 3.0, 10.0
    # The mean of n values, each Gamma(p, rate nu), is Gamma(p n, rate n nu).
    slow, _ = quad(
        lambda nu: gamma(p * n, scale=1 / (n * nu)).pdf(value) * gamma(q, scale=1 / g).pdf(nu),
        1e-9,
        5,
    )
    found = value_log_likelihood(np.array([p, q, g]), np.array([value]), np.array([float(n)]))
    assert np.exp(found[0]) == pytest.approx(slow, rel=1e-4)


def _simulate(
    model: BuyTillYouDie, customers: int, days: float, rng: np.random.Generator
) -> list[list[float]]:
    """Each customer's purchases in days after their first."""
    bought = []
    for rate, risk in zip(
        rng.gamma(model.r, 1 / model.alpha, customers),
        rng.beta(model.a, model.b, customers),
        strict=True,
    ):
        times: list[float] = []
        at = rng.exponential(1 / rate)
        while at < days:
            times.append(at)
            if rng.random() < risk:
                break
            at += rng.exponential(1 / rate)
        bought.append(times)
    return bought


def test_a_simulations_parameters_and_future_are_found() -> None:
    rng = np.random.default_rng(0)
    truth = BuyTillYouDie(r=1.2, alpha=40.0, a=1.0, b=3.0, p=4.0, q=4.0, gamma=30.0)
    age, ahead = 300.0, 200.0
    lives = _simulate(truth, 4_000, age + ahead, rng)
    before = [[t for t in times if t < age] for times in lives]
    orders = np.array([1 + len(times) for times in before], dtype=np.float64)
    rate = rng.gamma(truth.q, 1 / truth.gamma, len(lives))
    value = rng.gamma(truth.p * orders, 1 / (rate * orders))
    known = Purchases(
        orders - 1,
        np.array([times[-1] if times else 0.0 for times in before]),
        np.full(len(lives), age),
        value,
        orders,
    )
    model = fit_btyd(known)
    # Means are what the data pin down; a and b, or p and q, trade off against each other.
    assert model.r / model.alpha == pytest.approx(truth.r / truth.alpha, rel=0.1)
    assert model.a / (model.a + model.b) == pytest.approx(truth.a / (truth.a + truth.b), rel=0.15)
    mean_value = truth.p * truth.gamma / (truth.q - 1)
    assert model.p * model.gamma / (model.q - 1) == pytest.approx(mean_value, rel=0.1)
    later = np.array([sum(t >= age for t in times) for times in lives])
    expected = model.expected_orders(known, ahead)
    assert expected.mean() == pytest.approx(later.mean(), rel=0.1)
    for rows in (known.repeats == 0, known.repeats >= 5):
        assert expected[rows].mean() == pytest.approx(later[rows].mean(), rel=0.15)
    many = orders >= 4
    assert np.corrcoef(model.expected_value(known)[many], (truth.p / rate)[many])[0, 1] > 0.8


@settings(max_examples=60, deadline=None)
@given(
    x=st.integers(0, 60),
    share=st.floats(0.01, 1),
    age=st.floats(1, 1000),
    days=st.floats(0.5, 400),
    value=st.floats(0.5, 500),
)
def test_expectations_are_sensible(
    x: int, share: float, age: float, days: float, value: float
) -> None:
    known = one(x, share * age if x else 0.0, age, value)
    expected = PAPER.expected_orders(known, days)[0]
    assert np.isfinite(expected) and expected >= -1e-9
    assert expected <= PAPER.expected_orders(known, 2 * days)[0] + 1e-9
    assert 0 <= PAPER.alive(known)[0] <= 1
    everyone = PAPER.p * PAPER.gamma / (PAPER.q - 1)
    shrunk = PAPER.expected_value(known)[0]
    assert min(everyone, value) - 1e-9 <= shrunk <= max(everyone, value) + 1e-9


@settings(max_examples=10, deadline=None)
@given(
    customers=st.lists(
        st.tuples(st.integers(0, 400), st.floats(0.01, 1), st.floats(0.5, 2000), st.floats(0, 1e5)),
        min_size=1,
        max_size=12,
    )
)
def test_any_customers_can_be_fitted(customers: list[tuple[int, float, float, float]]) -> None:
    rows = [(5, 0.5, 30.0, 10.0), *customers]
    x, share, age, value = (
        np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)
    )
    known = Purchases(x, np.where(x > 0, share * age, 0.0), age, value, x + 1)
    model = fit_btyd(known)
    assert all(np.isfinite(one) and one > 0 for one in model.to_json().values())
    assert np.all(np.isfinite(model.expected_orders(known, 365) * model.expected_value(known)))


def test_without_a_repeat_purchase_nothing_is_fitted() -> None:
    with pytest.raises(ValueError, match="bought twice"):
        fit_btyd(one(0, 0, 10))


def test_purchases_are_days_with_orders() -> None:
    end = datetime(2024, 3, 1, tzinfo=UTC)
    ages = {"a": [50.0, 50.1, 20.0], "b": [3.0]}
    listed = [
        {
            "order_id": f"{who}{n}",
            "customer_id": who,
            "ordered_at": end - timedelta(days=age),
            "total": 10.0 * (n + 1),
        }
        for who, days in ages.items()
        for n, age in enumerate(days)
    ]
    people = pa.table({"customer_id": ["a", "b", "idle"]})
    tables = {"orders": pa.Table.from_pylist(listed), "customers": people}
    bought, known = purchases(build_profiles(tables, end))
    assert bought.tolist() == [True, True, False]
    assert known.repeats.tolist() == [2, 0]
    assert known.orders.tolist() == [3, 1]
    assert known.value.tolist() == [20.0, 10.0]
    assert known.recency == pytest.approx([30.1, 0.0])
    assert known.age == pytest.approx([50.1, 3.0], abs=0.6)
