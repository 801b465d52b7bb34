"""Connections that send nothing, or headers a byte at a time, are not waited for for ever."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 15.0
HEADER_BYTES = 64 << 10


class _Place(Enum):
    """What a connection's next byte belongs to."""

    BETWEEN = auto()
    HEADERS = auto()
    BODY = auto()


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, with a bound on the time that a request's headers may take and on
    their size; the time of bodies is bounded by `activation_api.bodies`, that between requests by
    uvicorn."""

    _place = _Place.HEADERS
    _waiting: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._place is _Place.BETWEEN:
            self._place = _Place.HEADERS
        super().data_received(data)
        if self._place is _Place.HEADERS:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES:
                self.transport.close()
            elif self._waiting is None:
                self._wait()

    def on_message_begin(self) -> None:
        self._place = _Place.HEADERS
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._place, self._header_bytes = _Place.BODY, 0
        self._wait_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._place = _Place.BETWEEN
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        """Unless the request before is still being answered."""
        self._waiting = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self._wait()
