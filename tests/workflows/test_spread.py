"""Histograms in words."""

import numpy as np
import pandas as pd
import pytest

from uplift.histograms import histograms_of
from workflows.spread import CELLS, spreads


def test_numbers_flags_and_levels_in_words() -> None:
    frame = pd.DataFrame(
        {
            "visits": np.array([0.0] * 6 + [1, 2, 3] + [np.nan]),
            "flag": np.array([0.0] * 4 + [1.0] * 6),
            "constant": np.full(10, 2.5),
            "empty": np.full(10, np.nan),
            "region": pd.Categorical([*"aaaaabbcd", None]),
        }
    )
    found = {
        one.name: one
        for one in spreads({name: h.to_json() for name, h in histograms_of(frame.items()).items()})
    }
    assert found["visits"].words == "0 to 3, half at most 0"
    assert found["visits"].missing == 0.1
    assert found["visits"].bars[0] == pytest.approx(6 / 9)
    assert [place for place, bar in enumerate(found["visits"].bars) if bar] == [0, 8, 16, 23]
    assert found["flag"].words == "0 40%, 1 60%"
    assert found["flag"].bars == (0.4, *(0.0,) * 22, 0.6)
    assert sum(found["visits"].bars) == pytest.approx(1)
    assert found["constant"].words == "always 2.5"
    assert (found["empty"].words, found["empty"].bars) == ("no value at all", ())
    assert found["region"].words == "a 56%, b 22%, c 11%, 1 more"


def test_bars_stand_where_the_values_are() -> None:
    """Against a histogram of the values themselves; within a bin they are taken to lie evenly."""
    values = np.random.default_rng(2).normal(size=20_000).astype(np.float32)
    (found,) = spreads({"x": histograms_of(pd.DataFrame({"x": values}).items())["x"].to_json()})
    exact = np.histogram(values, CELLS, (values.min(), values.max()))[0] / len(values)
    inner = np.abs(np.linspace(values.min(), values.max(), CELLS)) < 1
    np.testing.assert_allclose(np.asarray(found.bars)[inner], exact[inner], atol=0.02)
    assert sum(found.bars) == pytest.approx(1)
