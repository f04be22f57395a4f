"""Supabase: is the project up, may we in, and is the schema the one of this release?

What only the owner of the database can see is asked over a direct connection, where there is one.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import httpx
import psycopg
from psycopg.rows import tuple_row

from infra.deploy import database as deployment
from infra.deploy.redaction import redact, secrets_in
from infra.doctor.check import Check, CheckError, Finding, failed, ok, once, warning
from infra.doctor.surface import SNAPSHOT as SURFACE
from infra.doctor.surface import surface, tables_without_row_security
from shared import database
from shared.settings import DatabaseSettings, SettingsError, role_of

AREA = "Supabase"
SECONDS = 5.0
SKEW_SECONDS = 30
MIGRATIONS = sorted((deployment.INFRA / "supabase" / "migrations").glob("*.sql"))
DEPLOY = "Run python -m infra.deploy.database deploy with the connection string of the database."
KEYS = "Take a secret key (sb_secret_...): Project Settings > API Keys."
SEE_PROJECT = "See the checks of the project and the key above."
# What shows over PostgREST that a migration was applied: a table and a column of it.
SIGNS = {
    "001": ("discord_server_configs", "server_id"),
    "004": ("monitoring_rules", "id"),
    "005": ("discord_drops", "drop_id"),
    "006": ("reward_ledger", "id"),
    "007": ("discord_audit_log", "id"),
    "008": ("discord_user_stats", "reactions_received"),
    "009": ("member_earnings", "rsnc"),
}
NOBODY = {"server_id": "0", "user_id": "0", "role_ids": [], "manages_server": False}

Connection = psycopg.Connection[tuple[Any, ...]]


def checks(database_url: str | None) -> list[Check]:
    """All of this area; what needs the owner's view says so where `database_url` is None."""
    answer = once(_ask_project)
    connect = partial(_connect, database_url or "")
    return [
        Check(AREA, "project", lambda: _project(answer())),
        Check(AREA, "key", _key),
        Check(AREA, "clock", lambda: _clock(answer(), time.time())),
        Check(AREA, "migrations", lambda: _migrations(connect) if database_url else _visible_migrations()),
        Check(AREA, "functions", lambda: _functions(connect) if database_url else _answering_function()),
        Check(AREA, "grants", lambda: _grants(connect) if database_url else _unseen()),
    ]


# --- What everybody may ask


def _ask_project() -> httpx.Response:
    """Any answer will do, so none of our keys goes along."""
    url = DatabaseSettings.load().rest_url
    try:
        address = httpx.URL(url)
        socket.getaddrinfo(address.host, address.port)
        return httpx.get(url, timeout=SECONDS)
    except (socket.gaierror, httpx.InvalidURL):
        raise CheckError(
            f"There is no address {url}.",
            "Compare SUPABASE_URL with Project Settings > Data API. A project that was paused for long loses its"
            " address: restore it in the dashboard.",
        ) from None
    except httpx.TransportError as error:
        raise CheckError(
            f"{url} does not answer ({type(error).__name__}).", "Look at the dashboard and at status.supabase.com."
        ) from None


def _project(answer: httpx.Response) -> Finding:
    status = answer.status_code
    if status == 540:
        return failed("The project is paused: nobody can earn or claim.", "Restore it in the Supabase dashboard.")
    if status == httpx.codes.PAYMENT_REQUIRED:
        return failed("Supabase restricts the project (402).", "The dashboard says why: a quota or an overdue bill.")
    if status >= 500:
        return failed(
            f"The project answers {status}: its database does not answer.", "Look at the dashboard and its logs."
        )
    return ok(f"{answer.url.host} answers.")


def _clock(answer: httpx.Response, now: float) -> Finding:
    date = answer.headers.get("date")
    if date is None:
        return warning("The project does not say what time it is.", "Compare the clocks by hand.")
    skew = round(now - parsedate_to_datetime(date).timestamp())
    if abs(skew) > SKEW_SECONDS:
        return failed(
            f"This machine's clock is {abs(skew)} seconds {'ahead of' if skew > 0 else 'behind'} the project's.",
            "Switch on the synchronisation of time (NTP) here; timestamps and signatures depend on it.",
        )
    return ok(f"The clocks agree within {SKEW_SECONDS} seconds.")


# --- What our key may ask


