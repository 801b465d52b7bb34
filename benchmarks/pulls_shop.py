"""A workspace with one large segment, as a shop that sends e-mail has it: consents are kept, some
customers unsubscribed, one was erased."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from domain.segment import SegmentVersion
from domain.suppression import ALL_CHANNELS, Exclusion
from domain.triggers import Channel
from storage import definitions, segments
from storage.buckets import split
from storage.membercolumns import COLUMNS
from storage.members import write_members
from tests.activation_api.little import customer, little, with_segment
from workflows.erasure import erase, request_erasure
from workflows.keys import create_key
from workflows.suppression import Suppression, suppress
from workflows.workspace import Workspace

SEGMENT = "seg_little"
_NO_CONSENT, _UNSUBSCRIBED = 0.05, 0.01


def large(root: Path, members: int) -> tuple[SegmentVersion, str]:
    """The segment's version of so many members, and the secret of a key that may pull it."""
    rng = np.random.default_rng(7)
    workspace = little(root)
    few = with_segment(workspace, SEGMENT)
    ids = pa.array([f"customer-{number:08d}" for number in range(members)])
    _consents(workspace, ids, rng)
    snapshot = write_members(workspace.snapshots, _members(ids, rng), np.zeros(members, bool))
    version = few.model_copy(
        update={
            "version": 2,
            "members_id": snapshot.id,
            "size": members,
            "channel": Channel.EMAIL,
        }
    )
    with workspace.control.write() as session:
        segments.add_version(session, version)
    gone = rng.choice(members, int(members * _UNSUBSCRIBED), replace=False)
    stated = [Suppression(ids[i].as_py(), ALL_CHANNELS, Exclusion.UNSUBSCRIBED) for i in gone]
    suppress(workspace, stated, actor="benchmark")
    job = request_erasure(workspace, customer(0), actor="benchmark")
    erase(workspace, job.arguments["subject"], progress=_unseen, actor="benchmark")
    _, secret = create_key(workspace, "benchmark")
    workspace.close()
    return version, secret


def _consents(workspace: Workspace, ids: pa.Array, rng: np.random.Generator) -> None:
    table = pa.table(
        {"customer_id": ids, "email_consent": pa.array(rng.random(len(ids)) > _NO_CONSENT)}
    )
    buckets = workspace.settings.buckets
    written = workspace.snapshots.write("customers", split(table, buckets))
    with workspace.control.write() as session:
        definitions.put_current(session, "customers", written.id)


def _members(ids: pa.Array, rng: np.random.Generator) -> pa.Table:
    count = len(ids)
    uplift = rng.normal(0.03, 0.01, count)

    def texts(words: list[str]) -> pa.Array:
        return pa.array(words).take(pa.array(rng.integers(0, len(words), count)))

    reasons = [
        [f"{name} {number}" for number in range(1, 41)]
        for name in ("days since the last order:", "orders so far:", "share of carts left:")
    ]
    columns = {
        "customer_id": ids,
        "recommended_trigger": texts(["free_shipping"]),
        "estimate": uplift,
        "low": uplift - 0.01,
        "high": uplift + 0.01,
        "basis": texts([f"customers with predicted effects in group {n} of 10" for n in range(10)]),
        "uplift_score": uplift,
        "expected_net_value": uplift * 40,
        "runner_up_trigger": texts(["none", "ten_percent_off"]),
        "reason_1": texts(reasons[0]),
        "reason_2": texts(reasons[1]),
        "reason_3": texts(reasons[2]),
        "assignment_id": pa.array([f"asg_{number:024x}" for number in range(count)]),
    }
    return pa.table({name: pa.array(columns[name]) for name in COLUMNS.names}).cast(COLUMNS)


def _unseen(share: float, words: str) -> None:
    """Nobody looks at the progress."""
