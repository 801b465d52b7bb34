"""Where the server may send to: never into its own network, whatever a name resolves to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.errors import BadRequest

Resolve = Callable[[str, int], Sequence[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """An address that was looked up and checked. It is connected to by `ip`, so that the name can't
    lead elsewhere a moment later (DNS rebinding)."""

    host: str
    port: int
    ip: str
    tls: bool
    path: str


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name; none where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def target_of(url: str, *, allow_private: bool, resolve: Resolve = resolve) -> Target:
    """A URL as the address to connect to. Raises `BadRequest` for one that is not plain HTTPS to
    public addresses only; with `allow_private`, HTTP and the company's own network are allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused(url, "it can't be read") from None
    if parts.scheme not in (("https", "http") if allow_private else ("https",)):
        raise _refused(url, "it does not begin with https://")
    if parts.username is not None or parts.password is not None or not parts.hostname:
        raise _refused(url, "it names no host, or a user")
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise _refused(url, "it has blanks or control characters")
    tls = parts.scheme == "https"
    number = port or (443 if tls else 80)
    found = resolve(parts.hostname, number)
    if not found:
        raise _refused(url, "its host has no address")
    inside = [one for one in found if not is_public(one)]
    if inside and not allow_private:
        raise _refused(url, "its host has an address that is not public")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.hostname, number, found[0], tls, path)


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, also where it wraps another one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour
        if wrapped is None and ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if ip.teredo is not None:
            return False
        if wrapped is not None:
            ip = wrapped
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _refused(url: str, why: str) -> BadRequest:
    return BadRequest(
        f"Nothing is sent to {url[:200]!r}: {why}.",
        remedy="Give an https:// address on the open internet; AETHER_ALLOW_PRIVATE_URLS=true "
        "allows others.",
        field="url",
    )
