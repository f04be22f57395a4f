"""The doctor's look at Supabase: every check seen well and seen failing."""

import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import jwt
import psycopg
import pytest

from infra.deploy import database as deployment
from infra.doctor import supabase as doctor
from infra.doctor.check import CheckError, Finding, Status
from infra.doctor.surface import surface
from infra.local.keys import YEAR_2100, Keys
from infra.local.supabase import LocalSupabase
from tests.conftest import Surroundings
from tests.infra.conftest import MIGRATIONS, MakeDatabase, make_database
from tests.infra.doctor.conftest import assert_failed, finding
from tests.proxy import Proxy, broken, dropped, nobody
from tests.sql import Database

__all__ = ["make_database"]

APPLIED = """
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (version text primary key);
"""


def look(name: str, database_url: str | None = None) -> Finding:
    """What one check finds."""
    return finding(doctor.checks(database_url), name)


def key_of(role: str, keys: Keys) -> str:
    return jwt.encode({"role": role, "exp": YEAR_2100}, keys.jwt_secret, algorithm="HS256")


@pytest.fixture
def url(supabase: LocalSupabase, db: Database) -> str:
    """The owner's connection string of the whole project."""
    return supabase.postgres.url()


@pytest.fixture
def spare(make_database: MakeDatabase) -> Database:
    """Another database, as a deploy leaves it but for what the CLI writes down of the migrations."""
    made = make_database(MIGRATIONS)
    deployment.reload_functions(made.url)
    made.run(APPLIED)
    for path in MIGRATIONS:
        made.run("insert into supabase_migrations.schema_migrations values (%s)", path.stem.split("_")[0])
    return made


