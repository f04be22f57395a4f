"""The doctor's look at the database over the owner's connection."""

from pathlib import Path
from typing import Any

import pytest

from infra.deploy import database as deployment
from infra.doctor import database as doctor
from infra.doctor import supabase
from infra.doctor.check import CheckError, Finding, Status
from tests.infra.conftest import MIGRATIONS, MakeDatabase, make_database
from tests.infra.doctor.conftest import assert_failed, finding
from tests.sql import Database

__all__ = ["make_database"]

APPLIED = """
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (version text primary key);
"""


def look(name: str, database_url: str) -> Finding:
    """What one check finds."""
    return finding(supabase.checks(database_url), name)


@pytest.fixture
def spare(spare: Database) -> Database:
    """Another database as a deploy leaves it, with the CLI's table of the applied migrations."""
    spare.run(APPLIED)
    for path in MIGRATIONS:
        spare.run("insert into supabase_migrations.schema_migrations values (%s)", path.stem.split("_")[0])
    return spare


# --- Migrations


def test_a_migration_that_the_owner_misses(spare: Database) -> None:
    assert look("migrations", spare.url).said == f"All {len(MIGRATIONS)} are applied."
    spare.run("delete from supabase_migrations.schema_migrations where version in ('009', '011')")
    assert_failed(look("migrations", spare.url), "009, 011", "infra.deploy.database deploy")
    spare.run("drop schema supabase_migrations cascade")
    assert_failed(look("migrations", spare.url), "ever", "infra.deploy.database deploy")


def test_a_migration_that_this_checkout_does_not_know(spare: Database) -> None:
    spare.run("insert into supabase_migrations.schema_migrations values ('999')")
    found = look("migrations", spare.url)
    assert (found.status, "999" in found.said) == (Status.WARNING, True)


# --- Functions


def test_functions_of_another_release(spare: Database) -> None:
    assert look("functions", spare.url).status is Status.OK
    spare.run(
        f"comment on function public.get_level(internal.caller, timestamptz) is '{deployment.MARK} (0123456789ab)'"
    )
    assert_failed(look("functions", spare.url), "0123456789ab", "infra.deploy.database deploy")


GET_LEVEL = "public.get_level(internal.caller, timestamptz)"


@pytest.mark.parametrize(
    "change",
    [
        "body",
        f"alter function {GET_LEVEL} security definer",
        f"alter function {GET_LEVEL} volatile",
        f"alter function {GET_LEVEL} set search_path = public",
        f"alter function {GET_LEVEL} reset search_path",
        f"alter function {GET_LEVEL} owner to authenticator",
    ],
)
def test_a_function_that_was_changed_by_hand(spare: Database, change: str) -> None:
    if change == "body":
        definition = str(spare.value(f"select pg_get_functiondef('{GET_LEVEL}'::regprocedure)"))
        change = definition.replace("AS $function$", "AS $function$ -- by hand\n")
        assert change != definition
    spare.run(change)
    assert_failed(look("functions", spare.url), "Changed by hand: get_level", "infra.deploy.database deploy")


def test_a_deploy_undoes_what_was_changed_by_hand(spare: Database) -> None:
    spare.run(f"alter function {GET_LEVEL} security definer")
    assert look("functions", spare.url).status is Status.FAILED
    deployment.reload_functions(spare.url)
    assert look("functions", spare.url).status is Status.OK


def test_a_function_of_a_migration_that_was_changed_by_hand(spare: Database) -> None:
    definition = str(spare.value("select pg_get_functiondef('internal.follow_ledger()'::regprocedure)"))
    spare.run(definition.replace("AS $function$", "AS $function$ -- by hand\n"))
    assert_failed(look("functions", spare.url), "Changed by hand: internal.follow_ledger", "last definition")


def test_an_older_function_of_a_migration(spare: Database) -> None:
    (older,) = (path.read_text() for path in MIGRATIONS if path.stem.startswith("006"))
    start = older.index("create function internal.follow_ledger")
    spare.run(older[start : older.index("$$;", start) + 3].replace("create function", "create or replace function"))
    assert_failed(look("functions", spare.url), "Changed by hand: internal.follow_ledger", "last definition")


def test_other_programs_functions_do_not_matter(spare: Database) -> None:
    spare.run("create function public.theirs() returns integer language sql as 'select 42'")
    assert look("functions", spare.url).status is Status.OK


