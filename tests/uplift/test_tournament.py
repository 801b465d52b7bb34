import json
from dataclasses import dataclass

import numpy as np
import pytest

from domain.errors import BadRequest
from domain.experiment import OutcomeKind
from tests.uplift.test_learning import money
from tests.uplift.trials import trial
from uplift.adapters import CausalmlForest, CausalmlX, EconmlDr, EconmlForest, Plain
from uplift.learners import OwnDr, OwnT, OwnX
from uplift.policy import Economics
from uplift.tournament import tournament


@pytest.fixture(scope="module")
def made():
    return trial(0, 6000)


@pytest.mark.parametrize(
    "learner",
    [OwnX(), OwnT(), OwnDr(), CausalmlX(), CausalmlForest(trees=10), EconmlForest(trees=40),
     EconmlDr()],
    ids=lambda learner: learner.name,
)  # fmt: skip
def test_every_learner_finds_the_direction_of_the_effects(learner, made):
    model = learner.fit(made.data)
    effects = model.effects(made.data.X)
    assert effects.shape == (6000, 2)
    for column in range(2):
        assert np.corrcoef(effects[:, column], made.effects[:, column])[0, 1] > 0.25
    errors = model.errors(made.data.X)
    if errors is not None:
        assert errors.shape == effects.shape
        assert (errors > 0).all()


def test_peers_get_no_gaps_and_no_categories(made):
    matrix = Plain.of(made.data.X).matrix(made.data.X)
    assert np.isfinite(matrix).all()
    # Five numbers, the gappy one with its indicator, the flag, and three cities.
    assert matrix.shape[1] == 5 + 2 + 1 + 3
    gaps = made.data.X["gappy"].isna().to_numpy()
    np.testing.assert_array_equal(matrix[:, 6] == 1, gaps)
    assert set(matrix[gaps, 5].tolist()) == {np.float32(made.data.X["gappy"].median())}


def test_the_uplift_forest_refuses_money(made):
    assert made.data.kind is OutcomeKind.BINARY
    with pytest.raises(BadRequest, match="money"):
        CausalmlForest().fit(money(made))


@dataclass(frozen=True)
class Oracle:
    """Knows the true effects by the columns that decide them, or turns them round."""

    name: str
    sign: float

    def fit(self, data):
        return self

    def effects(self, X):
        first = 0.04 + 0.08 * np.sign(X["x1"])
        second = 0.04 - 0.08 * np.sign(X["x1"]) * (X["city"] != "Oslo")
        return self.sign * np.column_stack([first, second])

    def errors(self, X):
        return None


def test_the_oracle_wins_and_its_lead_means_something(made):
    found = tournament(made.data, [Oracle("wrong", -1.0), Oracle("right", 1.0)], Economics.free(2))
    assert found.winner == "right"
    assert [entry.name for entry in found.entries][-1] == "wrong"
    assert len(found.entries) == 3
    assert "more than noise" in found.verdict
    assert found.entries[0].behind.value == 0
    for entry in found.entries[1:]:
        assert entry.behind.value == pytest.approx(entry.gain.value - found.entries[0].gain.value)
    json.dumps(found.to_json(), allow_nan=False)


def test_a_tie_is_called_noise(made):
    found = tournament(made.data, [Oracle("one", 1.0), Oracle("other", 1.0)], Economics.free(2))
    assert "within noise" in found.verdict
