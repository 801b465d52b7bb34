"""A campaign's results: as assigned, honest under peeking, and said plainly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from domain.activation import Activation
from domain.experiment import Outcome
from domain.results import AgainstForecast, ArmResult, CampaignResults, SampleRatio, Verdict
from domain.segment import Interval
from domain.triggers import NO_TRIGGER
from storage.activations import is_running
from uplift.lift import (
    MeasuredLift,
    Moments,
    agreement,
    days_until_seen,
    lift_at_any_time,
    lift_at_the_end,
    smallest_seen,
)
from workflows.activation import show_campaign
from workflows.amounts import effect, effect_span, percent
from workflows.decision import named
from workflows.resultwarnings import LEAST, nothing_sent, sample_ratio, uneven, unfair
from workflows.tally import assigned_of, moments_by_arm, outcome_of, sent_by
from workflows.trainingdata import find_outcome
from workflows.workspace import Workspace

_DAY = timedelta(days=1)
_FORESEEABLE = 1 / 20
"""From this share of the declared time on, what was measured foretells what will be."""


@dataclass(frozen=True)
class _Seen:
    """What the sentences are made of."""

    activation: Activation
    outcome: Outcome
    currency: str
    treated: Moments
    control: Moments
    until: datetime
    running: bool
    declared_end: bool

    @property
    def elapsed(self) -> float:
        """Days measured."""
        return (self.until - self.activation.started_at) / _DAY

    @property
    def lasts(self) -> float:
        """Days from the start to the declared end."""
        return (self.activation.ends_at - self.activation.started_at) / _DAY

    @property
    def foreseeable(self) -> bool:
        return self.elapsed >= _FORESEEABLE * self.lasts

    @property
    def enough(self) -> bool:
        return min(self.treated.some, self.control.some) >= LEAST

    def said(self, value: float) -> str:
        return effect(value, self.outcome.name, self.outcome.kind, self.currency)

    def ranged(self, lift: Interval) -> str:
        return effect_span(lift, self.outcome.name, self.outcome.kind, self.currency)


def campaign_results(
    workspace: Workspace, campaign_id: str, outcome: str | None = None
) -> CampaignResults:
    """What a campaign has shown so far, on the outcome it is judged by or on another."""
    activation = show_campaign(workspace, campaign_id)
    measured = find_outcome(workspace, outcome or activation.outcome)
    now = workspace.now()
    until = min(now, activation.ends_at, activation.ended_at or now)
    assigned = assigned_of(workspace, activation)
    values = outcome_of(workspace, assigned, measured, activation.started_at, until)
    moments = moments_by_arm(activation.arm_probabilities, assigned, values)
    sent = sent_by(workspace, activation, assigned)
    seen = _Seen(
        activation,
        measured,
        workspace.settings.currency,
        moments[activation.trigger],
        moments[NO_TRIGGER],
        until,
        is_running(activation, now),
        until == activation.ends_at,
    )
    arms = tuple(
        ArmResult(
            trigger=arm,
            probability=activation.arm_probabilities[arm],
            assigned=one.n,
            sent=int(np.count_nonzero(sent & (assigned.arm == arm))),
            with_outcome=one.some,
            mean=one.mean,
        )
        for arm, one in moments.items()
    )
    ratio = sample_ratio(activation.arm_probabilities, {arm: one.n for arm, one in moments.items()})
    lift = _lift(seen) if seen.enough else None
    verdict = _verdict(seen, lift)
    days = _days_more(seen, lift) if verdict is Verdict.NOT_YET else None
    forecast = _against_forecast(seen, lift)
    sentences = [_told(seen, verdict, lift, days)]
    if forecast is not None:
        sentences.append(forecast.text)
    return CampaignResults(
        campaign_id=campaign_id,
        name=activation.name,
        outcome=measured.name,
        started_at=activation.started_at,
        ends_at=activation.ends_at,
        measured_until=until,
        running=seen.running,
        verdict=verdict,
        lift=None if lift is None else _interval(seen, lift),
        incremental=None if lift is None else lift.estimate * seen.treated.n,
        days_more=days,
        arms=arms,
        held_out_for_good=activation.held_out_for_good,
        sample_ratio=ratio,
        against_forecast=forecast,
        sentences=tuple(sentences),
        warnings=tuple(_warnings(seen, arms, ratio)),
    )


def _lift(seen: _Seen) -> MeasuredLift:
    if seen.declared_end:
        return lift_at_the_end(seen.treated, seen.control)
    return lift_at_any_time(seen.treated, seen.control, _tuned_to(seen))


def _tuned_to(seen: _Seen) -> float:
    """The variance planned for the end; of another outcome than planned, nothing was planned, and
    the number of customers alone says where the interval is to be narrow."""
    if seen.outcome.name == seen.activation.outcome:
        return seen.activation.planned_variance
    return 1 / seen.treated.n + 1 / seen.control.n


def _interval(seen: _Seen, lift: MeasuredLift) -> Interval:
    what = (
        "at the declared end"
        if seen.declared_end
        else "at any time: it holds however often you look"
    )
    return Interval(
        estimate=lift.estimate,
        low=lift.low,
        high=lift.high,
        level=lift.level,
        basis=f"{seen.treated.n:,} assigned to {named(seen.activation.trigger)} against "
        f"{seen.control.n:,} held out, {what}",
    )


def _verdict(seen: _Seen, lift: MeasuredLift | None) -> Verdict:
    if lift is not None and (lift.low > 0 or lift.high < 0):
        good = (lift.low > 0) is not seen.outcome.lower_is_better
        return Verdict.BETTER if good else Verdict.WORSE
    return Verdict.NOT_YET if seen.running else Verdict.UNCLEAR


def _days_more(seen: _Seen, lift: MeasuredLift | None) -> int | None:
    """Days from now until the forecast effect (or, without a forecast, the one measured so far)
    would be seen; None where it would not within ten times the declared time, or where it is too
    early to say."""
    if seen.enough and not seen.foreseeable:
        return None
    if lift is None:
        some = min(seen.treated.some, seen.control.some)
        return math.ceil(seen.elapsed * (LEAST / some - 1)) if some else None
    expected = seen.activation.forecast
    planned = seen.outcome.name == seen.activation.outcome and expected is not None
    whole = (
        expected.estimate
        if planned and expected is not None
        else lift.estimate * seen.lasts / seen.elapsed
    )
    day = days_until_seen(whole, lift.variance, _tuned_to(seen), seen.elapsed, seen.lasts)
    return None if day is None else max(math.ceil(day - seen.elapsed), 1)


def _told(seen: _Seen, verdict: Verdict, lift: MeasuredLift | None, days: int | None) -> str:
    trigger = named(seen.activation.trigger)
    if lift is None:
        return (
            f"Not enough data{' yet' if seen.running else ''}: {seen.treated.some:,} of those "
            f"assigned to {trigger} and {seen.control.some:,} of those held out had "
            f"{seen.outcome.name}, where {LEAST} of each are needed{_more(seen, days)}."
        )
    interval = _interval(seen, lift)
    ranged = f"{percent(lift.level)} interval {seen.ranged(interval)}"
    change = f"{seen.said(lift.estimate)} a customer ({ranged})"
    match verdict:
        case Verdict.NOT_YET:
            return (
                f"Not enough data yet: so far {trigger} changed {seen.outcome.name} by {change}, "
                f"which may be chance{_more(seen, days)}."
            )
        case Verdict.UNCLEAR:
            return (
                f"The campaign is over, and it stays unclear whether {trigger} changed "
                f"{seen.outcome.name}: {change}."
            )
    word = "better" if verdict is Verdict.BETTER else "worse"
    total = lift.estimate * seen.treated.n
    return (
        f"{trigger.capitalize()} does {word} than nothing: it changed {seen.outcome.name} by "
        f"{change}, about {total:+,.0f} in all among {seen.treated.n:,} customers."
    )


def _more(seen: _Seen, days: int | None) -> str:
    """`; about 5 more days at this pace`, and what the declared end will show where that is not
    enough."""
    if not seen.running:
        return ""
    if days is None and not seen.enough:
        return "; at this pace it can't be said when there will be"
    if seen.enough and not seen.foreseeable:
        return "; it is too early to say when there will be"
    left = seen.lasts - seen.elapsed
    told = (
        "; at this pace it would take more than ten times the declared time"
        if days is None
        else f"; about {days:,} more day{'' if days == 1 else 's'} at this pace"
    )
    if seen.enough and (days is None or days > left):
        now = seen.treated.variance_of_mean + seen.control.variance_of_mean
        least = smallest_seen(now * seen.lasts / seen.elapsed, _tuned_to(seen))
        told += (
            f". It ends in {math.ceil(left):,} day{'' if math.ceil(left) == 1 else 's'}, and by "
            f"then only {seen.said(least)} or more is likely to be seen"
        )
    return told


def _against_forecast(seen: _Seen, lift: MeasuredLift | None) -> AgainstForecast | None:
    forecast = seen.activation.forecast
    if forecast is None or seen.outcome.name != seen.activation.outcome:
        return None
    promised = f"{seen.said(forecast.estimate)} ({seen.ranged(forecast)})"
    if lift is None or not seen.declared_end:
        return AgainstForecast(
            forecast=forecast,
            p_value=None,
            text=f"The forecast for the whole time was {promised}.",
        )
    p_value = agreement(lift.estimate, lift.variance, forecast.low, forecast.high)
    fits = (
        "fits it"
        if p_value >= 1 - forecast.level
        else f"is {'above' if lift.estimate > forecast.estimate else 'below'} it beyond chance"
    )
    return AgainstForecast(
        forecast=forecast,
        p_value=p_value,
        text=f"The forecast was {promised}; what was measured {fits}.",
    )


def _warnings(seen: _Seen, arms: tuple[ArmResult, ...], ratio: SampleRatio) -> list[str]:
    by_arm = {arm.trigger: arm for arm in arms}
    sizes = {arm.trigger: arm.assigned for arm in arms}
    return [
        *uneven(ratio, sizes, "The arms' sizes"),
        *nothing_sent(by_arm[seen.activation.trigger].sent, seen.elapsed),
        *unfair(seen.outcome.name, seen.treated, seen.control, by_arm[NO_TRIGGER].sent),
    ]
