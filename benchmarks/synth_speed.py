"""How fast the synthesiser is, and how much memory it takes.

    python -m benchmarks.synth_speed                         100,000 customers, a half, a quarter
    python -m benchmarks.synth_speed 2000000 200000          any sizes; 24 months each
    python -m benchmarks.synth_speed 2000000 200000 --only 8 the same, a few buckets of each alone

Every size is made in fresh processes (two by default), a bucket of about 6,250 customers at a
time, and thrown away. Peak memory is the sum over the processes; processor seconds are what a
quiet machine would take on one core.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from synth.generate import generate_bucket, recipe

PER_BUCKET = 6_250


@dataclass(frozen=True)
class Cost:
    """What one process made, and what that took: processor seconds and peak memory in MB."""

    rows: Counter[str]
    seconds: float
    memory: float


def make(customers: int, share: int, shares: int, only: int) -> Cost:
    """Make every `shares`-th bucket, of the first `only`."""
    of = recipe(customers)
    buckets = max(1, customers // PER_BUCKET)
    rows: Counter[str] = Counter()
    for bucket in range(share, min(buckets, only), shares):
        made = generate_bucket(of, bucket, buckets)
        for name, table in (made.tables | made.truth).items():
            rows[name] += table.num_rows
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1024 if sys.platform == "linux" else 1024**2
    return Cost(rows, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("customers", nargs="*", type=int, default=[100_000, 50_000, 25_000])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=int, default=1 << 16, help="make only so many buckets")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for customers in options.customers:
        start = time.perf_counter()
        with ProcessPoolExecutor(options.processes, mp_context=context) as pool:
            shares = range(options.processes)
            jobs = [
                pool.submit(make, customers, share, len(shares), options.only) for share in shares
            ]
            costs = [job.result() for job in jobs]
        rows = sum((cost.rows for cost in costs), Counter[str]())
        print(
            f"{customers:>10,} customers, {rows['customers']:,} of them made: "
            f"{time.perf_counter() - start:.1f} s, {sum(cost.seconds for cost in costs):.1f} s of "
            f"processor, peak {sum(cost.memory for cost in costs):.0f} MB"
        )
        print("           " + ", ".join(f"{name} {count:,}" for name, count in rows.items()))


if __name__ == "__main__":
    main()
