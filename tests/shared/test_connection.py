"""Headers that are read again where they are refused, and one SSL context for all clients.

tests/shared/test_secret.py changes the keys of the real clients.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from shared.connection import Headers, RefreshingAuth, ssl_context
from tests.proxy import Answer, Proxy, Request, nobody, serving


@dataclass
class Source:
    """Where the headers are read, and how often they were."""

    headers: Headers
    reads: int = 0

    def __call__(self) -> Headers:
        self.reads += 1
        return self.headers


@pytest.fixture
def source() -> Source:
    return Source({"x-key": "old"})


@pytest.fixture
def server() -> Iterator[Proxy]:
    with serving(nobody()) as server:
        yield server


@pytest.fixture
def client(source: Source, server: Proxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, auth=RefreshingAuth(source), verify=ssl_context()) as client:
        yield client


def takes(key: str, otherwise: int = 401) -> Callable[[Request, object], Answer]:
    """Answer 200 to requests with this key."""
    return lambda request, _forward: (200 if sent(request).get("x-key") == key else otherwise, {}, b"")


def sent(request: Request) -> Headers:
    """The headers of a request that come from the source."""
    return {name: value for name, value in request.headers.items() if name in ("x-key", "x-old-key")}


def test_the_headers_are_read_once(client: httpx.Client, source: Source, server: Proxy) -> None:
    server.next(takes("old"), takes("old"))
    assert [client.get("/").status_code for _ in range(2)] == [200, 200]
    assert source.reads == 1


def test_a_request_is_sent_again_with_changed_headers(client: httpx.Client, source: Source, server: Proxy) -> None:
    source.headers = {"x-key": "new"}
    server.next(*[takes("new")] * 3)
    assert client.post("/", content=b"body").status_code == 200
    assert client.get("/").status_code == 200
    assert [sent(request)["x-key"] for request in server.requests] == ["old", "new", "new"]
    assert [request.body for request in server.requests] == [b"body", b"body", b""]
    assert source.reads == 2


def test_a_header_that_is_gone_is_not_sent_again(server: Proxy) -> None:
    source = Source({"x-key": "old", "x-old-key": "old"})
    server.next(*[takes("new")] * 2)
    with httpx.Client(auth=RefreshingAuth(source), verify=ssl_context()) as client:
        source.headers = {"x-key": "new"}
        assert client.get(server.url).status_code == 200
    assert [sent(request) for request in server.requests] == [{"x-key": "old", "x-old-key": "old"}, {"x-key": "new"}]


def test_changed_headers_that_are_refused_too_are_not_tried_for_ever(
    client: httpx.Client, source: Source, server: Proxy
) -> None:
    source.headers = {"x-key": "new"}
    server.next(*[takes("another")] * 2)
    assert client.get("/").status_code == 401
    assert len(server.requests) == 2


def test_headers_that_have_not_changed_are_not_sent_again(client: httpx.Client, source: Source, server: Proxy) -> None:
    server.next(takes("new"))
    assert client.get("/").status_code == 401
    assert (len(server.requests), source.reads) == (1, 2)


@pytest.mark.parametrize("status", [403, 429, 500])
def test_other_refusals_read_nothing_again(client: httpx.Client, source: Source, server: Proxy, status: int) -> None:
    source.headers = {"x-key": "new"}
    server.next(takes("new", otherwise=status))
    assert client.get("/").status_code == status
    assert (len(server.requests), source.reads) == (1, 1)


def test_all_clients_share_one_ssl_context() -> None:
    assert ssl_context() is ssl_context()