def test_no_functions(make_database: MakeDatabase) -> None:
    assert_failed(look("functions", make_database(MIGRATIONS).url), "ever loaded", "infra.deploy.database deploy")


# --- Grants


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("grant select on public.reward_ledger to anon", "table reward_ledger"),
        ("revoke select on public.reward_ledger from service_role", "table reward_ledger"),
        ("grant update (rsnc_total) on public.discord_user_stats to service_role", "table discord_user_stats"),
        ("grant select (amount) on public.reward_ledger to anon", "table reward_ledger"),
        ("revoke update (label) on public.discord_drops from service_role", "table discord_drops"),
        ("grant usage on sequence public.reward_ledger_id_seq to service_role", "sequence reward_ledger_id_seq"),
        ("grant execute on function public.reset_streaks to authenticated", "function reset_streaks"),
        ("alter table public.discord_drops disable row level security", "row level security of discord_drops"),
        ("drop function public.get_level", "function get_level"),
        ("create policy more on public.reward_ledger for select using (true)", "policies reward_ledger"),
        ("alter policy portal on public.monitoring_rules to public", "policies monitoring_rules"),
        ("drop policy portal on public.brands", "policies brands"),
    ],
)
def test_grants_that_were_changed_by_hand(spare: Database, snapshot: Path, change: str, said: str) -> None:
    assert look("grants", spare.url).status is Status.OK
    spare.run(change)
    assert_failed(look("grants", spare.url), said, "infra.deploy.database deploy")


def test_other_programs_tables_do_not_matter(spare: Database, snapshot: Path) -> None:
    spare.run("create table public.theirs (id integer)")
    assert look("grants", spare.url).status is Status.OK


def test_many_differences_are_counted(make_database: MakeDatabase, snapshot: Path) -> None:
    assert " more" in look("grants", make_database(MIGRATIONS).url).said


# --- Brands


def test_a_database_without_a_brand(spare: Database) -> None:
    found = look("brands", spare.url)
    assert (found.status, found.said) == (Status.WARNING, "There is no brand, so no server can connect.")
    assert "infra.deploy.brands add" in found.do


def test_brands_and_their_keys(spare: Database) -> None:
    spare.add_brand()
    spare.add_brand("another", is_active=False)
    found = look("brands", spare.url)
    assert (found.status, found.said) == (Status.OK, "Brands: 2, all with a connect key; switched off: 1.")
    spare.run("insert into brands (brand_id) values ('from before')")
    found = look("brands", spare.url)
    assert (found.status, "1 of 3 brands" in found.said) == (Status.WARNING, True)
    assert "infra.deploy.brands rotate" in found.do


def test_a_database_that_knows_no_brands(make_database: MakeDatabase) -> None:
    made = make_database([path for path in MIGRATIONS if path.name < "018"])
    assert_failed(look("brands", made.url), "knows no brands", "infra.deploy.database deploy")


# --- What is published


def test_changes_that_are_not_sent(spare: Database) -> None:
    assert look("realtime", spare.url).status is Status.OK
    spare.run("alter publication supabase_realtime drop table discord_drops")
    found = look("realtime", spare.url)
    assert (found.status, "discord_drops" in found.said) == (Status.WARNING, True)
    spare.run("drop publication supabase_realtime")
    assert "discord_drops, monitoring_rules" in look("realtime", spare.url).said


def test_deletes_that_are_sent_whole(spare: Database) -> None:
    spare.run("alter table monitoring_rules replica identity full")
    assert_failed(look("realtime", spare.url), "monitoring_rules", "replica identity default")


# --- The connection


@pytest.mark.parametrize("name", ["migrations", "functions", "grants", "realtime", "brands"])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres:marked-secret@127.0.0.1:1/postgres",
        "postgresql://postgres:marked/secret@127.0.0.1:1/postgres",
        "postgresql://postgres:marked@secret:x@127.0.0.1:1/postgres",
        "postgresql://postgres:marked%2Fsecret@127.0.0.1:1/postgres?nonsense=1",
    ],
)
def test_a_connection_that_fails_does_not_tell_the_password(functions: Any, name: str, url: str) -> None:
    found = look(name, url)
    assert_failed(found, "The database does not answer as it should", "connection string")
    assert not {"marked", "secret"} & set(found.said.replace(":", " ").replace("/", " ").replace('"', " ").split())


def test_the_connection_cannot_write(url: str) -> None:
    with pytest.raises(CheckError, match="read-only"), doctor.connect(url) as connection:
        connection.execute("delete from public.discord_drops")
