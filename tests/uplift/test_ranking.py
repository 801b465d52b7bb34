import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplift.ranking import (
    auuc,
    calibration,
    calibration_slope,
    effect_bins,
    qini,
    rate,
    toc,
    treated_share,
)


def slow_qini(score, contrast):
    """Area between the gain curve and the straight line, customer pair by customer pair."""
    n = len(score)
    total = 0.0
    for i in range(n):
        before = sum(1.0 if score[j] > score[i] else 0.5 * (score[j] == score[i]) for j in range(n))
        total += contrast[i] * (0.5 - before / n)
    return total / n


@given(st.lists(st.tuples(st.integers(-3, 3), st.floats(-5, 5)), min_size=1, max_size=30))
def test_qini_matches_the_slow_area(rows):
    score = np.array([float(s) for s, _ in rows])
    contrast = np.array([c for _, c in rows])
    assert qini(score, contrast).value == pytest.approx(slow_qini(score, contrast), abs=1e-9)


def test_qini_of_the_truth_is_the_area_under_its_gain_curve():
    effect = np.linspace(0, 1, 1001)
    # Lorenz curve of a uniform effect: gain(q) = q - q^2 / 2, so the area above q / 2 is 1/12.
    assert qini(effect, effect).value == pytest.approx(1 / 12, abs=1e-3)
    assert qini(-effect, effect).value == pytest.approx(-1 / 12, abs=1e-3)


def test_qini_of_constant_scores_is_zero_for_sure():
    found = qini(np.ones(50), np.random.default_rng(0).normal(size=50))
    assert found.value == 0
    assert found.se == pytest.approx(0, abs=1e-12)


def test_qini_error_is_that_of_repeated_samples():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        score = rng.normal(size=300)
        found.append(qini(score, 0.5 * score + 0.3 + rng.normal(size=300)))
    spread = np.std([item.value for item in found])
    assert np.mean([item.se for item in found]) == pytest.approx(spread, rel=0.1)


def test_treated_share_counts_those_ranked_before():
    np.testing.assert_allclose(
        treated_share(np.array([3.0, 1.0, 2.0, 2.0])), [0.125, 0.875, 0.5, 0.5]
    )


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(1, 10))
def test_bins_are_never_empty_and_keep_ties_together(values, count):
    predicted = np.array(values, dtype=float)
    edges = effect_bins(predicted, count)
    place = np.searchsorted(edges, predicted, side="right")
    assert set(place.tolist()) == set(range(len(edges) + 1))
    assert len(edges) < count or count == 1
    for value in set(values):
        assert len(set(place[predicted == value].tolist())) == 1


def test_calibration_bins_hold_the_means_of_their_rows():
    rng = np.random.default_rng(1)
    predicted = rng.normal(size=2000)
    contrast = 0.5 * predicted + rng.normal(size=2000)
    found = calibration(predicted, contrast, count=4)
    order = np.argsort(predicted)
    for quarter, item in zip(np.array_split(order, 4), found.bins, strict=True):
        assert item.predicted == pytest.approx(predicted[quarter].mean(), abs=0.01)
        assert item.observed.value == pytest.approx(contrast[quarter].mean(), abs=0.05)
    assert found.slope.value == pytest.approx(np.polyfit(predicted, contrast, 1)[0])
    assert found.p_value < 1e-6


def test_slope_error_is_that_of_repeated_samples():
    rng = np.random.default_rng(2)
    found = []
    for _ in range(400):
        predicted = rng.normal(size=200)
        contrast = predicted + rng.normal(size=200) * (1 + np.abs(predicted))
        found.append(calibration_slope(predicted, contrast))
    spread = np.std([item.value for item in found])
    assert np.mean([item.se for item in found]) == pytest.approx(spread, rel=0.12)


def test_constant_predictions_have_no_slope():
    found = calibration(np.full(20, 0.3), np.arange(20.0))
    assert found.slope is None
    assert len(found.bins) == 1


def slow_toc(score, contrast, share):
    """The mean effect of the best-ranked share less that of all; no ties."""
    best = sorted(range(len(score)), key=lambda i: -score[i])[: round(share * len(score))]
    return sum(contrast[i] for i in best) / len(best) - sum(contrast) / len(contrast)


def test_toc_matches_the_slow_means():
    rng = np.random.default_rng(3)
    score, contrast = rng.normal(size=200), rng.normal(size=200)
    for point in toc(score, contrast, points=5):
        expected = slow_toc(score, contrast, point.share)
        assert point.advantage.value == pytest.approx(expected, abs=1e-9)


def test_rate_is_the_area_under_the_toc_curve():
    rng = np.random.default_rng(4)
    score = rng.normal(size=1000)
    contrast = score + rng.normal(size=1000)
    area = np.mean([slow_toc(score, contrast, k / 1000) for k in range(1, 1001)])
    assert rate(score, contrast).value == pytest.approx(area, abs=0.01)


def test_rate_error_is_that_of_repeated_samples():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(400):
        score = rng.normal(size=300)
        found.append(rate(score, 0.5 * score + 0.3 + rng.normal(size=300)))
    spread = np.std([item.value for item in found])
    assert np.mean([item.se for item in found]) == pytest.approx(spread, rel=0.15)


def test_constant_scores_have_a_flat_toc():
    contrast = np.random.default_rng(6).normal(size=40)
    for point in toc(np.ones(40), contrast):
        assert point.advantage.value == pytest.approx(0, abs=1e-12)


def test_auuc_is_the_qini_coefficient_plus_half_the_average():
    rng = np.random.default_rng(7)
    score, contrast = rng.normal(size=300), rng.normal(0.5, 1, size=300)
    expected = qini(score, contrast).value + contrast.mean() / 2
    assert auuc(score, contrast).value == pytest.approx(expected)
