"""Our X-learner beside causalml's and econml's: quality, CPU time and memory, on known truth.

`python -m benchmarks.uplift_peers --out peers.jsonl --worlds smooth,steps --rows 20000 --seeds 5`
draws randomised trials, fits every learner on the same rows in a process of its own with one
thread, appends a line a measurement to the file and prints the table of all that is in it. What is
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

from benchmarks.uplift_fits import measure

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
    print(table(list(recorded(options.out).values())))


def recorded(path: Path) -> dict[Key, dict[str, Any]]:
    """The measurements in the file."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {(row["learner"], row["world"], row["rows"], row["seed"]): row for row in rows}


def run(key: Key, chosen: dict[str, Any] | None) -> dict[str, Any]:
    """One measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.uplift_peers", "--one", *map(str, key)]
    done = subprocess.run(
        [*command, json.dumps(chosen)], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(measured: list[dict[str, Any]]) -> str:
    """Markdown: means over the seeds that a learner and ours have in common; `to hand` is what is
    captured less what causalml with four leaves captures on the same seeds."""
    lines = [
        "| trial | rows | learner | seeds | captured | to hand | of causalml's defaults "
        "| fit, units | predict, units | peak, MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    order = list(dict.fromkeys((row["rows"], row["world"]) for row in measured))
    for rows, world in sorted(order, key=lambda place: place[0]):
        here = [row for row in measured if (row["rows"], row["world"]) == (rows, world)]
        by = {
            name: {row["seed"]: row for row in here if row["learner"] == name} for name in LEARNERS
        }
        unit = _means(by["unit"], ("fit", "predict"))
        alone = np.mean([row["single"] for row in by["ours"].values()])
        title = f"{world} (best single {alone:.3f})"
        for name in LEARNERS[1:]:
            if by[name]:
                lines.append(_line(title, rows, name, by, unit))
                title = ""
    return "\n".join(lines)


def _means(seeds: dict[int, dict[str, Any]], names: tuple[str, ...]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in seeds.values()])) for name in names}


def _line(
    title: str,
    rows: int,
    name: str,
    by: dict[str, dict[int, dict[str, Any]]],
    unit: dict[str, float],
) -> str:
    mine = by[name]
    mean = _means(mine, ("captured", "fit", "predict", "peak"))
    hand = [mine[seed]["captured"] - row["captured"]
            for seed, row in by["causalml, 4 leaves"].items() if seed in mine]  # fmt: skip
    plain = [
        (mine[seed]["captured"], row["captured"])
        for seed, row in by["causalml"].items()
        if seed in mine
    ]
    ratio = "" if not plain else f"{sum(p[0] for p in plain) / sum(p[1] for p in plain):.2f}"
    notes = sorted({row["note"] for row in mine.values() if "note" in row})
    told = f" ({', '.join(notes)})" if name == "ours" else ""
    return (
        f"| {title} | {rows:,} | {name}{told} | {len(mine)} | {mean['captured']:.3f} "
        f"| {'' if not hand else format(float(np.mean(hand)), '+.3f')} | {ratio} "
        f"| {mean['fit'] / unit['fit']:.2f} | {mean['predict'] / unit['predict']:.2f} "
        f"| {mean['peak']:.0f} |"
    )


if __name__ == "__main__":
    main()
