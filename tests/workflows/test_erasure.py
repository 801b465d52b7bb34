"""A person who is erased is nowhere in the workspace's files, in none of its kept versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.errors import NotFound
from domain.suppression import Exclusion
from storage import audit, definitions, erasing, persons
from storage.buckets import split
from storage.jobs import JobState
from storage.members import MemberReader
from tests.activation_api.little import PEOPLE, customer, little, with_segment
from workflows import idempotency
from workflows.erasure import erase, request_erasure
from workflows.jobs import show_job
from workflows.pulling import pull
from workflows.running import run_job
from workflows.subject import held_on
from workflows.suppression import Suppression, suppress
from workflows.workspace import PROFILES, Workspace

WHO = customer(7)


@pytest.fixture
def shop(tmp_path: Path, database_url: str | None) -> Iterator[Workspace]:
    workspace = little(tmp_path / "shop", database_url=database_url)
    with_segment(workspace)
    newer = pa.table(
        {
            "customer_id": [customer(n) for n in range(PEOPLE)],
            "place": pa.array(
                [f"town of {customer(n)}" for n in range(PEOPLE)]
            ).dictionary_encode(),
        }
    )
    snapshot = workspace.snapshots.write(PROFILES, split(newer, 4))
    lines = pa.table({"order_id": ["o007", "o007", "o008"], "line": [1, 2, 1]})
    items = workspace.snapshots.write("order_items", [(0, lines)])
    with workspace.control.write() as session:
        definitions.put_current(session, PROFILES, snapshot.id)
        definitions.put_current(session, "order_items", items.id)
    suppress(workspace, [Suppression(WHO, "all", Exclusion.UNSUBSCRIBED)], actor="test")
    kept = idempotency.Answer(200, {}, f'{{"who": "{WHO}"}}'.encode())
    idempotency.begin(workspace, "a" * 64, "f")
    idempotency.finish(workspace, "a" * 64, kept)
    yield workspace
    workspace.close()


def traces(workspace: Workspace, *words: bytes) -> list[str]:
    """Files below the workspace, Parquet as its values, that hold one of the words."""
    found = []
    for path in sorted(workspace.root.rglob("*")):
        if path.is_dir():
            continue
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.read_table(path).to_pydict()).encode()
            content += repr(pq.read_metadata(path).to_dict()).encode()
        if any(word in content for word in words):
            found.append(str(path.relative_to(workspace.root)))
    return found


PERSON = (WHO.encode(), b"Ann7'", b"Ann.7@Example", b"7946 0007", b"o007", b"town of c007")


def test_nothing_of_the_person_is_left(shop: Workspace) -> None:
    kinds = {path.split("/")[1] for path in traces(shop, *PERSON) if "/" in path}
    assert kinds == {"identities", "customers", "orders", "order_items", "profiles", "members"}
    job = request_erasure(shop, WHO, actor="key:x")
    before = {p: pq.read_metadata(p).num_rows for p in shop.snapshots.root.rglob("*.parquet")}
    result = run_job(shop, job)
    assert result["snapshots"] == 7
    assert result["rows"] == 10
    assert traces(shop, *PERSON) == []
    after = {p: pq.read_metadata(p).num_rows for p in shop.snapshots.root.rglob("*.parquet")}
    assert sum(before.values()) - sum(after.values()) == 7, "a member's row stays, emptied"
    for folder in erasing.folders(shop.snapshots.root):
        snapshot = shop.snapshots.open(folder.name)
        assert snapshot.rows == snapshot.table().num_rows


def test_others_are_as_they_were(shop: Workspace) -> None:
    tables = {
        folder.name: shop.snapshots.open(folder.name).table().to_pylist()
        for folder in erasing.folders(shop.snapshots.root)
    }
    run_job(shop, request_erasure(shop, WHO, actor="key:x"))
    for name, rows in tables.items():
        kept = shop.snapshots.open(name).table().to_pylist()
        if name.startswith("members"):
            kept = [row for row in kept if not erasing.is_blank(row["customer_id"])]
        others = [row for row in rows if row.get("customer_id") != WHO]
        assert kept == [row for row in others if row.get("order_id") != "o007"]


def test_nobody_is_given_the_person_from_the_first_moment(shop: Workspace) -> None:
    request_erasure(shop, WHO, actor="key:x")
    first = pull(shop, "seg_little", limit=7)
    assert pull(shop, "seg_little", cursor=first.next_cursor).excluded == {"erased": 1}
    with shop.control.read() as session:
        (job,) = definitions_jobs(session)
    run_job(shop, job)
    shop.members = MemberReader(shop.snapshots)  # another server, which never read the person
    after = pull(shop, "seg_little", cursor=first.next_cursor)
    assert after.excluded == {"erased": 1}
    assert [customer(8) in after.members_json.decode(), b"erased-" in after.members_json] == [
        True,
        False,
    ]


def definitions_jobs(session: object) -> list[object]:
    from storage import jobs

    return list(jobs.listed(session))  # type: ignore[arg-type]


def test_it_goes_on_where_it_was_killed(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after each of its renames in turn, it is whole after one more run."""
    job = request_erasure(shop, WHO, actor="key:x")
    subject = str(job.arguments["subject"])
    real, left = erasing.sync_folder, 0

    class Killed(BaseException):
        pass

    def dying(folder: Path) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        real(folder)

    monkeypatch.setattr(erasing, "sync_folder", dying)
    kills = 0
    while True:
        left = kills % 3
        try:
            erase(shop, subject, progress=lambda share, words: None, actor="job:x")
            break
        except Killed:
            kills += 1
            for folder in erasing.folders(shop.snapshots.root):
                shop.snapshots.open(folder.name).table()
    assert kills > 5
    assert traces(shop, *PERSON) == []
    for folder in erasing.folders(shop.snapshots.root):
        snapshot = shop.snapshots.open(folder.name)
        assert snapshot.rows == snapshot.table().num_rows


