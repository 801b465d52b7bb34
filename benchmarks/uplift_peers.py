"""Our X-learner beside causalml's and econml's: quality, CPU time and memory, on known truth.

`python -m benchmarks.uplift_peers --out peers.jsonl --worlds smooth,steps --rows 20000 --seeds 5`
draws randomised trials, fits every learner on the same rows in a process of its own with one
thread, appends a line a measurement to the file and prints the tables of all that is in it. What is
there already is not measured again, and `--minutes` ends a run before its next measurement; so a
long table is made in as many runs as it takes. `--rows ""` only prints.

The unit of time is the CPU time of one plain LightGBM regression (100 trees, 31 leaves) on the same
rows, respectively of its prediction. "captured" is the share of the oracle policy's gain over none
for all that choosing the best predicted effect keeps on fresh customers. "4 leaves" is a shape
chosen by hand with the truth in view, "our shape" the one that ours chose on the same rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.uplift_fits import Floats, measure
from benchmarks.uplift_trials import WORLDS

LEARNERS = (
    "unit",
    "ours",
    "ours, one shape",
    "causalml",
    "causalml, 4 leaves",
    "causalml, our shape",
    "econml",
    "econml, 4 leaves",
    "econml, our shape",
)
Key = tuple[str, str, int, int]
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("peers.jsonl"))
    parser.add_argument("--worlds", default="smooth,steps,sparse,unequal")
    parser.add_argument("--rows", default="20000,100000")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--learners", default=";".join(LEARNERS))
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--one", nargs=5)
    options = parser.parse_args()
    if options.one:
        learner, world, rows, seed, chosen = options.one
        print(json.dumps(measure(learner, world, int(rows), int(seed), json.loads(chosen))))
        return
    end = time.monotonic() + 60 * options.minutes
    keys = [
        (learner, world, int(rows), seed)
        for rows in options.rows.split(",")
        if rows
        for seed in range(options.seeds)
        for world in options.worlds.split(",")
        for learner in options.learners.split(";")
    ]
    for key in keys:
        if time.monotonic() > end:
            break
        known = recorded(options.out)
        if key not in known:
            found = run(key, known.get(("ours", *key[1:])))
            with options.out.open("a") as file:
                file.write(json.dumps(found) + "\n")
            print(f"{key}: {found['captured']}", file=sys.stderr, flush=True)
    measured = list(recorded(options.out).values())
    print(quality(measured), costs(measured), sep="\n\n")


def recorded(path: Path) -> dict[Key, Row]:
    """The measurements in the file."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {(row["learner"], row["world"], row["rows"], row["seed"]): row for row in rows}


def run(key: Key, chosen: Row | None) -> Row:
    """One measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.uplift_peers", "--one", *map(str, key)]
    done = subprocess.run(
        [*command, json.dumps(chosen)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: Row = json.loads(done.stdout.splitlines()[-1])
    return found


def quality(measured: list[Row]) -> str:
    """Markdown, a line a trial: means of what each learner captures, over its seeds (their number
    behind it where it is not that of ours), what ours captures beyond the shape chosen by hand
    (with the standard error over seeds), and as a multiple of causalml's defaults, both on the
    seeds that the two have in common."""
    head = ["trial", "rows", "seeds", "best single", *LEARNERS[1:], "beyond hand", "of defaults"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for rows, world in _places(measured):
        by = _by_learner(measured, rows, world)
        ours = by["ours"]
        if not ours:
            continue
        cells = [world, f"{rows:,}", str(len(ours)), f"{_mean(ours, 'single'):.3f}"]
        for name in LEARNERS[1:]:
            count = "" if len(by[name]) == len(ours) else f" ({len(by[name])})"
            cells.append(f"{_mean(by[name], 'captured'):.3f}{count}" if by[name] else "")
        mine, hand = _paired(ours, by["causalml, 4 leaves"])
        ahead = mine - hand
        error = f" ({ahead.std(ddof=1) / len(ahead) ** 0.5:.3f})" if len(ahead) > 1 else ""
        cells.append(f"{ahead.mean():+.3f}{error}" if len(ahead) else "")
        mine, plain = _paired(ours, by["causalml"])
        cells.append(f"{mine.mean() / plain.mean():.2f}" if len(mine) else "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def costs(measured: list[Row]) -> str:
    """Markdown, a line a learner and size: means over trials of CPU time in units of the same
    trial and seed, rows scored in a second of CPU, and peak memory (the largest)."""
    lines = [
        "| rows | learner | measured | fit, units | predict, units | rows/s scored | peak, MB "
        "| 1.6 x matrix + 300, MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    units = {
        (row["rows"], row["world"], row["seed"]): row
        for row in measured
        if row["learner"] == "unit"
    }
    for rows in sorted({row["rows"] for row in measured}):
        for name in LEARNERS[1:]:
            here = [row for row in measured if (row["rows"], row["learner"]) == (rows, name)]
            pairs = [
                (row, units[rows, row["world"], row["seed"]])
                for row in here
                if (rows, row["world"], row["seed"]) in units
            ]
            if not pairs:
                continue
            fit, predict = (
                np.mean([row[part] / unit[part] for row, unit in pairs])
                for part in ("fit", "predict")
            )
            rate = 1 / np.mean([row["predict"] for row in here])
            limit = 1.6 * here[0]["matrix"] + 300
            lines.append(
                f"| {rows:,} | {name} | {len(pairs)} | {fit:.2f} | {predict:.2f} | {rate:,.0f} "
                f"| {max(row['peak'] for row in here):.0f} | {limit:.0f} |"
            )
    return "\n".join(lines)


def _places(measured: list[Row]) -> list[tuple[int, str]]:
    order = list(WORLDS)
    found = {(row["rows"], row["world"]) for row in measured}
    return sorted(found, key=lambda place: (place[0], order.index(place[1])))


def _by_learner(measured: list[Row], rows: int, world: str) -> dict[str, dict[int, Row]]:
    here = [row for row in measured if (row["rows"], row["world"]) == (rows, world)]
    return {name: {row["seed"]: row for row in here if row["learner"] == name} for name in LEARNERS}


def _mean(seeds: dict[int, Row], part: str) -> float:
    return float(np.mean([row[part] for row in seeds.values()]))


def _paired(mine: dict[int, Row], other: dict[int, Row]) -> tuple[Floats, Floats]:
    both = sorted(mine.keys() & other.keys())
    first, second = (
        np.array([seeds[seed]["captured"] for seed in both]) for seeds in (mine, other)
    )
    return first, second


if __name__ == "__main__":
    main()
