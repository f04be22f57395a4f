"""A connect key goes no further than the function that hashes it: no log, no row, no request, no reply holds it."""

import json
import logging
from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, ALICE
from infra.local.supabase import LocalSupabase
from tests.conftest import BRAND, Surroundings
from tests.functions.log_lines import everything
from tests.proxy import Proxy, broken, lost, nobody
from tests.sql import KEY, TABLES, Database

MARKED = "xyzzy-a-key-that-somebody-typed-0123456789-"


@pytest.fixture
def log(functions: Any, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged, by us and by every library, however fine."""
    caplog.set_level(logging.DEBUG)
    return caplog


def type_it(client: Client, brand_id: str = BRAND, **changes: Any) -> list[Reply]:
    """Type the key wherever it can be typed."""
    form = client.slash("setup connect", user=ADMIN)
    return [
        client.slash("setup connect", brand_id=brand_id, key=MARKED, user=ADMIN, **changes),
        client.slash("setup connect", key=MARKED, user=ADMIN, **changes),
        form.submit(brand_id=brand_id, key=MARKED, **changes),
        form.submit(brand_id=MARKED, key=MARKED, **changes),  # the fields mixed up
        client.slash("setup connect", brand_id=MARKED, user=ALICE, **changes),
        form.submit(brand_id=brand_id, key=MARKED, user=ALICE, **changes),
    ]


def told(replies: list[Reply]) -> str:
    """The messages; a form that opens shows the brand's id as it was typed."""
    return "".join(str(reply.body) for reply in replies if reply.kind == 4)


def rows(db: Database) -> str:
    """All that the database holds."""
    return str({table: db.rows(f"select * from {table}") for table in TABLES})


@pytest.mark.parametrize("key", [MARKED, "another"], ids=["right", "wrong"])
def test_no_log_no_row_no_request_and_no_reply_holds_it(
    discord: Client, db: Database, rest_proxy: Proxy, log: pytest.LogCaptureFixture, key: str
) -> None:
    db.run("delete from brand_keys")
    db.run("delete from brands")
    db.add_brand(BRAND, key)
    replies = type_it(discord)
    replies += [discord.redeliver(reply) for reply in replies if reply.kind == 4]
    assert any("connected to the brand" in reply.text for reply in replies) is (key == MARKED)
    assert MARKED not in told(replies)
    assert MARKED not in everything(log)
    assert MARKED not in rows(db)
    by_key = [request for request in rest_proxy.requests if json.loads(request.body).get("p_brand_id") == BRAND]
    assert by_key
    assert not [request for request in by_key if MARKED.encode() in request.body]


@pytest.mark.parametrize("name", [MARKED, f"my server ({MARKED})"])
def test_a_name_is_not_the_key(discord: Client, db: Database, log: pytest.LogCaptureFixture, name: str) -> None:
    db.run("delete from brand_keys")
    db.run("delete from brands")
    db.add_brand(BRAND, MARKED)
    replies = type_it(discord, name=name)
    assert "holds the connect key" in replies[0].text
    assert MARKED not in told(replies) + everything(log) + rows(db)
    assert db.rows("select * from discord_server_configs") == []


@pytest.mark.parametrize("trouble", ["away", "broken", "lost", "refused"])
def test_no_failure_holds_it(
    discord: Client,
    db: Database,
    rest_proxy: Proxy,
    surroundings: Surroundings,
    log: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    surroundings.hurry()
    error = '{"code": "23514", "message": "no", "details": "Failing row contains (x)", "hint": null}'
    faults = {"broken": broken(502), "lost": lost, "refused": broken(400, error, content_type="application/json")}
    if trouble == "away":
        surroundings.set(SUPABASE_REST_URL=nobody())
    else:
        rest_proxy.next(*[faults[trouble]] * 100)
    replies = type_it(discord)
    assert MARKED not in told(replies)
    assert MARKED not in everything(log)
    assert MARKED not in rows(db)


@pytest.mark.parametrize("name", ["", "x" * 101, "\x00"])
def test_no_mistake_in_another_field_holds_it(
    discord: Client, db: Database, log: pytest.LogCaptureFixture, name: str
) -> None:
    sent = [{"name": each, "type": 3, "value": value} for each, value in (("brand_id", BRAND), ("key", MARKED))]
    sent.append({"name": "name", "type": 3, "value": name})
    data = {"name": "setup", "options": [{"name": "connect", "type": 1, "options": sent}]}
    reply = discord.interact(2, data, ADMIN)
    assert "Please check" in reply.text
    assert MARKED not in str(reply.body)
    assert MARKED not in everything(log)


def test_postgres_logs_the_hash_at_most(discord: Client, db: Database, supabase: LocalSupabase) -> None:
    """Also where it logs every statement with its parameters, as an operator may ask it to."""
    db.run("alter system set log_min_duration_statement = 0")
    db.run("alter system set log_parameter_max_length_on_error = -1")
    db.run("select pg_reload_conf()")
    try:
        discord.slash("setup connect", brand_id=BRAND, key=MARKED, user=ADMIN)
        discord.slash("setup connect", user=ADMIN).submit(brand_id=BRAND, key=KEY)
    finally:
        db.run("alter system reset log_min_duration_statement")
        db.run("alter system reset log_parameter_max_length_on_error")
        db.run("select pg_reload_conf()")
    text = (supabase.postgres.directory / "postgres.log").read_text(errors="replace")
    assert "connect_server" in text
    assert MARKED not in text
    assert KEY not in text
