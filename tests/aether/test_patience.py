"""Slow clients: headers that never end, and connections that never speak."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI

from aether import patience


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(patience, "HEADER_SECONDS", 0.4)
    app = FastAPI()

    @app.get("/slow")
    def slow() -> str:
        time.sleep(0.8)
        return "done"

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=patience.PatientProtocol, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()
    server.should_exit = True
    thread.join()


def closed_after(connection: socket.socket) -> float:
    began = time.perf_counter()
    connection.settimeout(5)
    while connection.recv(1_000):
        pass
    return time.perf_counter() - began


@pytest.mark.parametrize("said", [b"", b"GET /slow HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_headers_are_not_waited_for_for_ever(address: tuple[str, int], said: bytes) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(said)
        assert closed_after(connection) < 3


def test_neither_after_an_answer(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"404" in connection.recv(1_000)
        connection.sendall(b"GET /none HTTP")
        assert closed_after(connection) < 3


def test_a_slow_answer_is_waited_for(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        connection.settimeout(5)
        content = b""
        while piece := connection.recv(1_000):
            content += piece
        assert content.endswith(b'"done"')
