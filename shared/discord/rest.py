"""The few REST calls to Discord, with its rate limits obeyed.

https://discord.com/developers/docs/topics/rate-limits
"""

import json
import time
from functools import cache
from typing import IO, Any, NamedTuple
from urllib.parse import quote

import httpx
from discord_interactions import InteractionResponseFlags, InteractionResponseType
from pydantic import SecretStr

from shared.connection import Headers, Key, tls
from shared.discord.reply import MessagePayload
from shared.settings import DiscordSettings

USER_AGENT = "DiscordBot (https://rsnc.network, 1)"
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
MISSING_ACCESS, MISSING_PERMISSIONS = 50001, 50013
ALREADY_ACKNOWLEDGED = 40060
BAD_USER_AGENT = 40333

File = tuple[str, IO[bytes], str]  # name, content, media type

LEAST_PAUSE = 0.05  # seconds
_GLOBAL = "global"
# When (monotonic) each rate limit lets the next request through, as far as this process has seen. Other environments
# have seen other things: a 429 stays possible and is obeyed. Threads share it: each entry is read and written whole.
_open_at: dict[str, float] = {}


class DiscordError(Exception):
    """Discord refused a request or did not answer; `code` is Discord's own, 0 where it gave none."""

    def __init__(self, status: int, code: int = 0, message: str = "", scope: str | None = None) -> None:
        super().__init__(f"Discord answered {status} (code {code}) {message}".strip())
        self.status = status
        self.code = code
        self.scope = scope

    @property
    def is_passing(self) -> bool:
        """Is it worth trying again later: rate limited, broken, or no answer at all (status 0)?"""
        return self.status in (0, 429) or self.status >= 500

    @property
    def is_gone(self) -> bool:
        """Is the message or its channel gone for good?"""
        return self.code in (UNKNOWN_CHANNEL, UNKNOWN_MESSAGE)

    @property
    def is_for_the_channel(self) -> bool:
        """Would every other request to the channel be refused as well?"""
        return self.code in (MISSING_ACCESS, MISSING_PERMISSIONS)

    @property
    def is_for_us(self) -> bool:
        """Would every other request of ours be refused as well: a token that was reset, an address that is banned?"""
        return self.status == 401 or (self.status == 403 and self.code in (0, BAD_USER_AGENT))

    @property
    def is_invalid(self) -> bool:
        """Is it one of those of which 10,000 in ten minutes are a ban?"""
        return self.status in (401, 403) or (self.status == 429 and self.scope != "shared")


class Call(NamedTuple):
    """What to ask, as `request` and `ask` take it; `route` is the path with its channel but without the message."""

    method: str
    path: str
    route: str
    body: Any = None


@cache
def client() -> httpx.Client:
    """The connection that a cold start builds and every later request uses."""
    api_url = DiscordSettings.load().api_url
    return httpx.Client(base_url=api_url, headers={"User-Agent": USER_AGENT}, auth=Key(_key), verify=tls())


def _key() -> Headers:
    return {"Authorization": f"Bot {DiscordSettings.load().bot_token.get_secret_value()}"}


def renew() -> None:
    """Begin anew: with no connection, the token as the secret has it, and no memory of limits by an older clock."""
    client().close()
    client.cache_clear()
    client()
    _open_at.clear()


def creation(channel_id: str, message: MessagePayload, *, nonce: str) -> Call:
    """The call that posts a message; `created_id` reads its answer.

    For some minutes the same nonce gives the same message, not a second one.
    """
    route = f"/channels/{channel_id}/messages"
    return Call("POST", route, route, message | {"nonce": nonce, "enforce_nonce": True})


def created_id(created: Any) -> str:
    """The id of a message that was posted. Raises DiscordError where the answer has none."""
    if not isinstance(created, dict) or "id" not in created:
        raise DiscordError(0, message="no message in the answer")
    return str(created["id"])


def edit_message(channel_id: str, message_id: str, message: MessagePayload, *, timeout: float) -> None:
    """Replace a message of ours."""
    request(*edit(channel_id, message_id, message), timeout=timeout)


def edit(channel_id: str, message_id: str, message: MessagePayload) -> Call:
    """The call that replaces a message of ours."""
    route = f"/channels/{channel_id}/messages"
    return Call("PATCH", f"{route}/{message_id}", route, message)


def get_commands(guild_id: str | None = None, *, timeout: float = 10) -> list[dict[str, Any]]:
    """The application's global commands as Discord has them, or those of one server."""
    path = _commands_path(guild_id)
    commands: list[dict[str, Any]] = request("GET", path, path, timeout=timeout)
    return commands


def put_commands(
    commands: list[dict[str, Any]], guild_id: str | None = None, *, timeout: float = 10
) -> list[dict[str, Any]]:
    """Replace all global commands of the application, or those of one server."""
    path = _commands_path(guild_id)
    registered: list[dict[str, Any]] = request("PUT", path, path, commands, timeout=timeout)
    return registered


def _commands_path(guild_id: str | None) -> str:
    scope = f"/guilds/{guild_id}" if guild_id else ""
    return f"/applications/{DiscordSettings.load().application_id}{scope}/commands"


