"""The control plane: a small relational database, SQLite in the workspace or PostgreSQL by URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Delete,
    Engine,
    Update,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from domain.errors import Unavailable
from storage.audit import HEAD, Head
from storage.tables import Base

MIGRATIONS = Path(__file__).parent / "migrations"


_VALUE = re.compile(r":([a-z_]+)")
_LOCK = text("SELECT pg_advisory_xact_lock(715517)")


class Control:
    """Opens sessions. Writers come one after the other: they take SQLite's one write lock when they
    begin, or one lock in PostgreSQL, so that what they read (the audit log's last hash, a segment's
    newest version) still holds when they write. Nothing slow is done while writing."""

    def __init__(
        self,
        url: str | URL,
        committed: Callable[[Head], None] | None = None,
        *,
        wait_seconds: float = 30,
    ) -> None:
        """`committed` is told the audit log's newest row after each transaction that added one."""
        self._engine = _engine(url, wait_seconds)
        self._committed = committed

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed whole, or not at all."""
        engine = self._engine.execution_options(aether_write=True)
        with _told(), Session(engine, expire_on_commit=False) as session, session.begin():
            if engine.dialect.name == "postgresql":
                session.execute(_LOCK)
            yield session
        if self._committed is not None and HEAD in session.info:
            self._committed(session.info[HEAD])

    @contextmanager
    def read(self) -> Iterator[Session]:
        with _told(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def read_one_moment(self) -> Iterator[Session]:
        """Everything that is read is of one moment, also over many queries."""
        engine = self._engine
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with _told(), Session(engine, expire_on_commit=False) as session:
            yield session

    def row(self, statement: str, **values: str) -> tuple[Any, ...] | None:
        """The first row of a statement with `:name` for its values, as the driver gives it: for
        what every pull asks, in a fifth of the time that a session takes."""
        dialect = self._engine.dialect
        try:
            with closing(self._engine.raw_connection()) as connection:
                cursor = connection.cursor()
                cursor.execute(_for_driver(statement, dialect.paramstyle), values)
                found: tuple[Any, ...] | None = cursor.fetchone()
                return found
        except dialect.loaded_dbapi.OperationalError as error:
            raise _away(error) from error

    @property
    def is_local(self) -> bool:
        """Whether reading is reading a file, which waits for nobody else, writers included."""
        return self._engine.dialect.name == "sqlite"

    def migrate(self) -> None:
        """Bring the tables to this version of the program: step by step, or, where there are none
        yet, at once as they are described."""
        with self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":  # several servers may start at once
                connection.execute(_LOCK)
            if inspect(connection).get_table_names():
                command.upgrade(migrations(connection), "head")
            else:
                Base.metadata.create_all(connection)
                command.stamp(migrations(connection), "head")
            connection.commit()

    def answers(self) -> bool:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into its file, and let go of what was deleted: a deleted
        row would stay readable in the file's free pages."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as c:
                c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """A database that is locked, full or away is said to be so, without its address."""
    try:
        yield
    except OperationalError as error:
        raise _away(error.orig or "no answer") from error


def _away(reason: BaseException | str) -> Unavailable:
    return Unavailable(
        f"The control plane can't be used now: {str(reason).strip().splitlines()[0]}.",
        remedy="Try again; see whether its disk is full, or its server is there.",
    )


@cache
def _for_driver(statement: str, style: str) -> str:
    return _VALUE.sub(r"%(\1)s", statement) if style == "pyformat" else statement


def migrations(connection: Connection) -> Config:
    """What Alembic's commands need to know, for a connection that they work on."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def affected(session: Session, statement: Delete | Update) -> int:
    """Run a statement; how many rows it changed."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def sqlite_url(path: Path) -> URL:
    """A URL built from its parts, so that any character may stand in the path."""
    return URL.create("sqlite+pysqlite", database=str(path))


def _with_driver(url: URL) -> URL:
    """A plain `postgresql://` means the driver that comes with this program's extra."""
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _engine(url: str | URL, wait_seconds: float) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(_with_driver(make_url(url)), pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": wait_seconds, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        # The driver's own transaction handling would begin too late; see `_begin`.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # What is deleted is overwritten: nobody who was erased is found in free pages.
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("aether_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
