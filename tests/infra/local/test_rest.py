"""PostgREST where Supabase's clients look for it."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from infra.local.keys import Keys
from infra.local.rest import rest_route
from infra.local.server import HttpServer
from infra.local.supabase import LocalSupabase
from tests.proxy import Proxy, nobody, serving
from tests.sql import Database


def serve(target: str) -> Iterator[httpx.Client]:
    """A client of a server that passes requests on to `target`."""
    server = HttpServer(Starlette(routes=[rest_route(target)]))
    server.start()
    with httpx.Client(base_url=f"{server.url}/rest/v1", timeout=10) as client:
        yield client
    server.stop()


@pytest.fixture
def behind(supabase: LocalSupabase) -> Iterator[Proxy]:
    """What comes through to PostgREST."""
    with serving(supabase.postgrest.url) as proxy:
        yield proxy


@pytest.fixture
def client(behind: Proxy, keys: Keys) -> Iterator[httpx.Client]:
    """A client with the service key."""
    for client in serve(behind.url):
        client.headers["Authorization"] = f"Bearer {keys.service_key}"
        yield client


def test_a_request_comes_through_as_it_was_sent(db: Database, client: httpx.Client, behind: Proxy) -> None:
    path = '/monitoring_rules?event_type=eq.a%2Fb&label=in.("%25+ä",x)&select=label'
    rule = {"brand_id": "brand", "event_type": "a/b", "label": "%+ä"}
    made = client.post("/monitoring_rules", json=rule, headers={"Prefer": "return=representation"})
    assert (made.status_code, made.json()[0]["label"]) == (201, "%+ä")
    found = client.get(path.replace("+", "%2B"), headers={"Prefer": "count=exact"})
    assert (found.json(), found.headers["Content-Range"]) == ([{"label": "%+ä"}], "0-0/1")
    assert behind.requests[0].headers["prefer"] == "return=representation"
    assert behind.paths()[1] == "/monitoring_rules?event_type=eq.a%2Fb&label=in.(%22%25%2B%C3%A4%22,x)&select=label"


def test_an_answer_comes_back_as_it_was(db: Database, client: httpx.Client) -> None:
    refused = client.patch("/reward_ledger?id=eq.1", json={"amount": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")
    client.headers.pop("Authorization")
    assert client.get("/reward_ledger").status_code == 401
    assert client.get("/").status_code == 404


def test_nobody_behind_it_is_said() -> None:
    for client in serve(nobody()):
        answer = client.get("/monitoring_rules")
        assert (answer.status_code, answer.json()["message"][:27]) == (502, "PostgREST does not answer: ")
