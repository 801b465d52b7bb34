"""All campaigns together, against numbers by hand; and plain words where there are none yet."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scipy import stats
from scipy.special import lambertw

from domain.activation import Activation
from domain.errors import BadRequest, Conflict, NoEvidence, NotFound
from domain.experiment import Outcome, OutcomeKind
from domain.results import Verdict
from storage import activations, definitions, deliveries
from storage.deliveries import Delivery
from tests.activation_api.little import NOW, customer, little
from workflows.holdouts import held_out_for_good
from workflows.programme import programme_results
from workflows.reporting import Did, report_outcomes
from workflows.workspace import PROFILES, SETTINGS_FILE, Workspace

PEOPLE = 200
BEGAN = NOW - timedelta(days=20)


def programme(folder: Path, share: float = 0.25, people: int = PEOPLE) -> Workspace:
    """A little workspace that holds a share out of all campaigns, one of which ran."""
    made = little(folder, people=people)
    with made.control.write() as session:
        definitions.put_outcomes(
            session,
            [
                Outcome(name="converted", kind=OutcomeKind.BINARY),
                Outcome(name="revenue", kind=OutcomeKind.MONEY),
            ],
        )
        activations.add(session, _campaign())
    made.close()
    path = folder / SETTINGS_FILE
    text = path.read_text().replace("global_holdout = 0.02", f"global_holdout = {share}")
    path.write_text(text)
    return Workspace.open(folder, now=lambda: NOW)


def sides(shop: Workspace) -> tuple[list[str], list[str]]:
    """Those held out, and everybody else."""
    ids = shop.current(PROFILES).table(["customer_id"]).column("customer_id")
    held = held_out_for_good(shop, ids).tolist()
    pairs = list(zip(ids.to_pylist(), held, strict=True))
    return sorted(one for one, out in pairs if out), sorted(one for one, out in pairs if not out)


def bought(shop: Workspace, who: list[str], at: datetime = NOW - timedelta(days=1)) -> None:
    did = [
        Did(f"o-{one}-{at:%m%d}", {"converted": 1, "revenue": 30}, at, customer_id=one)
        for one in who
    ]
    report_outcomes(shop, did)


def _campaign() -> Activation:
    return Activation(
        campaign_id="cmp_first",
        name="First",
        segment_id="seg_little",
        version=1,
        trigger="free_shipping",
        channel=None,
        salt="s",
        holdout=0.1,
        exploration=0,
        arm_probabilities={"none": 0.1, "free_shipping": 0.9},
        arms={"none": 1, "free_shipping": 9},
        held_out_for_good=0,
        outcome="converted",
        forecast=None,
        planned_variance=0.01,
        started_at=BEGAN,
        ends_at=BEGAN + timedelta(days=10),
        assignments_id="none",
    )


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return programme(tmp_path / "shop")


def test_the_lift_and_its_interval_are_those_by_hand(shop: Workspace) -> None:
    held_out, others = sides(shop)
    bought(shop, held_out[:10])
    bought(shop, others[:120])
    # Neither before the begin nor of somebody unknown.
    bought(shop, held_out[10:], BEGAN - timedelta(days=1))
    bought(shop, ["stranger"])
    found = programme_results(shop)
    treated, control = 120 / len(others), 10 / len(held_out)
    assert found.lift is not None
    assert found.lift.estimate == pytest.approx(treated - control)
    variance = sum(
        share * (1 - share) / (len(who) - 1)
        for share, who in ((treated, others), (control, held_out))
    )
    tuned_to = 0.05 / (1000 * 0.25) + 0.05 / (1000 * 0.75)
    rho = tuned_to / (-lambertw(-(0.05**2) / math.e, k=-1).real - 1)
    half = math.sqrt((variance + rho) * math.log((variance + rho) / (rho * 0.05**2)))
    assert found.lift.high - found.lift.estimate == pytest.approx(half)
    assert found.lift.estimate - found.lift.low == pytest.approx(half)
    assert found.verdict is Verdict.BETTER
    assert found.incremental == pytest.approx((treated - control) * len(others))
    assert (found.since, found.measured_until, found.campaigns) == (BEGAN, NOW, 1)
    assert (found.held_out.customers, found.held_out.with_outcome) == (len(held_out), 10)
    assert (found.others.customers, found.others.with_outcome) == (len(others), 120)
    assert found.days_more is None
    assert "All campaigns together do better than none" in found.sentences[0]
    slow = stats.chisquare([len(held_out), len(others)], [PEOPLE * 0.25, PEOPLE * 0.75]).pvalue
    assert found.sample_ratio.p_value == pytest.approx(slow)
    money = programme_results(shop, "revenue")
    assert money.lift is not None
    assert money.lift.estimate == pytest.approx(30 * found.lift.estimate)


def test_a_stated_day_counts_from_there(shop: Workspace) -> None:
    _, others = sides(shop)
    bought(shop, others[:50])
    bought(shop, others[50:80], NOW - timedelta(days=9))
    day = NOW - timedelta(days=5)
    found = programme_results(shop, since=day)
    assert (found.since, found.campaigns, found.others.with_outcome) == (day, 0, 50)
    early = programme_results(shop, since=datetime(2020, 1, 1, tzinfo=UTC))
    assert (early.campaigns, early.others.with_outcome) == (1, 80)


def test_too_little_is_said_to_be_too_little(shop: Workspace) -> None:
    held_out, others = sides(shop)
    nothing = programme_results(shop)
    assert (nothing.verdict, nothing.lift, nothing.days_more) == (Verdict.NOT_YET, None, None)
    assert "can't be said" in nothing.sentences[0]
    bought(shop, held_out[:5])
    bought(shop, others[:30])
    some = programme_results(shop)
    assert some.lift is None
    assert some.days_more == 20, "5 in 20 days, so 10 in 40"
    assert "about 20 more days" in some.sentences[0]
    bought(shop, held_out[5:12])
    bought(shop, others[30:50])
    alike = programme_results(shop)
    assert alike.lift is not None
    assert alike.lift.low < 0 < alike.lift.high
    assert alike.verdict is Verdict.NOT_YET
    assert "which may be chance" in alike.sentences[0]


def test_what_spoils_the_comparison_is_warned_of(shop: Workspace) -> None:
    held_out, others = sides(shop)
    bought(shop, others[:60])
    warned = " ".join(programme_results(shop).warnings)
    assert "Nothing was reported as sent" in warned
    assert "only an artefact" in warned
    at = NOW - timedelta(days=2)
    sent = [
        Delivery(f"d{who}", "cmp_first", who, "sent", None, at)
        for who in (*held_out[:2], *others[:9])
    ]
    with shop.control.write() as session:
        deliveries.add(session, sent, NOW)
    found = programme_results(shop)
    assert (found.held_out.sent, found.others.sent) == (2, 9)
    warned = " ".join(found.warnings)
    assert "Nothing was reported as sent" not in warned
    assert "2 customers who are held out were sent something" in warned


def test_sides_that_do_not_fit_their_chances_are_warned_of(shop: Workspace) -> None:
    held_out, _ = sides(shop)
    profiles = shop.current(PROFILES).table()
    keep = [one not in held_out[5:] for one in profiles.column("customer_id").to_pylist()]
    lost = shop.snapshots.write(PROFILES, [(0, profiles.filter(keep))])
    with shop.control.write() as session:
        definitions.put_current(session, PROFILES, lost.id)
    found = programme_results(shop)
    assert not found.sample_ratio.sound
    assert "do not fit the chances" in found.warnings[0]


def test_nobody_held_out(tmp_path: Path) -> None:
    few = programme(tmp_path / "few", 0.0001, people=20)
    bought(few, [customer(n) for n in range(20)])
    found = programme_results(few)
    assert (found.held_out.customers, found.held_out.mean, found.lift) == (0, None, None)
    assert "has nobody in it" in found.sentences[0]
    none = programme(tmp_path / "none", 0.0, people=20)
    with pytest.raises(Conflict, match="global_holdout is 0"):
        programme_results(none)


def test_what_can_not_be_judged_is_refused(shop: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no outcome 'joy'"):
        programme_results(shop, "joy")
    with pytest.raises(BadRequest, match="is not past"):
        programme_results(shop, since=NOW)
    fresh = little(tmp_path / "fresh")
    with fresh.control.write() as session:
        definitions.put_outcomes(session, [Outcome(name="visit", kind=OutcomeKind.BINARY)])
    with pytest.raises(NoEvidence, match="No campaign has begun"):
        programme_results(fresh)
    assert programme_results(fresh, since=BEGAN).outcome == "visit"
