"""The database as only its owner sees it: migrations, functions, grants, what is published."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from infra.deploy import database as deployment
from infra.deploy.redaction import redact, secrets_in
from infra.doctor.check import CheckError, Finding, failed, ok, warning
from infra.doctor.surface import SNAPSHOT as SURFACE
from infra.doctor.surface import surface, tables_without_row_security

CONNECT_SECONDS = 5
MIGRATIONS = sorted((deployment.INFRA / "supabase" / "migrations").glob("*.sql"))
PUBLICATION, PUBLISHED = "supabase_realtime", ["discord_drops", "monitoring_rules"]
DEPLOY = "Run python -m infra.deploy.database deploy with the connection string of the database."

Connection = psycopg.Connection[tuple[Any, ...]]


def migrations(url: str) -> Finding:
    """Are all migrations of this checkout applied, and no others?"""
    with connect(url) as connection:
        if connection.execute("select to_regclass('supabase_migrations.schema_migrations')").fetchone() == (None,):
            return failed("No migration was ever applied.", DEPLOY)
        applied = {row[0] for row in connection.execute("select version from supabase_migrations.schema_migrations")}
    ours = [path.stem.split("_")[0] for path in MIGRATIONS]
    if lacking := [version for version in ours if version not in applied]:
        return failed(f"Not applied: {', '.join(lacking)}.", DEPLOY)
    if others := sorted(applied - set(ours)):
        return warning(
            f"The database has {', '.join(others)}, which this checkout does not know.",
            "Is this checkout older than what is deployed?",
        )
    return ok(f"All {len(ours)} are applied.")


def functions(url: str) -> Finding:
    """Are the SQL functions those of this checkout, and as it made them?"""
    with connect(url) as connection:
        marks = deployment.marks(connection)
        made = deployment.definitions(connection)
        changed = _changed_migrated(connection, set(marks))
    ours = f"{deployment.MARK} ({deployment.source_hash()})"
    if not marks:
        return failed("No function of ours was ever loaded.", DEPLOY)
    if others := {mark for mark in marks.values() if not mark.startswith(ours)}:
        found = ", ".join(sorted({_hash_in(mark) for mark in others}))
        return failed(f"The database has {found}, this checkout is {deployment.source_hash()}.", DEPLOY)
    loaded = [name for name, mark in marks.items() if mark != deployment.mark_of(made.get(name, ""))]
    if loaded:
        return failed(f"Changed by hand: {_shown(sorted(loaded))}.", DEPLOY)
    if changed:
        return failed(
            f"Changed by hand: {_shown(sorted(changed))}.", "Migrations made them: run their last definition again."
        )
    return ok(f"They are those of this checkout ({deployment.source_hash()}).")


def brands(url: str) -> Finding:
    """Is there a brand that a server can connect to?"""
    with connect(url) as connection:
        if connection.execute("select to_regclass('public.brand_keys')").fetchone() == (None,):
            return failed("The database knows no brands.", DEPLOY)
        (total, without_key, off) = connection.execute(BRANDS).fetchone() or (0, 0, 0)
    if not total:
        return no_brand()
    if without_key:
        return warning(
            f"{without_key} of {total} brands have no connect key, so no further server can connect to them.",
            "Give each one a key: python -m infra.deploy.brands rotate BRAND_ID. `list` shows which they are.",
        )
    return ok(f"Brands: {total}, all with a connect key; switched off: {off}.")


def no_brand() -> Finding:
    """There is no brand yet."""
    return warning(
        "There is no brand, so no server can connect.",
        "Run python -m infra.deploy.brands add BRAND_ID, and give the key to the brand's people.",
    )


BRANDS = """
    select count(*), count(*) filter (where k.brand_id is null), count(*) filter (where not b.is_active)
    from public.brands as b left join public.brand_keys as k on k.brand_id = b.brand_id and k.kind = 'connect'
"""


def _hash_in(mark: str) -> str:
    """The hash of the files that a mark names."""
    return mark.removeprefix(deployment.MARK).partition(")")[0].strip(" (")


def _changed_migrated(connection: Connection, loaded: set[str]) -> list[str]:
    """The functions of migrations, such as those of triggers, whose body is not in the last one that made them."""
    last = {name: path.read_text() for path in MIGRATIONS for name in _CREATED.findall(path.read_text())}
    rows = connection.execute(
        "select oid::regprocedure::text, pronamespace::regnamespace || '.' || proname, prosrc from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'internal'::regnamespace)"
    )
    found = {signature: (name, body) for signature, name, body in rows if signature not in loaded}
    return [signature for signature, (name, body) in found.items() if name in last and body not in last[name]]


_CREATED = re.compile(r"(?im)^create (?:or replace )?function ((?:public|internal)\.\w+)")


def _shown(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def grants(url: str) -> Finding:
    """May each role do what this release grants, and no more?"""
    with connect(url) as connection:
        found = surface(connection).splitlines()
        unguarded = tables_without_row_security(connection)
    expected = SURFACE.read_text().splitlines()
    different = sorted({line.partition(":")[0] for line in set(expected) - set(found)})
    names = {line.partition(":")[0].removeprefix("table ") for line in expected if line.startswith("table ")}
    different += [f"row level security of {table}" for table in unguarded if table in names]
    if different:
        return failed(
            f"Not as this release sets it: {_shown(different)}.", f"{DEPLOY} What stays was changed by hand: undo it."
        )
    return ok(f"All {len(expected)} grants are as this release sets them, and row level security is on.")


def realtime(url: str) -> Finding:
    """Does Supabase Realtime send the changes that the portal waits for, and of a delete the key alone?"""
    with connect(url) as connection:
        rows = connection.execute(
            "select oid::regclass::text, relreplident = 'd', exists (select from pg_publication_tables"
            " where pubname = %s and schemaname = 'public' and tablename = relname)"
            " from pg_class where oid::regclass::text = any (%s) order by relname",
            [PUBLICATION, PUBLISHED],
        ).fetchall()
    if showing := [table for table, is_default, _ in rows if not is_default]:
        return failed(
            f"Deletes of {', '.join(showing)} may be sent as whole rows to every brand.",
            f"Run: {' '.join(f'alter table public.{table} replica identity default;' for table in showing)}",
        )
    if silent := [table for table, _, is_sent in rows if not is_sent]:
        tables = ", ".join(f"public.{table}" for table in silent)
        return warning(
            f"Changes of {', '.join(silent)} are not sent to the portal.",
            f"As the owner of the publication run: alter publication {PUBLICATION} add table {tables};",
        )
    return ok(f"Changes of {' and '.join(PUBLISHED)} are sent to the portal.")


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """A read-only connection. Raises CheckError if it, or a statement on it, fails."""
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, row_factory=tuple_row) as connection:
            connection.read_only = True
            connection.execute("set statement_timeout = '10s'")
            yield connection
    except psycopg.Error as error:
        said = redact(
            str(error).strip().splitlines()[0] if str(error) else type(error).__name__, {url, *secrets_in(url)}
        )
        raise CheckError(
            f"The database does not answer as it should: {said}.",
            "Take the connection string from Connect in the dashboard; special characters of the password go as %XX.",
        ) from None
