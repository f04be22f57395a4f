"""A connection of http.client as a transport of httpx, whose own takes a click 0.2 ms longer and a cold start 12 ms."""

import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from select import select

import httpx

from shared.connection import ssl_context

KEPT_SECONDS = 5  # as httpx keeps one


class KeptConnection(httpx.BaseTransport):
    """Sends all requests to one server over one connection, one at a time."""

    def __init__(self, url: str) -> None:
        address = httpx.URL(url)
        self._connection = (
            HTTPSConnection(address.host, address.port, context=ssl_context())
            if address.scheme == "https"
            else HTTPConnection(address.host, address.port)
        )
        self._used_at = 0.0  # monotonic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Called by httpx for each request."""
        try:
            answer = self._send(request)
            content = answer.read()
        except (OSError, HTTPException) as error:
            self.close()
            kind = httpx.TimeoutException if isinstance(error, TimeoutError) else httpx.NetworkError
            raise kind(str(error), request=request) from error
        except ValueError:  # such as a key with a line break, which the message of http.client would repeat
            self.close()
            raise httpx.LocalProtocolError("a header that cannot be sent", request=request) from None
        self._used_at = time.monotonic()
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]
        return httpx.Response(answer.status, headers=headers, content=content)

    def _send(self, request: httpx.Request) -> HTTPResponse:
        if self._is_stale():
            self.close()
        self._connection.timeout = request.extensions["timeout"]["read"]
        if self._connection.sock:
            self._connection.sock.settimeout(self._connection.timeout)
        target = request.url.raw_path.decode()
        self._connection.request(request.method, target, request.read(), dict(request.headers))
        return self._connection.getresponse()

    def _is_stale(self) -> bool:
        """Whether the connection has been idle for long, or the server has closed it: nothing else can be read now."""
        if self._connection.sock is None:
            return False
        readable, _, _ = select([self._connection.sock], [], [], 0)
        return bool(readable) or time.monotonic() - self._used_at > KEPT_SECONDS

    def close(self) -> None:
        """Close the connection; the next request opens one."""
        self._connection.close()
