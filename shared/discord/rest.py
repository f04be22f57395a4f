"""The few REST requests to Discord.

https://discord.com/developers/docs/reference
"""

import json
import time
from functools import cache
from typing import IO, Any, NamedTuple
from urllib.parse import quote

import httpx

from shared.connection import Headers, RefreshingAuth, ssl_context
from shared.discord import rate_limits, snowflake
from shared.discord.emoji import Emoji
from shared.discord.error import DiscordError
from shared.discord.reply import MessagePayload
from shared.format import is_id
from shared.settings import DiscordSettings

USER_AGENT = "DiscordBot (https://rsnc.network, 1)"

OLD_SECONDS = 3600  # edits of older messages have a limit of their own
PAGE = 100  # of a list, the most that Discord gives

File = tuple[str, IO[bytes] | bytes, str]  # name, content, media type


class Request(NamedTuple):
    """A request; `route` is its path with the channel but without the message."""

    method: str
    path: str
    route: str
    body: Any = None
    files: tuple[File, ...] = ()
    edits_old_message: bool = False
    limited_as: str | None = None  # the method whose limit it shares

    @property
    def bucket(self) -> str:
        """The rate limit that it shares with all requests of its route."""
        return f"{self.limited_as or self.method} {self.route}"

    @property
    def limits(self) -> tuple[str, ...]:
        """The rate limits that it falls under, its bucket first."""
        return (self.bucket, f"{self.bucket} of old messages") if self.edits_old_message else (self.bucket,)


@cache
def client() -> httpx.Client:
    """The connection that a cold start builds and every later request uses."""
    auth = RefreshingAuth(_auth_headers)
    headers = {"User-Agent": USER_AGENT}
    return httpx.Client(base_url=DiscordSettings.load().api_url, headers=headers, auth=auth, verify=ssl_context())


def _auth_headers() -> Headers:
    return {"Authorization": f"Bot {DiscordSettings.load().bot_token.get_secret_value()}"}


def renew() -> None:
    """Make a new connection and read the token again at the next request; forget limits of the clock of before."""
    client().close()
    client.cache_clear()
    rate_limits.reset()


def send(request: Request, *, timeout: float) -> Any:
    """Send a request once its rate limit allows and return the JSON; `timeout` is in seconds, waits included.

    Raises DiscordError.
    """
    deadline, not_before = time.monotonic() + timeout, 0.0
    while True:
        rate_limits.wait(request.limits, deadline, not_before)
        try:
            return send_now(request, timeout=max(deadline - time.monotonic(), 0.05))
        except DiscordError as error:
            not_before = time.monotonic() + error.retry_after
            if error.status != 429 or not_before >= deadline:
                raise


def send_now(request: Request, *, timeout: float) -> Any:
    """Send a request without looking at its rate limit and return the JSON. Raises DiscordError, also for a 429."""
    try:
        response = client().request(request.method, request.path, **_content(request), timeout=timeout)
    except httpx.RequestError as error:  # no answer, or one that cannot be read
        raise DiscordError(0, message=type(error).__name__) from None
    refusal = None if response.is_success else _error(response)
    rate_limits.note(request.limits, response.headers, refusal)
    if refusal:
        raise refusal
    return _json(response)


def _content(request: Request) -> dict[str, Any]:
    if not request.files:
        return {} if request.body is None else {"json": request.body}
    files = {f"files[{number}]": file for number, file in enumerate(request.files)}
    return {"data": {"payload_json": json.dumps(request.body)}, "files": files}


def _json(response: httpx.Response) -> Any:
    """The JSON of a response, None where there is none."""
    try:
        return response.json()
    except ValueError:
        return None


