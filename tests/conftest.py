"""Fixtures that every package's tests may use."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import Postgres

# A noisy machine is slow at times, which says nothing of a property.
settings.register_profile("house", max_examples=50, deadline=None)
settings.load_profile("house")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(autouse=True)
def no_power_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test takes the power away, so none has to wait for the disk; the program always does."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, which the project's repository does not hold."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets (../shared/data) are not here")
    return folder


@pytest.fixture(scope="session")
def shared_briefs() -> Path:
    """The folder of labelled briefs and their scorer."""
    folder = SHARED / "briefs"
    if not folder.is_dir():
        pytest.skip("the labelled briefs (../shared/briefs) are not here")
    return folder


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL server, for as long as the test process runs."""
    # A socket's path must be short, which a test's own folder is not.
    server = Postgres(Path(tempfile.mkdtemp(prefix="aether-pg-")))
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for SQLite in the workspace, or the URL of an empty, migrated PostgreSQL database."""
    if request.param == "sqlite":
        yield None
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The scheduler's address of a Dask cluster of two worker processes on this machine."""
    from distributed import LocalCluster

    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made.scheduler_address
