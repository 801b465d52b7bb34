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


def not_found(connection: socket.socket) -> bool:
    """Whether a whole answer comes that says so: its head and its body may come apart."""
    connection.settimeout(5)
    content = b""
    while not content.endswith(b'{"detail":"Not Found"}'):
        piece = connection.recv(1_000)
        assert piece, content
        content += piece
    return content.startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("said", [b"", b"GET /slow HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_headers_are_not_waited_for_for_ever(address: tuple[str, int], said: bytes) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(said)
        assert closed_after(connection) < 3


def test_neither_after_an_answer(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not_found(connection)
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


def test_a_body_that_comes_slowly_is_none_of_its_business(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        head = b"POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
        connection.sendall(head)
        time.sleep(0.8)
        connection.sendall(b"{}")
        assert not_found(connection)


def test_an_idle_connection_stays_open_between_requests(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        for _ in range(2):
            connection.sendall(b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n")
            assert not_found(connection)
            time.sleep(0.8)


@pytest.mark.parametrize("start", [b"GET /none HTTP/1.1\r\nX: ", b"GET /", b"\r\n", b""])
def test_headers_without_end_are_not_kept(address: tuple[str, int], start: bytes) -> None:
    sent = 0
    with socket.create_connection(address) as connection:
        connection.sendall(start)
        with pytest.raises(OSError):
            while True:
                connection.sendall(b"x" * 4_096)
                sent += 4_096
                assert sent < 16 << 20
                time.sleep(0.002)


def test_requests_that_come_at_once_are_answered_one_after_the_other(
    address: tuple[str, int],
) -> None:
    one = b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall(one + one + one[:9])
        time.sleep(0.1)
        connection.sendall(one[9:] + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        content = b""
        while piece := connection.recv(10_000):
            content += piece
        assert content.count(b"HTTP/1.1 404") == 4
