"""Buy till you die: how often a customer will buy, and for how much, from their orders alone.

BG/NBD (Fader, Hardie & Lee 2005, "Counting Your Customers the Easy Way"): while alive, a customer
buys at a rate that is Gamma(r, alpha) among customers, and after each purchase dies with a
probability that is Beta(a, b). Gamma-gamma (Fader & Hardie 2013): the mean of a customer's order
values is Gamma-distributed around their own, which is Gamma-distributed among customers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, hyp2f1

from profiles.connection import in_memory

Floats = NDArray[np.float64]
PRIOR_SD = 1.5
"""Of the log of each parameter."""


@dataclass(frozen=True)
class Purchases:
    """What BG/NBD knows of each customer who ever bought, in days: `repeats` (days with an order
    after the first), `recency` (first to last order), `age` (first order to the profile's time);
    and the mean `value` of an order over `orders` orders."""

    repeats: Floats
    recency: Floats
    age: Floats
    value: Floats
    orders: Floats


def purchases(profiles: pa.Table, *, threads: int = 2) -> tuple[NDArray[np.bool_], Purchases]:
    """Who ever bought (n,), and their purchases in the order of the profiles.

    Orders of one day are one purchase, as the model has no two at a time.
    """
    with in_memory(threads=threads) as connection:
        place = pa.array(np.arange(profiles.num_rows))
        columns = ["transaction_history", "days_since_last_purchase", "average_order_value"]
        connection.register("profiles", profiles.select(columns).append_column("__place", place))
        rows = connection.sql("""
            SELECT __place AS place,
                len(list_distinct(list_transform(
                    transaction_history, lambda one: one.date::DATE))) - 1 AS repeats,
                CASE WHEN repeats > 0 THEN date_diff(
                    'second', transaction_history[1].date, transaction_history[-1].date) / 86400
                    ELSE 0 END AS recency,
                recency + days_since_last_purchase + 0.5 AS age,
                average_order_value AS value, len(transaction_history) AS orders
            FROM profiles WHERE len(transaction_history) > 0 ORDER BY place
        """).to_arrow_table()
    column = {name: rows.column(name).to_numpy().astype(np.float64) for name in rows.column_names}
    bought = np.zeros(profiles.num_rows, dtype=np.bool_)
    bought[column.pop("place").astype(np.int64)] = True
    return bought, Purchases(**column)


@dataclass(frozen=True)
class BuyTillYouDie:
    """Fitted parameters: `r`, `alpha`, `a`, `b` of BG/NBD (per day), `p`, `q`, `gamma` of
    gamma-gamma."""

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    gamma: float

    def expected_orders(self, known: Purchases, days: float) -> Floats:
        """Expected purchases in the next `days` (n,): equation 10 of the paper, a = 1 by
        continuity.

        Of the two forms that Euler's transformation gives its hypergeometric term, the one that
        stays finite as its argument nears 1: the other overflows for customers with hundreds of
        purchases, or for parameters in the hundreds.
        """
        r, alpha, b = self.r, self.alpha, self.b
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        x = known.repeats
        z = days / (alpha + known.age + days)
        turned = a - 1 < r + x
        power = np.where(turned, a - 1, r + x)
        first = np.where(turned, a + b - 1 - r, r + x)
        second = np.where(turned, a - 1, b + x)
        still = (1 - z) ** power * hyp2f1(first, second, a + b + x - 1, z)
        born = (a + b + x - 1) / (a - 1) * (1 - still)
        return np.asarray(born * self.alive(known), dtype=np.float64)

    def alive(self, known: Purchases) -> Floats:
        """The probability that each customer is still one (n,); 1 for someone who bought once,
        since this model lets customers die only right after a repeat purchase."""
        odds = (self.r + known.repeats) * (
            np.log(self.alpha + known.age) - np.log(self.alpha + known.recency)
        )
        odds += np.log(self.a) - np.log(self.b + np.maximum(known.repeats, 1) - 1)
        return np.where(known.repeats > 0, expit(-odds), 1.0)

    def expected_value(self, known: Purchases) -> Floats:
        """Expected value of an order (n,): the customer's own mean, drawn towards everyone's."""
        n = np.where(known.value > 0, known.orders, 0.0)
        value = np.where(known.value > 0, known.value, 0.0)
        return np.asarray(
            self.p * (self.gamma + n * value) / (self.p * n + self.q - 1), dtype=np.float64
        )

    def to_json(self) -> dict[str, float]:
        return asdict(self)


def fit_btyd(known: Purchases) -> BuyTillYouDie:
    """Maximum likelihood over the logs of the parameters, with a prior worth less than one
    customer: a lognormal around plain values, which a shop of a few customers needs and one of
    thousands does not notice. Raises ValueError without a repeat purchase, from which nothing can
    be learned."""
    if not np.any(known.repeats > 0):
        raise ValueError("no customer has bought twice")
    r, alpha, a, b = _most_likely(
        lambda parameters: log_likelihood(parameters, known),
        np.array([0.5, float(np.mean(known.age)) / 4, 0.8, 2.5]),
    )
    # Who bought for nothing has no value to learn from.
    paid = known.value > 0
    value, n = known.value[paid], known.orders[paid]
    usual = float(np.mean(value)) if len(value) else 0.0
    p, q, gamma = _above_one(
        _most_likely(
            lambda parameters: value_log_likelihood(_above_one(parameters), value, n),
            np.array([2.0, 3.0, max(2 * usual, 1e-6)]),
        )
    )
    return BuyTillYouDie(*(float(v) for v in (r, alpha, a, b, p, q, gamma)))


def _most_likely(likelihood: Callable[[Floats], Floats], plain: Floats) -> Floats:
    start = np.log(plain)

    def loss(logs: Floats) -> float:
        prior = np.sum(((logs - start) / PRIOR_SD) ** 2) / 2
        each = likelihood(np.exp(logs))
        return float((prior - np.sum(each)) / (len(each) + 1))

    bounds = [(one - 8, one + 8) for one in start]
    return np.asarray(np.exp(minimize(loss, start, method="L-BFGS-B", bounds=bounds).x))


def log_likelihood(parameters: Floats, known: Purchases) -> Floats:
    """Of each customer's purchases under BG/NBD: equation 6 of the paper, in logs."""
    r, alpha, a, b = parameters
    x, recency, age = known.repeats, known.recency, known.age
    rates = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    survived = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    died = (
        betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency)
    )
    return np.asarray(rates + np.logaddexp(survived, np.where(x > 0, died, -np.inf)))


def value_log_likelihood(parameters: Floats, value: Floats, n: Floats) -> Floats:
    """Of each customer's mean order value over n orders under gamma-gamma."""
    p, q, gamma = parameters
    return np.asarray(
        gammaln(p * n + q)
        - gammaln(p * n)
        - gammaln(q)
        + q * np.log(gamma)
        + (p * n - 1) * np.log(value)
        + p * n * np.log(n)
        - (p * n + q) * np.log(gamma + n * value)
    )


def _above_one(parameters: Floats) -> Floats:
    """p, q, gamma with q above 1: else the mean value over all customers would be infinite."""
    p, q, gamma = parameters
    return np.array([p, 1 + q, gamma])
