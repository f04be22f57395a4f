"""The role resonance: it owns what writes, and nobody is it."""

import pytest

from infra.deploy import database
from tests.infra.conftest import API, MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, BOB, NOON, TABLES, Database

OURS = "pronamespace in ('public'::regnamespace, 'internal'::regnamespace)"
MONEY = ("reward_ledger", "discord_drop_claims", "event_claims", "event_totals", "member_earnings", "discord_audit_log")


def test_what_runs_with_its_owners_rights_is_the_roles_and_says_so(db: Database) -> None:
    rows = db.rows(
        "select proname, proowner::regrole::text as owner, proconfig, prorettype = 'trigger'::regtype as is_trigger,"
        f" has_function_privilege('service_role', oid, 'execute') as served from pg_proc where prosecdef and {OURS}"
    )
    assert {row["owner"] for row in rows} == {"resonance"}
    assert {tuple(row["proconfig"]) for row in rows} == {('search_path=""',)}
    served = {row["proname"] for row in rows if row["served"]}
    assert served == {path.stem for path in API if " security definer " in path.read_text()}
    assert {row["proname"] for row in rows if not row["is_trigger"]} - served == {"portal_servers"}
    assert "audit_change" in {row["proname"] for row in rows}


def test_every_function_of_the_api_that_writes_runs_with_its_owners_rights(db: Database) -> None:
    """And those that read what is closed to every role of the API."""
    reading = ["list_brands", "get_cooldowns", "list_watches", "get_preview"]
    rows = db.rows(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and prosecdef <> (provolatile = 'v') and proname <> all (%s) order by 1",
        reading,
    )
    assert rows == []


@pytest.mark.parametrize("role", ["anon", "authenticated", "public"])
def test_nobody_else_runs_them(db: Database, role: str) -> None:
    open_to = (
        f"select proname from pg_proc where {OURS} and has_function_privilege('{role}', oid, 'execute') order by 1"
    )
    policies_run = ["portal_brands", "portal_servers"] if role == "authenticated" else []
    assert [row["proname"] for row in db.rows(open_to)] == policies_run


def test_nobody_logs_in_as_the_role_nor_takes_it(db: Database) -> None:
    role = db.one("select * from pg_roles where rolname = 'resonance'")
    powers = ("rolcanlogin", "rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    assert [role[name] for name in powers] == [False] * 6
    for served in ("anon", "authenticated", "service_role", "authenticator"):
        assert db.value("select pg_has_role(%s, 'resonance', 'member')", served) is False


def test_the_role_makes_nothing_and_does_no_more_than_it_needs(db: Database) -> None:
    for schema in ("public", "internal"):
        assert db.value("select has_schema_privilege('resonance', %s, 'create')", schema) is False
    for table in ("reward_ledger", "discord_drop_claims", "discord_audit_log"):
        assert db.value("select has_table_privilege('resonance', %s, 'update, delete, truncate')", table) is False
    for table in TABLES:
        assert db.value("select has_table_privilege('resonance', %s, 'truncate, trigger')", table) is False


@pytest.mark.parametrize("table", MONEY)
def test_the_api_reads_what_only_the_functions_write(db: Database, table: str) -> None:
    assert db.value("select has_table_privilege('service_role', %s, 'select')", table) is True
    assert (
        db.value("select has_table_privilege('service_role', %s, 'insert, update, delete, truncate')", table) is False
    )
    assert db.value("select has_any_column_privilege('service_role', %s, 'insert, update')", table) is False


# --- Deployers


def test_a_deployer_who_is_no_superuser_can_do_it_all(make_database: MakeDatabase) -> None:
    """As on a hosted project, where postgres has CREATEROLE and owns the database."""
    made = make_database([])
    name = made.value("select current_database()")
    made.run("alter role resonance rename to resonance_of_the_others")
    try:
        made.run("create role deployer login createrole")
        made.run(f"alter database {name} owner to deployer")
        made.run("alter schema public owner to pg_database_owner")
        mine = Database(made.connection, made.url.replace("postgres@", "deployer@"))
        made.run("set session authorization deployer")
        for path in MIGRATIONS:
            made.run_file(path)
        for _ in range(2):
            database.reload_functions(mine.url)
        made.run("reset session authorization")
        made.connect_server()
        made.add_event("quest", 10)
        drop = made.add_drop()
        assert made.call("claim_drop", BOB, drop_id=drop, now=NOON)["outcome"] == "claimed"
        assert made.call("edit_event", ADMIN, event_type="quest", reward=5)["outcome"] == "event_edited"
        owners = made.rows(f"select distinct proowner::regrole::text as owner from pg_proc where prosecdef and {OURS}")
        assert owners == [{"owner": "resonance"}]
        made.assert_books_agree()
    finally:
        made.run("reset session authorization")
        made.run(f"alter database {name} owner to postgres")
        made.run("drop owned by resonance, deployer cascade")
        made.run("drop role if exists resonance")
        made.run("drop role if exists deployer")
        made.run("alter role resonance_of_the_others rename to resonance")


def test_before_migration_013_the_functions_stay_with_whoever_deploys(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "008"])
    database.reload_functions(old.url)
    owners = f"select distinct proowner::regrole::text as owner from pg_proc where prosecdef and {OURS}"
    assert old.rows(owners) == [{"owner": "postgres"}]
    assert old.value("select has_table_privilege('service_role', 'reward_ledger', 'insert')") is False
    for path in MIGRATIONS:
        if path.name >= "008":
            old.run_file(path)
    database.reload_functions(old.url)
    assert old.rows(owners) == [{"owner": "resonance"}]
