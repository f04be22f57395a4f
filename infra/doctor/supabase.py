"""Supabase: is the project up, is our key accepted, and is the schema the one of this release?

With the owner's connection string database.py looks at the database itself; without it, PostgREST shows a part.
"""

import os
import socket
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

import httpx

from infra.deploy.database import URL_VARIABLE
from infra.deploy.redaction import secrets_in
from infra.doctor import database as owner
from infra.doctor.check import Check, CheckError, Finding, failed, ok, once, warning
from shared import database
from shared.settings import DatabaseSettings, SettingsError, role_of

AREA = "Supabase"
SECONDS = 5.0
SKEW_SECONDS = 30
KEYS = "Take a secret key (sb_secret_...): Project Settings > API Keys."
ADD_URL = f"To see more, set {URL_VARIABLE}, or add --database-url URL (docs/deploy.md)."
EXPOSE = "Integrations > Data API: switch it on, and put public among the exposed schemas."
USE_HTTPS = "Let SUPABASE_URL begin with https://, then make a new secret key."
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SEE_PROJECT = "See the checks of the project and the key above."
# A table and a column that a migration added: PostgREST shows them if it was applied.
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


def checks(database_url: str | None) -> list[Check]:
    """All checks of this area; those that need the owner's connection say so if `database_url` is None."""
    answer = once(_request_project)
    return [
        Check(AREA, "project", lambda: _project(answer())),
        Check(AREA, "key", _key),
        Check(AREA, "clock", lambda: _clock(answer(), time.time())),
        Check(AREA, "migrations", lambda: owner.migrations(database_url) if database_url else _visible_migrations()),
        Check(AREA, "functions", lambda: owner.functions(database_url) if database_url else _answering_function()),
        Check(AREA, "grants", lambda: owner.grants(database_url) if database_url else _unseen("Who may do what")),
        Check(AREA, "realtime", lambda: owner.realtime(database_url) if database_url else _unseen("What is published")),
        Check(AREA, "brands", lambda: owner.brands(database_url) if database_url else _visible_brands()),
    ]


# --- Without a key


def _request_project() -> httpx.Response:
    """Send a request without a key: any answer shows that the project is up."""
    url = DatabaseSettings.load().rest_url
    try:
        address = httpx.URL(url)
        socket.getaddrinfo(address.host, address.port)
        return httpx.get(url, timeout=SECONDS)
    except (socket.gaierror, httpx.InvalidURL):
        raise CheckError(
            f"There is no address {url}.",
            "Compare SUPABASE_URL with Integrations > Data API. A project that was paused for long loses its address:"
            " restore it in the dashboard.",
        ) from None
    except httpx.TransportError as error:
        raise CheckError(
            f"{url} does not answer ({type(error).__name__}).", "Look at the dashboard and at status.supabase.com."
        ) from None


def _project(answer: httpx.Response) -> Finding:
    if answer.url.scheme != "https" and answer.url.host not in LOOPBACK:
        return failed(f"{answer.url.host} is asked without encryption: the key can be read on the way.", USE_HTTPS)
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


# --- With our key


def _key() -> Finding:
    try:
        kind = kind_of(DatabaseSettings.load().secret_key.get_secret_value())
    except SettingsError as error:
        return failed(f"{error}.", KEYS)
    if kind not in _PRIVILEGED:
        return failed(f"SUPABASE_SECRET_KEY is {kind}, which may do nothing here.", KEYS)
    status = _select(*SIGNS["001"]).status_code
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return failed(f"The project refuses the key ({kind}; {status}).", f"Is it of another project? {KEYS}")
    if status == httpx.codes.NOT_ACCEPTABLE:
        return failed("The Data API does not serve the schema public.", EXPOSE)
    if kind == LEGACY:
        return ok(f"SUPABASE_SECRET_KEY is {kind}, and is accepted; Supabase advises a secret key instead.")
    return ok(f"SUPABASE_SECRET_KEY is {kind}, and is accepted.")


SECRET, LEGACY = "a secret key", "the legacy service_role key"
_PRIVILEGED = (SECRET, LEGACY)


def kind_of(key: str) -> str:
    """Which kind of key it is, by its form; only the project knows whether it is valid."""
    if key.startswith("sb_secret_"):
        return SECRET
    if key.startswith("sb_publishable_"):
        return "a publishable key"
    role = role_of(key)
    if role is None:
        return "no key of Supabase"
    return {"service_role": LEGACY, "anon": "the anon key"}.get(role, "the key of another role")


def _select(table: str, column: str, rows: int = 0) -> httpx.Response:
    """Select a few rows of a column; the status shows whether it exists. Raises CheckError."""
    client = database.client()
    url = f"{DatabaseSettings.load().rest_url}/{table}"
    query: dict[str, str | int] = {"select": column, "limit": rows}
    try:
        return client.session.get(url, params=query, headers=client.headers, timeout=SECONDS)
    except httpx.TransportError as error:
        raise CheckError(f"The project does not answer ({type(error).__name__}).", SEE_PROJECT) from None


def _visible_migrations() -> Finding:
    lacking = [number for number, sign in SIGNS.items() if not _exists(*sign)]
    if lacking:
        return failed(f"Not applied: {', '.join(lacking)}, and what comes after.", owner.DEPLOY)
    return warning(f"What can be seen of the migrations is there (up to {max(SIGNS)}).", ADD_URL)


def _exists(table: str, column: str) -> bool:
    answer = _select(table, column)
    if answer.is_success:
        return True
    if answer.status_code not in (httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND):
        raise CheckError(f"The project answers {answer.status_code}.", SEE_PROJECT)
    return False


def _answering_function() -> Finding:
    try:
        database.rpc("get_level", caller=NOBODY, timeout=SECONDS)
    except database.DatabaseError as error:
        do = owner.DEPLOY if error.is_schema_behind else SEE_PROJECT
        return failed(f"The function get_level does not answer ({error.code or 'no answer'}).", do)
    return warning("Functions answer.", ADD_URL)


def _unseen(what: str) -> Finding:
    return warning(f"{what} is seen by the owner of the database only.", ADD_URL)


def _visible_brands() -> Finding:
    answer = _select("brands", "brand_id", 1)
    if not answer.is_success:
        return failed("The database shows no table of brands.", owner.DEPLOY)
    return ok("There are brands.") if answer.json() else owner.no_brand()


def secrets(database_url: str | None) -> set[str]:
    """The secrets of this area, which must not be printed."""
    found = {os.environ.get("SUPABASE_SECRET_KEY", "")}
    if database_url:
        found |= {database_url, *secrets_in(database_url)}
    with suppress(SettingsError):
        found.add(DatabaseSettings.load().secret_key.get_secret_value())
    return found