def _error(response: httpx.Response) -> DiscordError:
    status, headers, body = response.status_code, response.headers, _json(response)
    details = body if isinstance(body, dict) else {}
    code, message = details.get("code"), str(details.get("message", ""))
    scope, retry_after = headers.get("x-ratelimit-scope"), 0.0
    if status == 429:
        scope = "global" if rate_limits.is_global(headers, details) else scope
        retry_after = rate_limits.retry_after(headers, details)
    return DiscordError(status, code if isinstance(code, int) else 0, message, scope, retry_after)


def path(template: str, *ids: str, **names: str) -> str:
    """Fill the `{}` of a path with ids, and its `{name}`s with text as one part of it, so that it leads nowhere else.

    Raises ValueError for what is no id, and for a part that would change the path.
    """
    if not all(map(is_id, ids)):
        raise ValueError(f"not an id, in {template}")
    if {"", ".", ".."} & set(names.values()):
        raise ValueError(f"not a part of a path, in {template}")
    return template.format(*ids, **{name: quote(text, safe="") for name, text in names.items()})


def message_creation(channel_id: str, message: MessagePayload, *, nonce: str, files: tuple[File, ...] = ()) -> Request:
    """The request that posts a message; `created_id` reads its answer. Raises ValueError for what is no id.

    For some minutes the same nonce gives the same message, not a second one.
    """
    route = path("/channels/{}/messages", channel_id)
    body = message | {"nonce": nonce, "enforce_nonce": True}
    return Request("POST", route, route, body | attachments(files) if files else body, files)


def attachments(files: tuple[File, ...]) -> dict[str, Any]:
    """What the body of a request says of the files that are sent with it."""
    return {"attachments": [{"id": str(number), "filename": file[0]} for number, file in enumerate(files)]}


def created_id(created: Any) -> str:
    """The id of a message that was posted. Raises DiscordError where the answer has none."""
    if not isinstance(created, dict) or "id" not in created:
        raise DiscordError(0, message="no message in the answer")
    return str(created["id"])


def message_edit(channel_id: str, message_id: str, message: MessagePayload) -> Request:
    """The request that replaces a message of ours. Raises ValueError for what is no id.

    Its files stay, because the body does not name `attachments`. An embed shows one by `attachment://` and its name; by
    its address, it would be shown twice (https://github.com/discord/discord-api-docs/issues/5675).
    """
    route = path("/channels/{}/messages", channel_id)
    edited = path("/channels/{}/messages/{}", channel_id, message_id)
    is_old = time.time() - snowflake.made_at(message_id) > OLD_SECONDS
    return Request("PATCH", edited, route, message, edits_old_message=is_old)


def message_deletion(channel_id: str, message_id: str) -> Request:
    """The request that deletes a message of ours. Raises ValueError for what is no id."""
    route = path("/channels/{}/messages", channel_id)
    return Request("DELETE", path("/channels/{}/messages/{}", channel_id, message_id), route)


def thread_opening(request: Request) -> Request:
    """The request that opens the archived thread of a request for its messages.

    It needs the permission to send messages there, for a thread that is locked Manage Threads.
    """
    channel = "/".join(request.route.split("/")[:3])
    return Request("PATCH", channel, channel, {"archived": False})


def reaction(channel_id: str, message_id: str, emoji: Emoji) -> Request:
    """The request that adds the bot's reaction to a message. Raises ValueError for what is no id."""
    return _own_reaction("PUT", channel_id, message_id, emoji)


def reaction_removal(channel_id: str, message_id: str, emoji: Emoji) -> Request:
    """The request that takes the bot's reaction away. Raises ValueError for what is no id."""
    return _own_reaction("DELETE", channel_id, message_id, emoji)


def _own_reaction(method: str, channel_id: str, message_id: str, emoji: Emoji) -> Request:
    template = "/channels/{}/messages/{}/reactions/{emoji}/@me"
    own = path(template, channel_id, message_id, emoji=emoji.in_path)
    return Request(method, own, path("/channels/{}/messages/reactions", channel_id), limited_as="PUT")


