"""What is known of real experiments, and of semi-synthetic ones whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from causalml.inference.meta import BaseXRegressor
from econml.metalearners import XLearner as EconmlXLearner
from lightgbm import LGBMRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from domain.experiment import Design, OutcomeKind
from tests.uplift.trials import halves
from uplift.boosting import Shape
from uplift.dataset import UpliftDataset
from uplift.design import check_design
from uplift.evaluation import aipw_scores, average_effect
from uplift.learning import LearningSettings, learn
from uplift.policy import Economics
from uplift.xlearner import XLearner

pytestmark = pytest.mark.real_data
ARMS = ("none", "mens", "womens")


def as_features(frame):
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.astype(dict.fromkeys(texts, "category"))


@pytest.fixture(scope="module")
def hillstrom(shared_data):
    frame = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv")
    arm = frame["segment"].map({"No E-Mail": 0, "Mens E-Mail": 1, "Womens E-Mail": 2}).to_numpy()
    X = as_features(frame.drop(columns=["segment", "visit", "conversion", "spend"]))
    return X, arm, frame


def experiment(hillstrom, outcome, kind):
    X, arm, frame = hillstrom
    return UpliftDataset.checked(X, arm, frame[outcome], ARMS, kind, np.ones(3) / 3)


def test_hillstrom_visits(hillstrom):
    X, arm, frame = hillstrom
    report = check_design(X, arm, ARMS, np.ones(3) / 3, Design.RANDOMISED, 0)
    assert report.warnings == ()
    visits = frame["visit"].to_numpy()
    raw = [visits[arm == place].mean() - visits[arm == 0].mean() for place in (1, 2)]
    assert np.round(np.array(raw) * 100, 2).tolist() == [7.66, 4.52]
    learning, reporting = halves(experiment(hillstrom, "visit", OutcomeKind.BINARY), 0)
    found = learn(learning, reporting, Economics.free(2), LearningSettings(folds=3)).evaluation
    for name, value in zip(("mens", "womens"), raw, strict=True):
        assert abs(found.effects[name].value - value) < 3 * found.effects[name].se
    assert found.best_single == "mens"
    gain = found.against_best_single
    assert gain.value > -max(gain.se, 0.0034)
    assert found.against_none.low > 0


def test_hillstrom_spend_says_how_wide_its_interval_is(hillstrom):
    learning, reporting = halves(experiment(hillstrom, "spend", OutcomeKind.MONEY), 0)
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


def rmse_of_each(X, arm, outcome, truth):
    """Root-mean-square errors of ours, as it comes, and of causalml's and econml's effects with
    four leaves and as few rows a leaf, which suit them better than their defaults."""
    learner = XLearner().fit(X, arm, outcome)
    shape = Shape(rows=learner.capacity_.outcome.rows)

    def peer():
        return LGBMRegressor(
            num_leaves=shape.leaves,
            n_estimators=shape.rounds,
            learning_rate=shape.rate,
            min_child_samples=shape.rows,
            max_bin=shape.bins,
            verbosity=-1,
            n_jobs=1,
        )

    matrix = X.apply(lambda c: c.cat.codes if c.dtype == "category" else c).to_numpy(dtype=float)
    chance = np.full(len(arm), arm.mean())
    causalml = BaseXRegressor(learner=peer(), control_name=0)
    causalml.fit(matrix, treatment=arm, y=outcome, p=chance)
    econml = EconmlXLearner(
        models=peer(),
        cate_models=peer(),
        propensity_model=make_pipeline(StandardScaler(), LogisticRegression()),
    )
    econml.fit(outcome, arm, X=matrix)
    effects = (
        learner.predict(X)[:, 0],
        causalml.predict(matrix, p=chance)[:, 0],
        econml.effect(matrix),
    )
    return [float(np.sqrt(np.mean((effect - truth) ** 2))) for effect in effects]


def within_a_paired_error(rows):
    """Ours is no worse than either peer by more than a standard error of the paired difference."""
    errors = np.array(rows)
    for peer in (1, 2):
        worse = errors[:, 0] - errors[:, peer]
        assert worse.mean() <= worse.std(ddof=1) / np.sqrt(len(worse)), errors.mean(axis=0)


@pytest.mark.slow
def test_ihdp_errors_are_no_worse_than_the_peers(shared_data):
    frame = pd.read_parquet(shared_data / "ihdp" / "ihdp_npci_1_10.parquet")
    rows = []
    for _, part in frame.groupby("rep"):
        X = part[[f"x{j}" for j in range(1, 26)]].reset_index(drop=True)
        truth = (part["mu1"] - part["mu0"]).to_numpy()
        rows.append(
            rmse_of_each(X, part["treatment"].to_numpy(), part["y_factual"].to_numpy(), truth)
        )
    within_a_paired_error(rows)


@pytest.mark.slow
def test_acic_errors_are_no_worse_than_the_peers(shared_data):
    X = as_features(pd.read_parquet(shared_data / "acic2016" / "x.parquet"))
    outcomes = pd.read_parquet(shared_data / "acic2016" / "zymu_1_10.parquet")
    rows = []
    for _, part in outcomes.groupby("rep"):
        arm = part["z"].to_numpy()
        seen = np.where(arm == 1, part["y1"], part["y0"])
        rows.append(rmse_of_each(X, arm, seen, (part["mu1"] - part["mu0"]).to_numpy()))
    within_a_paired_error(rows)
