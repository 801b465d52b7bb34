"""Webhooks over real HTTP: signed as the standard says, retried, given up, replayed."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from domain.errors import Conflict, NotFound
from domain.events import Event
from domain.signing import headers, secret_text
from storage import webhooks
from storage.webhooks import MessageState
from tests.activation_api.little import little, with_segment
from workflows import news
from workflows.sending import JITTER, LEASE, RETRIES, Sender, delay_after
from workflows.webhooks import (
    OVERLAP,
    create_webhook,
    enable_webhook,
    list_messages,
    list_webhooks,
    remove_webhook,
    replay_messages,
    rotate_secret,
)
from workflows.workspace import Workspace


class Receiver:
    """A receiver that answers what it is told to, and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks?from=aether"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


class Shop:
    """A workspace whose clock is moved by hand, with one webhook."""

    def __init__(self, folder: Path, url: str, database_url: str | None) -> None:
        self.now = datetime.now().astimezone()
        self.database_url = database_url
        self.workspace = little(folder, database_url=database_url)
        self.workspace.now = lambda: self.now
        self.hook, self.secret = create_webhook(
            self.workspace, url, list(Event), allow_private=True, actor="test"
        )
        self.sender = Sender(self.workspace, allow_private=True, rng=random.Random(1))

    def tell(self) -> None:
        with self.workspace.control.write() as session:
            news.results_updated(session, "spring", self.now)

    @property
    def message(self) -> webhooks.Message:
        return list_messages(self.workspace, self.hook.id)[0]


@pytest.fixture
def shop(tmp_path: Path, receiver: Receiver, database_url: str | None) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop", receiver.url, database_url)
    yield made
    made.workspace.close()


def test_a_message_is_signed_as_the_standard_says(shop: Shop, receiver: Receiver) -> None:
    assert shop.secret.startswith("whsec_")
    shop.tell()
    assert shop.sender.send_one()
    assert not shop.sender.send_one()
    ((head, body),) = receiver.got
    said = Verifier(shop.secret).verify(body, head)
    assert said["type"] == "campaign.results.updated"
    assert said["data"] == {
        "campaign_id": "spring",
        "results": "/api/v1/campaigns/spring/results",
    }
    assert head["webhook-id"] == shop.message.id
    assert shop.message.state is MessageState.DELIVERED
    with pytest.raises(WebhookVerificationError):
        Verifier(shop.secret).verify(body + b" ", head)


