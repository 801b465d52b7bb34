"""The control plane: migrated as described, writers one after the other, all or nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, func, inspect, select

from domain.errors import Unavailable
from storage import definitions
from storage.control import Control, migrations, sqlite_url
from storage.tables import Base, DefinitionRow
from tests.storage.conftest import control_url


def described(connection: Connection) -> dict[str, object]:
    """All that the database says of its tables, in no order of its own."""
    found = inspect(connection)

    def told(parts: Sequence[Mapping[str, object]]) -> list[str]:
        return sorted(repr(sorted((n, repr(v)) for n, v in part.items())) for part in parts)

    return {
        name: (
            told(found.get_columns(name)),
            found.get_pk_constraint(name)["constrained_columns"],
            told(found.get_indexes(name)),
            told(found.get_foreign_keys(name)),
            told(found.get_unique_constraints(name)),
            told(found.get_check_constraints(name)),
        )
        for name in found.get_table_names()
    }


def test_the_migrated_tables_are_those_described(
    control: Control, database_url: str | None, tmp_path: Path
) -> None:
    """New tables are made at once as they are described, old ones are migrated step by step: both
    end with the same."""
    engine = create_engine(control_url(database_url, tmp_path))
    with engine.begin() as connection:
        at_once = described(connection)
        command.downgrade(migrations(connection), "base")
        assert list(described(connection)) == ["alembic_version"]
    with engine.begin() as connection:
        command.upgrade(migrations(connection), "head")
        assert described(connection) == at_once
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_older_tables_are_migrated_with_what_they_hold(
    control: Control, database_url: str | None, tmp_path: Path
) -> None:
    with control.write() as session:
        definitions.put_document(session, "a", {"b": 1})
    engine = create_engine(control_url(database_url, tmp_path))
    with engine.begin() as connection:
        command.downgrade(migrations(connection), "-1")
        assert "conversations" not in described(connection)
    control.migrate()
    with control.read() as session:
        assert definitions.document(session, "a") == {"b": 1}
    with engine.connect() as connection:
        assert "conversations" in described(connection)


def test_migrating_again_changes_nothing(control: Control) -> None:
    with control.write() as session:
        definitions.put_document(session, "a", {"b": 1})
    control.migrate()
    with control.read() as session:
        assert definitions.document(session, "a") == {"b": 1}


def test_an_error_undoes_the_whole_transaction(control: Control) -> None:
    with pytest.raises(ZeroDivisionError), control.write() as session:
        definitions.put_document(session, "a", {"b": 1})
        session.flush()
        raise ZeroDivisionError
    with control.read() as session:
        assert definitions.document(session, "a") is None


def test_writers_come_one_after_the_other(control: Control) -> None:
    """Each reads a count and writes it plus one; none is lost."""

    def count_up() -> None:
        for _ in range(10):
            with control.write() as session:
                known = definitions.document(session, "count") or {"n": 0}
                definitions.put_document(session, "count", {"n": known["n"] + 1})

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with control.read() as session:
        assert definitions.document(session, "count") == {"n": 40}


def test_a_reader_sees_what_was_committed_while_another_writes(control: Control) -> None:
    with control.write() as session:
        definitions.put_document(session, "a", {"b": 1})
        with control.read() as other:
            assert definitions.document(other, "a") is None
    with control.read() as other:
        assert definitions.document(other, "a") == {"b": 1}


def test_it_says_whether_it_answers(control: Control, tmp_path: Path) -> None:
    assert control.answers()
    assert not Control(sqlite_url(tmp_path / "no" / "such" / "folder.db")).answers()


def test_a_database_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    for url in (
        sqlite_url(tmp_path / "no" / "such" / "folder.db"),
        f"postgresql://u:secret@/x?host={tmp_path}",
    ):
        control = Control(url)
        with pytest.raises(Unavailable, match="control plane") as told, control.read() as session:
            definitions.current(session)
        assert "secret" not in str(told.value)


@pytest.mark.parametrize("database_url", [None])
def test_a_writer_that_waits_too_long_is_told(control: Control, tmp_path: Path) -> None:
    """The one write lock of SQLite is held by somebody who does not let go."""
    with sqlite3.connect(tmp_path / "control.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        hasty = Control(sqlite_url(tmp_path / "control.db"), wait_seconds=0.1)
        with pytest.raises(Unavailable, match="locked"), hasty.write() as session:
            definitions.put_document(session, "a", {"b": 2})
        other.execute("ROLLBACK")
        with hasty.write() as session:
            definitions.put_document(session, "a", {"b": 1})


def test_definitions_keep_their_order_and_the_last_word(control: Control) -> None:
    with control.write() as session:
        for name in ("b", "a", "c"):
            definitions.put_current(session, name, name + "-1")
        definitions.put_current(session, "b", "b-2")
    with control.read() as session:
        assert definitions.current(session) == {"b": "b-2", "a": "a-1", "c": "c-1"}
        assert session.scalar(select(func.count()).select_from(DefinitionRow)) == 3
        rows = session.scalars(select(DefinitionRow).order_by(DefinitionRow.position))
        assert [row.key for row in rows] == ["b", "a", "c"]
