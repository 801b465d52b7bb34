import json
from dataclasses import dataclass

import numpy as np
import pytest

from domain.errors import BadRequest
from domain.experiment import OutcomeKind
from tests.uplift.test_learning import money
from tests.uplift.trials import trial
from uplift.adapters import CausalmlForest, CausalmlX, EconmlDr, EconmlForest, Plain
from uplift.learners import Own
from uplift.methods import Method
from uplift.policy import Economics
from uplift.tournament import tournament


@pytest.fixture(scope="module")
def made():
    return trial(0, 6000)


@pytest.mark.parametrize(
    "learner",
    [Own(), Own(Method.T), Own(Method.DR), CausalmlX(), CausalmlForest(trees=10),
     EconmlForest(trees=40), EconmlDr()],
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
        assert entry.ahead.value == pytest.approx(
            entry.gain.value - next(e for e in found.entries if e.name == "wrong").gain.value
        )
    json.dumps(found.to_json(), allow_nan=False)


def test_redemptions_of_a_money_outcome_are_paid_by_those_who_buy(made):
    data = money(made)
    gains = []
    for cost in (0.0, 0.1):
        economics = Economics(1.0, (0.0, 0.0), (cost, cost))
        entries = tournament(data, [Oracle("right", 1.0)], economics).entries
        gains.append(next(e.gain.value for e in entries if e.name.endswith("for everyone")))
    # A tenth of a unit for each buyer, about a fourth of all, and not for each unit spent.
    assert gains[0] - gains[1] == pytest.approx(0.1 * (made.data.outcome > 0).mean(), rel=0.2)


def test_a_tie_is_called_noise(made):
    found = tournament(made.data, [Oracle("one", 1.0), Oracle("other", 1.0)], Economics.free(2))
    assert "within noise" in found.verdict
