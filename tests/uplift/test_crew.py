"""A crew tells of a lost worker, where Dask alone would wait for ever."""

import threading
import time
from collections.abc import Iterator

import pytest
from distributed import Client, LocalCluster

from domain.errors import BadData
from uplift.crew import ClusterFailed, Crew


def twice(value: int) -> int:
    return 2 * value


def refuses() -> None:
    raise BadData("The bucket is odd.", remedy="Mend it.")


@pytest.fixture
def crew(cluster: str) -> Iterator[Crew]:
    with Client(cluster) as client:
        yield Crew(client, cluster)


def short_of_one(crew: Crew) -> Crew:
    crew.workers = (*crew.workers, "tcp://127.0.0.1:9")
    return crew


def test_work_is_done_where_it_was_sent_and_its_error_is_its_own(crew):
    assert len(crew.workers) == 2
    sent = [crew.put(value, value) for value in range(2)]
    done = [crew.submit(twice, one, worker=place) for place, one in enumerate(sent)]
    assert crew.gather(done) == [0, 2]
    held = crew.client.who_has(done)
    assert [held[one.key] for one in done] == [(worker,) for worker in crew.workers]
    with pytest.raises(BadData, match="odd") as caught:
        crew.gather([crew.submit(refuses, worker=0)])
    assert caught.value.remedy == "Mend it."


def test_a_lost_worker_ends_the_waiting(crew):
    long = crew.submit(time.sleep, 4, worker=0)
    with pytest.raises(ClusterFailed, match=r"lost the worker tcp://127\.0\.0\.1:9"):
        short_of_one(crew).gather([long])


def test_a_lost_worker_ends_what_blocks(crew):
    let_go = threading.Event()
    with pytest.raises(ClusterFailed, match="lost the worker"):
        short_of_one(crew).during(lambda: let_go.wait(60))
    let_go.set()
    assert Crew(crew.client, crew.address).during(lambda: "done") == "done"


def test_a_cluster_without_workers_is_refused():
    with (
        LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as empty,
        Client(empty) as client,
        pytest.raises(ClusterFailed, match="no worker"),
    ):
        Crew(client, empty.scheduler_address)
