"""Do 95 % intervals hold the truth 95 times in a hundred?"""

import numpy as np
import pytest

from tests.uplift.trials import halves, trial
from uplift.boosting import Shape
from uplift.capacity import Capacity
from uplift.evaluation import Estimate, segment_lift
from uplift.learning import LearningSettings, learn
from uplift.policy import Economics

SHARES = (0.5, 0.3, 0.2)
QUICK = Capacity("quick", Shape(4, 40, rows=50), (Shape(2, 40, rows=50),), common=None)


def segments(X, effects, cuts):
    """Five fixed segments and five that the model selected, as masks of the rows X."""
    flag, x0, x1, x2 = (X[name].to_numpy() for name in ("flag", "x0", "x1", "x2"))
    return [
        flag,
        ~flag,
        (X["city"] == "Oslo").to_numpy(),
        x0 > 0,
        (x1 > 0) & (x2 < 0),
        effects[:, 0] > cuts[0],
        effects[:, 0] <= cuts[0],
        effects[:, 1] > cuts[1],
        effects[:, 0] > cuts[2],
        effects[:, 1] > effects[:, 0],
    ]


@pytest.mark.slow
def test_95_percent_intervals_of_segments_cover_the_population_lift():
    population = trial(10_000, 30_000, shares=SHARES)
    settings = LearningSettings(folds=2, capacity=QUICK)
    shares = []
    for seed in range(200):
        learning, reporting = halves(trial(seed, 5000, shares=SHARES).data, seed, learn=0.5)
        found = learn(learning, reporting, Economics.free(2), settings)
        everyone = found.model.personal_effects(population.data.X)
        held_out = found.model.personal_effects(reporting.X)
        cuts = [
            np.median(everyone[:, 0]),
            np.quantile(everyone[:, 1], 0.7),
            np.quantile(everyone[:, 0], 0.8),
        ]
        covered = []
        for number, (truth, mask) in enumerate(
            zip(
                segments(population.data.X, everyone, cuts),
                segments(reporting.X, held_out, cuts),
                strict=True,
            )
        ):
            arm = 1 + number % 2
            lift = segment_lift(
                found.reporting_scores, mask, arm, reporting.customer_id, arm=reporting.arm
            )
            if isinstance(lift, Estimate) and truth.any():
                true = population.effects[truth, arm - 1].mean()
                covered.append(lift.low <= true <= lift.high)
        shares.append(np.mean(covered))
    error = np.std(shares, ddof=1) / np.sqrt(len(shares))
    assert 0.93 - 2 * error < np.mean(shares) < 0.97 + 2 * error
    print(f"coverage {np.mean(shares):.4f}, standard error by seed {error:.4f}")  # noqa: T201
