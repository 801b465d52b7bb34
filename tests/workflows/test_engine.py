import os
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from domain.errors import BadData
from storage.snapshots import Encoded, SnapshotStore, decode
from workflows.engine import BucketFailed, DaskCluster, Engine, InProcess, Processes, map_buckets


def squares(bucket: int) -> dict[str, pa.Table]:
    return {"squares": pa.table({"customer_id": [f"c{bucket}"], "square": [bucket * bucket]})}


def dies_once(marker: Path, bucket: int) -> dict[str, pa.Table]:
    if bucket == 2 and not marker.exists():
        marker.touch()
        os._exit(1)
    return squares(bucket)


def always_dies(bucket: int) -> dict[str, pa.Table]:
    if bucket == 2:
        os._exit(1)
    return squares(bucket)


def refuses(bucket: int) -> dict[str, pa.Table]:
    if bucket == 3:
        raise BadData("The third bucket is odd.")
    return squares(bucket)


def whose(bucket: int) -> dict[str, pa.Table]:
    return {"pid": pa.table({"pid": [os.getpid()]})}


def broken(bucket: int) -> dict[str, pa.Table]:
    raise ZeroDivisionError(f"in {bucket}")


def run(engine: Engine, buckets: int = 4) -> dict[int, dict[str, Encoded]]:
    return dict(map_buckets(engine, squares, range(buckets)))


def test_processes_make_the_same_bytes_as_this_process() -> None:
    assert run(Processes(2)) == run(InProcess())


def test_the_same_processes_do_one_round_after_the_other() -> None:
    engine = Processes(2)
    first, second = (
        {decode(one["pid"])["pid"][0].as_py() for _, one in map_buckets(engine, whose, range(8))}
        for _ in range(2)
    )
    assert len(first | second) <= 2


def test_a_dask_cluster_makes_the_same_bytes(cluster: str) -> None:
    assert run(DaskCluster(cluster)) == run(InProcess())
    with pytest.raises(BucketFailed, match=r"Bucket 3 .*odd"):
        list(map_buckets(DaskCluster(cluster), refuses, range(4)))


def test_a_worker_that_dies_is_tried_again(tmp_path: Path) -> None:
    function = partial(dies_once, tmp_path / "died")
    made = dict(map_buckets(Processes(2), function, range(4)))
    assert (tmp_path / "died").exists()
    assert made == run(InProcess())


def test_a_bucket_that_always_kills_its_worker_fails_by_name() -> None:
    with pytest.raises(BucketFailed, match="Bucket 2"):
        list(map_buckets(Processes(1), always_dies, range(4)))


@pytest.mark.parametrize("engine", [InProcess(), Processes(2)])
def test_a_failed_bucket_is_named_and_no_snapshot_is_left(engine: Engine, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    with pytest.raises(BucketFailed, match=r"Bucket 3 .*odd"), store.draft("squares") as draft:
        for bucket, made in map_buckets(engine, refuses, range(5)):
            draft.add(bucket, made["squares"])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_fault_of_ours_keeps_its_type_and_names_the_bucket() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        list(map_buckets(InProcess(), broken, [7]))
    assert any("bucket 7" in note for note in caught.value.__notes__)


def test_progress_is_told_per_bucket() -> None:
    told: list[tuple[int, int]] = []
    list(map_buckets(InProcess(), squares, range(3), lambda done, of: told.append((done, of))))
    assert told == [(1, 3), (2, 3), (3, 3)]
