"""Members of a running campaign are erased: pulls go on, results are of the others."""

from __future__ import annotations

import orjson
from sqlalchemy import select

from storage.members import GIVEN_OUT, HELD_OUT
from storage.tables import DeliveryRow, OutcomeRow
from tests.workflows.campaigns import assignments, begun, play
from workflows.assignments import ELIGIBLE
from workflows.erasure import request_erasure
from workflows.measurement import campaign_results
from workflows.pulling import Format, pull, whole
from workflows.reporting import Did, Received, Sent, report_deliveries, report_outcomes
from workflows.running import run_job
from workflows.workspace import Workspace


def test_an_erased_member_leaves_no_gap(own: Workspace) -> None:
    activation = begun(own)
    play(own, activation, {"none": 0.2, activation.trigger: 0.4}, days=5)
    snapshot = own.snapshots.open(activation.assignments_id)
    given = snapshot.read(GIVEN_OUT, ["customer_id"]).column("customer_id").to_pylist()
    # Some of those held out are so for good, and no arm shrinks by them.
    held_out = snapshot.read(HELD_OUT, ["customer_id", ELIGIBLE]).to_pylist()
    held = [row["customer_id"] for row in held_out if row[ELIGIBLE]]
    before = campaign_results(own, activation.campaign_id)
    first = pull(own, activation.segment_id, limit=10)
    gone = [given[9], given[10], held[0]]
    for who in gone:
        run_job(own, request_erasure(own, who, actor="key:x"))
    second = pull(own, activation.segment_id, limit=10, cursor=first.next_cursor)
    got = [one["customer_id"] for one in orjson.loads(second.members_json)]
    assert got == given[11:20], "nobody is skipped, and nobody comes twice"
    assert second.excluded == {"erased": 1}
    for form in Format:
        content = b"".join(whole(own, activation.segment_id, form).chunks)
        assert all(who.encode() not in content for who in gone)
    after = campaign_results(own, activation.campaign_id)
    sizes = [{arm.trigger: arm.assigned for arm in one.arms} for one in (before, after)]
    assert sizes[1]["none"] == sizes[0]["none"] - 1
    assert sizes[1][activation.trigger] == sizes[0][activation.trigger] - 2


def test_what_is_reported_of_the_erased_is_dropped_and_counted(own: Workspace) -> None:
    activation = begun(own)
    gone, stays, *_ = assignments(own, activation)
    run_job(own, request_erasure(own, gone["customer_id"], actor="key:x"))
    by_assignment = [
        Did(f"o{n}", {"converted": 1}, assignment_id=one["assignment_id"])
        for n, one in enumerate((gone, stays))
    ]
    assert report_outcomes(own, by_assignment) == Received(1, 0, 1)
    by_name = [
        Did(f"p{n}", {"converted": 1}, customer_id=one["customer_id"])
        for n, one in enumerate((gone, stays))
    ]
    assert report_outcomes(own, by_name) == Received(1, 0, 1)
    assert report_outcomes(own, by_name) == Received(0, 1, 1)
    sent = [
        Sent("s0", "sent", assignment_id=gone["assignment_id"]),
        Sent("s1", "sent", assignment_id=stays["assignment_id"]),
        Sent("s2", "sent", campaign_id=activation.campaign_id, customer_id=gone["customer_id"]),
    ]
    assert report_deliveries(own, sent) == Received(1, 0, 2)
    with own.control.read() as session:
        for table in (OutcomeRow, DeliveryRow):
            assert set(session.scalars(select(table.customer_id))) == {stays["customer_id"]}


def test_so_is_what_is_reported_before_the_erasure_is_done(own: Workspace) -> None:
    who = assignments(own, begun(own))[0]
    request_erasure(own, who["customer_id"], actor="key:x")
    did = [Did("o", {"converted": 1}, assignment_id=who["assignment_id"])]
    assert report_outcomes(own, did) == Received(0, 0, 1)
