"""What all campaigns together changed: everybody else against those whom none ever addresses.

The share who are held out for good is chosen by a salted hash of the id, so it is an experiment
that never ends; every customer's outcome since its begin counts, sent or not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from domain.errors import BadRequest, Conflict, NoEvidence
from domain.experiment import Outcome, OutcomeKind
from domain.results import ProgrammeResults, SideResult, Verdict
from domain.segment import Interval
from storage import activations, deliveries
from uplift.lift import MeasuredLift, Moments, days_until_seen, lift_at_any_time
from workflows.amounts import effect, effect_span, percent
from workflows.holdouts import held_out_for_good
from workflows.resultwarnings import LEAST, nothing_sent, sample_ratio, uneven, unfair
from workflows.tally import Assigned, moments_by_arm, outcome_of
from workflows.trainingdata import find_outcome
from workflows.workspace import PROFILES, Workspace

HELD_OUT, OTHERS = "held out", "everybody else"
USUAL = "converted"
_TYPICAL = {OutcomeKind.BINARY: 0.05}
"""An outcome's variance as it is guessed ahead; 1 for the others. To guess too little costs less
width than to guess too much."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Seen:
    """What the sentences are made of; a side without customers is None."""

    outcome: Outcome
    currency: str
    since: datetime
    until: datetime
    held_out: Moments | None
    others: Moments | None
    lift: MeasuredLift | None
    tuned_to: float

    @property
    def elapsed(self) -> float:
        """Days measured."""
        return (self.until - self.since) / _DAY

    @property
    def fewest(self) -> int:
        """Customers with the outcome on the side that has fewer."""
        return min(_some(self.held_out), _some(self.others))

    def said(self, value: float) -> str:
        return effect(value, self.outcome.name, self.outcome.kind, self.currency)


def programme_results(
    workspace: Workspace, outcome: str | None = None, since: datetime | None = None
) -> ProgrammeResults:
    """What all campaigns changed since the first one began, or since another time.

    Raises Conflict where nobody is held out of all campaigns, NoEvidence where there was no
    campaign or there are no customers, and BadRequest where the time is not past."""
    share = workspace.settings.global_holdout
    if not share:
        raise Conflict(
            "global_holdout is 0: nobody is held out of all campaigns.",
            remedy="Set it in workspace.toml, 0.02 is usual, and judge from that day on.",
            field="global_holdout",
        )
    measured = find_outcome(workspace, outcome or _usual(workspace))
    until = workspace.now()
    begin, campaigns = _time(workspace, since, until)
    ids = workspace.current(PROFILES).table(["customer_id"]).column("customer_id")
    if not len(ids):
        raise NoEvidence("The workspace has no customers.", remedy="Import them first.")
    held = held_out_for_good(workspace, ids)
    assigned = Assigned(ids, np.where(held, HELD_OUT, OTHERS).astype(object))
    values = outcome_of(workspace, assigned, measured, begin, until)
    moments = moments_by_arm((HELD_OUT, OTHERS), assigned, values)
    with workspace.control.read() as session:
        sent = assigned.place_of(deliveries.reached(session, begin, until)) >= 0
    tuned_to = _tuned_to(measured, len(ids), share)
    control, treated = moments.get(HELD_OUT), moments.get(OTHERS)
    lift = None
    if control and treated and min(control.some, treated.some) >= LEAST:
        lift = lift_at_any_time(treated, control, tuned_to)
    seen = _Seen(
        measured, workspace.settings.currency, begin, until, control, treated, lift, tuned_to
    )
    sides = {HELD_OUT: _side(control, sent & held), OTHERS: _side(treated, sent & ~held)}
    sizes = {name: side.customers for name, side in sides.items()}
    ratio = sample_ratio({HELD_OUT: share, OTHERS: 1 - share}, sizes)
    verdict = _verdict(seen)
    days = _days_more(seen) if verdict is Verdict.NOT_YET else None
    return ProgrammeResults(
        outcome=measured.name,
        since=begin,
        measured_until=until,
        campaigns=campaigns,
        holdout=share,
        verdict=verdict,
        lift=None if lift is None else _interval(seen, lift),
        incremental=None if lift is None else lift.estimate * sizes[OTHERS],
        days_more=days,
        held_out=sides[HELD_OUT],
        others=sides[OTHERS],
        sample_ratio=ratio,
        sentences=(_told(seen, verdict, days),),
        warnings=(
            *uneven(ratio, sizes, "The sizes of the two sides"),
            *nothing_sent(sides[OTHERS].sent, seen.elapsed),
            *unfair(measured.name, treated, control, sides[HELD_OUT].sent),
        ),
    )


