"""Online Retail II: seconds from the raw lines to profiles.

`python -m benchmarks.profiles_online_retail ../shared/data/online_retail_ii/*.parquet` prints one
JSON line with the seconds of each step and what was set aside.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from profiles.build import build_profiles
from profiles.mapping import read_raw_mapping
from profiles.rawtables import convert
from profiles.readfile import read_file

MAPPING = Path(__file__).resolve().parents[1] / "examples" / "online_retail.toml"
AS_OF = datetime(2010, 12, 10, tzinfo=UTC)


def measure(path: Path) -> dict[str, object]:
    clock = [time.perf_counter()]
    cpu = time.process_time()
    mapping = read_raw_mapping(MAPPING)
    raw = read_file(path, mapping.read)
    clock.append(time.perf_counter())
    converted = convert(raw, mapping)
    clock.append(time.perf_counter())
    profiles = build_profiles(converted.tables, AS_OF)
    clock.append(time.perf_counter())
    steps = zip(("reading", "converting", "profiling"), clock, clock[1:], strict=False)
    return {
        "lines": raw.num_rows,
        "profiles": profiles.num_rows,
        **{f"seconds_{name}": round(end - start, 2) for name, start, end in steps},
        "seconds": round(clock[-1] - clock[0], 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "set_aside": dict(converted.set_aside),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
