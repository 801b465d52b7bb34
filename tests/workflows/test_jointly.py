"""Effects looked at together: wider intervals, and words only where there are several."""

from __future__ import annotations

from scipy import stats

from uplift.evaluation import Estimate
from workflows.decision import Measured
from workflows.jointly import look_together


def measured(value: float, se: float, n: int = 400) -> Measured:
    half = float(stats.t.ppf(0.975, n - 1)) * se
    return Measured(Estimate(value, se, value - half, value + half, 0.95, n), f"{n} customers")


def test_each_interval_is_widened_by_bonferroni() -> None:
    found = look_together({"a": measured(0.5, 0.1), "b": measured(0.2, 0.095)}, "segments")
    half = float(stats.t.ppf(1 - 0.05 / 4, 399)) * 0.1
    assert found.intervals["a"].low == 0.5 - half
    assert found.intervals["a"].high == 0.5 + half
    assert found.intervals["a"].level == 0.975
    assert found.intervals["a"].basis == "400 customers; holds for 2 segments at once"
    first, second = found.remarks
    assert "2 segments" in first
    assert "97.50%" in first
    assert second == "Looked at together, the effect of b may be chance."


def test_effects_that_are_not_known_do_not_count() -> None:
    found = look_together(
        {"a": measured(1, 0.1), "b": "too few", "c": measured(1, 0.1)}, "triggers"
    )
    assert found.intervals.keys() == {"a", "c"}
    assert len(found.remarks) == 1
    assert "2 triggers" in found.remarks[0]


def test_one_alone_is_not_widened() -> None:
    found = look_together({"a": measured(1, 0.1), "b": "too few"}, "segments")
    assert (found.intervals, found.remarks) == ({}, ())
