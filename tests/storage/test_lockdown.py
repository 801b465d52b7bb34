"""A query reaches the snapshots it was opened on, and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.customer import STANDARD
from profiles.connection import in_memory
from storage.buckets import split
from storage.population import Population
from storage.snapshots import SnapshotStore


@pytest.fixture(params=["population", "profiles"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> duckdb.DuckDBPyConnection:
    table = pa.table({"customer_id": ["a", "b"], "lifetime_orders": [1, 2]})
    snapshot = SnapshotStore(tmp_path / "in 'here'").write("profiles", split(table, 2))
    pq.write_table(table, tmp_path / "other.parquet")
    if request.param == "population":
        people = Population(STANDARD, [snapshot])
        connection = people._connection
    else:
        connection = in_memory(threads=1, paths=snapshot.paths())
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in snapshot.paths())
    assert connection.execute(f"SELECT count(*) FROM read_parquet([{listed}])").fetchone() == (2,)
    return connection


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_parquet('{folder}/other.parquet')",
        "SELECT * FROM read_parquet('{folder}/in ''here''/../other.parquet')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/new.db'",
        "EXPORT DATABASE '{folder}/out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET lock_configuration = false",
        "PRAGMA threads = 4",
    ],
)
def test_nothing_else_is_reached(
    opened: duckdb.DuckDBPyConnection, tmp_path: Path, query: str
) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
        opened.execute(query.format(folder=tmp_path)).fetchall()
    assert sorted(tmp_path.iterdir()) == before
