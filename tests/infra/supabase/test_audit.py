"""The audit log: who changed what, with before and after; and what must never change."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from tests.infra.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.sql import ADMIN, NOON, Caller, Database, Row

QUEST: Row = {"brand_id": "brand", "server_id": "77", "event_type": "quest", "reward_amount": 10}
SERVER: Row = {"server_id": "77", "brand_id": "brand"}
# The noun of the action, a row, a column to change and its new value.
TABLES: dict[str, tuple[str, Row, str, Any]] = {
    "monitoring_rules": ("event", QUEST, "reward_amount", 20),
    "discord_server_configs": ("server", SERVER, "server_name", "New"),
}

WHO = "select actor_type, actor_id, interaction_id from discord_audit_log order by id"


@pytest.mark.parametrize("table", TABLES)
def test_a_change_in_sql_is_told_with_before_and_after(db: Database, table: str) -> None:
    noun, columns, column, value = TABLES[table]
    name = sql.Identifier(table)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(columns))
    states: list[Any] = [None]
    for query, values in (
        (sql.SQL("insert into {} ({}) values ({})").format(name, names, marks), list(columns.values())),
        (sql.SQL("update {} set {} = %s").format(name, sql.Identifier(column)), [value]),
    ):
        db.connection.execute(query, values)
        states.append(db.connection.execute(sql.SQL("select to_jsonb(t) from {} as t").format(name)).fetchone())
    db.connection.execute(sql.SQL("delete from {}").format(name))
    states = [state and state["to_jsonb"] for state in [*states, None]]
    rows = db.rows("select * from discord_audit_log order by id")
    assert [row["action"] for row in rows] == [f"{noun}.created", f"{noun}.updated", f"{noun}.deleted"]
    assert [row["before_state"] for row in rows] == states[:-1]
    assert [row["after_state"] for row in rows] == states[1:]
    assert {(row["server_id"], row["brand_id"]) for row in rows} == {("77", "brand")}
    assert {(row["actor_type"], row["actor_id"], row["interaction_id"]) for row in rows} == {
        ("system", "postgres", None)
    }


def test_a_brand_wide_rule_stands_under_a_star(db: Database) -> None:
    db.add_event("quest", 10, server_id=None)
    assert db.one("select server_id, brand_id, action from discord_audit_log") == {
        "server_id": "*",
        "brand_id": "brand",
        "action": "event.created",
    }


def test_what_changes_nothing_is_not_told(seeded: Database) -> None:
    before = seeded.contents("discord_audit_log")
    seeded.run("update monitoring_rules set reward_amount = reward_amount, label = null")
    seeded.run("update discord_server_configs set is_active = true")
    seeded.run("update monitoring_rules set reward_amount = 99 where false")
    assert seeded.contents("discord_audit_log") == before


def test_every_row_of_one_statement_is_told(db: Database) -> None:
    db.add_event("quest", 1)
    db.add_event("raid", 2)
    db.run("update monitoring_rules set reward_amount = 5")
    rows = db.rows("select before_state, after_state from discord_audit_log where action = 'event.updated' order by id")
    assert sorted(row["before_state"]["event_type"] for row in rows) == ["quest", "raid"]
    assert {row["after_state"]["reward_amount"] for row in rows} == {5}


@pytest.mark.parametrize(
    ("claims", "actor"),
    [({"role": "service_role"}, "service_role"), ({"role": "service_role", "sub": "portal-user-7"}, "portal-user-7")],
)
def test_a_program_that_comes_over_postgrest_is_named_by_its_key(
    db: Database, rest: Rest, claims: dict[str, str], actor: str
) -> None:
    api = rest(**claims)
    assert api.post("/discord_server_configs", json=SERVER).status_code == 201
    assert api.post("/monitoring_rules", json=QUEST).status_code == 201
    assert api.patch("/monitoring_rules?event_type=eq.quest", json={"reward_amount": 20}).status_code == 204
    assert api.delete("/monitoring_rules?event_type=eq.quest").status_code == 204
    rows = db.rows("select action, actor_type, actor_id from discord_audit_log order by id")
    assert [row["action"] for row in rows] == ["server.created", "event.created", "event.updated", "event.deleted"]
    assert {(row["actor_type"], row["actor_id"]) for row in rows} == {("system", actor)}


@pytest.mark.parametrize("table", TABLES)
def test_an_upsert_over_postgrest_is_told_as_what_it_did(db: Database, rest: Rest, table: str) -> None:
    noun, row, column, value = TABLES[table]
    api = rest(role="service_role", sub="partner-portal")
    keys = {"monitoring_rules": "brand_id,server_id,event_type", "discord_server_configs": "server_id"}
    merge = {"Prefer": "resolution=merge-duplicates"}
    for body in (row, row, row | {column: value}):
        assert api.post(f"/{table}?on_conflict={keys[table]}", json=body, headers=merge).status_code in (200, 201)
    rows = db.rows("select * from discord_audit_log order by id")
    assert [each["action"] for each in rows] == [f"{noun}.created", f"{noun}.updated"]  # the second changed nothing
    assert (rows[1]["before_state"][column], rows[1]["after_state"][column]) == (row.get(column), value)
    assert {(each["actor_type"], each["actor_id"]) for each in rows} == {("system", "partner-portal")}


@pytest.mark.parametrize("table", TABLES)
def test_an_upsert_in_sql_is_told_as_what_it_did(db: Database, table: str) -> None:
    noun, columns, column, value = TABLES[table]
    key = {"monitoring_rules": "(brand_id, server_id, event_type)", "discord_server_configs": "(server_id)"}[table]
    for row in (columns, columns, columns | {column: value}):
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        changes = ", ".join(f"{name} = excluded.{name}" for name in row)
        upsert = f"insert into {table} ({names}) values ({places}) on conflict {key} do update set {changes}"
        run_as(db, "service_role", upsert, *row.values())
    rows = db.rows("select action, actor_id from discord_audit_log order by id")
    assert [row["action"] for row in rows] == [f"{noun}.created", f"{noun}.updated"]
    assert {row["actor_id"] for row in rows} == {"postgres"}  # who is logged in, whatever role they have taken


def test_a_rule_that_moves_is_told_where_it_was_and_where_it_is(db: Database) -> None:
    db.add_event("quest", 10, server_id="77")
    for change in (
        "server_id = '78'",
        "server_id = null",
        "brand_id = 'other'",
        "server_id = '77'",
        "brand_id = 'brand'",
    ):
        db.run(f"update monitoring_rules set {change}")
    rows = db.rows("select server_id, brand_id from discord_audit_log where action = 'event.updated' order by id")
    assert sorted(map(tuple, (row.values() for row in rows[:2]))) == [("77", "brand"), ("78", "brand")]
    assert sorted(map(tuple, (row.values() for row in rows[2:4]))) == [("*", "brand"), ("78", "brand")]
    assert sorted(map(tuple, (row.values() for row in rows[4:6]))) == [("*", "brand"), ("*", "other")]
    assert sorted(map(tuple, (row.values() for row in rows[6:8]))) == [("*", "other"), ("77", "other")]
    assert [tuple(row.values()) for row in rows[8:]] == [("77", "brand")]


def test_a_server_that_moves_to_another_brand_is_told_once(db: Database) -> None:
    db.connect_server()
    db.run("update discord_server_configs set brand_id = 'other'")
    rows = db.rows("select server_id, brand_id, action from discord_audit_log order by id")
    assert [tuple(row.values()) for row in rows][1:] == [("77", "other", "server.updated")]


@pytest.mark.parametrize("table", TABLES)
def test_truncate_is_told_row_by_row(seeded: Database, table: str) -> None:
    seeded.connect_server("78")
    seeded.add_event("raid", 5, server_id=None)
    number = seeded.value(f"select count(*) from {table}")
    seeded.run(f"truncate {table}")
    assert seeded.value(f"select count(*) from {table}") == 0
    noun = TABLES[table][0]
    rows = seeded.rows(
        f"select before_state, after_state, actor_id from discord_audit_log where action = '{noun}.deleted'"
    )
    assert len(rows) == number > 1
    assert {(row["after_state"], row["actor_id"]) for row in rows} == {(None, "postgres")}


def test_a_command_is_told_with_the_admin_and_the_interaction(seeded: Database, rest: Rest) -> None:
    api = rest(role="service_role")
    seen = seeded.value("select count(*) from discord_audit_log")
    caller: Row = {"user_id": "9001", "server_id": "77", "manages_server": True, "required_level": 4, "role_ids": []}
    calls: dict[str, Row] = {
        "toggle_event": {"p_event_type": "quest", "p_enabled": False},
        "edit_event": {"p_event_type": "quest", "p_enabled": True},
        "create_event": {"p_event_type": "raid", "p_reward": 5},
        "delete_event": {"p_event_type": "raid"},
        "create_drop": {"p_event_type": "quest", "p_channel_id": "88"},
        "disconnect_server": {},
    }
    for number, (function, arguments) in enumerate(calls.items()):
        body = {"p_caller": caller | {"interaction_id": f"500{number}"}} | arguments
        assert api.post(f"/rpc/{function}", json=body).status_code == 200
    rows = seeded.rows("select action, actor_type, actor_id, interaction_id from discord_audit_log order by id")[seen:]
    assert [tuple(row.values()) for row in rows] == [
        ("event.updated", "admin", "9001", "5000"),
        ("event.updated", "admin", "9001", "5001"),
        ("event.created", "admin", "9001", "5002"),
        ("event.deleted", "admin", "9001", "5003"),
        ("drop.created", "admin", "9001", "5004"),
        ("server.updated", "admin", "9001", "5005"),
    ]


def test_a_command_is_told_with_its_own_time(seeded: Database) -> None:
    seeded.call("edit_event", ADMIN, event_type="quest", reward=11, now=NOON)
    assert seeded.value("select created_at from discord_audit_log where action = 'event.updated'") == NOON


def test_the_next_change_on_the_same_connection_is_not_the_admins(seeded: Database) -> None:
    seeded.call("toggle_event", ADMIN, event_type="quest")
    seeded.run("update monitoring_rules set reward_amount = 77")
    last = seeded.rows(WHO)[-1]
    assert last == {"actor_type": "system", "actor_id": "postgres", "interaction_id": None}


def test_a_change_that_is_rolled_back_is_not_told(seeded: Database) -> None:
    before = seeded.contents()
    with seeded.connection.transaction(force_rollback=True):
        seeded.run("update monitoring_rules set reward_amount = 77")
    assert seeded.contents() == before


# Append-only ----------------------------------------------------------------------------------------------------


def run_as(db: Database, role: str, query: str, *values: Any) -> None:
    """Run a query as a role, all of it or nothing."""
    with db.connection.transaction():
        db.connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        db.run(query, *values)


@pytest.mark.parametrize("table", ["reward_ledger", "discord_audit_log"])
@pytest.mark.parametrize(
    "change",
    [
        "update {} set server_id = 'x'",
        "update {} set server_id = server_id",
        "update {} set server_id = 'x' where false",
        "delete from {}",
        "delete from {} where id < 0",
        "truncate {}",
        "truncate {} cascade",
        "insert into {0} select * from {0} on conflict (id) do update set server_id = 'x'",
    ],
)
@pytest.mark.parametrize("role", ["postgres", "service_role"])
def test_nobody_changes_or_deletes_what_is_written(seeded: Database, table: str, change: str, role: str) -> None:
    seeded.call("claim_drop", Caller("1002").again(), drop_id=seeded.add_drop(), now=NOON)
    before = seeded.contents(table)
    assert before[table]
    query = change.format(table).replace("select *", "overriding system value select *")
    with pytest.raises((errors.RestrictViolation, errors.InsufficientPrivilege)) as caught:
        run_as(seeded, role, query)
    if role == "postgres":
        assert caught.value.diag.message_primary == f"{table} is append-only"
    assert seeded.contents(table) == before


def test_over_postgrest_neither(seeded: Database, rest: Rest) -> None:
    seeded.call("claim_drop", Caller("1002").again(), drop_id=seeded.add_drop(), now=NOON)
    api = rest(role="service_role")
    before = seeded.contents()
    for table in ("reward_ledger", "discord_audit_log"):
        assert api.patch(f"/{table}?id=gt.0", json={"server_id": "x"}).status_code == 403
        assert api.delete(f"/{table}?id=gt.0").status_code == 403
    assert seeded.contents() == before


def run_twice(db: Database, query: str, *values: Any) -> None:
    """Both times or not at all."""
    with db.connection.transaction():
        db.run(query, *values)
        db.run(query, *values)


DROP = "11111111-1111-4111-8111-111111111111"
LEDGER: Row = {
    "server_id": "77",
    "brand_id": "brand",
    "discord_user_id": "1002",
    "event_type": "quest",
    "actor_id": "1",
}


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"source": "present", "amount": 1}, "ledger_of_a_known_source"),
        ({"source": "grant", "amount": 10**13}, "ledger_amount_in_range"),
        ({"source": "grant", "amount": 1, "interaction_id": "2"}, "ledger_pays_an_interaction_once"),
        ({"source": "drop", "amount": 1, "reference": DROP}, "ledger_pays_a_drop_once"),
        ({"source": "drop", "amount": 1, "reference": "a drop"}, "ledger_pays_drops_of_its_server"),
        ({"source": "reversal", "amount": 1, "reference": "1"}, "ledger_reverses_rows_of_its_member"),
        ({"source": "grant", "amount": 1, "event_type": "welcome_bonus"}, "ledger_welcomes_once"),
    ],
)
def test_the_ledger_guards_itself(db: Database, columns: Row, constraint: str) -> None:
    db.add_drop(drop_id=DROP)
    row = LEDGER | columns
    query = f"insert into reward_ledger ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})"
    with pytest.raises(errors.IntegrityError) as caught:
        run_twice(db, query, *row.values())
    assert caught.value.diag.constraint_name == constraint
    assert db.rows("select from reward_ledger") == []
    assert db.rows("select from discord_user_stats") == []


@pytest.mark.parametrize("table", TABLES)
def test_a_change_under_way_and_migration_012_do_not_deadlock(make_database: MakeDatabase, table: str) -> None:
    _, _, column, value = TABLES[table]
    made = make_database([path for path in MIGRATIONS if path.name < "012"])
    made.connect_server()
    made.add_event()
    migration = next(path for path in MIGRATIONS if path.name.startswith("012"))
    change = sql.SQL("update {} set {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    with psycopg.connect(made.url) as changing, ThreadPoolExecutor(1) as pool:
        # As every change does, just before its trigger writes into the log.
        changing.execute(sql.SQL("lock table {} in row exclusive mode").format(sql.Identifier(table)))
        migrating = pool.submit(made.run_file, migration)
        with psycopg.connect(made.url, autocommit=True) as looking:
            while not looking.execute("select from pg_locks where not granted").fetchall():
                assert not migrating.done()
        changing.execute(change, [value])
        changing.commit()
        migrating.result()
    assert made.value("select count(*) from discord_audit_log") == 3
