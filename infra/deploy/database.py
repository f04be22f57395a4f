"""Deploy the database: push the migrations, then reload every SQL function in one transaction, then close what is over.

    python -m infra.deploy.database deploy                  # the database that SUPABASE_DB_URL names
    python -m infra.deploy.database deploy postgresql://postgres.PROJECT:PASSWORD@HOST:5432/postgres

Functions are code: after a deploy the database has those of the files and no others of ours, not even an overload with
an older list of arguments. Tables are data: only migrations change them. Who may do what stands in supabase/grants.sql.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from infra.deploy.redaction import redact, secrets_in, split_password

INFRA = Path(__file__).parents[1]
SUPABASE_CLI = Path(__file__).with_name("node_modules") / ".bin" / "supabase"
FUNCTION_FILES = [
    *sorted((INFRA / "supabase" / "internal").glob("*.sql")),
    *sorted((INFRA / "supabase" / "api").glob("*.sql")),
]
OWNER = INFRA / "supabase" / "owner.sql"
GRANTS = INFRA / "supabase" / "grants.sql"
# A call that is under way at the reload goes on in the older functions. Wait for it before closing what these need;
# PostgREST's statements end after 8 s.
UNDER_WAY_SECONDS = 10
# Mark every function with this comment, so that the next deploy knows which functions it may drop.
MARK = "Resonance function, reloaded at every deploy"
URL_VARIABLE = "SUPABASE_DB_URL"  # the connection string, for whoever does not want it in the arguments of a process
QUIET = {"DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1"}


class DeployError(Exception):
    """A step failed and was rolled back; the message says why."""


def deploy(url: str) -> None:
    """Bring the database at `url` up to this checkout; safe to run again. Raises DeployError, psycopg.Error."""
    push_migrations(url)
    reload_functions(url)


def push_migrations(url: str) -> None:
    """Apply the migrations that the database does not have, with the Supabase CLI. Raises DeployError."""
    address, password = split_password(url)  # everybody on this machine sees the arguments of a process
    push = subprocess.run(
        [SUPABASE_CLI, "db", "push", "--workdir", INFRA, f"--remote={address}", "--skip-vault", "--yes"],
        env=os.environ | QUIET | ({"PGPASSWORD": password} if password else {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if push.returncode != 0:
        output = redact(f"{push.stdout}{push.stderr}".replace(url, "the database"), secrets_in(url))
        raise DeployError(f"supabase db push failed:\n{output}")


def reload_functions(url: str) -> None:
    """Replace all SQL functions in one transaction: a caller sees the old set or the new one. Raises DeployError.

    Then, when the calls that were under way have ended, drop the functions that are no longer ours, and set the grants.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('resonance deploy'))")  # one deploy at a time
        connection.execute(OWNER.read_bytes())
        with connection.transaction():
            names = load_all(connection)
        under_way = transactions_under_way(connection)
        wait_for_end(connection, under_way)
        with connection.transaction():
            drop(connection, marks(connection).keys() - names)
            connection.execute(GRANTS.read_bytes())
            connection.execute("notify pgrst, 'reload schema'")


def load_all(connection: psycopg.Connection) -> set[str]:
    """Create or replace the functions of all files, and give their signatures. Raises DeployError."""
    connection.execute("set local check_function_bodies = off")  # the files may call each other in any order
    before, ours = versions(connection), set(marks(connection))
    for path in FUNCTION_FILES:
        load(connection, path, ours)
    made = versions(connection).items() - before.items()
    names = {name for name, _ in made}
    if taken := names & before.keys() - ours:
        raise DeployError(f"Somebody else made {', '.join(sorted(taken))}. Rename it, or drop it first.")
    stale = marks(connection).keys() - names
    with connection.transaction(force_rollback=True):
        drop(connection, stale)  # fail now if something else uses one
    drop(connection, {name for name in stale if is_overload(name, names)})
    grant(connection, names)
    own(connection, names)
    mark(connection, names)
    connection.execute("notify pgrst, 'reload schema'")
    return names


def is_overload(name: str, names: set[str]) -> bool:
    """Whether a stale function of the API has the name of a new one: PostgREST would not know which one to call."""
    bare = name.partition("(")[0]
    return "." not in bare and bare in {other.partition("(")[0] for other in names}


def transactions_under_way(connection: psycopg.Connection) -> set[str]:
    """The transactions of other sessions in this database. pg_locks shows them to everybody."""
    rows = connection.execute(
        "select virtualtransaction from pg_locks join pg_stat_activity using (pid)"
        " where locktype = 'virtualxid' and pid <> pg_backend_pid()"
        " and datname = current_database() and usesysid is not null"  # not autovacuum
    )
    return {str(transaction) for (transaction,) in rows}


def wait_for_end(connection: psycopg.Connection, transactions: set[str]) -> None:
    """Return when the transactions have ended, or after UNDER_WAY_SECONDS."""
    deadline = time.monotonic() + UNDER_WAY_SECONDS
    while transactions & transactions_under_way(connection) and time.monotonic() < deadline:
        time.sleep(0.02)