def request(method: str, path: str, route: str, body: Any = None, *, file: File | None = None, timeout: float) -> Any:
    """Send a request once its rate limit allows and return the JSON; `timeout` is in seconds, waits included.

    `route` names the limit: the path with its channel but without the message. Raises DiscordError.
    """
    deadline = time.monotonic() + timeout
    while True:
        _wait(limit_of(method, route), deadline)
        try:
            return ask(method, path, route, body, file=file, timeout=max(deadline - time.monotonic(), 0.05))
        except DiscordError as error:
            if error.status != 429:
                raise


def ask(method: str, path: str, route: str, body: Any = None, *, file: File | None = None, timeout: float) -> Any:
    """Send a request now, whatever its rate limit, and return the JSON. Raises DiscordError, also where it is a 429."""
    content = {"json": body} if file is None else _multipart(body, file)
    try:
        response = client().request(method, path, **content, timeout=timeout)
    except httpx.RequestError as error:  # no answer, or one that cannot be read
        raise DiscordError(0, message=type(error).__name__) from None
    _note_limits(limit_of(method, route), response)
    if response.is_success:
        return _json(response)
    raise _error(response)


def limit_of(method: str, route: str) -> str:
    """The name of the rate limit that a request falls under."""
    return f"{method} {route}"


def opens_at(limit: str) -> float:
    """When (monotonic) a rate limit lets the next request through, as far as we know."""
    return max(_open_at.get(limit, 0), _open_at.get(_GLOBAL, 0))


def _wait(limit: str, deadline: float) -> None:
    """Sleep until the limit opens, or raise where that is after the deadline."""
    if time.monotonic() >= deadline:
        raise DiscordError(0, message="no time left")
    pause = opens_at(limit) - time.monotonic()
    if pause > 0:
        if time.monotonic() + pause >= deadline:
            raise DiscordError(429, message="rate limited")
        time.sleep(pause)


def _note_limits(limit: str, response: httpx.Response) -> None:
    """Remember when the next request may go."""
    headers = response.headers
    if response.status_code == 429:
        # Without a scope it is Cloudflare that is angry: leave everything alone for a while.
        everything = "x-ratelimit-global" in headers or "x-ratelimit-scope" not in headers
        _open_at[_GLOBAL if everything else limit] = time.monotonic() + _seconds(headers.get("retry-after"), 5)
    if headers.get("x-ratelimit-remaining") == "0":
        reset_at = time.monotonic() + _seconds(headers.get("x-ratelimit-reset-after"), 1)
        _open_at[limit] = max(reset_at, _open_at.get(limit, 0))


def _seconds(header: str | None, otherwise: float) -> float:
    """A header that should be a number of seconds; Cloudflare may send a date."""
    try:
        seconds = float(header or otherwise)
    except ValueError:
        return otherwise
    return seconds if seconds >= LEAST_PAUSE else LEAST_PAUSE  # also for NaN, which is not


def _json(response: httpx.Response) -> Any:
    """The JSON of an answer, None where there is none."""
    try:
        return response.json()
    except ValueError:
        return None


def _error(response: httpx.Response) -> DiscordError:
    body = _json(response)
    told = body if isinstance(body, dict) else {}
    code, scope = told.get("code"), response.headers.get("x-ratelimit-scope")
    return DiscordError(response.status_code, code if isinstance(code, int) else 0, str(told.get("message", "")), scope)


# --- Replies to interactions, by the token that came with them

SETTLING_SECONDS = 10  # so long after a defer Discord may not know the reply yet
SETTLING_PAUSE = 0.5  # seconds before the first further try, twice as long before each one after it


def defer_reply(interaction_id: str, token: SecretStr, *, timeout: float) -> None:
    """Tell Discord that the reply, which only the one who acted will see, follows within 15 minutes."""
    deferred = {
        "type": InteractionResponseType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE,
        "data": {"flags": InteractionResponseFlags.EPHEMERAL},
    }
    path = f"/interactions/{interaction_id}/{_in_path(token)}/callback"
    request("POST", path, f"/interactions/{interaction_id}", deferred, timeout=timeout)


def edit_reply(
    interaction_id: str,
    token: SecretStr,
    message: MessagePayload,
    *,
    file: File | None = None,
    deferred_at: float,
    timeout: float,
) -> None:
    """Give the reply that was deferred (at a monotonic time), with a file or without; what it had before is gone.

    Only in the seconds after the defer an unknown reply may become known, and only then it is tried again.
    """
    path = f"/webhooks/{DiscordSettings.load().application_id}/{_in_path(token)}/messages/@original"
    body = message | {"attachments": [{"id": "0", "filename": file[0]}] if file else []}
    deadline, pause = time.monotonic() + timeout, SETTLING_PAUSE
    last_try = min(deadline, deferred_at + SETTLING_SECONDS)
    while True:
        try:
            request("PATCH", path, f"/webhooks/{interaction_id}", body, file=file, timeout=deadline - time.monotonic())
        except DiscordError as error:
            if error.code != UNKNOWN_WEBHOOK or time.monotonic() + pause >= last_try:
                raise
        else:
            return
        time.sleep(pause)
        pause *= 2


def _in_path(token: SecretStr) -> str:
    return quote(token.get_secret_value(), safe="")


def _multipart(message: MessagePayload, file: File) -> dict[str, Any]:
    """A message with a file as the arguments of a request."""
    return {"data": {"payload_json": json.dumps(message)}, "files": {"files[0]": file}}
