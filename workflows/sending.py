"""Sends the outbox: each message until it is received, refused for good, or given up."""

from __future__ import annotations

import http.client
import random
import threading
from collections.abc import Callable
from datetime import timedelta

from domain.errors import BadRequest
from domain.signing import headers
from storage import webhooks
from storage.webhooks import Message, MessageState, Webhook
from workflows.addresses import Resolve, Target, resolve, target_of
from workflows.posting import post
from workflows.webhooks import valid_secrets
from workflows.workspace import Workspace

RETRIES = tuple(
    timedelta(**{unit: number})
    for number, unit in (
        (5, "seconds"),
        (5, "minutes"),
        (30, "minutes"),
        (2, "hours"),
        (5, "hours"),
        (10, "hours"),
        (14, "hours"),
        (20, "hours"),
        (24, "hours"),
    )
)
"""How long after each failed attempt the next one comes (Standard Webhooks), before jitter."""
JITTER = 0.1
LEASE = timedelta(seconds=60)
"""Longer than one attempt can take: a message whose sender died is taken again after it."""
KEPT = timedelta(days=7)
_POLL_SECONDS = 0.5
_GONE = 410

Post = Callable[[Target, bytes, dict[str, str]], int]


def delay_after(attempts: int, rng: random.Random) -> timedelta | None:
    """How long to wait after so many attempts failed; None where that was the last."""
    if attempts > len(RETRIES):
        return None
    return RETRIES[attempts - 1] * rng.uniform(1 - JITTER, 1 + JITTER)


class Sender:
    """Sends one message at a time until it is stopped; several may run, in any process."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        allow_private: bool = False,
        version: str = "0",
        rng: random.Random | None = None,
        resolve: Resolve = resolve,
        post: Post = post,
    ) -> None:
        self._workspace, self._allow_private = workspace, allow_private
        self._agent = f"AetherSegment/{version}"
        self._rng, self._resolve, self._post = rng or random.Random(), resolve, post
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="aether-sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop after the present message."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=20)

    def run(self) -> None:
        while not self._stop.is_set():
            if not self.send_one():
                self._stop.wait(_POLL_SECONDS)

    def send_one(self) -> bool:
        """Send the message that is due longest; False where none is due."""
        control, now = self._workspace.control, self._workspace.now()
        # Looked for without SQLite's one write lock, which every writer waits for.
        with control.read() as session:
            if not webhooks.any_due(session, now):
                return False
        with control.write() as session:
            webhooks.forget_delivered(session, now - KEPT)
            message = webhooks.take(session, now, LEASE)
            webhook = None if message is None else webhooks.get(session, message.webhook_id)
        if message is None or webhook is None:
            return False
        status, fault = self._attempt(webhook, message)
        self._settle(message, status, fault)
        return True

    def _attempt(self, webhook: Webhook, message: Message) -> tuple[int | None, str]:
        body, now = message.body.encode(), self._workspace.now()
        signed = headers(valid_secrets(self._workspace, webhook), message.id, now, body)
        signed |= {"Content-Type": "application/json", "User-Agent": self._agent}
        try:
            target = target_of(
                webhook.url, allow_private=self._allow_private, resolve=self._resolve
            )
            status = self._post(target, body, signed)
        except BadRequest as error:
            return None, error.message
        except (OSError, http.client.HTTPException) as error:
            return None, f"{type(error).__name__}: {error}"[:500]
        return status, "" if 200 <= status < 300 else f"answered {status}"

    def _settle(self, message: Message, status: int | None, fault: str) -> None:
        now = self._workspace.now()
        with self._workspace.control.write() as session:
            if not fault:
                webhooks.end(session, message.id, MessageState.DELIVERED, now, status=status)
                return
            if status == _GONE:
                webhooks.end(
                    session, message.id, MessageState.DEAD, now, status=status, fault=fault
                )
                webhooks.disable(session, message.webhook_id, "the receiver answered 410", now)
                return
            delay = delay_after(message.attempts, self._rng)
            if delay is None:
                webhooks.end(
                    session, message.id, MessageState.DEAD, now, status=status, fault=fault
                )
            else:
                webhooks.put_off(session, message.id, now + delay, status=status, fault=fault)
