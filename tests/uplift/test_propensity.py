import numpy as np
import pytest

from uplift.crossfit import grouped_folds
from uplift.propensity import CLIP, clipped, estimate_propensity, overlap, softmax


def targeted(n=12_000, steep=1.0, seed=0):
    """Three arms whose chances follow the first feature."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4)).astype(np.float32)
    true = softmax(np.column_stack([np.zeros(n), steep * X[:, 0], -0.5 * steep * X[:, 0]]))
    arm = (rng.random(n)[:, None] > np.cumsum(true, axis=1)).sum(axis=1).clip(0, 2)
    return X, arm, true


def test_estimated_propensities_follow_the_true_ones_and_are_calibrated():
    X, arm, true = targeted()
    fold = grouped_folds(np.arange(len(arm)), 3, 0)
    found, model = estimate_propensity(X, (), arm, 3, fold, 0, 1)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    for place in range(3):
        assert np.corrcoef(found[:, place], true[:, place])[0, 1] > 0.9
        for part in np.array_split(np.argsort(found[:, place]), 5):
            seen = np.mean(arm[part] == place)
            assert seen == pytest.approx(found[part, place].mean(), abs=0.04)
    fresh, _, known = targeted(seed=1)
    assert np.corrcoef(model.predict(fresh)[:, 1], known[:, 1])[0, 1] > 0.9


def test_a_randomised_assignment_gives_nearly_constant_propensities():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6000, 5)).astype(np.float32)
    arm = rng.integers(0, 2, size=6000)
    fold = grouped_folds(np.arange(6000), 3, 0)
    found, _ = estimate_propensity(X, (), arm, 2, fold, 0, 1)
    assert found[:, 1].std() < 0.03


def test_no_propensity_is_below_the_clip():
    found = clipped(np.array([[0.999, 0.001], [0.5, 0.5]]))
    assert found.min() >= CLIP * 0.98
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_overlap_counts_rows_at_the_bound_and_kish_sizes():
    propensity = np.array([[0.99, 0.01]] * 3 + [[0.5, 0.5]] * 5)
    arm = np.array([0, 0, 1, 0, 0, 1, 1, 1])
    control, treated = overlap(propensity, arm, ("none", "gift"))
    assert treated.outside == pytest.approx(3 / 8)
    assert control.treated == 4
    weights = [1 / 0.01, 2, 2, 2]
    assert treated.effective == pytest.approx(sum(weights) ** 2 / sum(w * w for w in weights))
