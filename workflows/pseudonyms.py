"""A person's name in what must not hold the person: the audit, and tombstones."""

from __future__ import annotations

import hashlib
import hmac

from workflows.workspace import Workspace


def pseudonym(workspace: Workspace, customer_id: str) -> str:
    """A keyed hash: the same person has the same one, and without the workspace's secret nobody can
    tell whose it is, not even by trying all ids."""
    key = b"person:" + workspace.settings.secret.encode()
    return hmac.digest(key, customer_id.encode(), hashlib.sha256).hex()
