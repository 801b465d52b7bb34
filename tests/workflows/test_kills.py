"""Killed at random moments, a workspace loses, doubles and shows nothing half."""

from pathlib import Path

import pytest

from tests.killing import Receiver, check, kill_one, moments, settle, shop


@pytest.mark.slow
def test_twenty_kills(tmp_path: Path) -> None:
    receiver = Receiver()
    root = tmp_path / "shop"
    shop(root, receiver.address).close()
    for name, after in moments(20, seed=7):
        kill_one(root, name, after)
        check(root)
    settle(root, receiver.received)
    receiver.close()
