"""Backups: what comes back is what was there, on either database, or nothing comes back."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.suppression import Exclusion
from storage import audit
from storage.dump import dump
from tests.activation_api.little import NOW, customer, little, with_segment
from workflows.backup import BadBackup, back_up, restore
from workflows.keys import create_key, verify_key
from workflows.pulling import pull
from workflows.suppression import Suppression, suppress
from workflows.workspace import Workspace


@pytest.fixture
def shop(tmp_path: Path, database_url: str | None) -> Iterator[Workspace]:
    workspace = little(tmp_path / "shop", database_url=database_url)
    with_segment(workspace)
    suppress(workspace, [Suppression(customer(1), "all", Exclusion.UNSUBSCRIBED)], actor="t")
    (workspace.root / "models" / "m1").mkdir(parents=True)
    (workspace.root / "models" / "m1" / "card.json").write_text("{}")
    yield workspace
    workspace.close()


def rows(workspace: Workspace) -> list[str]:
    with workspace.control.read() as session:
        return list(dump(session))


def test_a_restored_workspace_is_the_same(shop: Workspace, tmp_path: Path) -> None:
    """Into SQLite, whichever it came from, and it goes on from there."""
    _, secret = create_key(shop, "crm")
    shop.snapshots.write("profiles", [])
    done = back_up(shop, tmp_path / "shop.tar")
    assert done.path.stat().st_mode & 0o077 == 0, "it holds personal data"
    back = restore(tmp_path / "shop.tar", tmp_path / "again")
    assert (back.files, back.rows) == (done.files, done.rows)
    assert back.examined.findings == ()
    again = Workspace.open(tmp_path / "again", now=lambda: NOW)
    assert rows(again) == rows(shop)
    assert again.settings == shop.settings
    assert (again.root / "models" / "m1" / "card.json").read_text() == "{}"
    assert len(list((tmp_path / "again" / "snapshots").glob("profiles/*"))) == 1, "no orphans"
    first, second = (pull(one, "seg_little", limit=7) for one in (shop, again))
    assert (first.version, first.next_cursor) == (second.version, second.next_cursor)
    assert first.members_json == second.members_json
    assert verify_key(again, secret) is not None
    create_key(again, "another")
    with again.control.read() as session:
        assert audit.broken_at(session) is None
    again.close()


def test_it_goes_into_postgresql_too(
    shop: Workspace, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    back_up(shop, tmp_path / "shop.tar")
    with request.getfixturevalue("postgres").database() as url:
        text = url.render_as_string(hide_password=False)
        restore(tmp_path / "shop.tar", tmp_path / "again", database_url=text)
        again = Workspace.open(tmp_path / "again", database_url=text, now=lambda: NOW)
        assert rows(again) == rows(shop)
        create_key(again, "another")
        with pytest.raises(Exception, match="already"):
            restore(tmp_path / "shop.tar", tmp_path / "third", database_url=text)
        again.close()
    assert not (tmp_path / "third").exists()


def test_a_spoilt_backup_is_refused_and_leaves_nothing(shop: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "shop.tar"
    back_up(shop, path)
    whole = path.read_bytes()
    place = whole.index(b"PAR1") + 40
    spoilt = {
        "cut short": whole[: len(whole) // 2],
        "changed": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        "empty": b"",
        "no archive": b"hello" * 1000,
    }
    for name, content in spoilt.items():
        path.write_bytes(content)
        with pytest.raises(BadBackup):
            restore(path, tmp_path / "again")
        assert not [one for one in tmp_path.iterdir() if "again" in one.name], name


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../outside"])
def test_no_member_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo(name)
        info.size = 4
        archive.addfile(info, io.BytesIO(b"evil"))
    with pytest.raises(BadBackup):
        restore(path, tmp_path / "deep" / "again")
    assert not list(tmp_path.rglob("outside"))


def test_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(BadBackup, match="no plain file"):
        restore(path, tmp_path / "again")


def test_a_folder_that_is_there_is_not_touched(shop: Workspace, tmp_path: Path) -> None:
    back_up(shop, tmp_path / "shop.tar")
    with pytest.raises(BadBackup, match="already"):
        restore(tmp_path / "shop.tar", shop.root)
    assert pull(shop, "seg_little").members_json
