"""The doctor finds each kind of damage, says nothing of a healthy workspace, and sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from domain.criteria import AllOf
from domain.errors import Unavailable
from storage import snapshots as module
from storage.snapshots import DamagedSnapshot, DiskFull
from tests.activation_api.little import little, with_segment
from tests.workflows.frozen import keep_segment
from workflows.doctor import Severity, examine
from workflows.keys import create_key
from workflows.pulling import pull
from workflows.workspace import Workspace


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workspace]:
    workspace = little(tmp_path / "shop")
    with_segment(workspace)
    create_key(workspace, "crm")
    create_key(workspace, "ads")
    yield workspace
    workspace.close()


def a_file(workspace: Workspace, name: str) -> Path:
    return Path(workspace.current(name).paths()[0])


def spoil_footer(shop: Workspace) -> None:
    path = a_file(shop, "orders")
    path.write_bytes(path.read_bytes()[:-6])


def lose_file(shop: Workspace) -> None:
    a_file(shop, "orders").unlink()


def lose_rows(shop: Workspace) -> None:
    path = a_file(shop, "orders")
    pq.write_table(pq.read_table(path).slice(1), path)


def lose_folder(shop: Workspace) -> None:
    folder = a_file(shop, "orders").parent
    folder.rename(folder.with_name(folder.name[:-1]))


def change_audit(shop: Workspace) -> None:
    with shop.control.write() as session:
        session.execute(text("UPDATE audit SET actor = 'nobody' WHERE id = 1"))


def lose_version(shop: Workspace) -> None:
    with shop.control.write() as session:
        session.execute(text("DELETE FROM segment_versions"))


def test_a_healthy_workspace_is_whole(shop: Workspace) -> None:
    examined = examine(shop, deep=True)
    assert (examined.is_whole, examined.findings, examined.snapshots) == (True, (), 5)


@pytest.mark.parametrize(
    ("harm", "subject"),
    [
        (spoil_footer, "orders-"),
        (lose_file, "orders-"),
        (lose_rows, "orders-"),
        (lose_folder, "orders-"),
        (change_audit, "audit"),
        (lose_version, "seg_little"),
    ],
)
def test_damage_is_found(shop: Workspace, harm: Callable[[Workspace], None], subject: str) -> None:
    harm(shop)
    examined = examine(shop)
    assert not examined.is_whole
    (found,) = (one for one in examined.findings if one.severity is Severity.BROKEN)
    assert found.subject.startswith(subject)


def test_a_flipped_byte_is_found_by_reading_everything(shop: Workspace) -> None:
    path = a_file(shop, "orders")
    content = bytearray(path.read_bytes())
    for place in range(8, 40):
        content[place] ^= 0xFF
    path.write_bytes(bytes(content))
    assert examine(shop).is_whole
    assert not examine(shop, deep=True).is_whole


def test_what_was_left_is_told_and_swept(shop: Workspace) -> None:
    kept = set(shop.snapshots.root.glob("*/*"))
    shop.snapshots.write("profiles", [])
    draft = shop.snapshots.draft("profiles")
    draft.__enter__()
    (a_file(shop, "orders").parent / ".erasing-bucket-0000.parquet").write_bytes(b"half")
    told = examine(shop)
    assert told.is_whole
    assert [one.severity for one in told.findings] == [Severity.LEFT] * 3
    assert examine(shop, sweep=True).swept == 3
    assert examine(shop).findings == ()
    assert set(shop.snapshots.root.glob("*/*")) == kept
    assert pull(shop, "seg_little").members_json != b"[]"


def test_a_damaged_snapshot_is_said_to_be_one(shop: Workspace) -> None:
    """And what is served now still is."""
    path = a_file(shop, "profiles")
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(DamagedSnapshot, match="doctor"):
        keep_segment(shop, "x", AllOf(all=()), "seg_new")
    with pytest.raises(DamagedSnapshot):
        shop.current("profiles").table()
    assert pull(shop, "seg_little").members_json != b"[]"


def test_a_full_disk_is_said_and_leaves_nothing(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte goes to /dev/full, which answers as a full disk does."""
    real = module.write_synced
    monkeypatch.setattr(
        module, "write_synced", lambda content, path: real(content, Path("/dev/full"))
    )
    before = sorted(shop.snapshots.root.rglob("*"))
    with pytest.raises(DiskFull, match="no room") as told:
        keep_segment(shop, "x", AllOf(all=()))
    assert isinstance(told.value, Unavailable)
    assert sorted(shop.snapshots.root.rglob("*")) == before
    monkeypatch.undo()
    assert pull(shop, "seg_little").version.version == 1