def test_the_standards_own_example() -> None:
    """The test vector of the specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    raw = Verifier(secret)._whsecret
    at = datetime.fromtimestamp(1614265330).astimezone()
    made = headers([raw], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert secret_text(raw) == secret


def test_a_rotated_secret_overlaps_for_a_day(shop: Shop, receiver: Receiver) -> None:
    newer = rotate_secret(shop.workspace, shop.hook.id, actor="test")
    assert newer != shop.secret
    shop.tell()
    shop.sender.send_one()
    head, body = receiver.got[-1]
    for secret in (shop.secret, newer):
        Verifier(secret).verify(body, head)
    shop.now += OVERLAP
    shop.tell()
    shop.sender.send_one()
    head, _ = receiver.got[-1]
    assert head["webhook-signature"].count("v1,") == 1


def test_failures_come_again_by_the_schedule_and_then_die(shop: Shop, receiver: Receiver) -> None:
    receiver.answers = [500] * 4 + [301, 404] + [503] * 4
    shop.tell()
    waits = []
    while shop.message.state is MessageState.PENDING:
        assert shop.sender.send_one()
        waits.append(shop.message.due_at - shop.now)
        assert not shop.sender.send_one(), "not before its time"
        shop.now = max(shop.now, shop.message.due_at)
    assert len(receiver.got) == len(RETRIES) + 1
    for wait, planned in zip(waits[:-1], RETRIES, strict=True):
        assert abs(wait - planned) <= planned * JITTER
    assert len({head["webhook-id"] for head, _ in receiver.got}) == 1
    assert shop.message.state is MessageState.DEAD
    assert (shop.message.status, shop.message.fault) == (503, "answered 503")
    assert list_messages(shop.workspace, shop.hook.id, MessageState.DEAD) == [shop.message]
    assert replay_messages(shop.workspace, shop.hook.id, shop.message.id, actor="test") == 1
    assert shop.sender.send_one()
    assert shop.message.state is MessageState.DELIVERED
    with pytest.raises(NotFound):
        replay_messages(shop.workspace, shop.hook.id, shop.message.id, actor="test")


def test_the_waits_are_those_of_the_standard() -> None:
    rng = random.Random(2)
    hours = [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]
    for attempts, expected in enumerate(hours, 1):
        found = {delay_after(attempts, rng) for _ in range(50)}
        assert len(found) > 10, "with jitter"
        for one in found:
            assert one is not None
            assert abs(one / timedelta(hours=expected) - 1) <= JITTER + 1e-6
    assert delay_after(10, rng) is None


def test_a_receiver_that_is_gone_is_told_nothing_more(shop: Shop, receiver: Receiver) -> None:
    shop.tell()
    shop.tell()
    receiver.answers = [410]
    assert shop.sender.send_one()
    assert not shop.sender.send_one()
    shop.tell()
    assert len(receiver.got) == 1
    assert "410" in list_webhooks(shop.workspace)[0].disabled
    dead = list_messages(shop.workspace, shop.hook.id, MessageState.DEAD)
    assert len(dead) == 2
    with pytest.raises(Conflict):
        replay_messages(shop.workspace, shop.hook.id, actor="test")
    enable_webhook(shop.workspace, shop.hook.id, actor="test")
    assert replay_messages(shop.workspace, shop.hook.id, actor="test") == 2
    assert shop.sender.send_one()
    assert shop.sender.send_one()
    assert len(receiver.got) == 3


def test_a_sender_that_dies_leaves_its_message_to_the_next(shop: Shop, receiver: Receiver) -> None:
    class Killed(BaseException):
        pass

    def dying(*parts: object) -> int:
        raise Killed

    shop.tell()
    first = Sender(shop.workspace, allow_private=True, post=dying)
    with pytest.raises(Killed):
        first.send_one()
    again = Workspace.open(
        shop.workspace.root, database_url=shop.database_url, now=lambda: shop.now
    )
    after_restart = Sender(again, allow_private=True)
    assert not after_restart.send_one(), "its lease still holds"
    shop.now += LEASE
    assert after_restart.send_one()
    assert not after_restart.send_one()
    assert len(receiver.got) == 1
    again.close()


def test_nobody_who_is_not_there_is_waited_for(shop: Shop) -> None:
    def unreachable(*parts: object) -> int:
        raise http.client.RemoteDisconnected("no answer")

    shop.tell()
    Sender(shop.workspace, allow_private=True, post=unreachable).send_one()
    assert (shop.message.status, shop.message.state) == (None, MessageState.PENDING)
    assert "no answer" in shop.message.fault
    remove_webhook(shop.workspace, shop.hook.id, actor="test")
    shop.now += timedelta(days=1)
    assert not shop.sender.send_one()
    with pytest.raises(NotFound):
        list_messages(shop.workspace, shop.hook.id)


def test_an_address_that_moved_inside_is_not_sent_to(shop: Shop, receiver: Receiver) -> None:
    """Allowed when it was made, refused when it is used."""
    shop.tell()
    Sender(shop.workspace, allow_private=False).send_one()
    assert receiver.got == []
    assert "https" in shop.message.fault


def test_a_version_and_the_news_of_it_stand_together(shop: Shop) -> None:
    version = with_segment(shop.workspace)
    with pytest.raises(ZeroDivisionError), shop.workspace.control.write() as session:
        news.version_created(session, version)
        raise ZeroDivisionError
    assert list_messages(shop.workspace, shop.hook.id) == []
    with shop.workspace.control.write() as session:
        news.version_created(session, version)
        news.members_changed(session, version, since=1, added=2, removed=3)
    said = [json.loads(one.body) for one in list_messages(shop.workspace, shop.hook.id)]
    assert {one["type"] for one in said} == {
        "segment.version.created",
        "segment.members.changed",
    }
    assert all("Frozen" not in json.dumps(one) for one in said), "names may reveal traits"
