"""Results: as assigned, against a slow comparison, and honest about what is not known yet."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from domain.errors import BadRequest, NotFound
from domain.results import Verdict
from tests.workflows.campaigns import assignments, begun, play
from tests.workflows.company import NOW
from workflows.activation import end_campaign
from workflows.assignments import ARM, ELIGIBLE
from workflows.measurement import campaign_results
from workflows.reporting import Did, Sent, report_deliveries, report_outcomes
from workflows.workspace import Workspace

BETTER = {"none": 0.15, "free_shipping": 0.35, "gift_guide": 0.35}
SAME = {"none": 0.2, "free_shipping": 0.2, "gift_guide": 0.2}


def test_the_lift_is_that_of_a_slow_comparison(own: Workspace) -> None:
    activation = begun(own)
    bought = play(own, activation, BETTER, days=10, names=("converted", "revenue"))
    results = campaign_results(own, activation.campaign_id)
    rows = [row for row in assignments(own, activation) if row[ELIGIBLE]]
    won = set().union(*bought.values())
    arms = {
        arm: [float(r["customer_id"] in won) for r in rows if r[ARM] == arm]
        for arm in ("none", activation.trigger)
    }
    slow = stats.ttest_ind(arms[activation.trigger], arms["none"], equal_var=False)
    interval = slow.confidence_interval(0.95)
    assert results.lift is not None
    assert (results.lift.low, results.lift.high) == pytest.approx((interval.low, interval.high))
    assert results.verdict is Verdict.BETTER
    assert not results.running
    assert results.incremental == pytest.approx(
        results.lift.estimate * len(arms[activation.trigger])
    )
    by_arm = {arm.trigger: arm for arm in results.arms}
    assert by_arm["none"].with_outcome == len(bought["none"])
    assert by_arm["none"].sent == 0
    assert by_arm[activation.trigger].sent == by_arm[activation.trigger].assigned
    assert results.warnings == ()
    assert results.sample_ratio.sound
    assert results.against_forecast is not None
    assert results.against_forecast.p_value is not None
    money = campaign_results(own, activation.campaign_id, "revenue")
    assert money.lift is not None
    assert money.lift.estimate == pytest.approx(30 * results.lift.estimate)
    assert money.against_forecast is None


def test_before_the_end_the_interval_is_wider_and_says_so(own: Workspace) -> None:
    activation = begun(own)
    play(own, activation, BETTER, days=9)
    early = campaign_results(own, activation.campaign_id)
    own.now = lambda: activation.ends_at
    late = campaign_results(own, activation.campaign_id)
    assert early.lift is not None
    assert late.lift is not None
    assert early.lift.estimate == late.lift.estimate
    assert early.lift.low < late.lift.low
    assert "however often" in early.lift.basis
    assert early.running
    assert early.against_forecast is not None
    assert early.against_forecast.p_value is None
    end_campaign(own, activation.campaign_id)


def test_a_campaign_ended_early_keeps_the_interval_of_peeking(own: Workspace) -> None:
    activation = begun(own)
    play(own, activation, BETTER, days=6)
    before = campaign_results(own, activation.campaign_id)
    end_campaign(own, activation.campaign_id)
    own.now = lambda: activation.ends_at + timedelta(days=5)
    after = campaign_results(own, activation.campaign_id)
    assert after.lift == before.lift
    assert not after.running
    assert after.measured_until == activation.started_at + timedelta(days=6)


def test_too_little_is_said_to_be_too_little(own: Workspace) -> None:
    activation = begun(own)
    nothing = campaign_results(own, activation.campaign_id)
    assert (nothing.verdict, nothing.lift, nothing.days_more) == (Verdict.NOT_YET, None, None)
    assert "can't be said" in nothing.sentences[0]
    play(own, activation, dict.fromkeys(SAME, 0.03), days=2)
    some = campaign_results(own, activation.campaign_id)
    count = min(arm.with_outcome for arm in some.arms)
    if count < 10:
        assert some.lift is None
        assert some.days_more == int(np.ceil(2 * (10 / count - 1)))
    assert some.verdict is Verdict.NOT_YET
    assert f"about {some.days_more}" in some.sentences[0]


def test_the_first_minutes_foretell_no_end(own: Workspace) -> None:
    activation = begun(own)
    play(own, activation, SAME, days=0.01, seed=1)
    early = campaign_results(own, activation.campaign_id)
    assert early.lift is not None
    assert early.days_more is None
    assert "too early to say" in early.sentences[0]
    assert "It ends in" not in early.sentences[0]


def test_without_an_effect_it_stays_unclear(own: Workspace) -> None:
    activation = begun(own)
    play(own, activation, SAME, days=8, seed=1, names=("converted", "revenue"))
    running = campaign_results(own, activation.campaign_id)
    money = campaign_results(own, activation.campaign_id, "revenue")
    assert money.days_more is None or money.days_more > 2
    assert "It ends in 2 days" in money.sentences[0]
    assert "or more is likely to be seen" in money.sentences[0]
    assert running.verdict is Verdict.NOT_YET
    assert running.sentences[0].startswith("Not enough data yet")
    own.now = lambda: activation.ends_at
    over = campaign_results(own, activation.campaign_id)
    assert over.verdict is Verdict.UNCLEAR
    assert over.days_more is None


def test_what_spoils_a_comparison_is_warned_of(own: Workspace) -> None:
    activation = begun(own)
    rows = [row for row in assignments(own, activation) if row[ELIGIBLE]]
    controls = [row for row in rows if row[ARM] == "none"]
    treated = [row for row in rows if row[ARM] != "none"]
    own.now = lambda: activation.started_at + timedelta(days=2)
    report_outcomes(
        own,
        [
            Did(f"o{i}", {"converted": 1}, NOW, assignment_id=r["assignment_id"])
            for i, r in enumerate(treated[:60])
        ],
    )
    warned = " ".join(campaign_results(own, activation.campaign_id).warnings)
    assert "Nothing was reported as sent" in warned
    assert "only an artefact" in warned
    report_deliveries(
        own,
        [
            Sent(f"d{i}", "sent", assignment_id=r["assignment_id"])
            for i, r in enumerate(controls[:3])
        ],
    )
    warned = " ".join(campaign_results(own, activation.campaign_id).warnings)
    assert "3 customers who are held out were sent something" in warned


def test_the_same_message_counts_once_and_the_first_word_stands(own: Workspace) -> None:
    activation = begun(own)
    row = next(r for r in assignments(own, activation) if r[ELIGIBLE])
    customer = row["customer_id"]
    first = Did("m1", {"converted": 1, "revenue": 10.0}, customer_id=customer)
    again = Did("m1", {"converted": 1, "revenue": 99.0}, customer_id=customer)
    other = Did("m2", {"revenue": 5.0}, assignment_id=row["assignment_id"])
    received = report_outcomes(own, [first, again, other])
    assert (received.accepted, received.duplicates) == (2, 1)
    received = report_outcomes(own, [again, other])
    assert (received.accepted, received.duplicates) == (0, 2)
    own.now = lambda: activation.started_at + timedelta(days=1)
    results = campaign_results(own, activation.campaign_id, "revenue")
    arm = next(arm for arm in results.arms if arm.trigger == row[ARM])
    assert arm.mean * arm.assigned == pytest.approx(15.0), "10 and 5, in all"
    assert arm.with_outcome == 1
    sent = [Sent("s1", "sent", assignment_id=row["assignment_id"])] * 2
    assert report_deliveries(own, sent).accepted == 1


def test_only_what_happened_in_the_time_counts(own: Workspace) -> None:
    activation = begun(own)
    customers = [r["customer_id"] for r in assignments(own, activation) if r[ELIGIBLE]][:4]
    own.now = lambda: activation.ends_at + timedelta(days=3)
    times = (
        activation.started_at - timedelta(seconds=1),
        activation.started_at,
        activation.ends_at - timedelta(seconds=1),
        activation.ends_at,
    )
    report_outcomes(
        own,
        [
            Did(f"m{i}", {"converted": 1}, at, customer_id=customer)
            for i, (at, customer) in enumerate(zip(times, customers, strict=True))
        ],
    )
    results = campaign_results(own, activation.campaign_id)
    assert sum(arm.with_outcome for arm in results.arms) == 2


def test_a_batch_with_one_fault_is_not_kept_at_all(own: Workspace) -> None:
    activation = begun(own)
    good = Did("ok", {"converted": 1}, customer_id="p00001")
    now = own.now()
    faults = [
        (Did("x", {"clicks": 1}, customer_id="p1"), "outcomes.1.outcomes.clicks"),
        (Did("x", {"converted": 2}, customer_id="p1"), "outcomes.1.outcomes.converted"),
        (Did("x", {"revenue": float("nan")}, customer_id="p1"), "outcomes.1.outcomes.revenue"),
        (Did("x", {"converted": 1}, now + timedelta(days=1), customer_id="p1"), "outcomes.1.at"),
        (Did("x", {"converted": 1}, now.replace(tzinfo=None), customer_id="p"), "outcomes.1.at"),
        (Did("x", {"converted": 1}), "outcomes.1"),
        (Did("x", {"converted": 1}, assignment_id="asg_x"), "outcomes.1.assignment_id"),
    ]
    for fault, field in faults:
        with pytest.raises(BadRequest) as raised:
            report_outcomes(own, [good, fault])
        assert raised.value.field == field
    assert report_outcomes(own, [good]).accepted == 1
    for batch in ([], [good] * 2_501):
        with pytest.raises(BadRequest, match="batch"):
            report_outcomes(own, batch)
    with pytest.raises(NotFound):
        report_deliveries(own, [Sent("s", "sent", campaign_id="cmp_x", customer_id="p1")])
    with pytest.raises(BadRequest, match="neither"):
        report_deliveries(own, [Sent("s", "sent", campaign_id=activation.campaign_id)])
