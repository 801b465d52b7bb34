"""Kills processes at random moments of their work, and looks the workspace over after each.

`python -m benchmarks.kills 200` kills imports, publications, webhooks and erasures in turn by
SIGKILL up to a quarter of a second after they began, and as a fifth kind refreshes of segments by a
model, on one of which a campaign runs, up to two seconds after. After each kill the workspace is
opened anew and must be whole: `aether doctor` and the audit say so, all orders are of one import,
versions, audit and news agree, and nobody is missing from a pull. At the end unfinished work is
finished and must leave nothing. Prints one JSON line.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from tests import refreshkilling
from tests.killing import Receiver, check, kill_one, moments, settle, shop
from tests.workflows.company import built


def main(kills: int) -> None:
    began, left = time.perf_counter(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        receiver = Receiver()
        root = Path(folder) / "shop"
        shop(root, receiver.address).close()
        for victim, after in moments(kills, seed=1):
            kill_one(root, victim, after)
            left |= check(root)
        settle(root, receiver.received)
        receiver.close()
        versions = refreshes(Path(folder), kills // 4)
    said = {
        "kills": kills,
        "messages": len(receiver.received),
        "received_twice": sum(count > 1 for count in receiver.received.values()),
        "refreshes_killed": kills // 4,
        "versions_made": versions,
        "left_at_most": dict(left),
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(said))


def refreshes(folder: Path, kills: int) -> int:
    """How many versions there are after so many refreshes were killed."""
    company = built(folder / "trained")
    root, running = refreshkilling.campaign(company, folder, "http://127.0.0.1:9/")
    versions = refreshkilling.check(root, running)
    for after in np.random.default_rng(1).uniform(0, refreshkilling.LONGEST_SECONDS, kills):
        kill_one(root, refreshkilling.refresh, float(after))
        versions = refreshkilling.check(root, running)
    return versions


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