def _usual(workspace: Workspace) -> str:
    known = workspace.outcomes()
    return USUAL if USUAL in known else next(iter(known), USUAL)


def _time(workspace: Workspace, since: datetime | None, until: datetime) -> tuple[datetime, int]:
    """When the comparison begins, and how many campaigns ran since."""
    if since is not None and since >= until:
        raise BadRequest(
            f"{since:%Y-%m-%d} is not past.", remedy="Give an earlier day.", field="since"
        )
    with workspace.control.read() as session:
        begun = activations.listed(session)
    if since is None and not begun:
        raise NoEvidence(
            "No campaign has begun yet, so there is nothing to judge.",
            remedy="Begin one, or give the day since which customers were addressed.",
            field="since",
        )
    begin = since or min(one.started_at for one in begun)
    ran = [one for one in begun if min(one.ends_at, one.ended_at or one.ends_at) > begin]
    return begin, len(ran)


def _tuned_to(outcome: Outcome, customers: int, share: float) -> float:
    """The variance of the lift where its interval is to be narrow. It may not follow what is
    measured, nor wander while customers come: their number is rounded up to a power of ten."""
    planned = 10.0 ** math.ceil(math.log10(customers))
    return _TYPICAL.get(outcome.kind, 1.0) / (planned * share * (1 - share))


def _side(moments: Moments | None, sent: NDArray[np.bool_]) -> SideResult:
    if moments is None:
        return SideResult(customers=0, sent=0, with_outcome=0, mean=None)
    return SideResult(
        customers=moments.n,
        sent=int(np.count_nonzero(sent)),
        with_outcome=moments.some,
        mean=moments.mean,
    )


def _some(moments: Moments | None) -> int:
    return 0 if moments is None else moments.some


def _interval(seen: _Seen, lift: MeasuredLift) -> Interval:
    others, held_out = (0 if one is None else one.n for one in (seen.others, seen.held_out))
    return Interval(
        estimate=lift.estimate,
        low=lift.low,
        high=lift.high,
        level=lift.level,
        basis=f"{others:,} customers against {held_out:,} whom no campaign addresses, at any time: "
        "it holds however often you look",
    )


def _verdict(seen: _Seen) -> Verdict:
    lift = seen.lift
    if lift is None or lift.low <= 0 <= lift.high:
        return Verdict.NOT_YET
    good = (lift.low > 0) is not seen.outcome.lower_is_better
    return Verdict.BETTER if good else Verdict.WORSE


def _days_more(seen: _Seen) -> int | None:
    """Days until enough is known, or until a lift as large as the one so far would be seen; None
    where that takes more than ten times the days so far."""
    if seen.lift is None:
        return math.ceil(seen.elapsed * (LEAST / seen.fewest - 1)) if seen.fewest else None
    lift = seen.lift
    day = days_until_seen(lift.estimate, lift.variance, seen.tuned_to, seen.elapsed, seen.elapsed)
    return None if day is None else max(math.ceil(day - seen.elapsed), 1)


def _told(seen: _Seen, verdict: Verdict, days: int | None) -> str:
    name, since = seen.outcome.name, f"since {seen.since:%Y-%m-%d}"
    if seen.held_out is None:
        return (
            "Not enough data yet: the share who are held out of all campaigns has nobody in it "
            "among so few customers."
        )
    if seen.lift is None:
        return (
            f"Not enough data yet: {since}, {_some(seen.others):,} of those whom campaigns may "
            f"address and {seen.held_out.some:,} of those whom none does had {name}, where "
            f"{LEAST} of each are needed{_more(seen, days)}."
        )
    lift = seen.lift
    ranged = effect_span(_interval(seen, lift), name, seen.outcome.kind, seen.currency)
    change = f"{seen.said(lift.estimate)} a customer ({percent(lift.level)} interval {ranged})"
    if verdict is Verdict.NOT_YET:
        return (
            f"Not enough data yet: {since} all campaigns together changed {name} by {change}, "
            f"which may be chance{_more(seen, days)}."
        )
    customers = 0 if seen.others is None else seen.others.n
    word = "better" if verdict is Verdict.BETTER else "worse"
    return (
        f"All campaigns together do {word} than none: {since} they changed {name} by {change}, "
        f"about {lift.estimate * customers:+,.0f} in all among {customers:,} customers."
    )


def _more(seen: _Seen, days: int | None) -> str:
    if days is not None:
        return f"; about {days:,} more day{'' if days == 1 else 's'} at this pace"
    if seen.lift is None:
        return "; at this pace it can't be said when there will be"
    return "; at this pace it would take more than ten times as long as so far"
