import numpy as np
import pandas as pd
import pytest

from domain.errors import NotFound
from tests.uplift.test_learning import FAST, money
from tests.uplift.trials import halves, trial
from uplift.learning import learn
from uplift.model import UpliftModel
from uplift.policy import Economics


@pytest.fixture(scope="module")
def learned():
    made = trial(0, 8000)
    costs = Economics(0.4, (0.05, 0.05), (1.0, 0.0))
    return made, learn(*halves(money(made), 0), costs, FAST).model


def test_a_saved_model_scores_the_same_bit_for_bit(learned, tmp_path):
    made, model = learned
    model.save(tmp_path / "model")
    again = UpliftModel.load(tmp_path / "model")
    first, second = model.score(made.data.X), again.score(made.data.X)
    np.testing.assert_array_equal(first.effects, second.effects)
    np.testing.assert_array_equal(first.net_values, second.net_values)
    np.testing.assert_array_equal(first.baseline, second.baseline)
    np.testing.assert_array_equal(first.best, second.best)
    assert again.judged == model.judged
    assert {path.suffix for path in (tmp_path / "model").iterdir()} == {".txt", ".json"}


def test_unseen_levels_count_as_missing(learned):
    made, model = learned
    X = made.data.X.iloc[:50].copy()
    strange = X.assign(city=pd.Categorical(["Atlantis"] * 50))
    missing = X.assign(city=pd.Categorical([None] * 50, categories=["Paris"]))
    np.testing.assert_array_equal(model.score(strange).effects, model.score(missing).effects)


def test_rows_score_alone_as_they_do_together(learned):
    made, model = learned
    together = model.score(made.data.X.iloc[:20]).net_values
    alone = np.vstack([model.score(made.data.X.iloc[[i]]).net_values for i in range(20)])
    np.testing.assert_array_equal(together, alone)


def test_no_rows_give_no_scores(learned):
    made, model = learned
    assert model.score(made.data.X.iloc[:0]).effects.shape == (0, 2)


def test_an_empty_folder_has_no_model(tmp_path):
    with pytest.raises(NotFound):
        UpliftModel.load(tmp_path)
