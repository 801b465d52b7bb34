"""One process, one treatment, many rows: seconds, memory, and what was found of the truth.

    python -m benchmarks.uplift_big                     8,000,000 rows x 78 columns, two threads
    python -m benchmarks.uplift_big --rows 1000000      the same, smaller

The matrix is float32 and made in place, so that the peak is that of learning and not of drawing.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from benchmarks.uplift_trials import Matrix, World, captured, single
from uplift.xlearner import XLearner

BLOCK = 100_000


def drawn(rows: int, features: int, seed: int) -> Matrix:
    """Profiles (rows, features): a quarter of the columns lognormal, a quarter counts, the rest
    normal, as in `uplift_trials`, a block at a time."""
    rng = np.random.default_rng(seed)
    X = np.empty((rows, features), dtype=np.float32)
    quarter = features // 4
    for first in range(0, rows, BLOCK):
        block = X[first : first + BLOCK]
        rng.standard_normal(dtype=np.float32, out=block)
        np.exp(block[:, :quarter], out=block[:, :quarter])
        counts = block[:, quarter : 2 * quarter]
        np.floor(2 * np.abs(counts), out=counts)
    return X


def peak() -> float:
    """The largest resident size of this process so far, in GB of 1,000,000,000 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=8_000_000)
    parser.add_argument("--features", type=int, default=78)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    world = World(arms=1, features=options.features, shape="steps", seed=7)
    X = drawn(options.rows, options.features, seed=1)
    means = world.means(X)
    rng = np.random.default_rng(2)
    arm = rng.integers(0, 2, size=options.rows)
    y = (rng.random(options.rows) < means[np.arange(options.rows), arm]).astype(np.float64)
    print(f"{options.rows:,} x {options.features}, matrix {X.nbytes / 1e9:.2f} GB, "
          f"peak when drawn {peak():.2f} GB", flush=True)  # fmt: skip

    started, used = time.perf_counter(), time.process_time()
    learner = XLearner(n_jobs=options.threads).fit(X, arm, y, propensity=(0.5, 0.5))
    fitted, used_by_fit = time.perf_counter(), time.process_time()
    effects = learner.predict(X)
    done, used_by_all = time.perf_counter(), time.process_time()
    print(f"fit {fitted - started:.0f} s, {used_by_fit - used:.0f} s of processor, "
          f"chose {learner.capacity_.name!r}")  # fmt: skip
    print(f"predict {done - fitted:.1f} s, {used_by_all - used_by_fit:.1f} s of processor")
    print(f"peak {peak():.2f} GB")
    truth = means[:, 1] - means[:, 0]
    print(f"correlation with the true effect {np.corrcoef(effects[:, 0], truth)[0, 1]:.3f}; "
          f"captured {captured(effects, means):.3f}, the trigger for everyone "
          f"{single(means):.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
