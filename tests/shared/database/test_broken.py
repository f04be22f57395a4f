"""Answers that are none of Postgres: of gateways, of a schema that is behind, of a wrong key."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.members import BOB
from shared import database
from shared.interactions import dispatch
from tests.conftest import Surroundings
from tests.proxy import Proxy, Trouble, broken, moved
from tests.shared.database.payments import earned
from tests.sql import Database

Json = dict[str, Any]
GATEWAY_ERRORS = [502, 503, 504, 520, 521, 522, 524]


@pytest.mark.parametrize("status", GATEWAY_ERRORS)
def test_a_gateway_without_its_database_is_asked_again(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, status: int
) -> None:
    rest_proxy.next(broken(status))
    assert "You got" in server.click(message, "Claim", user=BOB).text
    assert earned(db) == [5]


JSON_TYPE = {"content_type": "application/json; charset=utf-8"}
UPSTREAM = '{"message":"An invalid response was received from the upstream server"}'
TROUBLES = {  # what gateways and PostgREST answer in the place of Postgres
    "408": broken(408, "408 Request Time-out"),
    "429 of Kong": broken(429, '{"message":"API rate limit exceeded"}', **JSON_TYPE),
    "502 of Kong": broken(502, UPSTREAM, **JSON_TYPE),
    "503 of Kong": broken(503, '{"message":"name resolution failed"}', **JSON_TYPE),
    "503 with a number": broken(503, '{"code":503,"message":"Service Unavailable"}', **JSON_TYPE),
    "504 of Kong": broken(504, '{"message":"The upstream server is timing out"}', **JSON_TYPE),
    "503 of Envoy": broken(503, "upstream connect error or disconnect/reset before headers", content_type="text/plain"),
    "503 of PostgREST": broken(503, '{"code":"PGRST001","details":null,"hint":null,"message":"m"}', **JSON_TYPE),
    "503 with a list": broken(503, "[]", **JSON_TYPE),
    "520 that is empty": broken(520, ""),
    "540 of a paused project": broken(540, '{"message":"Project paused"}', **JSON_TYPE),
    "544 of a time limit": broken(544, '{"error":"timeout"}', **JSON_TYPE),
    "400 that is empty": broken(400, "", **JSON_TYPE),
    "400 without a code": broken(400, '{"code":"","details":null,"hint":null,"message":""}', **JSON_TYPE),
    "400 with no code at all": broken(400, '{"message":"connection lost"}', **JSON_TYPE),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_an_answer_that_is_no_verdict_of_postgres_is_asked_for_again(rest_proxy: Proxy, trouble: Trouble) -> None:
    rest_proxy.next(trouble, trouble)
    assert database.rpc("reset_streaks", timeout=5) == {"reset": 0}
    assert len(rest_proxy.requests) == 3


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_a_gateway_in_trouble_is_the_databases_absence_and_no_bug(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, surroundings: Surroundings, trouble: Trouble
) -> None:
    surroundings.hurry()
    rest_proxy.next(*[trouble] * 50)
    reply = server.click(message, "Claim", user=BOB)
    assert (reply.text, reply.ephemeral) == (dispatch.DATABASE_AWAY_PAID_ONCE, True)
    assert earned(db) == []
    rest_proxy.troubles.clear()
    surroundings.hurry(2.5)
    assert "You got **5 RSNC**" in server.click(message, "Claim", user=BOB).text


def test_the_absence_is_told_with_its_status_and_what_was_answered(rest_proxy: Proxy) -> None:
    rest_proxy.next(*[TROUBLES["502 of Kong"]] * 50)
    with pytest.raises(database.DatabaseUnavailableError, match=r"reset_streaks: 502 .*invalid response") as caught:
        database.rpc("reset_streaks", timeout=0.2)
    assert caught.value.code == "502"


@pytest.mark.parametrize("code", ["22P02", "P0001", "PGRST102"])
def test_a_400_that_names_its_error_is_a_bug_of_ours(rest_proxy: Proxy, code: str) -> None:
    rest_proxy.next(broken(400, f'{{"code":"{code}","message":"m"}}', **JSON_TYPE))
    with pytest.raises(database.DatabaseError) as caught:
        database.rpc("reset_streaks", timeout=2)
    assert not isinstance(caught.value, database.DatabaseUnavailableError)
    assert (caught.value.code, len(rest_proxy.requests)) == (code, 1)


@pytest.mark.parametrize("status", GATEWAY_ERRORS)
def test_a_gateway_that_stays_without_its_database_is_told(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, surroundings: Surroundings, status: int
) -> None:
    surroundings.hurry()
    rest_proxy.next(*[broken(status)] * 50)
    assert server.click(message, "Claim", user=BOB).text == dispatch.DATABASE_AWAY_PAID_ONCE
    assert earned(db) == []


@pytest.mark.parametrize(
    "trouble",
    [
        broken(500),
        broken(500, '{"message":"boom"}', content_type="application/json"),
        broken(200),
        broken(200, ""),
        broken(200, "null"),
        broken(200, "[]", content_type="application/json"),
        broken(200, "{", content_type="application/json"),
        broken(404),
        broken(404, '["not an object"]', content_type="application/json"),
    ],
)
def test_nonsense_is_our_fault_and_pays_nothing(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, trouble: Trouble
) -> None:
    rest_proxy.next(trouble)
    reply = server.click(message, "Claim", user=BOB)
    assert reply.ephemeral
    assert reply.text == dispatch.OUR_FAULT
    assert earned(db) == []
    assert "You got" in server.click(message, "Claim", user=BOB).text


def test_a_function_that_is_missing_says_that_an_upgrade_is_under_way(
    server: Client, message: Json, rest_proxy: Proxy
) -> None:
    rest_proxy.next(moved("/rpc/claim_drop_of_tomorrow"))
    reply = server.click(message, "Claim", user=BOB)
    assert reply.text == dispatch.SCHEMA_BEHIND
    assert rest_proxy.paths() == ["/rpc/claim_drop"]  # asking again would not help


@pytest.mark.parametrize("key", ["wrong", "sb_secret_wrong", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"])
def test_a_wrong_key_lets_nobody_in(
    server: Client, message: Json, db: Database, surroundings: Surroundings, key: str
) -> None:
    surroundings.set(SUPABASE_SECRET_KEY=key)
    reply = server.click(message, "Claim", user=BOB)
    assert reply.text == dispatch.OUR_FAULT
    assert earned(db) == []


def test_the_anon_key_lets_nobody_in(
    server: Client, message: Json, db: Database, surroundings: Surroundings, keys: Any
) -> None:
    surroundings.set(SUPABASE_SECRET_KEY=keys.anon_key)
    assert server.click(message, "Claim", user=BOB).text in (dispatch.OUR_FAULT, dispatch.SCHEMA_BEHIND)
    assert earned(db) == []
