"""Raw tables to profiles: seconds and peak memory, by number of customers.

`python -m benchmarks.profiles_speed 200000 1000000` writes raw tables of 20 events, 3 orders,
6 order lines and 2 exposures a customer, a bucket at a time, and then times profiling the
buckets in two processes of one thread each, profiles written as Parquet. Prints one JSON
line for each size.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from profiles.build import build_profiles
from profiles.contract import EVENT_TYPES, TIME

BUCKET = 62_500
WORKERS = 2
PRODUCTS = 2_000
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = 730 * 86_400
SHARES = (0.3, 0.3, 0.08, 0.04, 0.02, 0.01, 0.04, 0.02, 0.12, 0.04, 0.02, 0.01)
"""Of the event types, in the order of the contract."""


def _ids(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pa.array(np.char.add(prefix, np.char.zfill(numbers.astype(str), 8)))


def _times(rng: np.random.Generator, count: int) -> pa.Array:
    # A tenth lies after the time of the profiles, and must be left out.
    seconds = AS_OF.timestamp() - SECONDS * rng.uniform(-0.1, 0.9, count)
    return pa.array((seconds * 1e6).astype(np.int64), TIME)


def write_bucket(folder: Path, bucket: int, customers: int) -> dict[str, Path]:
    """The raw tables of one bucket as Parquet."""
    rng = np.random.default_rng([7, bucket])
    first = bucket * BUCKET
    who = _ids("cust_", np.arange(first, first + customers))
    events, orders = 20 * customers, 3 * customers
    kind = rng.choice(len(EVENT_TYPES), size=events, p=SHARES)
    of_product = np.isin(kind, [1, 2, 4, 5])
    products = _ids("prod_", np.arange(PRODUCTS))
    order_ids = _ids(f"ord_{bucket}_", np.arange(orders))
    order_of = rng.integers(0, orders, 2 * orders)
    tables = {
        "customers": pa.table(
            {
                "customer_id": who,
                "creation_date": _times(rng, customers),
                "location_country": pa.array(["DE", "FR"]).take(
                    pa.array(rng.integers(0, 2, customers))
                ),
            }
        ),
        "events": pa.table(
            {
                "event_id": _ids(f"evt_{bucket}_", np.arange(events)),
                "customer_id": who.take(pa.array(rng.integers(0, customers, events))),
                "occurred_at": _times(rng, events),
                "type": pa.array(EVENT_TYPES).take(pa.array(kind)),
                "product_id": products.take(
                    pa.array(rng.integers(0, PRODUCTS, events), mask=~of_product)
                ),
                "value": pa.array(rng.gamma(2, 40, events).round(2), mask=kind != 3),
                "duration_seconds": pa.array(rng.integers(5, 2000, events), mask=kind != 0),
                "properties": pa.StructArray.from_arrays(
                    [pa.array(["cart", "shipping"]).take(pa.array(rng.integers(0, 2, events)))],
                    names=["step"],
                    mask=pa.array(kind != 3),
                ),
            }
        ),
        "orders": pa.table(
            {
                "order_id": order_ids,
                "customer_id": who.take(pa.array(rng.integers(0, customers, orders))),
                "ordered_at": _times(rng, orders),
                "total": rng.gamma(2, 40, orders).round(2),
            }
        ),
        "order_items": pa.table(
            {
                "order_id": order_ids.take(pa.array(order_of)),
                "line": np.arange(2 * orders),
                "product_id": products.take(pa.array(rng.integers(0, PRODUCTS, 2 * orders))),
                "quantity": rng.integers(1, 4, 2 * orders),
                "unit_price": rng.gamma(2, 20, 2 * orders).round(2),
                "returned_at": pa.array([None] * (2 * orders), TIME),
            }
        ),
        "exposures": pa.table(
            {
                "campaign_id": pa.array(["c0"] * customers + ["c1"] * customers),
                "customer_id": pa.chunked_array([who, who]).combine_chunks(),
                "trigger": pa.array(["none", "free_shipping"]).take(
                    pa.array(rng.integers(0, 2, 2 * customers))
                ),
                "assigned_at": _times(rng, 2 * customers),
            }
        ),
    }
    paths = {}
    for name, table in tables.items():
        paths[name] = folder / f"{name}-{bucket}.parquet"
        pq.write_table(table, paths[name])
    return paths


def write_shared(folder: Path) -> dict[str, Path]:
    ids = _ids("prod_", np.arange(PRODUCTS))
    category = pa.array([f"category {number}" for number in range(20)])
    tables = {
        "products": pa.table(
            {
                "product_id": ids,
                "name": ids,
                "category": category.take(pa.array(np.arange(PRODUCTS) % 20)),
                "tags": pa.array(
                    [["limited_edition"] if n % 9 == 0 else [] for n in range(PRODUCTS)]
                ),
            }
        ),
        "campaigns": pa.table({"campaign_id": ["c0", "c1"], "outcome_window_days": [14, 14]}),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in tables}


def profile_bucket(folder: Path, bucket: int) -> int:
    """The raw tables of one bucket to a file of profiles."""
    shared = {name: folder / f"{name}.parquet" for name in ("products", "campaigns")}
    names = ("customers", "events", "orders", "order_items", "exposures")
    paths = {name: folder / f"{name}-{bucket}.parquet" for name in names}
    profiles = build_profiles({**shared, **paths}, AS_OF, threads=1)
    pq.write_table(profiles, folder / f"profiles-{bucket}.parquet", compression="zstd")
    return profiles.num_rows


def measure(folder: Path, customers: int) -> dict[str, float]:
    """Profile every bucket that lies in the folder."""
    buckets = range(-(-customers // BUCKET))
    start = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        rows = sum(pool.map(profile_bucket, [folder] * len(buckets), buckets))
    seconds = time.perf_counter() - start
    # The peak of the larger worker: twice it bounds what both take together.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = WORKERS * used.ru_maxrss / 2**20
    return {
        "customers": customers,
        "events": 20 * customers,
        "profiles": rows,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_gb": round(peak, 2),
    }


def main(sizes: list[int]) -> None:
    for customers in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_shared(folder)
            for bucket, first in enumerate(range(0, customers, BUCKET)):
                write_bucket(folder, bucket, min(BUCKET, customers - first))
            # In a process of its own, so that its peak memory is that of profiling alone.
            command = [sys.executable, "-m", "benchmarks.profiles_speed", "--measure", name]
            subprocess.run([*command, str(customers)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        main([int(size) for size in sys.argv[1:]] or [100_000, 200_000])
