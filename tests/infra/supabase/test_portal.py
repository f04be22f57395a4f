"""The portal's people: each sees the rows of their brands, writes their brands' events, and nothing else."""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import errors, sql

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.infra.supabase.portal import FOREIGN, LEFT, OURS, SEEN, SERVER, SUBJECT, THEIRS, fill, person
from tests.sql import ADMIN, BOB, NOON, TABLES, Caller, Database, Row

CLOSED = sorted(set(TABLES) - set(SEEN))
READ_ONLY = sorted(set(TABLES) - {"monitoring_rules"})
BY_SERVER = sorted(set(SEEN) - {"brands", "discord_drop_claims"})
EXACT = {"Prefer": "count=exact"}
FORBIDDEN = httpx.codes.FORBIDDEN


@pytest.fixture
def world(db: Database) -> Database:
    """Two brands with rows in every table."""
    fill(db)
    return db


@pytest.fixture
def ours(rest: Rest) -> httpx.Client:
    """A person of our brand."""
    return rest(**person(OURS))


def seen_in_sql(db: Database, table: str, condition: str | None = None) -> list[str]:
    """The rows that a person of our brand may see, as JSON."""
    rows = db.rows(f"select to_jsonb(t)::text as row from {table} as t where {condition or SEEN[table]}")
    return sorted(json.dumps(json.loads(row["row"]), sort_keys=True) for row in rows)


def seen(client: httpx.Client, path: str) -> list[str]:
    """The rows that a request answers with, as JSON."""
    answer = client.get(path)
    assert answer.is_success, answer.text
    return sorted(json.dumps(row, sort_keys=True) for row in answer.json())


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


# --- Who somebody is


