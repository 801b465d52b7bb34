"""The campaigns as planned, over any length of history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.criteria import conditions
from domain.customer import STANDARD
from domain.experiment import Design
from domain.parsing import parse
from domain.triggers import CATALOGUE, NO_TRIGGER
from synth.plan import PLANS, Plan, start_day, window_days


@given(st.integers(365, 3660))
def test_windows_never_meet_and_close_before_now(days: int) -> None:
    for number in range(len(PLANS)):
        end = start_day(number, days) + window_days(number, days)
        following = start_day(number + 1, days) if number + 1 < len(PLANS) else days - 14
        assert window_days(number, days) >= 7
        assert end <= following


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_plans_are_sound(plan: Plan) -> None:
    leaves = [{"field": field, "op": op, "value": value} for field, op, value in plan.audience]
    assert len(list(conditions(parse({"all": leaves}, STANDARD)))) == len(leaves) > 0
    if plan.design is Design.TARGETED:
        assert plan.trigger in CATALOGUE
        assert not plan.shares
    else:
        for shares in (plan.shares, plan.repeat_shares or plan.shares):
            assert set(shares) == set(plan.shares) <= {NO_TRIGGER, *CATALOGUE}
            assert sum(shares.values()) == pytest.approx(1)
            assert shares[NO_TRIGGER] > 0.1
        assert len(set(plan.shares.values())) > 1


def test_the_newest_campaign_is_randomised_over_every_trigger() -> None:
    assert set(PLANS[-1].shares) == {NO_TRIGGER, *CATALOGUE}
    assert sum(plan.design is Design.RANDOMISED for plan in PLANS) >= 7
