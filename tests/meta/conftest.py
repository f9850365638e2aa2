"""A transport to a made-up address, and a real server that answers as no server should."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.meta.transport import Transport

TOKEN = "EAAtokenThatNobodyMaySee"
SECRET = "appSecretThatNobodyMaySee"


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """A whole HTTP answer, as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def reset(connection: socket.socket) -> None:
    """Close so that the peer sees ECONNRESET rather than an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class OddServer:
    """Listens on a free port, reads one request from each connection, then does what it was told."""

    def __init__(self, behave: Callable[[socket.socket], object], tls: ssl.SSLContext | None = None) -> None:
        self.behave, self.tls, self.requests = behave, tls, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            self.requests.append(_whole_request(connection))
            self.behave(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self) -> None:
        # Closing alone would leave the thread in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def _whole_request(connection: socket.socket) -> bytes:
    received = b""
    # A TLS greeting (0x16) to a plain server is as much of a request as it will ever get.
    while b"\r\n\r\n" not in received and not received.startswith(b"\x16"):
        received += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0].partition(b":")[2]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def odd_server() -> Iterator[Callable[..., OddServer]]:
    opened: list[OddServer] = []

    def open_one(behave: Callable[[socket.socket], object], tls: ssl.SSLContext | None = None) -> OddServer:
        opened.append(OddServer(behave, tls))
        return opened[-1]

    yield open_one
    for server in opened:
        server.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Transport]]:
    """Transports with short times, to any address."""
    opened: list[Transport] = []

    def open_one(base_url: str = "https://graph.example", **config: object) -> Transport:
        short = {"token": TOKEN, "connect_timeout": 0.3, "read_timeout": 0.3, "read_pauses": (0, 0)}
        opened.append(Transport(base_url, "v26.0", **{**short, **config}))
        return opened[-1]

    yield open_one
    for transport in opened:
        transport.close()


@pytest.fixture
def transport(connect: Callable[..., Transport]) -> Transport:
    return connect()


@pytest.fixture
def untrusted(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    pem = tmp_path / "server.pem"
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem.write_bytes(key.private_bytes(*private) + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