OTHERWISE: dict[str, Row] = {
    "no metadata": {},
    "metadata is null": {"app_metadata": None},
    "metadata is text": {"app_metadata": "brand_ids"},
    "metadata is a list": {"app_metadata": ["brand_ids", OURS]},
    "brand_ids is text": {"app_metadata": {"brand_ids": OURS}},
    "brand_ids is an object": {"app_metadata": {"brand_ids": {OURS: OURS}}},
    "brand_ids is null": {"app_metadata": {"brand_ids": None, "brand_id": OURS}},
    "brand_ids is empty": {"app_metadata": {"brand_ids": [], "brand_id": OURS}},
    "a number among them": {"app_metadata": {"brand_ids": [OURS, 1]}},
    "null among them": {"app_metadata": {"brand_ids": [None, OURS]}},
    "a list among them": {"app_metadata": {"brand_ids": [[OURS]]}},
    "too many": {"app_metadata": {"brand_ids": [OURS, *map(str, range(1000))]}},
    "brand_id is a list": {"app_metadata": {"brand_id": [OURS]}},
    "brand_id is a number": {"app_metadata": {"brand_id": 77}},
    "what the user writes": {"user_metadata": {"brand_ids": [OURS], "brand_id": OURS}},
    "at the top": {"brand_ids": [OURS], "brand_id": OURS},
    "almost": {"app_metadata": {"brand_ids": ["Ours", "ours ", "%", "*", "", "{ours}", '"ours"', "ours,theirs"]}},
    "another case": {"App_Metadata": {"brand_ids": [OURS]}, "app_metadata": {"BRAND_IDS": [OURS]}},
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_claims_that_are_not_as_they_should_be_open_nothing(world: Database, rest: Rest, case: str) -> None:
    client = rest(role="authenticated", sub=SUBJECT, **OTHERWISE[case])
    assert [table for table in SEEN if seen(client, f"/{table}")] == []
    assert client.post("/monitoring_rules", json=rule()).status_code == FORBIDDEN


@pytest.mark.parametrize(
    "text",
    ["", " ", "no json", "{", "null", "7", "[]", '"app_metadata"', '{"app_metadata": {"brand_ids": ["ours"]}',
     '{"app_metadata": {"brand_ids": ["ours", "\\u0000"]}}', "[" * 100_000],
)  # fmt: skip
def test_settings_that_are_no_claims_open_nothing_and_raise_nothing(world: Database, text: str) -> None:
    with world.connection.transaction():
        world.run("set local role authenticated")
        world.run("select set_config('request.jwt.claims', %s, true)", text)
        assert [table for table in SEEN if world.value(f"select count(*) from {table}")] == []


def test_one_brand_may_stand_alone(world: Database, rest: Rest) -> None:
    client = rest(role="authenticated", app_metadata={"brand_id": OURS, "provider": "email"})
    for table in SEEN:
        assert seen(client, f"/{table}") == seen_in_sql(world, table)


def test_a_token_that_has_ended_opens_nothing(world: Database, rest: Rest) -> None:
    assert rest(**person(OURS), exp=1_000_000_000).get("/monitoring_rules").status_code == httpx.codes.UNAUTHORIZED


# --- Writing


def rule(**columns: Any) -> Row:
    """A new event of our brand."""
    return {"brand_id": OURS, "server_id": None, "event_type": "survey", "reward_amount": 15} | columns


@pytest.mark.parametrize("table", READ_ONLY)
def test_nothing_but_events_can_be_written(world: Database, ours: httpx.Client, table: str) -> None:
    names = world.rows(
        "select column_name as name from information_schema.columns where table_name = %s and is_identity = 'NO'", table
    )
    (column, *_) = (row["name"] for row in names)
    rows = world.rows(f"select to_jsonb(t) - 'id' as row from {table} as t")
    row = rows[0]["row"] if rows else {column: None}
    before = world.contents()
    merge = {"Prefer": "resolution=merge-duplicates,return=representation"}
    answers = [
        ours.post(f"/{table}", json=row),
        ours.post(f"/{table}", json=row, headers=merge),
        ours.post(f"/{table}", json=[row, row], headers={"Prefer": "resolution=ignore-duplicates"}),
        ours.patch(f"/{table}?{column}=not.is.null", json={column: row[column]}),
        ours.delete(f"/{table}?{column}=not.is.null"),
        ours.delete(f"/{table}"),
    ]
    assert {answer.status_code for answer in answers} == {FORBIDDEN}
    assert {answer.json()["code"] for answer in answers} == {"42501"}
    assert world.contents() == before


@pytest.mark.parametrize("server", [None, SERVER])
def test_a_person_makes_changes_and_deletes_an_event_of_their_brand(
    world: Database, ours: httpx.Client, server: str | None
) -> None:
    keep = {"Prefer": "return=representation"}
    (made,) = ours.post("/monitoring_rules", json=rule(server_id=server), headers=keep).json()
    assert (made["brand_id"], made["server_id"], made["is_enabled"]) == (OURS, server, True)
    path = f"/monitoring_rules?id=eq.{made['id']}"
    (changed,) = ours.patch(path, json={"reward_amount": 30, "label": "Survey"}, headers=keep).json()
    upserted = ours.post(
        "/monitoring_rules?on_conflict=brand_id,server_id,event_type",
        json=[rule(server_id=server, reward_amount=40)],
        headers={"Prefer": "resolution=merge-duplicates,return=representation"},
    ).json()
    assert [(row["id"], row["reward_amount"]) for row in (changed, *upserted)] == [(made["id"], 30), (made["id"], 40)]
    assert ours.delete(path, headers=keep).json() == upserted
    states = world.rows(
        "select action, server_id, brand_id, actor_type, actor_id, interaction_id, before_state, after_state"
        " from discord_audit_log where 'survey' in (before_state ->> 'event_type', after_state ->> 'event_type')"
        " order by id"
    )
    assert [row["action"] for row in states] == ["event.created", *["event.updated"] * 2, "event.deleted"]
    assert {(row["server_id"], row["brand_id"]) for row in states} == {(server or "*", OURS)}
    assert {(row["actor_type"], row["actor_id"], row["interaction_id"]) for row in states} == {
        ("system", SUBJECT, None)
    }
    assert [row["before_state"] for row in states] == [None, made, changed, upserted[0]]
    assert [row["after_state"] for row in states] == [made, changed, upserted[0], None]


REFUSED: dict[str, Row] = {
    "another brand's": {"brand_id": THEIRS},
    "no brand's": {"brand_id": None},
    "another brand's, of a server of theirs": {"brand_id": THEIRS, "server_id": FOREIGN},
    "another brand's, of a server of ours": {"brand_id": THEIRS, "server_id": SERVER},
    "ours, of another brand's server": {"server_id": FOREIGN},
    "ours, of a server that has left": {"server_id": LEFT},
    "ours, of a server that nobody knows": {"server_id": "99"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_event_of_anything_else_is_refused(world: Database, ours: httpx.Client, case: str) -> None:
    before = world.contents()
    event = rule(**REFUSED[case])
    for path, body in itertools.product(
        ("/monitoring_rules", "/monitoring_rules?on_conflict=brand_id,server_id,event_type"),
        (event, [rule(), event, rule(event_type="poll")]),
    ):
        for prefer in ("resolution=merge-duplicates", "resolution=ignore-duplicates", "return=representation"):
            answer = ours.post(path, json=body, headers={"Prefer": prefer})
            assert answer.status_code == FORBIDDEN, answer.text
            assert answer.json()["code"] == "42501"
    assert world.contents() == before


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("server", [None, SERVER])
def test_an_event_moves_to_nothing_else(world: Database, ours: httpx.Client, case: str, server: str | None) -> None:
    own = "server_id is null" if server is None else f"server_id = '{server}'"
    event = world.one(f"select id::text, event_type from monitoring_rules where brand_id = 'ours' and {own}")
    before = world.contents()
    moved = rule(**event) | {"server_id": server} | REFUSED[case]
    merge = {"Prefer": "resolution=merge-duplicates"}
    answers = [
        ours.patch(f"/monitoring_rules?id=eq.{event['id']}", json=REFUSED[case]),
        ours.post("/monitoring_rules?on_conflict=id", json=moved, headers=merge),
        ours.put(f"/monitoring_rules?id=eq.{event['id']}", json=moved | blank(moved)),
    ]
    assert {answer.status_code for answer in answers} == {FORBIDDEN}, [answer.text for answer in answers]
    assert world.contents() == before


def blank(row: Row) -> Row:
    """The other columns of an event, which PUT asks for."""
    others = ("cooldown_hours", "max_claims_per_user", "is_enabled", "max_total_claims", "label", "detection_config")
    return dict.fromkeys(others) | {"claimable": False} | row


@pytest.mark.parametrize(
    "where", [f"brand_id = '{THEIRS}' and server_id is null", "server_id = '80'", "server_id = '78'"]
)
def test_what_is_not_seen_is_not_changed_nor_deleted_nor_taken_over(
    world: Database, ours: httpx.Client, where: str
) -> None:
    before = world.contents()
    (event,) = world.rows(f"select id::text, event_type from monitoring_rules where {where}")
    path = f"/monitoring_rules?id=eq.{event['id']}"
    keep = {"Prefer": "return=representation"}
    for column in ({"reward_amount": 0}, {"brand_id": OURS, "server_id": None, "event_type": "mine"}):
        assert ours.patch(path, json=column, headers=keep).json() == []
    assert ours.delete(path, headers=keep).json() == []
    stolen = rule(id=event["id"], event_type="stolen")
    merge = {"Prefer": "resolution=merge-duplicates"}
    answers = [
        ours.post("/monitoring_rules", json=stolen, headers=merge),
        ours.post("/monitoring_rules?on_conflict=id", json=[rule(id=str(uuid4())), stolen], headers=merge),
        ours.put(path, json=blank(stolen)),
    ]
    assert {answer.status_code for answer in answers} == {FORBIDDEN}, [answer.text for answer in answers]
    assert ours.post("/monitoring_rules", json=stolen).status_code == httpx.codes.CONFLICT
    ignore = {"Prefer": "resolution=ignore-duplicates,return=representation"}
    assert ours.post("/monitoring_rules?on_conflict=id", json=stolen, headers=ignore).json() == []
    assert world.contents() == before


def test_bulk_changes_stop_at_the_brand(world: Database, ours: httpx.Client) -> None:
    theirs = f"select * from monitoring_rules where brand_id = '{THEIRS}' or server_id = '{LEFT}' order by id"
    before = world.rows(theirs)
    keep = {"Prefer": "return=representation"}
    changed = ours.patch("/monitoring_rules?id=not.is.null", json={"reward_amount": 1}, headers=keep)
    assert {(row["brand_id"], row["server_id"]) for row in changed.json()} == {(OURS, None), (OURS, SERVER)}
    assert ours.delete("/monitoring_rules?or=(id.is.null,id.not.is.null)").is_success
    assert world.rows(theirs) == before
    assert seen(ours, "/monitoring_rules") == []


def test_a_person_of_two_brands_does_not_mix_them(world: Database, rest: Rest) -> None:
    both = rest(**person(OURS, THEIRS))
    before = world.contents()
    assert both.post("/monitoring_rules", json=rule(server_id=FOREIGN)).status_code == FORBIDDEN
    assert both.patch(f"/monitoring_rules?server_id=eq.{SERVER}", json={"brand_id": THEIRS}).status_code == FORBIDDEN
    assert world.contents() == before
    assert both.post("/monitoring_rules", json=rule(brand_id=THEIRS, server_id=FOREIGN)).is_success


def test_what_an_event_may_not_be_it_may_not_be_for_a_person_either(world: Database, ours: httpx.Client) -> None:
    before = world.contents()
    for columns in ({"reward_amount": -1}, {"reward_amount": 0.001}, {"reward_amount": 1e10}, {"event_type": None}):
        assert ours.post("/monitoring_rules", json=rule(**columns)).status_code == httpx.codes.BAD_REQUEST
    assert world.contents() == before


def test_drops_of_an_event_that_a_person_deletes_end(world: Database, ours: httpx.Client) -> None:
    assert ours.delete(f"/monitoring_rules?server_id=eq.{SERVER}").is_success
    rows = world.rows("select server_id, end_reason from discord_drops order by server_id")
    assert [tuple(row.values()) for row in rows] == [(SERVER, "event_deleted"), (LEFT, "server_left"), (FOREIGN, None)]


def test_a_person_changes_an_event_while_members_click(world: Database, ours: httpx.Client) -> None:
    """Thirty are paid, each what the event paid at some moment; neither side fails."""
    drop = world.add_drop(event_id="raid", max_claims=30)
    path = f"/monitoring_rules?server_id=eq.{SERVER}"

    def claim(member: int) -> Callable[[Database], str]:
        caller = Caller(user_id=str(2000 + member)).again()
        return lambda db: str(db.call("claim_drop", caller, drop_id=drop, now=NOON)["outcome"])

    def change(number: int) -> Callable[[Database], str]:
        return lambda _: str(ours.patch(path, json={"reward_amount": 21 + number}).status_code)

    calls = [call for number in range(40) for call in ([claim(number)] + [change(number)] * (number % 4 == 0))]
    outcomes = Counter(world.race(calls))
    assert outcomes["claimed"] == 30
    assert set(outcomes) <= {"claimed", "drop_full", "204"}, outcomes
    assert outcomes["204"] == 10
    assert ours.delete(path).is_success
    paid = world.rows("select amount, discord_user_id from reward_ledger where reference = %s", drop)
    assert {row["amount"] for row in paid} <= set(range(20, 61))
    assert len({row["discord_user_id"] for row in paid}) == 30
    assert world.value("select count(*) from discord_audit_log where actor_id = %s", SUBJECT) == 11
    assert world.drop(drop)["claims_count"] == 30
    assert world.value("select count(*) from discord_drop_claims where drop_id = %s", drop) == 30


# --- Nobody acts in another's name


def test_no_setting_names_another_actor(world: Database) -> None:
    """Nobody can set one over PostgREST; if somebody finds a way, it is not believed."""
    forged = {"resonance.actor": "9001", "resonance.interaction": "5900", "resonance.now": "2001-01-01"}
    with world.connection.transaction():
        world.run("set local role authenticated")
        world.run("select set_config('request.jwt.claims', %s, true)", json.dumps(person(OURS)))
        for name, value in forged.items():
            world.run("select set_config(%s, %s, true)", name, value)
        world.run("update monitoring_rules set reward_amount = 11")
    rows = world.rows("select * from discord_audit_log where action = 'event.updated'")
    assert {(row["actor_type"], row["actor_id"], row["interaction_id"]) for row in rows} == {("system", SUBJECT, None)}
    assert min(row["created_at"] for row in rows).year > 2001


def test_no_request_sets_a_setting(world: Database, ours: httpx.Client) -> None:
    for path in ("/rpc/set_config", "/rpc/portal_brands", "/rpc/portal_servers", "/rpc/audit_change"):
        body = {"setting_name": "resonance.actor", "new_value": "9001", "is_local": True}
        assert ours.post(path, json=body).status_code == httpx.codes.NOT_FOUND
    headers = {"resonance.actor": "9001", "request.jwt.claims": json.dumps(person(THEIRS)), "role": "service_role"}
    assert {row["brand_id"] for row in ours.get("/monitoring_rules", headers=headers).json()} == {OURS}
    assert ours.patch("/monitoring_rules?server_id=is.null", json={"label": "x"}, headers=headers).is_success
    assert world.value("select actor_id from discord_audit_log order by id desc limit 1") == SUBJECT


def test_the_functions_of_the_policies_have_no_name_for_a_person(world: Database) -> None:
    for function in ("portal_brands", "portal_servers"):
        with world.connection.transaction(force_rollback=True):
            world.run("set local role authenticated")
            with pytest.raises(errors.InsufficientPrivilege, match="schema internal"):
                world.run(f"select internal.{function}()")


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
