import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from domain.experiment import Design
from tests.uplift.trials import profiles, trial
from uplift.design import check_design, ratio_p_value

ARMS = ("none", "first", "second")


def check(X, arm, stated=None, arms=ARMS, design=Design.RANDOMISED):
    return check_design(X, arm, arms, stated, design, seed=0)


def test_a_sound_experiment_has_no_warning():
    for seed in range(5):
        data = trial(seed, 3000).data
        report = check(data.X, data.arm, np.array([0.34, 0.33, 0.33]))
        assert report.warnings == ()
        assert abs(report.auc - 0.5) < 4 * report.auc_se


def test_lost_rows_of_an_arm_are_a_sample_ratio_mismatch():
    data = trial(0, 6000).data
    keep = (data.arm != 1) | (np.random.default_rng(0).random(data.n) < 0.8)
    report = check(data.X[keep], data.arm[keep], np.array([0.34, 0.33, 0.33]))
    assert report.ratio_p_value < 0.001
    assert "do not fit the stated propensities" in report.warnings[0]


def test_ratio_test_is_the_textbook_chi_square():
    sizes, chances = np.array([30, 50, 20]), np.tile([0.3, 0.4, 0.3], (100, 1))
    chi = sum((o - e) ** 2 / e for o, e in zip(sizes, (30, 40, 30), strict=True))
    # Two degrees of freedom: the survival function is exp(-chi / 2).
    assert ratio_p_value(sizes, chances) == pytest.approx(np.exp(-chi / 2))


def test_an_imbalanced_column_is_named_with_its_standardised_difference():
    data = trial(0, 4000).data
    X = data.X.assign(spend=data.X["x4"] + 0.5 * (data.arm == 2))
    report = check(X, data.arm)
    treated, control = X["spend"][data.arm == 2], X["spend"][data.arm == 0]
    spread = np.sqrt((treated.var(ddof=1) + control.var(ddof=1)) / 2)
    assert report.largest_column == "spend"
    assert report.largest_arm == "second"
    assert report.largest_difference == pytest.approx((treated.mean() - control.mean()) / spread)
    assert any("spend" in warning for warning in report.warnings)
    assert any("AUC" in warning for warning in report.warnings)
    assert report.auc_arm == "second"


def test_an_imbalanced_category_and_missingness_are_named():
    rng = np.random.default_rng(0)
    X = profiles(rng, 3000)
    arm = np.where(X["city"] == "Oslo", rng.random(3000) < 0.8, rng.random(3000) < 0.3).astype(int)
    assert check(X, arm, arms=ARMS[:2]).largest_column == "city = Oslo"
    lost = X.assign(gappy=X["gappy"].mask(arm == 1))
    assert check(lost, arm, arms=ARMS[:2]).largest_column == "gappy is missing"


def test_unequal_propensities_by_row_are_no_imbalance_once_stated():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"score": rng.normal(size=8000), "noise": rng.normal(size=8000)})
    chance = np.where(X["score"] > 0, 0.7, 0.2)
    arm = (rng.random(8000) < chance).astype(int)
    stated = np.column_stack([1 - chance, chance])
    assert check(X, arm, stated, ARMS[:2]).warnings == ()
    assert check(X, arm, None, ARMS[:2]).warnings != ()


def test_a_targeted_design_is_told_what_its_effects_rest_on():
    data = trial(0, 4000).data
    X = data.X.assign(spend=data.X["x4"] + 0.5 * (data.arm == 2))
    warnings = check(X, data.arm, design=Design.TARGETED).warnings
    assert all("rest on the profile" in warning for warning in warnings)


def test_auc_is_scikit_learns_of_a_telling_column():
    rng = np.random.default_rng(0)
    arm = rng.integers(0, 2, size=4000)
    X = pd.DataFrame({"tell": (arm + (rng.random(4000) < 0.3)) % 2})
    report = check(X, arm, arms=ARMS[:2])
    assert report.auc == pytest.approx(roc_auc_score(arm, X["tell"]), abs=0.02)


def test_the_report_is_json():
    data = trial(0, 500).data
    json.dumps(check(data.X, data.arm).to_json(), allow_nan=False)
