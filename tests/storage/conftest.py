"""A migrated control plane of its own for every test, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from storage.control import Control, sqlite_url


@pytest.fixture
def control(database_url: str | None, tmp_path: Path) -> Iterator[Control]:
    opened = Control(control_url(database_url, tmp_path))
    opened.migrate()
    yield opened
    opened.close()


def control_url(database_url: str | None, folder: Path) -> str | URL:
    return database_url or sqlite_url(folder / "control.db")
