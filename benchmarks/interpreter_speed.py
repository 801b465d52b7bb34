"""How long the embedded reader takes to load and to read a brief.

    python benchmarks/interpreter_speed.py

Aims: loading (import, lexicon, model, first brief) under 1.5 s; at most 60 ms a brief after that.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

BRIEFS = Path(__file__).parents[1] / "interpreter" / "labelled"
LOADING = """
import time
start = time.perf_counter()
from interpreter.reader import read
read("Win back lapsed customers in Berlin with free shipping by e-mail.")
print(time.perf_counter() - start)
"""


def main() -> None:
    loads = [
        float(
            subprocess.run([sys.executable, "-c", LOADING], capture_output=True, check=True).stdout
        )
        for _ in range(3)
    ]
    print(f"load and first brief: median {statistics.median(loads):.2f} s of {len(loads)}")

    from interpreter.reader import read

    briefs = [
        json.loads(line)["brief"]
        for file in sorted(BRIEFS.glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    times = []
    for brief in briefs:
        start = time.perf_counter()
        read(brief)
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    print(
        f"{len(times)} briefs: median {statistics.median(times):.0f} ms, "
        f"95 % within {times[int(0.95 * len(times))]:.0f} ms, slowest {times[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
