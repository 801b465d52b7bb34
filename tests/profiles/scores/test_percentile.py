from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.scores.percentile import PercentileTable

values = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=50)


@given(sample=values, asked=values)
def test_the_share_below_is_that_of_the_sample(sample: list[float], asked: list[float]) -> None:
    table = PercentileTable.of(np.array(sample))
    found = table.share_below(np.array(asked))
    for value, share in zip(asked, found, strict=True):
        below = sum(other < value for other in sample) / len(sample)
        equal = sum(other == value for other in sample) / len(sample)
        # A table of 1001 points knows shares to about one in a thousand a step.
        assert share == pytest.approx(below + equal / 2, abs=0.002)
        assert 0 <= share <= 1


def test_unknown_stays_unknown_and_is_no_part_of_the_sample() -> None:
    table = PercentileTable.of(np.array([1.0, np.nan, 3.0]))
    found = table.share_below(np.array([2.0, np.nan]))
    assert found[0] == pytest.approx(0.5, abs=0.002)
    assert np.isnan(found[1])


def test_an_empty_sample_has_no_percentiles() -> None:
    with pytest.raises(ValueError, match="no value"):
        PercentileTable.of(np.array([np.nan]))
