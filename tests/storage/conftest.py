"""A migrated control plane of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.control import Control, sqlite_url


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    opened = Control(sqlite_url(tmp_path / "control.db"))
    opened.migrate()
    yield opened
    opened.close()
