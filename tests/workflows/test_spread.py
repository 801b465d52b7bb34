"""Histograms in words."""

import numpy as np
import pandas as pd
import pytest

from uplift.histograms import histograms_of
from workflows.spread import spreads


def test_numbers_flags_and_levels_in_words() -> None:
    frame = pd.DataFrame(
        {
            "visits": np.array([0.0] * 6 + [1, 2, 3] + [np.nan]),
            "constant": np.full(10, 2.5),
            "empty": np.full(10, np.nan),
            "region": pd.Categorical([*"aaaaabbcd", None]),
        }
    )
    found = {
        one.name: one
        for one in spreads({name: h.to_json() for name, h in histograms_of(frame).items()})
    }
    assert found["visits"].words == "0 to 3, half at most 0"
    assert found["visits"].missing == 0.1
    assert found["visits"].bars[0] == pytest.approx(6 / 9)
    assert sum(found["visits"].bars) == pytest.approx(1)
    assert found["constant"].words == "always 2.5"
    assert (found["empty"].words, found["empty"].bars) == ("no value at all", ())
    assert found["region"].words == "a 56%, b 22%, c 11%, 1 more"
