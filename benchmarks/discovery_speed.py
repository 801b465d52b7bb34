"""Discovery: seconds from a table in memory to measured cards.

`python -m benchmarks.discovery_speed 100000` prints one JSON line: customers with five skewed
fields around four planted centres, the seconds of each part, and how well the centres are found.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
import pyarrow as pa
from sklearn.metrics import adjusted_rand_score

from clustering.discovery import discover_statistically
from clustering.preparing import prepare
from domain.customer import STANDARD
from domain.discovery import DiscoveryParameters
from storage.matching import TableMatcher

FIELDS = (
    "lifetime_value",
    "average_order_value",
    "days_since_last_purchase",
    "session_count",
    "email_open_rate",
)
CENTRES = np.array(
    [
        [3.0, 3.0, 5.5, 0.5, 0.1],
        [5.0, 4.0, 3.0, 2.5, 0.3],
        [7.0, 4.5, 1.5, 3.5, 0.6],
        [5.5, 5.5, 5.0, 1.0, 0.5],
    ]
)
SPREAD = np.array([0.5, 0.35, 0.5, 0.4, 0.07])


def measure(rows: int, seed: int = 0) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(CENTRES), size=rows, p=[0.4, 0.3, 0.2, 0.1])
    made = CENTRES[labels] + rng.normal(size=(rows, 5)) * SPREAD
    columns = [np.expm1(np.maximum(column, 0)) for column in made.T[:4]]
    whole = [np.round(column).astype(np.int64) for column in columns[2:]]
    values = [*columns[:2], *whole, np.clip(made[:, 4], 0, 1)]
    table = pa.table(dict(zip(FIELDS, values, strict=True)))
    clock, cpu = [time.perf_counter()], time.process_time()
    prepared = prepare(table, [STANDARD[name] for name in FIELDS])
    clock.append(time.perf_counter())
    matcher = TableMatcher(table, STANDARD)
    found = discover_statistically(table, prepared, STANDARD, DiscoveryParameters(), matcher.meets)
    clock.append(time.perf_counter())
    return {
        "rows": rows,
        "seconds_preparing": round(clock[1] - clock[0], 2),
        "seconds_discovering": round(clock[2] - clock[1], 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "segments": len(found.cards),
        "adjusted_rand": round(float(adjusted_rand_score(labels, found.labels)), 4),
        "message": found.message,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
