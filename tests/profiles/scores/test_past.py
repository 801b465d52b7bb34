from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from profiles.scores.past import Period, plan_cuts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(days=st.integers(0, 3000))
def test_periods_follow_each_other_and_end_now(days: int) -> None:
    since = NOW - timedelta(days=days)
    plan = plan_cuts(NOW, since)
    for period, (earlier, later) in plan.items():
        assert later.until == NOW
        assert earlier.until == later.as_of
        assert earlier.as_of - since >= timedelta(days=28)
        if period is not Period.VALUE:
            assert earlier.horizon_days == later.horizon_days
        else:
            assert 28 <= earlier.horizon_days <= later.horizon_days <= 365


def test_a_short_history_has_no_plan_and_a_long_one_looks_a_year_ahead() -> None:
    assert plan_cuts(NOW, NOW - timedelta(days=60)) == {}
    assert set(plan_cuts(NOW, NOW - timedelta(days=89))) == {Period.MONTH}
    _, later = plan_cuts(NOW, NOW - timedelta(days=1500))[Period.VALUE]
    assert later.horizon_days == 365