def _key() -> Finding:
    try:
        kind = kind_of(DatabaseSettings.load().secret_key.get_secret_value())
    except SettingsError as error:
        return failed(f"{error}.", KEYS)
    if kind not in _PRIVILEGED:
        return failed(f"SUPABASE_SECRET_KEY is {kind}, which may do nothing here.", KEYS)
    status = _look(*SIGNS["001"]).status_code
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return failed(f"The project refuses the key ({kind}; {status}).", f"Is it of another project? {KEYS}")
    if kind == LEGACY:
        return ok(f"SUPABASE_SECRET_KEY is {kind}, and is accepted; Supabase advises a secret key instead.")
    return ok(f"SUPABASE_SECRET_KEY is {kind}, and is accepted.")


SECRET, LEGACY = "a secret key", "the legacy service_role key"
_PRIVILEGED = (SECRET, LEGACY)


def kind_of(key: str) -> str:
    """Which kind of key it is, by its form; whether it is valid only the project knows."""
    if key.startswith("sb_secret_"):
        return SECRET
    if key.startswith("sb_publishable_"):
        return "a publishable key"
    role = role_of(key)
    if role is None:
        return "no key of Supabase"
    return {"service_role": LEGACY, "anon": "the anon key"}.get(role, "the key of another role")


def _look(table: str, column: str) -> httpx.Response:
    """Read nothing of a table, which shows that it is there. Raises CheckError."""
    client = database.client()
    url = f"{DatabaseSettings.load().rest_url}/{table}"
    query: dict[str, str | int] = {"select": column, "limit": 0}
    try:
        return client.session.get(url, params=query, headers=client.headers, timeout=SECONDS)
    except httpx.TransportError as error:
        raise CheckError(f"The project does not answer ({type(error).__name__}).", SEE_PROJECT) from None


def _visible_migrations() -> Finding:
    lacking = [number for number, sign in SIGNS.items() if not _is_there(*sign)]
    if lacking:
        return failed(f"Not applied: {', '.join(lacking)}, and what comes after.", DEPLOY)
    return warning(
        f"What can be seen of the migrations is there (up to {max(SIGNS)}).", "To see them all, add --database-url URL."
    )


def _is_there(table: str, column: str) -> bool:
    answer = _look(table, column)
    if answer.is_success:
        return True
    if answer.status_code not in (httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND):
        raise CheckError(f"The project answers {answer.status_code}.", SEE_PROJECT)
    return False


def _answering_function() -> Finding:
    try:
        database.rpc("get_level", caller=NOBODY, timeout=SECONDS)
    except database.DatabaseError as error:
        do = DEPLOY if error.is_schema_behind else SEE_PROJECT
        return failed(f"The function get_level does not answer ({error.code or 'no answer'}).", do)
    return warning("Functions answer.", "To see whether they are those of this release, add --database-url URL.")


def _unseen() -> Finding:
    return warning("Who may do what is seen by the owner of the database only.", "Add --database-url URL.")


# --- What only the owner sees


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    """A connection that cannot change anything. Raises CheckError for what goes wrong with it."""
    try:
        with psycopg.connect(url, connect_timeout=int(SECONDS), row_factory=tuple_row) as connection:
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


def _migrations(connect: Callable[[], Any]) -> Finding:
    with connect() as connection:
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


def _functions(connect: Callable[[], Any]) -> Finding:
    with connect() as connection:
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


def _grants(connect: Callable[[], Any]) -> Finding:
    with connect() as connection:
        found = surface(connection).splitlines()
        unguarded = tables_without_row_security(connection)
    if not SURFACE.exists():
        return warning("There is nothing to compare with: this is no whole checkout.", "Run it from a clone.")
    expected = SURFACE.read_text().splitlines()
    different = sorted({line.partition(":")[0] for line in set(expected) - set(found)})
    names = {line.partition(":")[0].removeprefix("table ") for line in expected if line.startswith("table ")}
    different += [f"row level security of {table}" for table in unguarded if table in names]
    if different:
        shown = ", ".join(different[:5]) + (f" and {len(different) - 5} more" if len(different) > 5 else "")
        return failed(f"Not as this release sets it: {shown}.", f"{DEPLOY} What stays was changed by hand: undo it.")
    return ok(f"All {len(expected)} grants are as this release sets them, and row level security is on.")


def secrets(database_url: str | None) -> set[str]:
    """What this area must not tell."""
    told = {os.environ.get("SUPABASE_SECRET_KEY", "")}
    if database_url:
        told |= {database_url, *secrets_in(database_url)}
    with suppress(SettingsError):
        told.add(DatabaseSettings.load().secret_key.get_secret_value())
    return told
