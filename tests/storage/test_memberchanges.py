"""What a platform that mirrors a segment must do, against a slow comparison of rows."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.members import MemberReader, write_members
from storage.snapshots import SnapshotStore
from tests.storage.membership import members


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SnapshotStore:
    return SnapshotStore(tmp_path_factory.mktemp("changes"))


Rows = dict[str, tuple[float, str | None, bool]]
ROWS = st.dictionaries(
    st.sampled_from([f"c{i}" for i in range(12)]),
    st.tuples(st.sampled_from([0.1, 0.2]), st.sampled_from([None, "asg_1"]), st.booleans()),
)


def written(store: SnapshotStore, rows: Rows) -> str:
    ids = sorted(rows)
    table = members(
        ids,
        estimate=[rows[i][0] for i in ids],
        expected_net_value=[1.0] * len(ids),
        runner_up_trigger=["none"] * len(ids),
        reason_1=["same"] * len(ids),
        assignment_id=[rows[i][1] for i in ids],
    )
    mask = np.array([rows[i][2] for i in ids], dtype=bool)
    return write_members(store, table, mask).id


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, st.booleans(), st.integers(1, 13))
def test_applied_to_the_mirror_they_make_the_new_members(
    store: SnapshotStore, old: Rows, new: Rows, shown: bool, limit: int
) -> None:
    reader = MemberReader(store)
    before, after = written(store, old), written(store, new)
    mirror = {i: row[:2] for i, row in old.items() if shown or not row[2]}
    wanted = {i: row[:2] for i, row in new.items() if shown or not row[2]}
    told = []
    offset: int | None = 0
    while offset is not None:
        page = reader.changes(before, after, offset, limit, held_out=shown)
        assert len(page.members) <= limit
        told += orjson.loads(page.json)
        offset = page.next_offset
    seen = [one["customer"]["customer_id"] for one in told]
    assert len(seen) == len(set(seen))
    for one in told:
        customer = one["customer"]
        identity = customer["customer_id"]
        if one["change"] == "removed":
            assert list(customer) == ["customer_id"]
            del mirror[identity]
            continue
        assert (identity in mirror) is (one["change"] == "changed")
        value = (customer["uplift"]["estimate"], customer["assignment_id"])
        assert mirror.get(identity) != value, "nothing is told that is as before"
        mirror[identity] = value
    assert mirror == wanted


def test_the_same_members_have_no_changes(store: SnapshotStore) -> None:
    rows: Rows = {"a": (0.1, None, False), "b": (0.2, "asg_1", False)}
    page = MemberReader(store).changes(written(store, rows), written(store, rows), 0, 10)
    assert (page.json, page.next_offset) == (b"[]", None)