@pytest.fixture
def snapshot(connection: psycopg.Connection[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The surface as this checkout makes it, in the place of the committed one."""
    path = tmp_path / "surface.txt"
    path.write_text(surface(connection))
    monkeypatch.setattr(doctor, "SURFACE", path)
    return path


def test_all_is_well_to_the_owner(functions: Any, url: str, snapshot: Path) -> None:
    found = {check.name: check.run() for check in doctor.checks(url)}
    assert {name: f for name, f in found.items() if f.status is not Status.OK} == {}


def test_without_the_owners_view_it_says_what_it_cannot_see(functions: Any, db: Database) -> None:
    found = {check.name: check.run() for check in doctor.checks(None)}
    assert {name for name, f in found.items() if f.status is Status.WARNING} == {"migrations", "functions", "grants"}
    assert all("--database-url" in found[name].do for name in ("migrations", "functions", "grants"))
    assert not [f for f in found.values() if f.status is Status.FAILED]


def test_nothing_is_changed(functions: Any, db: Database, url: str) -> None:
    db.connect_server()
    db.add_drop()
    before = db.contents()
    for check in [*doctor.checks(None), *doctor.checks(url)]:
        check.run()
    assert db.contents() == before


def test_every_migration_with_a_table_has_its_sign() -> None:
    assert set(doctor.SIGNS) <= {path.stem.split("_")[0] for path in MIGRATIONS}


# --- The project


@pytest.mark.parametrize(
    ("status", "said"), [(540, "paused"), (402, "restricts"), (503, "answers 503"), (521, "answers 521")]
)
def test_a_project_that_is_not_up(rest_proxy: Proxy, status: int, said: str) -> None:
    rest_proxy.next(broken(status))
    assert_failed(look("project"), said, "dashboard")


def test_nobody_listens_or_the_connection_breaks(surroundings: Surroundings, rest_proxy: Proxy) -> None:
    rest_proxy.next(dropped)
    assert_failed(look("project"), "does not answer (RemoteProtocolError)", "status.supabase.com")
    surroundings.set(SUPABASE_REST_URL=nobody())
    assert_failed(look("project"), "does not answer (ConnectError)", "status.supabase.com")


def test_there_is_no_such_address(surroundings: Surroundings) -> None:
    surroundings.set(SUPABASE_REST_URL="https://resonance.invalid")
    assert_failed(look("project"), "no address https://resonance.invalid", "restore it")


def test_the_project_is_asked_without_a_key(rest_proxy: Proxy, keys: Keys) -> None:
    assert look("project").status is Status.OK
    assert keys.service_key not in str(rest_proxy.requests[0].headers)


def test_missing_settings(functions: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPABASE_URL")
    assert_failed(look("project"), "SUPABASE_URL (missing)", "Set these variables")


# --- The clock


@pytest.mark.parametrize(("skew", "said"), [(40, "40 seconds behind"), (-3600, "3600 seconds ahead of")])
def test_a_clock_that_is_wrong(skew: int, said: str) -> None:
    now = 1_800_000_000.0
    answer = httpx.Response(200, headers={"date": formatdate(now + skew, usegmt=True)})
    assert_failed(doctor._clock(answer, now), said, "NTP")


def test_a_clock_that_is_nearly_right_or_unknown(functions: Any) -> None:
    now = time.time()
    assert doctor._clock(httpx.Response(200, headers={"date": formatdate(now - 20)}), now).status is Status.OK
    assert doctor._clock(httpx.Response(200), now).status is Status.WARNING


# --- The key


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sb_secret_abc", "a secret key"),
        ("sb_publishable_abc", "a publishable key"),
        ("sbp_abc", "no key of Supabase"),
        ("a.b.c", "no key of Supabase"),
        ("", "no key of Supabase"),
        ("€.€.€", "no key of Supabase"),
    ],
)
def test_the_kind_of_a_key_is_seen_by_its_form(key: str, kind: str) -> None:
    assert doctor.kind_of(key) == kind


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("service_role", "the legacy service_role key"),
        ("anon", "the anon key"),
        ("authenticated", "the key of another role"),
        ("", "the key of another role"),
    ],
)
def test_the_role_of_a_legacy_key(keys: Keys, role: str, kind: str) -> None:
    assert doctor.kind_of(key_of(role, keys)) == kind


def test_a_key_that_may_do_nothing(surroundings: Surroundings, keys: Keys) -> None:
    surroundings.set(SUPABASE_SECRET_KEY=key_of("anon", keys))
    assert_failed(look("key"), "the anon key", "Project Settings > API Keys")
    surroundings.set(SUPABASE_SECRET_KEY="sb_publishable_x")
    assert_failed(look("key"), "publishable key", "Project Settings > API Keys")


def test_a_key_of_another_project(surroundings: Surroundings, keys: Keys) -> None:
    forged = jwt.encode({"role": "service_role"}, "another secret " * 4, algorithm="HS256")
    surroundings.set(SUPABASE_SECRET_KEY=forged)
    assert_failed(look("key"), "refuses the key (the legacy service_role key; 401)", "another project")


def test_a_secret_key_goes_where_it_belongs(rest_proxy: Proxy, surroundings: Surroundings) -> None:
    surroundings.set(SUPABASE_SECRET_KEY="sb_secret_marked")
    rest_proxy.next(broken(200, "[]"))
    assert look("key").status is Status.OK
    headers = {name.lower(): value for name, value in rest_proxy.requests[0].headers.items()}
    assert headers["apikey"] == "sb_secret_marked"
    assert "authorization" not in headers


def test_the_key_cannot_be_tried(surroundings: Surroundings) -> None:
    surroundings.set(SUPABASE_REST_URL=nobody())
    assert_failed(look("key"), "does not answer", "project")


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


def test_a_migration_that_the_key_misses(rest_proxy: Proxy) -> None:
    rest_proxy.next(*[None] * 5, broken(400, '{"code": "42703"}'), broken(404, '{"code": "42P01"}'))
    assert_failed(look("migrations"), "008, 009", "infra.deploy.database deploy")
    rest_proxy.next(broken(401))
    assert_failed(look("migrations"), "answers 401", "key")


# --- Functions


def test_functions_of_another_release(spare: Database) -> None:
    assert look("functions", spare.url).status is Status.OK
    spare.run(
        f"comment on function public.get_level(internal.caller, timestamptz) is '{deployment.MARK} (0123456789ab)'"
    )
    assert_failed(look("functions", spare.url), "0123456789ab", "infra.deploy.database deploy")


def test_no_functions(make_database: MakeDatabase) -> None:
    assert_failed(look("functions", make_database(MIGRATIONS).url), "ever loaded", "infra.deploy.database deploy")


def test_functions_that_do_not_answer(rest_proxy: Proxy) -> None:
    rest_proxy.next(broken(404, '{"code": "PGRST202", "message": "x", "details": null, "hint": null}'))
    assert_failed(look("functions"), "PGRST202", "infra.deploy.database deploy")
    rest_proxy.next(broken(401, '{"code": "PGRST301", "message": "x", "details": null, "hint": null}'))
    assert_failed(look("functions"), "PGRST301", "checks of the project and the key")


# --- Grants


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("grant select on public.reward_ledger to anon", "table reward_ledger"),
        ("revoke select on public.reward_ledger from service_role", "table reward_ledger"),
        ("grant execute on function public.reset_streaks to authenticated", "function reset_streaks"),
        ("alter table public.discord_drops disable row level security", "row level security of discord_drops"),
        ("drop function public.get_level", "function get_level"),
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


def test_without_a_whole_checkout_there_is_nothing_to_compare(spare: Database, snapshot: Path) -> None:
    snapshot.unlink()
    assert look("grants", spare.url).status is Status.WARNING


# --- The owner's connection


@pytest.mark.parametrize("name", ["migrations", "functions", "grants"])
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
    with pytest.raises(CheckError, match="read-only"), doctor._connect(url) as connection:
        connection.execute("delete from public.discord_drops")
