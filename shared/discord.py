"""The few REST calls to Discord, with its rate limits obeyed.

https://discord.com/developers/docs/topics/rate-limits
"""

import json
import time
from functools import cache
from typing import IO, Any
from urllib.parse import quote

import httpx
from discord_interactions import InteractionResponseFlags, InteractionResponseType
from pydantic import SecretStr

from shared.reply import MessagePayload
from shared.settings import DiscordSettings

USER_AGENT = "DiscordBot (https://rsnc.network, 1)"
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
ALREADY_ACKNOWLEDGED = 40060

File = tuple[str, IO[bytes], str]  # name, content, media type

LEAST_PAUSE = 0.05  # seconds
_GLOBAL = "global"
# When (monotonic) each rate limit lets the next request through, as far as this process has seen. Other environments
# have seen other things: a 429 stays possible and is obeyed.
_open_at: dict[str, float] = {}


class DiscordError(Exception):
    """Discord refused a request or did not answer; `code` is Discord's own, 0 where it gave none."""

    def __init__(self, status: int, code: int = 0, message: str = "") -> None:
        super().__init__(f"Discord answered {status} (code {code}) {message}".strip())
        self.status = status
        self.code = code

    @property
    def is_passing(self) -> bool:
        """Is it worth trying again later: rate limited, broken, or no answer at all (status 0)?"""
        return self.status in (0, 429) or self.status >= 500

    @property
    def is_gone(self) -> bool:
        """Is the message or its channel gone for good?"""
        return self.code in (UNKNOWN_CHANNEL, UNKNOWN_MESSAGE)


@cache
def client() -> httpx.Client:
    """The connection that a cold start builds and every later request uses."""
    settings = DiscordSettings.load()
    headers = {"Authorization": f"Bot {settings.bot_token.get_secret_value()}", "User-Agent": USER_AGENT}
    return httpx.Client(base_url=settings.api_url, headers=headers)


def create_message(channel_id: str, message: MessagePayload, *, nonce: str, timeout: float) -> str:
    """Post a message and return its id. For some minutes the same nonce gives the same message, not a second one."""
    body = message | {"nonce": nonce, "enforce_nonce": True}
    route = f"/channels/{channel_id}/messages"
    created = request("POST", route, route, body, timeout=timeout)
    if not isinstance(created, dict) or "id" not in created:
        raise DiscordError(0, message="no message in the answer")
    return str(created["id"])


def edit_message(channel_id: str, message_id: str, message: MessagePayload, *, timeout: float) -> None:
    """Replace a message of ours."""
    route = f"/channels/{channel_id}/messages"
    request("PATCH", f"{route}/{message_id}", route, message, timeout=timeout)


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
    limit = f"{method} {route}"
    content = {"json": body} if file is None else _multipart(body, file)
    deadline = time.monotonic() + timeout
    while True:
        _wait(limit, deadline)
        try:
            response = client().request(method, path, **content, timeout=max(deadline - time.monotonic(), 0.05))
        except httpx.TransportError as error:
            raise DiscordError(0, message=type(error).__name__) from None
        _note_limits(limit, response)
        if response.is_success:
            return _json(response)
        if response.status_code != 429:
            raise _error(response)


def _wait(limit: str, deadline: float) -> None:
    """Sleep until the limit opens, or raise where that is after the deadline."""
    if time.monotonic() >= deadline:
        raise DiscordError(0, message="no time left")
    pause = max(_open_at.get(limit, 0), _open_at.get(_GLOBAL, 0)) - time.monotonic()
    if pause > 0:
        if time.monotonic() + pause >= deadline:
            raise DiscordError(429, message="rate limited")
        time.sleep(pause)


def _note_limits(limit: str, response: httpx.Response) -> None:
    """Remember when the next request may go."""
    headers = response.headers
    if response.status_code == 429:
        key = _GLOBAL if "x-ratelimit-global" in headers else limit
        # Without the header it is Cloudflare that is angry: leave it alone for a while.
        _open_at[key] = time.monotonic() + _seconds(headers.get("retry-after"), 5)
    elif headers.get("x-ratelimit-remaining") == "0":
        _open_at[limit] = time.monotonic() + _seconds(headers.get("x-ratelimit-reset-after"), 1)


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
    code = told.get("code")
    return DiscordError(response.status_code, code if isinstance(code, int) else 0, str(told.get("message", "")))


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
