"""Deploy the database: push the migrations, then reload every SQL function in one transaction.

    python -m infra.database deploy postgresql://postgres:PASSWORD@HOST:5432/postgres

Functions are code: they are dropped and created anew as a whole, so that what serves is what the files say, and no
overload with an older list of arguments stays behind. Tables are data and change by migrations only.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

INFRA = Path(__file__).parent
SUPABASE_CLI = INFRA / "local" / "node_modules" / ".bin" / "supabase"
FUNCTION_FILES = [
    *sorted((INFRA / "supabase" / "internal").glob("*.sql")),
    *sorted((INFRA / "supabase" / "api").glob("*.sql")),
]
# The comment on every function that this module made: how the next deploy knows which ones to drop.
MARK = "Resonance function, reloaded at every deploy"

OURS = "where p.pronamespace in ('public'::regnamespace, 'internal'::regnamespace)"


class MigrationError(Exception):
    """The Supabase CLI could not apply the migrations."""


def deploy(url: str) -> None:
    """Bring the database at `url` up to this checkout. Raises MigrationError or psycopg.Error; safe to run again."""
    push_migrations(url)
    reload_functions(url)


def push_migrations(url: str) -> None:
    """Apply the migrations that the database has not seen, by the Supabase CLI."""
    push = subprocess.run(
        [SUPABASE_CLI, "db", "push", "--workdir", INFRA, f"--remote={url}", "--skip-vault", "--yes"],
        env=os.environ | {"DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if push.returncode != 0:
        raise MigrationError(f"supabase db push failed:\n{push.stdout}{push.stderr}".replace(url, "the database"))


def reload_functions(url: str) -> None:
    """Drop and create all SQL functions in one transaction: a caller sees the old set or the new one."""
    with psycopg.connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('resonance deploy'))")  # one deploy at a time
        connection.execute("set local check_function_bodies = off")  # the files may call each other in any order
        drop_functions(connection)
        foreign = functions(connection)
        for path in FUNCTION_FILES:
            connection.execute(path.read_bytes())
        grant_functions(connection, [name for name in functions(connection) if name not in foreign])
        connection.execute("notify pgrst, 'reload schema'")


def drop_functions(connection: psycopg.Connection) -> None:
    """Drop what an earlier deploy made. Without CASCADE: what else uses a function must make this fail, not vanish."""
    made_by_us = connection.execute(
        f"select p.oid::regprocedure::text from pg_proc p {OURS}"  # noqa: S608
        " and obj_description(p.oid, 'pg_proc') like %s",
        [f"{MARK}%"],
    ).fetchall()
    if made_by_us:
        names = sql.SQL(", ").join(sql.SQL(name) for (name,) in made_by_us)
        connection.execute(sql.SQL("drop function {}").format(names))


def functions(connection: psycopg.Connection) -> list[str]:
    """The signatures of all functions in our two schemas."""
    return [name for (name,) in connection.execute(f"select p.oid::regprocedure::text from pg_proc p {OURS}")]  # noqa: S608


def grant_functions(connection: psycopg.Connection, names: list[str]) -> None:
    """Let service_role alone execute the functions, and mark them as ours with the hash of all files."""
    mark = f"{MARK} ({source_hash()})"
    for name in map(sql.SQL, names):
        connection.execute(sql.SQL("revoke all on function {} from public, anon, authenticated").format(name))
        connection.execute(sql.SQL("grant execute on function {} to service_role").format(name))
        connection.execute(sql.SQL("comment on function {} is {}").format(name, mark))


def source_hash() -> str:
    """A short hash of the function files: what is deployed and what is checked out are the same when it is."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in FUNCTION_FILES))
    return digest.hexdigest()[:12]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.database", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("command", choices=["deploy"])
    parser.add_argument("url", help="connection string of the database, as the owner of the tables (postgres)")
    arguments = parser.parse_args()
    try:
        deploy(arguments.url)
    except (MigrationError, psycopg.Error) as error:
        print(f"The database was not deployed. {error}", file=sys.stderr)
        return 1
    print(f"Migrations pushed, {len(FUNCTION_FILES)} function files loaded ({source_hash()}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
