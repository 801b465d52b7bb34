"""Victims: work that goes on until it is killed, and what must hold of the workspace afterwards.

Each victim is a process that is forked from a clean server with everything imported, so that it
begins at once, and dies by SIGKILL at a random moment.
"""

from __future__ import annotations

import http.client
import itertools
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Thread

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from domain.criteria import AllOf
from domain.events import Event as News
from profiles.mapping import parse_mapping
from storage import audit, segments, suppressions, webhooks
from storage.erasing import is_blank
from tests.activation_api.little import customer, little, with_segment
from tests.workflows.frozen import keep_segment
from workflows import news
from workflows.doctor import examine
from workflows.erasure import erase, request_erasure
from workflows.pseudonyms import pseudonym
from workflows.pulling import pull
from workflows.sending import LEASE, Sender
from workflows.tables import import_tables
from workflows.webhooks import create_webhook
from workflows.workspace import Workspace

ORDERS = parse_mapping(
    {
        "kind": "orders",
        "columns": {
            "order_id": "id",
            "customer_id": "who",
            "ordered_at": "when",
            "total": "sum",
        },
    }
)
PEOPLE = 60
LONGEST_SECONDS = 0.25
Victim = Callable[[Workspace], None]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.killing", "tests.refreshkilling"])


def shop(folder: Path, address: str) -> Workspace:
    """A workspace with a segment, and a webhook at an address."""
    workspace = little(folder, people=PEOPLE)
    workspace.now = local_now
    with_segment(workspace)
    create_webhook(workspace, address, list(News), allow_private=True, actor="test")
    _import(workspace, 0)
    return workspace


def local_now() -> datetime:
    return datetime.now().astimezone()


def reimport(workspace: Workspace) -> None:
    """Every order gets the same new total, import after import."""
    for generation in itertools.count(_generation(workspace) + 1):
        _import(workspace, generation)


def publish(workspace: Workspace) -> None:
    """Version after version, each with its audit row and its news."""
    for number in itertools.count(1):
        version = keep_segment(workspace, "x", AllOf(all=()), f"seg_{os.getpid()}_{number}")
        with workspace.control.write() as session:
            newer = version.model_copy(update={"version": 2})
            segments.add_version(session, newer)
            news.version_created(session, newer)
            audit.append(
                session,
                at=workspace.now(),
                actor="victim",
                action="segment",
                subject=newer.segment_id,
                detail={"members": newer.members_id},
            )


def webhook(workspace: Workspace) -> None:
    """Messages are left and sent."""
    sender = Sender(workspace, allow_private=True)
    while True:
        with workspace.control.write() as session:
            news.results_updated(session, "spring", workspace.now())
        sender.send_one()


def erasure(workspace: Workspace) -> None:
    """Person after person is forgotten."""
    for number in range(PEOPLE):
        subject = pseudonym(workspace, customer(number))
        request_erasure(workspace, customer(number), actor="victim")
        erase(workspace, subject, progress=lambda share, words: None, actor="victim")
    time.sleep(60)


VICTIMS: tuple[Victim, ...] = (reimport, publish, webhook, erasure)


def kill_one(root: Path, victim: Victim, after: float) -> None:
    """Start a victim, and kill it some seconds after it began its work."""
    begun = _CONTEXT.Event()
    process = _CONTEXT.Process(target=_work, args=(root, victim, begun))
    process.start()
    if not begun.wait(60):
        raise AssertionError(f"the {victim.__name__} never began")
    time.sleep(after)
    pid = process.pid
    assert pid is not None
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL, (
        f"the {victim.__name__} ended by itself: {process.exitcode}"
    )


def _work(root: Path, victim: Victim, begun: Event) -> None:
    workspace = Workspace.open(root, now=local_now)
    begun.set()
    victim(workspace)


def check(root: Path) -> Counter[str]:
    """Open the workspace as after a restart: nothing is lost, doubled or half visible. Counts what
    was left to sweep."""
    workspace = Workspace.open(root, now=local_now)
    try:
        examined = examine(workspace)
        assert examined.is_whole, examined.findings
        _generation(workspace)
        _versions_and_news_agree(workspace)
        page = pull(workspace, "seg_little", limit=1_000)
        assert page.members_json.count(b'"customer_id"') + page.excluded.get("erased", 0) == PEOPLE
        return Counter(one.severity.value for one in examined.findings)
    finally:
        workspace.close()


