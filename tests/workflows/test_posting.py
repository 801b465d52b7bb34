"""Messages over real TLS: to whom the certificate belongs, from whom it comes."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.events import Event
from storage.webhooks import MessageState
from tests.activation_api.little import little
from workflows import news
from workflows.addresses import Target
from workflows.posting import post
from workflows.sending import RETRIES, Sender
from workflows.webhooks import create_webhook, list_messages

HOST = "hooks.example.com"


@dataclass
class Secure:
    """A receiver on loopback with a certificate for `HOST` that nobody knows."""

    port: int
    certificate: Path
    got: list[tuple[str, bytes]] = field(default_factory=list)

    def target(self, host: str = HOST) -> Target:
        return Target(host, self.port, "127.0.0.1", True, "/hooks")

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for `HOST` that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return certificate, secret


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    got: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.headers["host"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    class Patient(HTTPServer):
        def handle_error(self, *about: object) -> None:
            """A caller who refuses the certificate hangs up."""

    certificate, secret = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    server = Patient(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Secure(server.server_port, certificate, got)
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_shows_the_names_certificate_is_sent_to(secure: Secure) -> None:
    assert post(secure.target(), b"body", {}, context=secure.trusting) == 204
    assert secure.got == [(f"{HOST}:{secure.port}", b"body")]


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Secure) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        post(secure.target(), b"body", {})
    assert secure.got == []


def test_a_certificate_for_another_name_is_refused(secure: Secure) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'other\.example\.com'"):
        post(secure.target("other.example.com"), b"body", {}, context=secure.trusting)
    assert secure.got == []


def test_a_company_vouches_for_its_own_receivers(
    secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message waits, with the reason, until the company's certificate is named to the server as
    to any program that uses OpenSSL."""
    workspace = little(tmp_path / "shop")
    began = datetime.now().astimezone()
    workspace.now = lambda: began
    url = f"https://{HOST}:{secure.port}/hooks"
    hook, _ = create_webhook(
        workspace, url, list(Event), allow_private=True, actor="test", resolve=here
    )
    with workspace.control.write() as session:
        news.results_updated(session, "spring", began)
    sender = Sender(workspace, allow_private=True, resolve=here)
    assert sender.send_one()
    (message,) = list_messages(workspace, hook.id)
    assert message.state is MessageState.PENDING
    assert "CERTIFICATE_VERIFY_FAILED" in message.fault
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
    workspace.now = lambda: began + RETRIES[0] * 2
    assert sender.send_one()
    (message,) = list_messages(workspace, hook.id)
    assert message.state is MessageState.DELIVERED
    ((host, body),) = secure.got
    assert host == f"{HOST}:{secure.port}"
    assert b"campaign.results.updated" in body
    workspace.close()


def here(host: str, port: int) -> list[str]:
    """What the company's own name server says of its receiver."""
    return ["127.0.0.1"]
