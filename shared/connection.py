"""What the clients of Supabase and Discord share: keys that may change without a restart, and one SSL context."""

import ssl
from collections.abc import Callable, Generator
from threading import Thread

import httpx

from shared import secret

Headers = dict[str, str]


class RefreshingAuth(httpx.Auth):
    """Puts the headers of `read` on each request.

    On a 401 read the headers again; retry once if they changed. So a key can change without a restart.
    """

    def __init__(self, read: Callable[[], Headers]) -> None:
        self._read = read
        self._headers = read()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by httpx for each request."""
        sent = self._headers
        request.headers.update(sent)
        response = yield request
        if response.status_code == 401 and self._refreshed() != sent:
            for name in sent:
                del request.headers[name]
            request.headers.update(self._headers)
            yield request

    def _refreshed(self) -> Headers:
        secret.read.cache_clear()
        self._headers = self._read()
        return self._headers


class _Context(Thread):
    """Loads the CA certificates, which is slow, while a cold start goes on importing."""

    def run(self) -> None:
        self.context = httpx.create_ssl_context()


_loading = _Context()
_loading.start()


def ssl_context() -> ssl.SSLContext:
    """The one SSL context."""
    _loading.join()
    return _loading.context
