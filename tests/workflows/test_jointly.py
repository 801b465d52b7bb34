"""Effects looked at together: wider intervals, and words only where there are several."""

from __future__ import annotations

import pytest
from scipy import stats

from uplift.evaluation import Estimate
from workflows.decision import Measured
from workflows.jointly import look_together, said_together


def measured(value: float, se: float, n: int = 400) -> Measured:
    half = float(stats.t.ppf(0.975, n - 1)) * se
    return Measured(Estimate(value, se, value - half, value + half, 0.95, n), f"{n} customers")


def test_each_interval_is_widened_by_bonferroni() -> None:
    found = look_together({"a": measured(0.5, 0.1), "b": measured(0.2, 0.095)}, "segments")
    half = float(stats.t.ppf(1 - 0.05 / 4, 399)) * 0.1
    one = found.intervals["a"]
    assert (one.low, one.high) == pytest.approx((0.5 - half, 0.5 + half))
    assert one.level == pytest.approx(0.975)
    assert one.basis == "400 customers; holds for 2 segments at once"
    assert found.fading == ("b",)


def test_what_is_said_names_counts_levels_and_what_fades() -> None:
    two = look_together({"a": measured(0.5, 0.1), "b": measured(0.2, 0.095)}, "segments")
    three = look_together({key: measured(1, 0.1) for key in "abc"}, "triggers")
    first, second = said_together(three, two)
    assert "Of 3 triggers and 2 segments looked at together" in first
    assert "98.33 % and 97.50 %: with 95 % all" in first
    assert second == ("Looked at together with the other segments, the effect of b may be chance.")
    assert len(said_together(three)) == 1


def test_effects_that_are_not_known_do_not_count() -> None:
    several = {"a": measured(1, 0.1), "b": "too few", "c": measured(1, 0.1)}
    found = look_together(several, "triggers")
    assert found.intervals.keys() == {"a", "c"}
    assert "Of 2 triggers" in said_together(found)[0]


def test_one_alone_is_not_widened() -> None:
    found = look_together({"a": measured(1, 0.1), "b": "too few"}, "segments")
    assert (found.intervals, found.fading) == ({}, ())
    assert said_together(found, found) == ()
