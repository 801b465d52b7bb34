"""How soon a count follows an edit of an audience, among a workspace's customers ten times over.

    python -m benchmarks.count_speed WORKSPACE      # of 100,000: counts among 1,000,000

Aim: 300 ms, also for a percentage that was never counted before.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

from domain.criteria import Condition, Op
from storage.snapshots import Snapshot
from workflows.counting import AudienceCounter
from workflows.workspace import Workspace

COPIES = 10


class Enlarged(Workspace):
    """A workspace whose customers are there ten times."""

    def people(self) -> list[Snapshot]:
        return [
            replace(
                one,
                rows=one.rows * COPIES,
                files={
                    copy * len(one.files) + bucket: file
                    for copy in range(COPIES)
                    for bucket, file in one.files.items()
                },
            )
            for one in super().people()
        ]


def main(root: Path) -> None:
    workspace = Enlarged.open(root)
    counter = AudienceCounter(workspace)
    start = time.perf_counter()
    everyone = counter.count([]).everyone
    print(f"{everyone:,} customers, opened in {time.perf_counter() - start:.2f} s")
    for what, op, values in (
        ("a new value", Op.GTE, (30, 60, 90, 120, 150)),
        ("a new percentage", Op.TOP_PERCENT, (20, 21, 35, 50, 5)),
    ):
        times = []
        for value in values:
            name = "days_since_last_purchase" if op is Op.GTE else "lifetime_value"
            start = time.perf_counter()
            counter.count([Condition(field=name, op=op, value=value)])
            times.append(1000 * (time.perf_counter() - start))
        print(f"{what}: {statistics.median(times):.0f} ms (the first {times[0]:.0f})")
    counter.close()
    workspace.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
