"""Which code made something: the package's version, and the commit where there is a checkout."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def code_version(checkout: Path = CHECKOUT) -> dict[str, str | None]:
    """Versions of the package, of Python and of what fits the trees; `commit` is None outside of a
    checkout. Changes that are not committed do not show."""
    return {
        "package": version("aethersegment"),
        "commit": checked_out(checkout),
        "python": platform.python_version(),
        "lightgbm": version("lightgbm"),
        "numpy": version("numpy"),
    }


def checked_out(checkout: Path) -> str | None:
    """The commit that a folder's own Git checkout is at, read from Git's files as gitrepository-
    layout(5) describes them; None where the folder is none."""
    git = checkout / ".git"
    if git.is_file():  # a linked worktree: the file names the folder
        git = checkout / git.read_text("utf-8").removeprefix("gitdir:").strip()
    if not (git / "HEAD").is_file():
        return None
    head = (git / "HEAD").read_text("utf-8").strip()
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    shared = git
    if (git / "commondir").is_file():
        shared = git / (git / "commondir").read_text("utf-8").strip()
    if (shared / name).is_file():
        return (shared / name).read_text("utf-8").strip()
    packed = shared / "packed-refs"
    for line in packed.read_text("utf-8").splitlines() if packed.is_file() else ():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return None
