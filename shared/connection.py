"""What the clients of Supabase and Discord share: keys that may be changed while we run, and one TLS context."""

import ssl
from collections.abc import Callable, Generator
from functools import cache

import httpx

from shared import secret

Headers = dict[str, str]


class Key(httpx.Auth):
    """Puts the headers that prove who we are on each request.

    A key that is refused is read again, and where it was changed meanwhile the request is sent once more: whoever
    changes a key need not restart what runs.
    """

    def __init__(self, read: Callable[[], Headers]) -> None:
        self._read = read
        self._headers = read()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """What httpx asks for each request."""
        sent = self._headers
        request.headers.update(sent)
        response = yield request
        if response.status_code == 401 and self._renewed() != sent:
            for name in sent:
                del request.headers[name]
            request.headers.update(self._headers)
            yield request

    def _renewed(self) -> Headers:
        secret.read.cache_clear()
        self._headers = self._read()
        return self._headers


@cache
def tls() -> ssl.SSLContext:
    """Whom we trust, for all clients: reading that takes longer than all else in the making of one."""
    return httpx.create_ssl_context()
