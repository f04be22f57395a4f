"""The portal's people see the rows of their brands, and no others."""

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.infra.supabase.portal import FOREIGN, LEFT, OURS, SEEN, SERVER, THEIRS, person
from tests.infra.supabase.portal_requests import FORBIDDEN, seen, seen_in_sql
from tests.sql import ADMIN, BOB, NOON, TABLES, Caller, Database

CLOSED = sorted(set(TABLES) - set(SEEN))
BY_SERVER = sorted(set(SEEN) - {"brands", "discord_drop_claims"})
EXACT = {"Prefer": "count=exact"}


def total(answer: httpx.Response) -> str:
    """How many rows there are beyond the page."""
    return answer.headers["Content-Range"].partition("/")[2]


# --- Reading


@pytest.mark.parametrize("table", SEEN)
def test_a_person_sees_the_rows_of_their_brand_and_no_others(world: Database, ours: httpx.Client, table: str) -> None:
    expected = seen_in_sql(world, table)
    assert 0 < len(expected) < world.value(f"select count(*) from {table}")
    assert seen(ours, f"/{table}") == seen(ours, f"/{table}?select=*") == expected
    counted = ours.get(f"/{table}?limit=1", headers=EXACT)
    assert total(counted) == total(ours.head(f"/{table}", headers=EXACT)) == str(len(expected))
    assert len(counted.json()) == 1


@pytest.mark.parametrize("table", SEEN)
def test_a_person_of_two_brands_sees_both_and_one_of_none_nothing(world: Database, rest: Rest, table: str) -> None:
    left = {
        "monitoring_rules": "server_id = '78'",
        "discord_drop_claims": "drop_id in (select drop_id from discord_drops where server_id = '78')",
        "brands": "false",
    }.get(table, "server_id = '78'")
    if table == "reward_ledger":
        left = "false"  # paid by our brand, whatever has become of the server
    assert seen(rest(**person(OURS, THEIRS)), f"/{table}") == seen_in_sql(world, table, f"not coalesce({left}, false)")
    assert seen(rest(**person()), f"/{table}") == seen(rest(role="authenticated"), f"/{table}") == []


@pytest.mark.parametrize("table", SEEN)
def test_the_service_key_sees_all_and_the_public_key_nothing(world: Database, rest: Rest, table: str) -> None:
    assert seen(rest(role="service_role"), f"/{table}") == seen_in_sql(world, table, "true")
    answer = rest(**person(OURS, role="anon")).get(f"/{table}")
    assert answer.status_code in (httpx.codes.UNAUTHORIZED, FORBIDDEN)
    assert answer.json()["code"] == "42501"


@pytest.mark.parametrize("table", CLOSED)
def test_what_a_brand_has_no_business_with_is_closed(world: Database, ours: httpx.Client, table: str) -> None:
    assert ours.get(f"/{table}").status_code == FORBIDDEN
    assert ours.head(f"/{table}", headers=EXACT).status_code == FORBIDDEN


@pytest.mark.parametrize("table", BY_SERVER)
def test_no_filter_order_or_count_reaches_further(world: Database, ours: httpx.Client, table: str) -> None:

    def visible(condition: str) -> list[str]:
        return seen_in_sql(world, table, f"({condition}) and ({SEEN[table]})")

    either = f"or=(server_id.eq.{SERVER},server_id.eq.{FOREIGN},server_id.is.null,brand_id.eq.{THEIRS})"
    if table in ("discord_user_stats", "discord_user_streaks", "member_earnings", "channel_watches"):
        either = either.replace(f",brand_id.eq.{THEIRS}", "")
    assert seen(ours, f"/{table}?server_id=eq.{FOREIGN}") == visible(f"server_id = '{FOREIGN}'")
    assert seen(ours, f"/{table}?server_id=not.eq.{SERVER}") == visible(f"server_id <> '{SERVER}'")
    assert set(seen(ours, f"/{table}?{either}&order=server_id.desc.nullslast")) <= set(seen_in_sql(world, table))
    counted = ours.get(f"/{table}?server_id=in.({FOREIGN},{LEFT})", headers=EXACT)
    assert total(counted).replace("*", "0") == str(len(visible(f"server_id in ('{FOREIGN}', '{LEFT}')")))
    assert len(seen(ours, f"/{table}?limit=1&order=server_id.desc&offset=0")) == 1


