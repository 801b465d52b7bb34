"""The command line over a trained workspace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aether.cli import main
from tests.workflows.company import built, copied

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """A folder with a trained workspace, to be changed."""
    workspace = copied(built(tmp_path_factory.getbasetemp() / "company"), tmp_path)
    workspace.close()
    return workspace.root


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; gives its exit code, output and errors."""
    monkeypatch.setenv("COLUMNS", "200")

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["aether", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        out, errors = capfd.readouterr()
        return (code if isinstance(code, int) else 0), out, errors

    return command
