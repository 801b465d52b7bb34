"""A server over a small company, as its own process, and what a test needs to drive it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from domain.scopes import Scope
from workflows.keys import create_key
from workflows.workspace import Workspace

NAMES = ("chromium", "chromium-browser", "google-chrome")
_MAIN = "from aether.cli import main; main()"
_STARTS_WITHIN_SECONDS = 120


def chromium() -> str | None:
    """The browser of this machine, if there is one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@dataclass(frozen=True)
class Shop:
    """A served workspace, with the text of a key for everything."""

    root: Path
    address: str
    key: str

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    def url(self, path: str) -> str:
        return f"{self.address}/ui{path}"

    def api(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._asked(method, path, **kwargs).json()

    def pulled(self, segment: str, more: str = "") -> list[str]:
        """The ids of a segment's customers, as a platform pulls them."""
        path = f"/segments/{segment}/customers?format=ndjson&fields=customer_id{more}"
        lines = self._asked("GET", path).text.splitlines()
        return [json.loads(line)["customer_id"] for line in lines]

    def _asked(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {"X-API-Key": self.key}
        answer = httpx.request(
            method, f"{self.address}/api/v1{path}", headers=headers, timeout=60, **kwargs
        )
        assert answer.status_code < 300, answer.text
        return answer


def made_key(root: Path, name: str, *scopes: Scope) -> tuple[str, str]:
    """A new key's id and text."""
    workspace = Workspace.open(root)
    key, text = create_key(workspace, name, scopes)
    workspace.close()
    return key.id, text


@contextmanager
def served(
    root: Path, environment: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[Shop]:
    """`aether serve` over a workspace until the block ends, at a free port unless one is stated."""
    _, key = made_key(root, "Ada", Scope.ADMIN, Scope.PII_READ)
    port = port or _free_port()
    command = [sys.executable, "-c", _MAIN, "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workspace", str(root)],
        env={**_environment(), **(environment or {})},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield Shop(root, address, key)
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _environment() -> dict[str, str]:
    """This process's, but that the server must not think that it is a test."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return {**plain, "AETHER_LOG": "warning"}


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_STARTS_WITHIN_SECONDS * 10):
        assert process.poll() is None, "the server ended"
        try:
            httpx.get(f"{address}/health", timeout=5)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer")
