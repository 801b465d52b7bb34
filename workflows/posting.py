"""One HTTP POST to a checked address: no redirect is followed, and no more is read than needed."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping

from workflows.addresses import Target

TIMEOUT_SECONDS = 15.0


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float = TIMEOUT_SECONDS,
    context: ssl.SSLContext | None = None,
) -> int:
    """The status of the answer. Raises `OSError` or `http.client.HTTPException` without one."""
    connection = _Pinned(target, timeout, context)
    try:
        connection.request("POST", target.path, body, dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked; the certificate must be that of the name."""

    def __init__(self, target: Target, timeout: float, context: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self._target = target
        self._context = context
        if target.tls:
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target.ip, self._target.port), self.timeout)
        if self._target.tls:
            context = self._context or ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)