def settle(root: Path, received: Counter[str]) -> None:
    """What was under way comes to its end: erasures are done, messages sent, leftovers swept."""
    workspace = Workspace.open(root, now=local_now)
    everybody = set(map(customer, range(PEOPLE)))
    gone = []
    for number in range(PEOPLE):
        request = _unfinished(workspace, customer(number))
        if request is not None:
            erase(
                workspace,
                request,
                progress=lambda share, words: None,
                actor="settle",
                wait=lambda seconds: None,
            )
        if _is_erased(workspace, customer(number)):
            gone.append(customer(number))
    late = Sender(workspace, allow_private=True)
    workspace.now = lambda: local_now() + LEASE + timedelta(days=1)
    while late.send_one():
        pass
    with workspace.control.read() as session:
        for hook in webhooks.listed(session):
            for one in webhooks.messages(session, hook.id, limit=1_000_000):
                assert one.state == "delivered", one
                assert received[one.id] >= 1, "lost"
    examine(workspace, sweep=True)
    assert examine(workspace, deep=True).findings == ()
    for path in workspace.snapshots.root.rglob("*.parquet"):
        table = pq.read_table(path)
        if "customer_id" in table.column_names:
            ids = table.column("customer_id").to_pylist()
            assert not set(ids) & set(gone)
            if "members" in str(path):
                # Who was erased before a version was made has no row in it, who was erased since
                # has an emptied one; everybody else is there once.
                blanks = [one for one in ids if is_blank(one)]
                assert len(set(ids)) == len(ids)
                assert set(ids) - set(blanks) == everybody - set(gone)
                assert len(blanks) <= len(gone)
    workspace.close()


def _import(workspace: Workspace, generation: int) -> None:
    path = workspace.root / f"orders-{os.getpid()}.csv"
    rows = [(f"o{n:03d}", customer(n), "2026-01-01", generation) for n in range(PEOPLE)]
    pd.DataFrame(rows, columns=["id", "who", "when", "sum"]).to_csv(path, index=False)
    import_tables(workspace, path, ORDERS, profiles=False)
    path.unlink()


def _generation(workspace: Workspace) -> int:
    """The import that the orders are of: all of them of the same one, but for those of persons who
    are to be erased: an import passes these by, and theirs stay old until the erasure is done."""
    rows = workspace.current("orders").table(["customer_id", "total"]).to_pylist()
    totals = {row["total"] for row in rows if not _is_erased(workspace, row["customer_id"])}
    assert len(totals) <= 1, f"half an import is visible: {totals}"
    return int(max(totals, default=0))


def _versions_and_news_agree(workspace: Workspace) -> None:
    with workspace.control.read() as session:
        assert audit.broken_at(session) is None
        logged = Counter(row.subject for row in audit.entries(session) if row.action == "segment")
        second = {one.segment_id for one in segments.listed(session) if one.version == 2}
        hooks = webhooks.listed(session)
        told = [
            one
            for hook in hooks
            for one in webhooks.messages(session, hook.id, limit=1_000_000)
            if one.type == News.VERSION_CREATED
        ]
    assert set(logged) == second
    assert set(logged.values()) <= {1}
    assert len(told) == len(second)


def _unfinished(workspace: Workspace, customer_id: str) -> str | None:
    subject = pseudonym(workspace, customer_id)
    with workspace.control.read() as session:
        found = suppressions.erasure(session, subject)
    return None if found is None or found.done_at is not None else subject


def _is_erased(workspace: Workspace, customer_id: str) -> bool:
    with workspace.control.read() as session:
        return suppressions.erasure(session, pseudonym(workspace, customer_id)) is not None


class Receiver:
    """Counts the messages that it receives, by id."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                with suppress(OSError, http.client.HTTPException):
                    self.rfile.read(int(self.headers["content-length"]))
                    received[self.headers["webhook-id"]] += 1
                    self.send_response(204)
                    self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def moments(kills: int, seed: int) -> list[tuple[Victim, float]]:
    """Which victim is killed after how many seconds."""
    rng = np.random.default_rng(seed)
    return [
        (VICTIMS[n % len(VICTIMS)], float(rng.uniform(0, LONGEST_SECONDS))) for n in range(kills)
    ]
