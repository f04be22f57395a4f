"""The database as only its owner sees it: migrations, functions, grants."""

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
    """Are the SQL functions those of this checkout?"""
    with connect(url) as connection:
        marks = {
            row[0]
            for row in connection.execute(
                "select description from pg_description where classoid = 'pg_proc'::regclass and description like %s",
                [f"{deployment.MARK}%"],
            )
        }
    ours = f"{deployment.MARK} ({deployment.source_hash()})"
    if not marks:
        return failed("No function of ours was ever loaded.", DEPLOY)
    if marks != {ours}:
        found = ", ".join(sorted(mark.removeprefix(deployment.MARK).strip(" ()") for mark in marks - {ours}))
        return failed(f"The database has {found}, this checkout is {deployment.source_hash()}.", DEPLOY)
    return ok(f"They are those of this checkout ({deployment.source_hash()}).")


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
        shown = ", ".join(different[:5]) + (f" and {len(different) - 5} more" if len(different) > 5 else "")
        return failed(f"Not as this release sets it: {shown}.", f"{DEPLOY} What stays was changed by hand: undo it.")
    return ok(f"All {len(expected)} grants are as this release sets them, and row level security is on.")


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
