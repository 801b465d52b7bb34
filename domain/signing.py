"""Signing of messages by Standard Webhooks (standardwebhooks.com, version 1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"


def secret_text(secret: bytes) -> str:
    """A secret as it is given to a receiver."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    content = f"{message_id}.{int(at.timestamp())}.".encode() + body
    digest = hmac.digest(secret, content, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def headers(secrets: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message, signed with each secret that is valid now."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(one, message_id, at, body) for one in secrets),
    }
