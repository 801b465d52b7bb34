"""Kills processes at random moments of their work, and looks the workspace over after each.

`python -m benchmarks.kills 200` kills imports, publications, webhooks and erasures in turn by
SIGKILL up to a quarter of a second after they began. After each kill the workspace is opened anew
and must be whole: `aether doctor` and the audit say so, all orders are of one import, versions,
audit and news agree, and nobody is missing from a pull. At the end unfinished work is finished and
must leave nothing. Prints one JSON line.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.killing import Receiver, check, kill_one, moments, settle, shop


def main(kills: int) -> None:
    began, left = time.perf_counter(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        receiver = Receiver()
        root = Path(folder) / "shop"
        shop(root, receiver.address).close()
        for name, after in moments(kills, seed=1):
            kill_one(root, name, after)
            left |= check(root)
        settle(root, receiver.received)
        receiver.close()
    said = {
        "kills": kills,
        "messages": len(receiver.received),
        "received_twice": sum(count > 1 for count in receiver.received.values()),
        "left_at_most": dict(left),
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
