"""Killed at random moments, a workspace loses, doubles and shows nothing half."""

from pathlib import Path

import numpy as np
import pytest

from tests import refreshkilling
from tests.killing import Receiver, check, kill_one, moments, settle, shop


@pytest.mark.slow
def test_twenty_kills(tmp_path: Path) -> None:
    receiver = Receiver()
    root = tmp_path / "shop"
    shop(root, receiver.address).close()
    for victim, after in moments(20, seed=7):
        kill_one(root, victim, after)
        check(root)
    settle(root, receiver.received)
    receiver.close()


@pytest.mark.slow
def test_kills_of_refreshes_by_a_model(tmp_path: Path, company: Path) -> None:
    """Of all segments of a company, on one of which a campaign runs."""
    root, running = refreshkilling.campaign(company, tmp_path, "http://127.0.0.1:9/")
    before = refreshkilling.check(root, running)
    for after in np.random.default_rng(7).uniform(0, refreshkilling.LONGEST_SECONDS, 8):
        kill_one(root, refreshkilling.refresh, float(after))
        refreshkilling.check(root, running)
    assert refreshkilling.check(root, running) > before, (
        "nothing was refreshed before it was killed"
    )