def versions(connection: psycopg.Connection) -> dict[str, str]:
    """The functions in our two schemas by signature, with a version that changes when one is replaced."""
    rows = connection.execute(
        "select oid::regprocedure::text, oid || ':' || xmin from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'internal'::regnamespace)"
    )
    return {str(name): str(version) for name, version in rows}


def marks(connection: psycopg.Connection) -> dict[str, str]:
    """The comments of the functions that an earlier deploy made, by signature."""
    rows = connection.execute(
        "select objoid::regprocedure::text, description from pg_description"
        " where classoid = 'pg_proc'::regclass and description like %s",
        [f"{MARK}%"],
    )
    return {str(name): str(comment) for name, comment in rows}


def load(connection: psycopg.Connection, path: Path, ours: set[str]) -> None:
    """Create or replace the functions of a file.

    Do not drop and create: a call that looked the function up just before the commit would fail ("cache lookup failed
    for function"). Drop only where the type of the result changes, which Postgres does not replace.
    """
    source = path.read_text()
    replacing = re.sub(r"(?m)^create function", "create or replace function", source).encode()
    try:
        with connection.transaction():
            connection.execute(replacing)
    except psycopg.errors.InvalidFunctionDefinition:
        changed = set(re.findall(r"(?m)^create function (?:public\.)?([\w.]+)", source))
        drop(connection, {name for name in ours if name.split("(")[0] in changed})
        connection.execute(replacing)


def drop(connection: psycopg.Connection, names: set[str]) -> None:
    """Drop functions, without CASCADE: if something else uses one, fail instead of dropping that too."""
    if names:
        connection.execute(sql.SQL("drop function {}").format(sql.SQL(", ").join(map(sql.SQL, sorted(names)))))


def grant(connection: psycopg.Connection, names: set[str]) -> None:
    """Let only service_role execute the functions."""
    for name in map(sql.SQL, sorted(names)):
        connection.execute(sql.SQL("revoke all on function {} from public, anon, authenticated").format(name))
        connection.execute(sql.SQL("grant execute on function {} to service_role").format(name))
    connection.execute("grant execute on all functions in schema internal to resonance")


def own(connection: psycopg.Connection, names: set[str]) -> None:
    """Give the functions that run with their owner's rights to the role of owner.sql, also those of migrations.

    Not before migration 013: the migrations up to it bring tables that the role may not use yet.
    """
    missing = connection.execute("select internal.missing_migrations() ? '013'").fetchone()
    if missing == (True,):
        return
    rows = connection.execute(
        "select oid::regprocedure::text from pg_proc where prosecdef and proowner <> to_regrole('resonance')"
        " and (pronamespace = 'internal'::regnamespace or oid::regprocedure::text = any (%s))",
        [sorted(names)],
    ).fetchall()
    if rows:
        connection.execute("grant create on schema public, internal to resonance")  # Postgres asks that of an owner
        for (name,) in rows:
            connection.execute(sql.SQL("alter function {} owner to resonance").format(sql.SQL(name)))
        connection.execute("revoke create on schema public, internal from resonance")


def mark(connection: psycopg.Connection, names: set[str]) -> None:
    """Mark functions as ours, each with the hash of all files and with that of what they made of it."""
    made = definitions(connection)
    for name in sorted(names):
        comment = sql.SQL("comment on function {} is {}").format(sql.SQL(name), mark_of(made[name]))
        connection.execute(comment)


def mark_of(definition: str) -> str:
    """The comment on a function that this checkout made, and that nobody has changed since."""
    return f"{MARK} ({source_hash()}) {definition}"


def definitions(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """A hash of what each function in our two schemas is, by signature: body, options, settings and owner."""
    rows = connection.cursor(row_factory=tuple_row).execute(
        "select oid::regprocedure::text, md5(pg_get_functiondef(oid) || pg_get_userbyid(proowner)) from pg_proc"
        " where pronamespace in ('public'::regnamespace, 'internal'::regnamespace) and prokind <> 'a'"
    )
    return {str(name): str(definition) for name, definition in rows}


def source_hash() -> str:
    """A short hash of the function files, to compare a database with a checkout."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in FUNCTION_FILES))
    return digest.hexdigest()[:12]


def add_url(parser: argparse.ArgumentParser) -> None:
    """Add the argument `url`, which URL_VARIABLE in the environment makes optional."""
    given = os.environ.get(URL_VARIABLE)
    parser.add_argument(
        "url",
        nargs="?" if given else None,
        default=given,
        help=f"connection string of the database, as the owner of the tables (postgres); or set {URL_VARIABLE}",
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.deploy.database", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("command", choices=["deploy"])
    add_url(parser)
    arguments = parser.parse_args()
    try:
        deploy(arguments.url)
    except (DeployError, psycopg.Error) as error:
        print(f"The database was not deployed. {redact(str(error), secrets_in(arguments.url))}", file=sys.stderr)
        return 1
    print(f"Migrations pushed, {len(FUNCTION_FILES)} function files loaded ({source_hash()}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
