"""An axis from columns to segments: planted groups, missing data, no structure."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from clustering.axes import AXES
from clustering.axis_definition import Kind
from clustering.axis_fit import FEWEST, Before, fit_axis
from clustering.axis_model import NOBODY, FittedAxis, Standing
from clustering.axis_values import axis_values, enough_known, natural

PRICE, FREQUENCY, RETURNS = (
    AXES[name] for name in ("price_sensitivity", "purchase_frequency", "return_behavior")
)
Columns = dict[str, np.ndarray]


def deals(n: int, seed: int = 0) -> tuple[Columns, np.ndarray]:
    """Customers of whom a third hunt deals, with 3 to 14 orders."""
    rng = np.random.default_rng(seed)
    hunts = rng.random(n) < 1 / 3
    orders = rng.integers(3, 15, n)
    discounted = rng.binomial(orders, np.where(hunts, 0.92, 0.05))
    share = discounted / orders * rng.beta(20, 60, n)
    columns = {"discounted_orders": discounted, "discount_known": orders, "discount_share": share}
    return {name: column.astype(float) for name, column in columns.items()}, hunts


@pytest.fixture(scope="module")
def fitted() -> FittedAxis:
    return fit_axis(PRICE, deals(3_000)[0], np.random.default_rng(1))


def test_planted_groups_are_found_and_named(fitted: FittedAxis) -> None:
    columns, hunts = deals(3_000)
    placed, _ = fitted.place(columns)
    assert fitted.names == ("full_price", "deal_hunter")
    assert adjusted_rand_score(hunts, placed) >= 0.9
    assert fitted.chosen is not None
    assert fitted.chosen.stability is not None
    assert fitted.chosen.silhouette > fitted.chosen.null_high
    assert (fitted.sample, fitted.measured) == (3_000, 1_500)
    assert sum(segment.size for segment in fitted.segments) == fitted.known == 3_000
    assert "orders with a discount" in fitted.segments[1].description


def test_new_customers_are_placed_by_the_same_centroids(fitted: FittedAxis) -> None:
    again = FittedAxis.model_validate_json(fitted.model_dump_json())
    columns, hunts = deals(500, seed=9)
    placed, strength = again.place(columns)
    assert adjusted_rand_score(hunts, placed) >= 0.85
    np.testing.assert_array_equal(placed, fitted.place(columns)[0])
    np.testing.assert_array_equal(strength.argmax(axis=1), placed)


def test_who_is_too_little_known_is_nowhere(fitted: FittedAxis) -> None:
    columns, _ = deals(4)
    columns["discount_known"][0] = 1
    columns["discount_share"][1] = np.nan
    placed, strength = fitted.place(columns)
    assert placed.tolist()[:2] == [NOBODY, NOBODY]
    assert np.isnan(strength[:2]).all()
    assert (placed[2:] != NOBODY).all()


def test_names_stay_and_so_do_most_customers(fitted: FittedAxis) -> None:
    columns, _ = deals(3_000)
    old, _ = fitted.place(columns)
    renamed = tuple(reversed(fitted.names))
    flipped = np.where(old == 0, 1, 0)
    again = fit_axis(PRICE, columns, np.random.default_rng(77), Before(renamed, flipped))
    assert again.names == fitted.names
    assert (again.place(columns)[0] == old).mean() > 0.98


def test_an_axis_without_data_says_so_and_places_nobody() -> None:
    nothing = {name: np.full(500, np.nan) for name in RETURNS.columns}
    found = fit_axis(RETURNS, nothing, np.random.default_rng(0))
    assert (found.standing, found.segments, found.known) == (Standing.NO_DATA, (), 0)
    assert "lines sent back" in found.reason
    few, _ = deals(FEWEST - 1)
    found = fit_axis(PRICE, few, np.random.default_rng(0))
    assert found.standing is Standing.NO_DATA
    assert "two orders" in found.reason
    assert (found.place(few)[0] == NOBODY).all()


def test_an_axis_without_structure_says_so_and_places_nobody() -> None:
    rng = np.random.default_rng(3)
    orders = rng.poisson(rng.gamma(2, 1.5, 3_000)).astype(float)
    columns = {"orders_last_year": orders, "orders_ever": orders + 1}
    found = fit_axis(FREQUENCY, columns, rng)
    assert (found.standing, found.segments) == (Standing.NO_STRUCTURE, ())
    assert "No natural segments" in found.reason
    assert (found.place(columns)[0] == NOBODY).all()
    same = {"orders_last_year": np.ones(400), "orders_ever": np.ones(400)}
    found = fit_axis(FREQUENCY, same, rng)
    assert found.standing is Standing.NO_STRUCTURE
    assert "same for everybody" in found.reason


def test_a_feature_that_nobody_has_is_left_out() -> None:
    columns, hunts = deals(1_500)
    columns["discount_share"] = np.full(1_500, np.nan)
    found = fit_axis(PRICE, columns, np.random.default_rng(0))
    assert list(found.left_out) == ["discount_share"]
    assert adjusted_rand_score(hunts, found.place(columns)[0]) >= 0.9


def test_few_orders_make_no_segments_of_their_own() -> None:
    """With two to four orders a share is 0, 1/4, 1/3, 1/2, ...: lumps, but no structure."""
    rng = np.random.default_rng(5)
    orders = rng.integers(3, 5, 3_000)
    lines = {"lines": orders, "returned_lines": rng.binomial(orders, rng.beta(2, 5, 3_000))}
    columns = {name: column.astype(float) for name, column in lines.items()}
    assert fit_axis(RETURNS, columns, rng).standing is Standing.NO_STRUCTURE


def test_values_are_drawn_around_their_middle_and_read_back() -> None:
    columns, _ = deals(200)
    rng = np.random.default_rng(0)
    middle = axis_values(PRICE.features, columns)
    drawn = np.mean([axis_values(PRICE.features, columns, rng) for _ in range(400)], axis=0)
    np.testing.assert_allclose(drawn, middle, atol=0.03)
    assert enough_known(PRICE, columns).all()
    count = FREQUENCY.features[0]
    assert count.kind is Kind.COUNT
    for orders in (0.0, 1.0, 7.0):
        value = axis_values((count,), {"orders_last_year": np.array([orders])})[0, 0]
        assert natural(count, float(value)) == pytest.approx(orders)