def test_embedding_reaches_no_further(world: Database, ours: httpx.Client) -> None:
    drops = ours.get("/discord_drops?select=*,discord_drop_claims(*)").json()
    assert {drop["server_id"] for drop in drops} == {SERVER}
    assert [len(drop["discord_drop_claims"]) for drop in drops] == [1]
    claims = ours.get("/discord_drop_claims?select=*,discord_drops(*)").json()
    assert [claim["discord_drops"]["server_id"] for claim in claims] == [SERVER]
    foreign = f"discord_drops.server_id=eq.{FOREIGN}"
    assert ours.get(f"/discord_drop_claims?select=*,discord_drops!inner(*)&{foreign}").json() == []
    (claim,) = ours.get(f"/discord_drop_claims?select=*,discord_drops(*)&{foreign}").json()
    assert claim["discord_drops"] is None
    for hidden in ("drop_places", "brand_keys", "event_claims"):
        answer = ours.get(f"/discord_drops?select=*,{hidden}(*)")
        assert answer.status_code in (httpx.codes.BAD_REQUEST, FORBIDDEN)


def test_a_server_takes_its_rows_along_and_what_was_paid_stays_with_who_paid(
    world: Database, ours: httpx.Client
) -> None:
    world.run("update discord_server_configs set brand_id = %s where server_id = %s", THEIRS, SERVER)
    for table in sorted(set(BY_SERVER) - {"reward_ledger", "discord_audit_log", "monitoring_rules"}):
        assert seen(ours, f"/{table}") == [], table
    assert {row["server_id"] for row in ours.get("/discord_audit_log").json()} == {"*"}
    assert {row["server_id"] for row in ours.get("/monitoring_rules").json()} == {None}
    assert {row["brand_id"] for row in ours.get("/reward_ledger").json()} == {OURS}


def test_a_server_that_comes_back_is_seen_again(world: Database, ours: httpx.Client) -> None:
    assert ours.get(f"/discord_user_stats?server_id=eq.{LEFT}").json() == []
    world.run("update discord_server_configs set is_active = null where server_id = %s", LEFT)  # as connected as true
    assert len(ours.get(f"/discord_user_stats?server_id=eq.{LEFT}").json()) == 2


# --- What it costs


@pytest.mark.parametrize("table", SEEN)
def test_brands_and_servers_are_looked_up_once_a_statement(world: Database, table: str) -> None:
    """The brands once more for the servers."""
    with psycopg.connect(world.url) as connection:  # whose counts begin with zero
        connection.execute("set local track_functions = 'all'")
        connection.execute("set local role authenticated")
        connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(person(OURS))])
        connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))
        calls = connection.execute(
            "select funcname, calls from pg_stat_xact_user_functions where funcname like 'portal%'"
        ).fetchall()
    assert calls
    assert dict(calls).items() <= {("portal_brands", 1), ("portal_brands", 2), ("portal_servers", 1)}, calls


# --- The migration


def test_the_migration_can_come_while_members_claim_and_admins_edit(make_database: MakeDatabase) -> None:
    before = make_database([path for path in MIGRATIONS if path.name < "019"])
    database.reload_functions(before.url)
    before.connect_server()
    before.add_event("quest", 10)
    before.add_event("daily_checkin", 1)
    drop = before.add_drop()
    migrated = threading.Event()

    def migrate(db: Database) -> set[str]:
        db.run_file(next(path for path in MIGRATIONS if path.name.startswith("019")))
        migrated.set()
        return set()

    def until_migrated(function: str, caller: Caller, **arguments: Any) -> Callable[[Database], set[str]]:
        def act(db: Database) -> set[str]:
            outcomes = set()
            for number in itertools.count(2000):
                again = replace(caller.again(), user_id=str(number)) if caller != ADMIN else caller.again()
                outcomes.add(str(db.call(function, again, now=NOON, **arguments)["outcome"]))
                if migrated.is_set() and number > 2020:
                    return outcomes
            raise AssertionError

        return act

    acting = [
        until_migrated("claim_drop", BOB, drop_id=drop),
        until_migrated("check_in", BOB),
        until_migrated("get_leaderboard", BOB, type="rsnc_earned", period="all"),
        until_migrated("toggle_event", ADMIN, event_type="quest"),
    ]
    found = before.race([*acting, migrate], at_once=5)
    refused = {"event_disabled"}  # while it is off
    assert [outcomes - refused for outcomes in found] == [
        {"claimed"}, {"checked_in"}, {"leaderboard"}, {"event_toggled"}, set(),
    ]  # fmt: skip
