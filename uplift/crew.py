"""The workers of a Dask cluster that hold a training's rows, from its beginning to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from lightgbm.basic import LightGBMError

from domain.errors import AetherError

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")

LOOK_SECONDS = 1.0
"""How often it is seen whether every worker is still there."""

PATIENCE = 5
"""Looks for a lost worker before another cause is assumed."""


class ClusterFailed(AetherError):
    """The cluster lost a worker, or could not do what it was asked to."""


class Crew:
    """Every worker that the cluster has now, by its place from 0 on.

    What is kept on a worker is kept there alone, and LightGBM's workers wait for each other. So a
    worker that is lost ends the training with ClusterFailed, where Dask alone would wait for ever.
    """

    def __init__(self, client: Client, address: str) -> None:
        self.client = client
        self.address = address
        self.workers: tuple[str, ...] = tuple(sorted(client.nthreads()))
        if not self.workers:
            raise ClusterFailed(
                f"The Dask cluster at {address} has no worker.",
                remedy="Start some: `dask worker ADDRESS`.",
            )

    def submit(self, function: Callable[..., Any], *arguments: Any, worker: int) -> Future[Any]:
        """Start `function(*arguments)` on a worker; futures among the arguments become values.
        The result stays there as long as the future is kept."""
        there = [self.workers[worker]]
        future: Future[Any] = self.client.submit(function, *arguments, workers=there, pure=False)
        return future

    def put(self, value: Any, worker: int) -> Future[Any]:
        """Send a value to a worker."""
        there = [self.workers[worker]]
        with self._told():
            sent: list[Future[Any]] = self.client.scatter([value], workers=there, hash=False)
            return sent[0]

    def settle(self, futures: Sequence[Future[Any]]) -> None:
        """Wait until all are done. Raises ClusterFailed where a worker is lost before that."""
        from distributed import wait

        with self._told():
            while True:
                try:
                    wait(futures, timeout=LOOK_SECONDS)
                except TimeoutError:
                    self.look()
                else:
                    return

    def gather(self, futures: Sequence[Future[Any]]) -> list[Any]:
        """The results, in order; the error of one that failed is raised as it is."""
        self.settle(futures)
        with self._told():
            return list(self.client.gather(list(futures)))

    def during(self, work: Callable[[], T]) -> T:
        """Do what blocks on the cluster, looking after the workers meanwhile. Where one is lost the
        work is left behind; closing the client ends it."""
        pool = ThreadPoolExecutor(1)
        running = pool.submit(work)
        pool.shutdown(wait=False)
        with self._told():
            while not wait_for([running], timeout=LOOK_SECONDS).done:
                self.look()
            return running.result()

    def look(self) -> None:
        """Raises ClusterFailed where a worker is gone, or the scheduler itself."""
        try:
            present = set(self.client.nthreads())
        except OSError as error:
            raise ClusterFailed(
                f"The Dask scheduler at {self.address} went away.",
                remedy="Nothing was changed; start it and train again.",
            ) from error
        lost = [worker for worker in self.workers if worker not in present]
        if lost:
            raise ClusterFailed(
                f"The cluster lost the worker {lost[0]}, and the rows that lay there.",
                remedy="Nothing was changed; see why it ended (memory?), and train again.",
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Makes ClusterFailed of what Dask, or LightGBM, says where a worker was lost."""
        from distributed import KilledWorker

        try:
            yield
        except (CancelledError, KilledWorker, LightGBMError, TimeoutError) as error:
            # A worker's fellows notice before the scheduler does.
            for _ in range(PATIENCE):
                self.look()
                time.sleep(LOOK_SECONDS)
            raise ClusterFailed(
                f"The cluster could not go on: {error or type(error).__name__}.",
                remedy="Nothing was changed; see the logs, and whether workers reach each other.",
            ) from error
