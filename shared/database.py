"""The one way to the database: `rpc` calls an SQL function over PostgREST.

Only the `postgrest` part of the supabase package is imported: `import supabase` would load its auth, storage and
realtime clients into every cold start as well.
"""

import time
from functools import cache
from typing import Any

import httpx
from postgrest import APIError, SyncPostgrestClient

from shared.connection import Headers, RefreshingAuth
from shared.kept_connection import KeptConnection
from shared.settings import DatabaseSettings

RETRY_SECONDS = 0.1

# Retry at once: PostgREST without its database (PGRST000 to 003), Postgres starting, stopping or out of connections, a
# deadlock's victim, a function that a deploy replaced at this moment (XX000, cache lookup failed).
_RETRYABLE = {"PGRST000", "PGRST001", "PGRST002", "PGRST003", "57P01", "57P02", "57P03", "53300", "40P01", "XX000"}
# By the status alone: the gateway timed out (408), is busy (429), or did not reach the server behind it.
_GATEWAY_TROUBLE = {408, 429, *range(502, 600)}
_CANCELLED = "57014"  # by statement_timeout


class DatabaseError(Exception):
    """The database refused a call: a bug of ours, or a schema that is behind."""

    def __init__(self, function: str, code: str | None, message: str | None) -> None:
        super().__init__(f"{function}: {code} {message}")
        self.code = code

    @property
    def is_schema_behind(self) -> bool:
        """Does the database lack a function, a table or a column that this release uses?"""
        return self.code in ("PGRST202", "42883", "42P01", "42703")


class DatabaseUnavailableError(DatabaseError):
    """The database did not answer in time. Whether it carried the call out is unknown; repeating the call is safe."""


@cache
def client() -> SyncPostgrestClient:
    """The connection that a cold start builds and every later call uses."""
    rest_url = DatabaseSettings.load().rest_url
    hooks = {"response": [_raise_for_trouble]}
    auth, transport = RefreshingAuth(_auth_headers), KeptConnection(rest_url)
    http_client = httpx.Client(auth=auth, transport=transport, event_hooks=hooks)
    return SyncPostgrestClient(rest_url, headers={}, http_client=http_client)


def _auth_headers() -> Headers:
    key = DatabaseSettings.load().secret_key.get_secret_value()
    # PostgREST refuses a new-style key (sb_secret_...) as a bearer token (PGRST301): it is no JWT.
    return {"apikey": key} if key.startswith("sb_") else {"apikey": key, "Authorization": f"Bearer {key}"}


def renew() -> None:
    """Make a new connection and read the key again."""
    client().session.close()
    client.cache_clear()
    client()


def rpc(name: str, *, timeout: float, **arguments: Any) -> Any:
    """Call the SQL function `name` and return its JSON; `timeout` is in seconds, retries included.

    Retry until the time is up where the database is away, even where it may have carried the call out: every function
    is harmless to repeat. Raises DatabaseUnavailableError, else DatabaseError.
    """
    deadline = time.monotonic() + timeout
    parameters = {f"p_{key}": value for key, value in arguments.items()}
    while True:
        # A Lambda environment handles one event at a time: nobody else uses this session meanwhile.
        client().session.timeout = httpx.Timeout(max(deadline - time.monotonic(), 0.05))
        try:
            return client().rpc(name, parameters).execute().data
        except (httpx.HTTPError, APIError) as error:
            failure = _failure(name, error)
        is_passing = isinstance(failure, DatabaseUnavailableError) and failure.code != _CANCELLED
        if not is_passing or time.monotonic() + RETRY_SECONDS >= deadline:
            raise failure
        time.sleep(RETRY_SECONDS)


def _failure(name: str, error: httpx.HTTPError | APIError) -> DatabaseError:
    if isinstance(error, APIError):
        is_away = error.code in _RETRYABLE or error.code == _CANCELLED
        return (DatabaseUnavailableError if is_away else DatabaseError)(name, error.code, error.message)
    if isinstance(error, httpx.HTTPStatusError):
        return DatabaseUnavailableError(name, str(error.response.status_code), error.response.text[:200])
    return DatabaseUnavailableError(name, None, type(error).__name__)  # no answer, or one that cannot be read


def _raise_for_trouble(response: httpx.Response) -> None:
    """Raise HTTPStatusError for an answer whose status shows that it does not come from Postgres."""
    if response.status_code in _GATEWAY_TROUBLE or response.status_code == 400:
        response.read()
        if response.status_code != 400 or not _has_code(response):
            response.raise_for_status()


def _has_code(response: httpx.Response) -> bool:
    """Does the body name an error? PostgREST's 400 names none where it lost its connection to Postgres."""
    try:
        return bool(response.json().get("code"))
    except (ValueError, AttributeError):
        return False
