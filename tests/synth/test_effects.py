"""The closed forms of the potential outcomes, against the play of a single customer's world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synth.effects import ARMS, DELIVERED, Response, Window, drives, outlook, respond
from synth.population import Population, population
from synth.recipe import recipe

PLAYS = 40_000
DAYS = 30.0
NO_CART = np.zeros(1, dtype=np.bool_)


@pytest.fixture(scope="module")
def people() -> Population:
    return population(recipe(3000, seed=8), 0, 1)


def one(people: Population, place: int, **changes: float) -> Population:
    """The same customer over and over, with some rates replaced."""
    rows = np.full(1, place)
    arrays = {
        name: value[rows] if isinstance(value, np.ndarray) else value
        for name, value in vars(people).items()
    }
    arrays["taste"] = replace(
        people.taste, **{name: value[rows] for name, value in vars(people.taste).items()}
    )
    arrays["traits"] = {name: value[rows] for name, value in people.traits.items()}
    return Population(**arrays | {name: np.array([value]) for name, value in changes.items()})


@pytest.mark.parametrize(("cause", "lose"), [(0.2, 0.0), (0.0, 0.7)])
def test_the_formulas_are_the_mean_of_a_slow_play(
    people: Population, cause: float, lose: float
) -> None:
    """Plays death, orders, thinning, one caused order and sessions, one customer at a time."""
    rate, sessions, hazard = 0.03, 0.05, 0.02
    me = one(people, 3, order_rate=rate, session_rate=sessions, hazard=hazard, dies=1e9)
    response = Response(cause=np.full((1, len(ARMS)), cause), lose=np.full((1, len(ARMS)), lose))
    window = Window(start=5.0, days=DAYS, clock=1.2 * DAYS, by_mail=False)
    truth = outlook(me, response, np.array([10.0]), window)

    random = np.random.default_rng(1)
    lives = np.minimum(random.exponential(1 / hazard, PLAYS), DAYS)
    sent = random.random(PLAYS) < DELIVERED
    orders = random.poisson(1.2 * rate * lives)
    orders = np.where(sent, random.binomial(orders, 1 - lose), orders)
    orders = orders + (sent & (random.random(PLAYS) < cause))
    visit = (orders > 0) | (random.poisson(1.2 * sessions * lives) > 0)
    for formula, played in (
        (truth.converted, orders > 0),
        (truth.orders, orders),
        (truth.visit, visit),
    ):
        error = 4 * np.std(played) / np.sqrt(PLAYS)
        assert abs(formula[0, 1] - np.mean(played)) < error


def test_without_a_message_nothing_changes(people: Population) -> None:
    seen = np.zeros((len(people), len(ARMS)), dtype=np.int64)
    response = respond(people, drives(people), 400.0, seen, NO_CART)
    assert (response.cause[:, 0] == 0).all()
    assert (response.lose[:, 0] == 0).all()
    assert ((response.cause > 0) & (response.lose > 0)).sum() == 0


def test_the_dead_buy_nothing_of_themselves_and_hardly_respond(people: Population) -> None:
    seen = np.zeros((len(people), len(ARMS)), dtype=np.int64)
    response = respond(people, drives(people), 700.0, seen, NO_CART)
    window = Window(start=700.0, days=DAYS, clock=DAYS, by_mail=True)
    truth = outlook(people, response, np.full(len(people), 10.0), window)
    dead = people.dies <= 700.0
    assert (truth.converted[dead, 0] == 0).all()
    assert (truth.converted[~dead, 0] > 0).all()
    assert response.cause[dead].mean() < 0.3 * response.cause[~dead].mean()


def test_each_repetition_leaves_less_of_the_effect(people: Population) -> None:
    seen = np.zeros((len(people), len(ARMS)), dtype=np.int64)
    fresh, again, often = (
        respond(people, drives(people), 100.0, seen + times, NO_CART).cause[:, 1:]
        for times in (0, 1, 4)
    )
    moved = (fresh > 0) & (fresh < 0.6)
    assert (again[moved] < fresh[moved]).all()
    assert (often[moved] < again[moved]).all()


def test_a_cart_lately_left_makes_free_shipping_work_better(people: Population) -> None:
    seen = np.zeros((len(people), len(ARMS)), dtype=np.int64)
    without, with_ = (
        respond(people, drives(people), 100.0, seen, np.array([left])).cause
        for left in (False, True)
    )
    arm = ARMS.index("free_shipping")
    moved = (without[:, arm] > 0) & (with_[:, arm] < 0.6)
    assert (with_[moved, arm] > 1.4 * without[moved, arm]).all()
    assert (with_[:, ARMS.index("social_proof")] == without[:, ARMS.index("social_proof")]).all()
