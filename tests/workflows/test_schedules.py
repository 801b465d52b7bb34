"""Schedules: cron times, started once however many servers look, and run as jobs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import BadRequest
from storage import jobs, schedules
from storage.jobs import JobState
from tests.workflows.axisshop import axis_shop
from tests.workflows.company import NOW, copied
from workflows.axes import NoCentroids, current_memberships
from workflows.axisjobs import CLUSTER, REFRESH, submit_refresh
from workflows.jobs import show_job
from workflows.running import main
from workflows.schedules import (
    drop_schedule,
    enqueue_due,
    next_time,
    set_schedule,
)
from workflows.workspace import Workspace


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Workspace]:
    workspace = copied(axis_shop(tmp_path_factory.getbasetemp())[0], tmp_path)
    yield workspace
    workspace.close()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 2 1 * *", datetime(2026, 4, 1, 2, tzinfo=UTC)),
        ("30 12 * * *", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("0 12 * * *", datetime(2026, 3, 2, 12, tzinfo=UTC)),
    ],
)
def test_the_next_time_lies_after_now(expression: str, expected: datetime) -> None:
    assert next_time(expression, NOW) == expected


def kept(workspace: Workspace) -> schedules.Schedule | None:
    with workspace.control.read() as session:
        return schedules.get(session, REFRESH)


@pytest.mark.parametrize("expression", ["", "monthly", "61 * * * *", "0 2 31 2 *"])
def test_what_is_no_schedule_is_refused(own: Workspace, expression: str) -> None:
    with pytest.raises(BadRequest, match="is no schedule"):
        set_schedule(own, REFRESH, expression)
    assert kept(own) is None


def test_of_several_servers_one_starts_it(own: Workspace) -> None:
    schedule = set_schedule(own, REFRESH, "0 2 1 * *")
    servers = [Workspace.open(own.root) for _ in range(3)]

    def look(server: Workspace) -> int:
        with server.control.write() as session:
            return enqueue_due(session, schedule.next_at + timedelta(seconds=1))

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(look, servers)) == 1
    for server in servers:
        server.close()
    after = kept(own)
    assert after is not None
    assert after.next_at == datetime(2026, 5, 1, 2, tzinfo=UTC)


def test_it_can_be_ended(own: Workspace) -> None:
    set_schedule(own, CLUSTER, "0 2 1 * *")
    assert drop_schedule(own, CLUSTER)
    assert not drop_schedule(own, CLUSTER)
    with own.control.write() as session:
        assert enqueue_due(session, NOW + timedelta(days=400)) == 0


def test_a_refresh_runs_as_a_job(own: Workspace) -> None:
    before = current_memberships(own).id
    job = submit_refresh(own)
    with own.control.write() as session:
        jobs.lease(session, NOW, timedelta(minutes=5), 2)
    assert main([str(own.root), job.id]) == 0
    done = show_job(own, job.id)
    assert (done.state, done.progress) == (JobState.DONE, 1.0)
    assert done.result is not None
    assert done.result["moved"] == []
    assert done.result["counts"]["price_sensitivity"]["deal_hunter"] > 0
    assert current_memberships(own).id != before


def test_no_refresh_is_queued_before_the_first_clustering(tmp_path: Path) -> None:
    empty = Workspace.create(tmp_path / "empty")
    with pytest.raises(NoCentroids):
        submit_refresh(empty)
    empty.close()