def reactors(channel_id: str, message_id: str, emoji: Emoji, *, is_super: bool, after: str) -> Request:
    """The request for a PAGE of those who reacted, in the order of their ids, normally or with a super reaction."""
    template = "/channels/{}/messages/{}/reactions/{emoji}"
    listed = path(template, channel_id, message_id, emoji=emoji.in_path)
    query = f"?limit={PAGE}&type={int(is_super)}&after={path('{}', after)}"
    return Request("GET", listed + query, path("/channels/{}/messages/reactions", channel_id))


def messages(channel_id: str, *, before: str | None = None, after: str | None = None) -> Request:
    """The request for a PAGE of a channel's messages, the newest first: the last ones, or those next to an id.

    Without the permission to read the history Discord gives none, and no error.
    """
    route = path("/channels/{}/messages", channel_id)
    sides = [f"&{side}={path('{}', id_)}" for side, id_ in (("before", before), ("after", after)) if id_ is not None]
    return Request("GET", f"{route}?limit={PAGE}{''.join(sides)}", route)


def message(channel_id: str, message_id: str) -> Request:
    """The request for one message."""
    one = path("/channels/{}/messages/{}", channel_id, message_id)
    return Request("GET", one, path("/channels/{}/messages/one", channel_id))


def member(server_id: str, user_id: str) -> Request:
    """The request for a member of a server, with their roles."""
    return Request("GET", path("/guilds/{}/members/{}", server_id, user_id), path("/guilds/{}/members", server_id))


def active_threads(server_id: str) -> Request:
    """The request for all threads of a server that are not archived and that the bot can see."""
    route = path("/guilds/{}/threads/active", server_id)
    return Request("GET", route, route)


def channel(channel_id: str) -> Request:
    """The request for a channel."""
    route = path("/channels/{}", channel_id)
    return Request("GET", route, route)


def get_channel(channel_id: str, *, timeout: float) -> Any:
    """Get a channel. Raises DiscordError, and ValueError for what is no id."""
    return send(channel(channel_id), timeout=timeout)


def get_channels(guild_id: str, *, timeout: float) -> list[dict[str, Any]]:
    """Get the channels of a server, without threads. Raises DiscordError, and ValueError for what is no id."""
    return _all_of(path("/guilds/{}/channels", guild_id), timeout)


def get_roles(guild_id: str, *, timeout: float) -> list[dict[str, Any]]:
    """Get the roles of a server. Raises DiscordError, and ValueError for what is no id."""
    return _all_of(path("/guilds/{}/roles", guild_id), timeout)


def _all_of(route: str, timeout: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = send(Request("GET", route, route), timeout=timeout)
    return found


def get_emoji(guild_id: str, emoji_id: str, *, timeout: float) -> Any:
    """Get an emoji of a server. Raises DiscordError, and ValueError for what is no id."""
    route = path("/guilds/{}/emojis", guild_id)
    return send(Request("GET", path("/guilds/{}/emojis/{}", guild_id, emoji_id), route), timeout=timeout)


def get_commands(guild_id: str | None = None, *, timeout: float = 10) -> list[dict[str, Any]]:
    """Get the application's global commands, or those of one server."""
    route = _commands_path(guild_id)
    commands: list[dict[str, Any]] = send(Request("GET", route, route), timeout=timeout)
    return commands


def put_commands(
    commands: list[dict[str, Any]], guild_id: str | None = None, *, timeout: float = 10
) -> list[dict[str, Any]]:
    """Replace all global commands of the application, or those of one server."""
    route = _commands_path(guild_id)
    registered: list[dict[str, Any]] = send(Request("PUT", route, route, commands), timeout=timeout)
    return registered


def _commands_path(guild_id: str | None) -> str:
    application_id = DiscordSettings.load().application_id
    if guild_id is None:
        return path("/applications/{}/commands", application_id)
    return path("/applications/{}/guilds/{}/commands", application_id, guild_id)
