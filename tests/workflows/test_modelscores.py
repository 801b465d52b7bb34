"""Scoring everybody, a bucket at a time, wherever the buckets are scored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import models
from workflows import modelscores
from workflows.engine import DaskCluster, Engine, InProcess, Processes
from workflows.modelfiles import load_model
from workflows.modelscores import score_everybody
from workflows.workspace import PROFILES, Workspace


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["processes", "cluster"])
def test_scores_are_the_same_bytes_on_every_engine(
    own: Workspace, kind: str, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelscores, "WORTH_PROCESSES", 0)
    engine: Engine = Processes(2) if kind == "processes" else DaskCluster(cluster)
    with own.control.read() as session:
        record = models.current(session)["converted"]
    model = load_model(own, record.id)
    profiles = own.current(PROFILES)
    told: list[tuple[int, int]] = []
    here = score_everybody(own, model, profiles, record.id, engine=InProcess())
    there = score_everybody(
        own, model, profiles, record.id, engine=engine, done=lambda d, n: told.append((d, n))
    )
    assert sorted(here.files) == sorted(there.files) == sorted(profiles.files)
    for bucket, path in here.files.items():
        assert path.read_bytes() == there.files[bucket].read_bytes()
    assert told == [(done, 4) for done in range(1, 5)]
    kept = own.snapshots.open(record.scores_id)
    assert kept.table() == here.table()
    assert [path.name for path in (own.root / "models").iterdir() if path.name[0] == "."] == []


def test_a_field_with_more_levels_than_in_training_is_still_scored(own: Workspace) -> None:
    with own.control.read() as session:
        record = models.current(session)["converted"]
    model = load_model(own, record.id)
    profiles = own.current(PROFILES)
    known = score_everybody(own, model, profiles, record.id).table()

    def new_places() -> list[tuple[int, object]]:
        made: list[tuple[int, object]] = []
        for bucket in sorted(profiles.files):
            table = profiles.read(bucket)
            assert table is not None
            place = table.column_names.index("region")
            regions = [
                f"new {i}" if i % 2 else one.as_py() for i, one in enumerate(table.column(place))
            ]
            made.append((bucket, table.set_column(place, "region", [regions])))
        return made

    moved = own.snapshots.write("profiles", new_places())  # type: ignore[arg-type]
    found = score_everybody(own, replace(model, n_jobs=1), moved, record.id).table()
    assert found.num_rows == known.num_rows
    assert found.column("best_trigger").null_count == 0
