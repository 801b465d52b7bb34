"""SSRF: no address leads into the server's own network, however it is written."""

from __future__ import annotations

import pytest

from domain.errors import BadRequest
from workflows.addresses import is_public, target_of

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:0:0:1",
    "no address",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_inside_address_is_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(BadRequest) as refused:
        target_of(
            "https://shop.example/x", allow_private=False, resolve=lambda host, port: [address]
        )
    assert refused.value.field == "url"


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_outside_addresses_are(address: str) -> None:
    assert is_public(address)


def test_one_inside_address_among_many_is_enough_to_refuse() -> None:
    found = ["8.8.8.8", "10.0.0.1"]
    with pytest.raises(BadRequest, match="not public"):
        target_of("https://shop.example", allow_private=False, resolve=lambda host, port: found)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example",
        "https://",
        "https:///x",
        "//shop.example",
        "https://user@shop.example/",
        "https://user:word@shop.example/",
        "https://shop.example:99999/",
        "https://[::1",
        "https://shop.example/a b",
        "https://shop.example/\r\nX-Evil: 1",
        "",
    ],
)
def test_odd_urls_are_refused(url: str) -> None:
    with pytest.raises(BadRequest):
        target_of(url, allow_private=False, resolve=lambda host, port: ["8.8.8.8"])


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_loopback_in_disguise_is_refused(host: str) -> None:
    """Resolved as the system would."""
    with pytest.raises(BadRequest):
        target_of(f"https://{host}/", allow_private=False)


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    target = target_of(
        "https://shop.example:8443/hooks?a=1",
        allow_private=False,
        resolve=lambda host, port: answers.pop(0),
    )
    assert (target.ip, target.host, target.port) == ("8.8.8.8", "shop.example", 8443)
    assert (target.path, target.tls) == ("/hooks?a=1", True)


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(BadRequest, match="no address"):
        target_of("https://shop.example", allow_private=False, resolve=lambda host, port: [])


def test_the_setting_allows_the_companys_own_network() -> None:
    target = target_of("http://10.0.0.5/x", allow_private=True)
    assert (target.ip, target.port, target.tls) == ("10.0.0.5", 80, False)