def test_asked_for_twice_it_is_one_job_and_the_audit_keeps_a_hash(shop: Workspace) -> None:
    job = request_erasure(shop, WHO, actor="key:x")
    assert request_erasure(shop, WHO, actor="key:y").id == job.id
    run_job(shop, job)
    again = request_erasure(shop, WHO, actor="key:x")
    assert again.id != job.id
    assert run_job(shop, again) == {"rows": 0, "snapshots": 0}
    assert show_job(shop, job.id).state is JobState.QUEUED
    with shop.control.read() as session:
        rows = audit.entries(session)
        assert audit.broken_at(session) is None
        assert persons.rows_of(session, WHO) == {}
    done = [row for row in rows if row.action.startswith("erasure")]
    assert [row.action for row in done] == ["erasure.request", "erasure.done"] * 2
    assert len({row.subject for row in done}) == 1
    assert done[0].subject.startswith("person:")


def test_a_snapshot_written_meanwhile_is_gone_through_too(shop: Workspace) -> None:
    job = request_erasure(shop, WHO, actor="key:x")
    old = shop.current("identities").table()

    def meanwhile(share: float, words: str) -> None:
        if share == 0.9 and not getattr(meanwhile, "done", False):
            meanwhile.done = True  # type: ignore[attr-defined]
            shop.snapshots.write("identities", split(old, 4))

    erase(shop, str(job.arguments["subject"]), progress=meanwhile, actor="job:x")
    assert traces(shop, *PERSON) == []


def test_what_is_held_is_shown_until_it_is_erased(shop: Workspace) -> None:
    held = held_on(shop, WHO, actor="key:x")
    assert held["identities"][0]["email_address"] == "Ann.7@Example.com"
    assert [line["line"] for line in held["order_items"]] == [1, 2]
    assert set(held) == {
        "identities",
        "customers",
        "orders",
        "order_items",
        "profiles",
        "segments",
        "suppressions",
    }
    assert list(held["segments"]) == ["seg_little version 1"]
    with pytest.raises(NotFound):
        held_on(shop, "nobody", actor="key:x")
    request_erasure(shop, WHO, actor="key:x")
    with pytest.raises(NotFound):
        held_on(shop, WHO, actor="key:x")
    with shop.control.read() as session:
        (row,) = (row for row in audit.entries(session) if row.action == "customer.export")
    assert WHO not in f"{row.subject}{row.detail}"
