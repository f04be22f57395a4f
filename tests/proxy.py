"""A faulty proxy in front of PostgREST or Discord."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

Answer = tuple[int, dict[str, str], bytes]
# A fault of one request; called with the request and with the function that forwards it to the real server.
Trouble = Callable[["Request", Callable[["Request"], Answer]], Answer | None]


_OF_THE_CONNECTION = {"host", "connection", "content-length", "content-encoding", "transfer-encoding"}


@dataclass(frozen=True)
class Request:
    """A request on its way to the real server."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass
class Proxy:
    """Forwards requests to `target`; queued faults apply to the next ones in order."""

    url: str
    target: str
    troubles: list[Trouble | None] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10), repr=False)

    def next(self, *troubles: Trouble | None) -> None:
        """Queue faults; None forwards a request."""
        self.troubles.extend(troubles)

    def paths(self) -> list[str]:
        """The paths of the requests, in order."""
        return [request.path for request in self.requests]

    def close(self) -> None:
        """Close the connections to the real server."""
        self._client.close()

    def answer(self, request: Request) -> Answer | None:
        """The answer to a request; None breaks its connection."""
        self.requests.append(request)
        trouble = self.troubles.pop(0) if self.troubles else None
        return trouble(request, self.forward) if trouble else self.forward(request)

    def forward(self, request: Request) -> Answer:
        """Ask the real server."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_CONNECTION}
        url = f"{self.target}{request.path}"
        answer = self._client.request(request.method, url, headers=headers, content=request.body)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_CONNECTION}
        return answer.status_code, kept, answer.content


def broken(status: int, body: str = "<html>broken</html>", **headers: str) -> Trouble:
    """An answer of the proxy itself; the server behind sees nothing."""
    names = {"content-type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request, _forward: (status, names, body.encode())


def lost(request: Request, forward: Callable[[Request], Answer]) -> None:
    """The request takes effect, and the connection breaks before its answer."""
    forward(request)


def late(seconds: float) -> Trouble:
    """The request takes effect, and its answer comes after so many seconds."""

    def trouble(request: Request, forward: Callable[[Request], Answer]) -> Answer:
        answer = forward(request)
        time.sleep(seconds)
        return answer

    return trouble


def dropped(_request: Request, _forward: Callable[[Request], Answer]) -> None:
    """The connection breaks; the server behind sees nothing."""


def moved(path: str) -> Trouble:
    """The request reaches another path of the real server."""
    return lambda request, forward: forward(Request(request.method, path, request.headers, request.body))


@contextlib.contextmanager
def serving(target: str) -> Iterator[Proxy]:
    """A proxy in front of `target` on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = proxy.answer(Request(self.command, self.path, dict(self.headers), body))
            if answer is None:
                self.close_connection = True
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked has given up
                self.wfile.write(content)

        do_POST = do_PATCH = do_GET = do_PUT = answer  # noqa: N815 (as the base class spells them)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(f"http://127.0.0.1:{server.server_address[1]}", target.rstrip("/"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        proxy.close()


@contextlib.contextmanager
def silence() -> Iterator[str]:
    """The URL of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def nobody() -> str:
    """A URL where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
