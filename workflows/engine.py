"""The engine over buckets: one function, many buckets, on one core or on a cluster.

Every heavy step but learning is a pure function of one bucket that returns Arrow tables. Tables
come back as encoded Parquet, so that the workers do the encoding and the files are the same bytes
whichever engine ran.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from domain.errors import AetherError
from storage.snapshots import Encoded, encode
from workflows.cluster import connected

Tables = Mapping[str, pa.Table]
BucketFunction = Callable[[int], Tables]
"""A picklable function of a bucket's number: a module's function, or a `functools.partial`."""

ATTEMPTS = 3


class BucketFailed(AetherError):
    """A bucket could not be made, so the snapshot is not made either."""


class Engine(Protocol):
    def run(
        self, function: BucketFunction, buckets: Sequence[int]
    ) -> Iterator[tuple[int, dict[str, Encoded]]]:
        """Every bucket's encoded tables, in any order. Raises `BucketFailed`."""
        ...


def map_buckets(
    engine: Engine,
    function: BucketFunction,
    buckets: Sequence[int],
    done: Callable[[int, int], None] = lambda count, total: None,
) -> Iterator[tuple[int, dict[str, Encoded]]]:
    """Run a function over buckets and tell `done(count, total)` after each."""
    for count, result in enumerate(engine.run(function, buckets), start=1):
        done(count, len(buckets))
        yield result


@dataclass(frozen=True)
class InProcess:
    """One bucket after the other, in this process."""

    def run(
        self, function: BucketFunction, buckets: Sequence[int]
    ) -> Iterator[tuple[int, dict[str, Encoded]]]:
        for bucket in buckets:
            yield bucket, made(function, bucket)


@dataclass
class Processes:
    """A pool of processes on this machine, which lasts as long as this object: to start them takes
    seconds. A worker that dies takes only its bucket with it, and that is tried again in a new
    pool, at most `ATTEMPTS` times."""

    workers: int
    _pool: ProcessPoolExecutor | None = field(default=None, init=False, repr=False, compare=False)

    def run(
        self, function: BucketFunction, buckets: Sequence[int]
    ) -> Iterator[tuple[int, dict[str, Encoded]]]:
        left = list(buckets)
        attempts = dict.fromkeys(buckets, 0)
        while left:
            done: set[int] = set()
            try:
                for bucket, tables in self._round(function, left, attempts):
                    done.add(bucket)
                    yield bucket, tables
            except BrokenProcessPool as error:
                self._pool = None
                worn = [b for b in left if b not in done and attempts[b] >= ATTEMPTS]
                if worn:
                    raise _failed(worn[0], error) from error
            left = [bucket for bucket in left if bucket not in done]

    def _round(
        self, function: BucketFunction, buckets: Sequence[int], attempts: dict[int, int]
    ) -> Iterator[tuple[int, dict[str, Encoded]]]:
        if self._pool is None:
            # Forked children of a process with OpenMP or DuckDB threads can hang, hence "spawn".
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, mp_context=context)
        waiting = list(reversed(buckets))
        running: dict[Future[dict[str, Encoded]], int] = {}
        try:
            while waiting or running:
                while waiting and len(running) < 2 * self.workers:
                    bucket = waiting.pop()
                    attempts[bucket] += 1
                    running[self._pool.submit(made, function, bucket)] = bucket
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield running.pop(future), future.result()
        finally:
            for future in running:
                future.cancel()
            wait(running)


@dataclass(frozen=True)
class DaskCluster:
    """A Dask cluster by its scheduler's address (extra `[scale]`). The workspace's folder must lie
    at the same path on every worker."""

    address: str

    def run(
        self, function: BucketFunction, buckets: Sequence[int]
    ) -> Iterator[tuple[int, dict[str, Encoded]]]:
        with connected(self.address) as client:
            from distributed import KilledWorker, as_completed

            places = {}
            for bucket in buckets:
                future = client.submit(made, function, bucket, pure=False, retries=ATTEMPTS - 1)
                places[future] = bucket
            for future in as_completed(list(places)):
                bucket = places.pop(future)
                try:
                    tables = future.result()
                except KilledWorker as error:
                    raise _failed(bucket, error) from error
                future.release()
                yield bucket, tables


def engine_of(cluster: str | None, workers: int) -> Engine:
    """The engine that the settings name: a cluster, several processes, or this process."""
    if cluster is not None:
        return DaskCluster(cluster)
    return Processes(workers) if workers > 1 else InProcess()


def made(function: BucketFunction, bucket: int) -> dict[str, Encoded]:
    """A bucket's tables, encoded where they were made."""
    try:
        tables = function(bucket)
    except AetherError as error:
        raise _failed(bucket, error) from error
    except Exception as error:
        error.add_note(f"This happened while bucket {bucket} was being made.")
        raise
    return {name: encode(table) for name, table in tables.items()}


def _failed(bucket: int, error: Exception) -> BucketFailed:
    return BucketFailed(
        f"Bucket {bucket} could not be made: {error or type(error).__name__}.",
        remedy="Nothing was changed; mend the cause and run it again.",
    )
