"""What is known of real experiments, and of semi-synthetic ones whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.uplift_real_data import acic, hillstrom, ihdp
from benchmarks.uplift_real_learners import causalml_x, econml_x, logistic, own_x, shaped
from benchmarks.uplift_real_once import four_leaves, rmse
from domain.experiment import Design
from tests.uplift.trials import halves
from uplift.design import check_design
from uplift.evaluation import aipw_scores, average_effect
from uplift.learning import LearningSettings, learn
from uplift.policy import Economics

pytestmark = [pytest.mark.real_data, pytest.mark.slow]


@pytest.fixture(scope="module")
def visits(shared_data):
    return hillstrom(shared_data, "visit")


def test_hillstrom_visits(visits):
    share = np.ones(3) / 3
    report = check_design(visits.X, visits.arm, visits.arms, share, Design.RANDOMISED, 0)
    assert report.warnings == ()
    means = [visits.outcome[visits.arm == place].mean() for place in range(3)]
    raw = [mean - means[0] for mean in means[1:]]
    assert np.round(np.array(raw) * 100, 2).tolist() == [7.66, 4.52]
    learning, reporting = halves(visits, 0)
    found = learn(learning, reporting, Economics.free(2), LearningSettings(folds=3)).evaluation
    for name, value in zip(("mens", "womens"), raw, strict=True):
        assert abs(found.effects[name].value - value) < 3 * found.effects[name].se
    assert found.best_single == "mens"
    gain = found.against_best_single
    assert gain.value > -max(gain.se, 0.0034)
    assert found.against_none.low > 0


def test_hillstrom_spend_says_how_wide_its_interval_is(shared_data):
    learning, reporting = halves(hillstrom(shared_data, "spend"), 0)
    found = learn(learning, reporting, Economics.free(2), LearningSettings(folds=3)).evaluation
    assert found.effects["mens"].high - found.effects["mens"].low > 0.5
    assert found.effects["mens"].low < 0.77 < found.effects["mens"].high


def nsw(shared_data, with_cps):
    folder = shared_data / "causaldata_nsw"
    frame = pd.read_parquet(folder / "nsw_mixtape.parquet")
    if with_cps:
        cps = pd.read_parquet(folder / "cps_mixtape.parquet")
        frame = pd.concat([frame[frame["treat"] == 1], cps], ignore_index=True)
    X = frame.drop(columns=["data_id", "treat", "re78"])
    return X, frame["treat"].to_numpy(dtype=np.int64), frame["re78"].to_numpy(dtype=np.float64)


def test_nsw_is_sound_and_finds_1794(shared_data):
    X, arm, earned = nsw(shared_data, with_cps=False)
    share = np.array([260, 185]) / 445
    assert check_design(X, arm, ("none", "job"), share, Design.RANDOMISED, 0).warnings == ()
    means = np.tile([earned[arm == 0].mean(), earned[arm == 1].mean()], (445, 1))
    gamma = aipw_scores(earned, arm, np.tile(share, (445, 1)), means)
    assert round(average_effect(gamma, 1).value) == 1794


def test_nsw_with_cps_controls_is_flagged(shared_data):
    X, arm, _ = nsw(shared_data, with_cps=True)
    report = check_design(X, arm, ("none", "job"), None, Design.RANDOMISED, 0)
    assert abs(report.largest_difference) > 1
    assert report.auc > 0.9
    assert len(report.warnings) == 2


def within_a_paired_error(samples):
    """Ours, as it comes, is no worse than causalml's and econml's X-learners with four leaves,
    which suit them better than their defaults, by more than a paired standard error."""
    rows = []
    for known in samples:
        plain, capacity = own_x(known.data)
        bases = shaped(four_leaves(capacity))
        fits = (plain, causalml_x(known.data, bases), econml_x(known.data, bases, logistic()))
        rows.append([rmse(effects(known.data.X), known.effect) for effects in fits])
    errors = np.array(rows)
    for peer in (1, 2):
        worse = errors[:, 0] - errors[:, peer]
        assert worse.mean() <= worse.std(ddof=1) / np.sqrt(len(worse)), errors.mean(axis=0)


def test_ihdp_errors_are_no_worse_than_the_peers(shared_data):
    within_a_paired_error(ihdp(shared_data))


def test_acic_errors_are_no_worse_than_the_peers(shared_data):
    within_a_paired_error(acic(shared_data))
