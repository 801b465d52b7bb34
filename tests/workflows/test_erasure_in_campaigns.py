"""Members of a running campaign are erased: pulls go on, results are of the others."""

from __future__ import annotations

import orjson

from storage.members import GIVEN_OUT, HELD_OUT
from tests.workflows.campaigns import begun, play
from workflows.assignments import ELIGIBLE
from workflows.erasure import request_erasure
from workflows.jobs import run_job
from workflows.measurement import campaign_results
from workflows.pulling import Format, pull, whole
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
