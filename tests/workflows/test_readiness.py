"""Readiness needs both stores."""

from __future__ import annotations

from workflows.readiness import is_ready
from workflows.workspace import Workspace


def test_readiness_needs_both_stores(own: Workspace) -> None:
    assert is_ready(own)
    (own.root / "snapshots").rename(own.root / "gone")
    assert not is_ready(own)
