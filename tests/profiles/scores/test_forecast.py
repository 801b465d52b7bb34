from __future__ import annotations

import numpy as np
import pytest

from profiles.scores.forecast import Forecast, fit_forecast, out_of_fold

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1500, 3)).astype(np.float32)
MEAN = np.exp(0.7 * X[:, 0])
COUNT = RNG.poisson(MEAN).astype(np.float64)


def test_the_expected_count_is_found_and_survives_as_text() -> None:
    model = fit_forecast(X, COUNT, "poisson", seed=1)
    predicted = model.predict(X)
    assert np.corrcoef(predicted, MEAN)[0, 1] > 0.8
    assert np.array_equal(Forecast(model.text).predict(X), predicted)
    assert model.predict(X[:0]).shape == (0,)


def test_the_same_seed_gives_the_same_model() -> None:
    first, again = (fit_forecast(X, COUNT, "poisson", seed=3, rounds=10) for _ in range(2))
    assert first.text == again.text


def test_a_start_is_corrected_by_a_factor() -> None:
    # The start is wrong by exp(0.7 x0): doubling it must double what is predicted.
    start = np.full(len(X), 1.0)
    model = fit_forecast(X, COUNT, "poisson", seed=1, start=start)
    predicted = model.predict_from(X, start)
    assert predicted.mean() == pytest.approx(COUNT.mean(), rel=0.05)
    assert model.predict_from(X, 2 * start) == pytest.approx(2 * predicted)


def test_out_of_fold_forecasts_do_not_know_their_own_outcome() -> None:
    noise = (RNG.random(len(X)) < 0.5).astype(np.float64)
    seen = fit_forecast(X, noise, "binary", seed=0).predict(X)
    unseen = out_of_fold(X, noise, "binary", seed=0)
    assert np.corrcoef(seen, noise)[0, 1] > 0.3
    assert abs(np.corrcoef(unseen, noise)[0, 1]) < 0.1
