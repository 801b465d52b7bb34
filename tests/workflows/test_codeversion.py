"""The commit of a checkout, read from Git's own files."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from workflows.codeversion import checked_out, code_version

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def git(tmp_path: Path) -> Path:
    folder = tmp_path / ".git"
    (folder / "refs" / "heads").mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    return folder


def test_a_branch_names_its_commit(git: Path, tmp_path: Path) -> None:
    assert checked_out(tmp_path) is None, "nothing is committed yet"
    (git / "packed-refs").write_text(f"# pack-refs\n{COMMIT[::-1]} refs/heads/x\n")
    assert checked_out(tmp_path) is None
    (git / "packed-refs").write_text(f"# pack-refs\n{COMMIT} refs/heads/main\n^{COMMIT[::-1]}\n")
    assert checked_out(tmp_path) == COMMIT
    (git / "refs" / "heads" / "main").write_text(COMMIT[::-1] + "\n")
    assert checked_out(tmp_path) == COMMIT[::-1], "a loose ref is newer than a packed one"


def test_a_detached_head_is_a_commit(git: Path, tmp_path: Path) -> None:
    (git / "HEAD").write_text(COMMIT + "\n")
    assert checked_out(tmp_path) == COMMIT


def test_a_linked_worktree_has_a_head_of_its_own(git: Path, tmp_path: Path) -> None:
    own = git / "worktrees" / "side"
    own.mkdir(parents=True)
    (own / "HEAD").write_text("ref: refs/heads/side\n")
    (own / "commondir").write_text("../..\n")
    (git / "refs" / "heads" / "side").write_text(COMMIT + "\n")
    side = tmp_path / "side"
    side.mkdir()
    (side / ".git").write_text(f"gitdir: {own}\n")
    assert checked_out(side) == COMMIT


def test_an_installed_package_has_no_commit(tmp_path: Path) -> None:
    found = code_version(tmp_path)
    assert found["commit"] is None
    assert found["package"] == version("aethersegment")
    assert found["lightgbm"] == version("lightgbm")
