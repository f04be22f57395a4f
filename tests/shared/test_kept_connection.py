"""One connection for many requests, a new one where it is gone, and httpx's errors for all that goes wrong."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER, SSLContext, SSLError
from threading import Event, Thread

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared import kept_connection
from shared.kept_connection import KeptConnection
from tests.proxy import nobody, silence

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: test\r\n\r\n{}"
BODY = b"body"


class Server(Thread):
    """Serves one connection after the other: closes each after so many answers."""

    def __init__(self, listener: socket.socket, answers: int, answer: bytes, tls: SSLContext | None) -> None:
        super().__init__(daemon=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        self.requests: list[list[bytes]] = []  # by connection
        self.has_closed = Event()
        self._listener, self._answers, self._answer, self._tls = listener, answers, answer, tls

    def run(self) -> None:
        """Until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.requests.append([])
                with suppress(SSLError), self._secured(connection) as secured:
                    self._serve(secured)
                self.has_closed.set()

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _serve(self, connection: socket.socket) -> None:
        for _ in range(self._answers):
            request = _received(connection)
            if not request:
                return
            self.requests[-1].append(request)
            connection.sendall(self._answer)


def _received(connection: socket.socket) -> bytes:
    """The next request, whose body is `BODY` if there is one; empty where the client has closed the connection."""
    request = b""
    while not request.endswith(BODY if b"POST" in request else b"\r\n\r\n"):
        received = connection.recv(65536)
        if not received:
            return b""
        request += received
    return request


@contextmanager
def serving(answers: int, answer: bytes = ANSWER, tls: SSLContext | None = None) -> Iterator[Server]:
    """A server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener, answers, answer, tls)
        server.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    server.join()


def tls(directory: Path) -> tuple[SSLContext, SSLContext]:
    """The TLS of a server that vouches for itself, and of a client that trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(address, critical=True)
        .sign(key, hashes.SHA256())
    )
    file = directory / "server.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    served, trusting = SSLContext(PROTOCOL_TLS_SERVER), SSLContext(PROTOCOL_TLS_CLIENT)
    served.load_cert_chain(file)
    trusting.load_verify_locations(file)
    return served, trusting


@contextmanager
def client(url: str) -> Iterator[httpx.Client]:
    """A client with a kept connection."""
    with httpx.Client(transport=KeptConnection(url), base_url=url, timeout=5) as client:
        yield client


def test_many_requests_share_one_connection_and_each_is_sent_whole() -> None:
    with serving(answers=3) as server, client(server.url) as sending:
        answers = [sending.post("/rpc/f?x=1", content=BODY, headers={"X-Key": "k"}) for _ in range(3)]
    assert [(each.status_code, each.headers["x-kind"], each.json()) for each in answers] == [(200, "test", {})] * 3
    (requests,) = server.requests
    for request in requests:
        head, body = request.split(b"\r\n\r\n")
        assert head.startswith(b"POST /rpc/f?x=1 HTTP/1.1\r\n")
        assert head.lower().count(b"host: ") == head.lower().count(b"accept-encoding: ") == 1
        assert b"x-key: k" in head.lower()
        assert body == BODY


def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    with serving(answers=1) as server, client(server.url) as sending:
        for _ in range(3):
            assert sending.get("/").status_code == 200
            assert server.has_closed.wait(5)
            server.has_closed.clear()
    assert len(server.requests) == 3


def test_a_connection_that_was_idle_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_connection, "KEPT_SECONDS", -1)
    with serving(answers=9) as server, client(server.url) as sending:
        assert [sending.get("/").status_code for _ in range(2)] == [200, 200]
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"", ANSWER[:-1]])
def test_after_an_answer_that_cannot_be_read_there_is_a_new_connection(answer: bytes) -> None:
    with serving(answers=1, answer=answer) as server, client(server.url) as sending:
        for _ in range(2):
            with pytest.raises(httpx.NetworkError):
                sending.get("/")
    assert len(server.requests) == 2


def test_a_key_with_a_line_break_is_not_repeated_in_the_error() -> None:
    with serving(answers=1) as server, client(server.url) as sending:
        with pytest.raises(httpx.LocalProtocolError) as error:
            sending.get("/", headers={"apikey": "sb_secret_key\n"})
        assert "sb_secret_key" not in repr(error.value)
        assert error.value.__cause__ is None
        assert sending.get("/").status_code == 200


def test_headers_beyond_ascii_are_read() -> None:
    answer = ANSWER.replace(b"test", "é".encode("latin-1"))
    with serving(answers=1, answer=answer) as server, client(server.url) as sending:
        assert sending.get("/").headers["x-kind"] == "é"


def test_nobody_there_is_an_error_of_the_network() -> None:
    with client(nobody()) as sending, pytest.raises(httpx.NetworkError):
        sending.get("/")


def test_https_asks_for_a_certificate_that_somebody_vouches_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, trusting = tls(tmp_path)
    with serving(answers=1, tls=served) as server:
        with client(server.url) as sending, pytest.raises(httpx.NetworkError, match="CERTIFICATE_VERIFY_FAILED"):
            sending.get("/")
        monkeypatch.setattr(kept_connection, "ssl_context", lambda: trusting)
        with client(server.url) as sending:
            assert sending.get("/").status_code == 200


def test_whoever_says_nothing_is_waited_for_as_long_as_the_client_says() -> None:
    with silence() as url, client(url) as sending, pytest.raises(httpx.TimeoutException):
        sending.get("/", timeout=0.05)


def test_the_timeout_is_that_of_each_request() -> None:
    with serving(answers=1) as server, client(server.url) as sending:
        assert sending.get("/", timeout=5).status_code == 200
        assert server.has_closed.wait(5)
    with silence() as url, client(url) as sending:
        for _ in range(2):
            with pytest.raises(httpx.TimeoutException):
                sending.get("/", timeout=0.05)
