"""A local Discord: the REST routes that the bundle calls, as strict as the real ones.

`LocalDiscord.app` serves them under /api/v10. What tests and the demo do to it (read messages, react as a
member, delete by hand, forbid a channel, make requests fail) are its methods; other programs reach the same
over HTTP:

    POST /_local/<method>    the method's arguments as a JSON object; answers its result as JSON
                             (messages, message, say, react, unreact, edit_message, delete_message,
                             commands, forbid, allow, fail)
    GET  /_local/requests    {"requests": [...], "invalid_requests": n}

An example: POST /_local/react {"channel_id": "1", "message_id": "2", "emoji": "🎉", "user_id": "3"}.
"""

import fnmatch
import hashlib
import itertools
import json
import math
import re
import sqlite3
import threading
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local import openapi
from infra.local.openapi import Json

EPOCH = 1_420_070_400_000  # Discord's: the first millisecond of 2015
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
REACTIONS = MESSAGE + "/reactions/{emoji_name}"
OWN_REACTION = REACTIONS + "/@me"
COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"

# Requests and seconds. Discord does not publish its numbers and changes them; these are of the usual size.
LIMITS: Mapping[tuple[str, str], tuple[int, float]] = {
    ("POST", MESSAGES): (5, 5.0),
    ("PATCH", MESSAGE): (5, 5.0),
    ("PUT", OWN_REACTION): (1, 0.25),
}
OTHER_LIMIT = (50, 1.0)
NONCE_SECONDS = 300
INVALID_REQUEST_SECONDS = 600
SCHEMA = """
create table if not exists messages (
    id integer primary key, channel_id text not null, nonce text, body text not null);
create index if not exists messages_by_channel on messages (channel_id, id);
create index if not exists messages_by_nonce on messages (nonce) where nonce is not null;
create table if not exists reactions (
    message_id integer not null references messages on delete cascade,
    emoji text not null, user_id integer not null, bot integer not null,
    primary key (message_id, emoji, user_id));
create table if not exists commands (scope text not null, place integer not null, body text not null,
    primary key (scope, place));
"""

Headers = dict[str, str]
Answer = tuple[int, Any]
Call = Callable[[Request, Any], Answer]

_increment = itertools.count()


def snowflake(at: float) -> str:
    """Make an id that Discord could have made at that time (seconds since 1970)."""
    return str((int(at * 1000) - EPOCH) << 22 | next(_increment) & 0xFFF)


class DiscordError(Exception):
    """A request that Discord answers with an error."""

    def __init__(self, status: int, code: int, message: str, /, headers: Headers | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"message": message, "code": code, **more}


_REFUSALS = {
    10003: (404, "Unknown Channel"),
    10008: (404, "Unknown Message"),
    10014: (400, "Unknown Emoji"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30010: (400, "Maximum number of reactions reached (20)"),
    40333: (403, "internal network error"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50013: (403, "Missing Permissions"),
    50109: (400, "The request body contains invalid JSON."),
}


def refusal(code: int) -> DiscordError:
    """The refusal that Discord sends with this code."""
    status, message = _REFUSALS[code]
    return DiscordError(status, code, message)


def invalid_form(problems: list[openapi.Problem]) -> DiscordError:
    """The refusal of a body, its problems nested as Discord nests them."""
    if any(problem.code == "EMPTY_MESSAGE" for problem in problems):
        return refusal(50006)
    errors: Json = {}
    for problem in problems:
        place = errors
        for key in problem.where:
            place = place.setdefault(str(key), {})
        place.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return DiscordError(400, 50035, "Invalid Form Body", errors=errors)


def rate_limited(retry_after: float, scope: str, headers: Headers | None = None) -> DiscordError:
    """A 429. Its body has no `code`: the documentation makes it optional, and it is mostly absent."""
    everywhere = {"X-RateLimit-Global": "true"} if scope == "global" else {}
    own = {"Retry-After": str(math.ceil(retry_after)), "X-RateLimit-Scope": scope, **everywhere}
    subject = "The resource is" if scope == "shared" else "You are"
    limited = DiscordError(429, 0, f"{subject} being rate limited.", {**(headers or {}), **own})
    limited.body = {
        "message": f"{subject} being rate limited.",
        "retry_after": round(retry_after, 3),
        "global": scope == "global",
    }
    return limited


@dataclass
class Bucket:
    """How many requests of one kind are left, and until when."""

    limit: int
    remaining: int
    reset: float

    def headers(self, now: float, name: str) -> Headers:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{self.reset:.3f}",
            "X-RateLimit-Reset-After": f"{max(self.reset - now, 0):.3f}",
            "X-RateLimit-Bucket": name,
        }


class RateLimits:
    """Discord's rate limits: per route and channel or server, and over all requests of the bot."""

    def __init__(self, limits: Mapping[tuple[str, str], tuple[int, float]], global_limit: int) -> None:
        self._limits = limits
        self._global_limit = (global_limit, 1.0)
        self._buckets: dict[object, Bucket] = {}

    def spend(self, now: float, method: str, template: str, parameters: Mapping[str, str]) -> Headers:
        """Take one request from its buckets and return the headers that say so; a 429 when none is left."""
        everything = self._bucket("global", self._global_limit, now)
        if not everything.remaining:
            raise rate_limited(everything.reset - now, "global")
        major = parameters.get("channel_id") or parameters.get("guild_id")
        bucket = self._bucket((method, template, major), self._limits.get((method, template), OTHER_LIMIT), now)
        everything.remaining -= 1
        name = hashlib.sha256(f"{method} {template}".encode()).hexdigest()[:16]
        if not bucket.remaining:
            raise rate_limited(bucket.reset - now, "user", bucket.headers(now, name))
        bucket.remaining -= 1
        return bucket.headers(now, name)

    def _bucket(self, key: object, limit: tuple[int, float], now: float) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None or bucket.reset <= now:
            bucket = self._buckets[key] = Bucket(limit[0], limit[0], now + limit[1])
        return bucket


@dataclass
class Failure:
    """An answer that is made to fail, `times` times, for requests that match."""

    refusal: DiscordError
    times: int
    method: str | None
    path: str | None
    after: bool

    def take(self, method: str, path: str, *, after: bool) -> bool:
        matches = self.method in (None, method) and (self.path is None or fnmatch.fnmatch(path, self.path))
        hit = self.times > 0 and self.after == after and matches
        self.times -= hit
        return hit


@dataclass(frozen=True)
class Logged:
    """A request as the log keeps it: nothing of its headers or body."""

    at: float
    method: str
    path: str
    status: int
    problems: list[str] = field(default_factory=list)


class LocalDiscord:
    """Discord on one machine; keeps messages, reactions and commands in SQLite (":memory:" for nowhere)."""

    def __init__(
        self,
        state_path: str,
        bot_token: str,
        application_id: str,
        *,
        limits: Mapping[tuple[str, str], tuple[int, float]] = LIMITS,
        global_limit: int = 50,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._token = bot_token
        self._application_id = application_id
        self._clock = clock
        self._rate_limits = RateLimits(limits, global_limit)
        self._forbidden: dict[str, int] = {}
        self._failures: list[Failure] = []
        self._invalid: deque[float] = deque()
        self.requests: deque[Logged] = deque(maxlen=1000)
        self._lock = threading.RLock()
        self._db = _database(str(state_path))
        self.app = Starlette(
            routes=[*self._api_routes(), *self._local_routes()],
            exception_handlers={HTTPException: _not_found},
        )

    def close(self) -> None:
        """Close the state file."""
        self._db.close()

    # What tests and other programs do --------------------------------------------------------------------

    @property
    def invalid_requests(self) -> int:
        """Answers of the last ten minutes that count towards Discord's ban (401, 403, own 429)."""
        while self._invalid and self._invalid[0] <= self._clock() - INVALID_REQUEST_SECONDS:
            self._invalid.popleft()
        return len(self._invalid)

    def messages(self, channel_id: str) -> list[Json]:
        """All messages of a channel, the oldest first."""
        query = "select body from messages where channel_id = ? order by id"
        return [self._with_reactions(json.loads(body)) for (body,) in self._all(query, channel_id)]

    def message(self, message_id: str) -> Json:
        """One message; KeyError when there is none."""
        rows = self._all("select body from messages where id = ?", int(message_id))
        if not rows:
            raise KeyError(message_id)
        return self._with_reactions(json.loads(rows[0][0]))

    def say(self, channel_id: str, content: str, user_id: str) -> Json:
        """Post a message as a member."""
        message = new_message(channel_id, user(user_id), {"content": content}, self._clock())
        self._store(message, None)
        return message

    def react(self, channel_id: str, message_id: str, emoji: str, user_id: str, bot: bool = False) -> None:
        """Add a reaction as a member, or as another bot."""
        self._message_in(channel_id, message_id)
        query = "insert or ignore into reactions values (?, ?, ?, ?)"
        self._all(query, int(message_id), emoji, int(user_id), bot)

    def unreact(self, channel_id: str, message_id: str, emoji: str, user_id: str) -> None:
        """Take a member's reaction back."""
        self._message_in(channel_id, message_id)
        query = "delete from reactions where message_id = ? and emoji = ? and user_id = ?"
        self._all(query, int(message_id), emoji, int(user_id))

    def edit_message(self, channel_id: str, message_id: str, fields: Json) -> Json:
        """Change a message, as a reply of type UPDATE_MESSAGE (its data) makes Discord do."""
        message = changed(self._message_in(channel_id, message_id), fields, self._clock())
        self._all("update messages set body = ? where id = ?", json.dumps(message), int(message_id))
        return message

    def delete_message(self, channel_id: str, message_id: str) -> None:
        """Delete a message by hand."""
        self._message_in(channel_id, message_id)
        self._all("delete from messages where id = ?", int(message_id))

    def commands(self, guild_id: str | None = None) -> list[Json]:
        """The registered commands: the global ones, or those of one server."""
        query = "select body from commands where scope = ? order by place"
        return [json.loads(body) for (body,) in self._all(query, guild_id or "global")]

    def forbid(self, channel_id: str, code: int = 50013) -> None:
        """Refuse a channel: 50013 no permission to write, 50001 no access, 10003 gone."""
        self._forbidden[channel_id] = code

    def allow(self, channel_id: str) -> None:
        """Undo `forbid`."""
        self._forbidden.pop(channel_id, None)

    def fail(
        self,
        status: int,
        code: int = 0,
        message: str = "",
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        retry_after: float = 1.0,
        scope: str = "user",
        after: bool = False,
    ) -> None:
        """Make the next requests fail.

        `path` is a shell pattern below /api/v10, such as "/channels/*/messages". With `after` the request
        takes effect and only its answer is lost. `retry_after` and `scope` belong to status 429.
        """
        failing = DiscordError(status, code, message) if status != 429 else rate_limited(retry_after, scope)
        with self._lock:
            self._failures.append(Failure(failing, times, method, path, after))

    # What Discord does -----------------------------------------------------------------------------------

    def _api_routes(self) -> list[Route]:
        return [
            self._route("POST", MESSAGES, self._create_message),
            self._route("GET", MESSAGES, self._list_messages),
            self._route("GET", MESSAGE, self._get_message),
            self._route("PATCH", MESSAGE, self._update_message),
            self._route("DELETE", MESSAGE, self._delete_message),
            self._route("PUT", OWN_REACTION, self._add_own_reaction),
            self._route("GET", REACTIONS, self._list_reactions),
            *(
                self._route(method, template, call)
                for template in (COMMANDS, GUILD_COMMANDS)
                for method, call in (("GET", self._list_commands), ("PUT", self._set_commands))
            ),
        ]

    def _route(self, method: str, template: str, call: Call) -> Route:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            with self._lock:
                return self._answer(request, template, raw, call)

        return Route("/api/v10" + template, endpoint, methods=[method])

    def _answer(self, request: Request, template: str, raw: bytes, call: Call) -> Response:
        headers: Headers = {}
        problems: list[openapi.Problem] = []
        try:
            self._authenticate(request)
            headers = self._rate_limits.spend(self._clock(), request.method, template, request.path_params)
            status, payload = self._perform(request, raw, call)
        except openapi.ContractError as error:
            problems, refused = error.problems, invalid_form(error.problems)
            status, payload = refused.status, refused.body
        except DiscordError as refused:
            status, payload, headers = refused.status, refused.body, {**headers, **refused.headers}
        self._record(request, status, headers, problems)
        return Response(status_code=204, headers=headers) if payload is None else JSONResponse(payload, status, headers)

    def _authenticate(self, request: Request) -> None:
        if not re.match(r"DiscordBot \([^,()]+, [^()]+\)", request.headers.get("User-Agent", "")):
            raise refusal(40333)
        if request.headers.get("Authorization") != f"Bot {self._token}":
            raise DiscordError(401, 0, "401: Unauthorized")

    def _perform(self, request: Request, raw: bytes, call: Call) -> Answer:
        path = _api_path(request)
        self._fail_if_told(request.method, path, after=False)
        _check_ids(request.path_params)
        self._check_access(request)
        body = _json_body(request, raw)
        openapi.check_request(request.method, path, body)
        status, payload = call(request, body)
        _check_own_answer(request.method, path, status, payload)
        self._fail_if_told(request.method, path, after=True)
        return status, payload

    def _fail_if_told(self, method: str, path: str, *, after: bool) -> None:
        for failure in self._failures:
            if failure.take(method, path, after=after):
                raise failure.refusal

    def _check_access(self, request: Request) -> None:
        code = self._forbidden.get(request.path_params.get("channel_id", ""))
        if code and not (code == 50013 and request.method == "GET"):
            raise refusal(code)
        if request.path_params.get("application_id", self._application_id) != self._application_id:
            raise refusal(20012)

    def _record(self, request: Request, status: int, headers: Headers, problems: list[openapi.Problem]) -> None:
        now = self._clock()
        if status in (401, 403) or (status == 429 and headers.get("X-RateLimit-Scope") != "shared"):
            self._invalid.append(now)
        self.requests.append(Logged(now, request.method, _api_path(request), status, [str(p) for p in problems]))

    def _create_message(self, request: Request, body: Json) -> Answer:
        nonce = str(body["nonce"]) if body.get("enforce_nonce") and body.get("nonce") is not None else None
        if nonce is not None and (sent := self._sent_with(nonce)):
            return 200, sent
        channel_id = request.path_params["channel_id"]
        message = new_message(channel_id, self._bot(), body, self._clock())
        self._store(message, nonce)
        return 200, message

    def _sent_with(self, nonce: str) -> Json | None:
        """The message that the bot sent with this nonce, if that was a few minutes ago at most."""
        since = int(snowflake(self._clock() - NONCE_SECONDS))
        rows = self._all("select body from messages where nonce = ? and id > ?", nonce, since)
        return self._with_reactions(json.loads(rows[0][0])) if rows else None

    def _list_messages(self, request: Request, _: None) -> Answer:
        limit, before, after = _limit(request, 50), _id(request, "before"), _id(request, "after")
        messages = [
            message
            for message in reversed(self.messages(request.path_params["channel_id"]))
            if (before is None or int(message["id"]) < before) and (after is None or int(message["id"]) > after)
        ]
        return 200, messages[-limit:] if after is not None and before is None else messages[:limit]

    def _get_message(self, request: Request, _: None) -> Answer:
        return 200, self._asked_message(request)

    def _update_message(self, request: Request, body: Json) -> Answer:
        message = self._asked_message(request)
        if message["author"]["id"] != self._application_id:
            raise refusal(50005)
        if not any(changed(message, body, 0)[part] for part in ("content", "embeds", "components", "attachments")):
            raise refusal(50006)
        return 200, self.edit_message(message["channel_id"], message["id"], body)

    def _delete_message(self, request: Request, _: None) -> Answer:
        message = self._asked_message(request)
        self.delete_message(message["channel_id"], message["id"])
        return 204, None

    def _add_own_reaction(self, request: Request, _: None) -> Answer:
        message, emoji = self._asked_message(request), _emoji(request)
        names = {_emoji_name(reaction["emoji"]) for reaction in message.get("reactions", ())}
        if emoji not in names and len(names) >= 20:
            raise refusal(30010)
        self.react(message["channel_id"], message["id"], emoji, self._application_id, bot=True)
        return 204, None

    def _list_reactions(self, request: Request, _: None) -> Answer:
        message, emoji = self._asked_message(request), _emoji(request)
        query = (
            "select user_id, bot from reactions where message_id = ? and emoji = ? and user_id > ? "
            "order by user_id limit ?"
        )
        rows = self._all(query, int(message["id"]), emoji, _id(request, "after") or 0, _limit(request, 25))
        return 200, [self._user(str(user_id), bot=bool(bot)) for user_id, bot in rows]

    def _list_commands(self, request: Request, _: None) -> Answer:
        return 200, self.commands(request.path_params.get("guild_id"))

    def _set_commands(self, request: Request, body: list[Json] | None) -> Answer:
        guild_id = request.path_params.get("guild_id")
        known = {(command["type"], command["name"]): command for command in self.commands(guild_id)}
        fresh = [self._registered(command, known, guild_id) for command in body or []]
        with self._db:
            self._all("begin")
            self._all("delete from commands where scope = ?", guild_id or "global")
            for place, command in enumerate(fresh):
                self._all("insert into commands values (?, ?, ?)", guild_id or "global", place, json.dumps(command))
        return 200, fresh

    def _registered(self, command: Json, known: Mapping[tuple[int, str], Json], guild_id: str | None) -> Json:
        """A command as Discord gives it back; it keeps its id while its name and type stay."""
        fields = {**_COMMAND_DEFAULTS, **_plain(command), "application_id": self._application_id}
        if fields["default_member_permissions"] is not None:
            fields["default_member_permissions"] = str(fields["default_member_permissions"])
        if guild_id:
            fields["guild_id"] = guild_id
        old = known.get((fields["type"], fields["name"]), {})
        fields["id"] = old.get("id") or snowflake(self._clock())
        same = {**fields, "version": old.get("version")} == old
        return old if same else {**fields, "version": snowflake(self._clock())}

    def _asked_message(self, request: Request) -> Json:
        return self._message_in(request.path_params["channel_id"], request.path_params["message_id"])

    def _message_in(self, channel_id: str, message_id: str) -> Json:
        try:
            message = self.message(message_id)
        except KeyError:
            raise refusal(10008) from None
        if message["channel_id"] != channel_id:
            raise refusal(10008)
        return message

    def _user(self, user_id: str, *, bot: bool) -> Json:
        return self._bot() if user_id == self._application_id else user(user_id, bot=bot)

    def _bot(self) -> Json:
        return user(self._application_id, "Resonance", bot=True)

    # State -----------------------------------------------------------------------------------------------

    def _all(self, query: str, *arguments: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, arguments).fetchall()

    def _store(self, message: Json, nonce: str | None) -> None:
        query = "insert into messages (id, channel_id, nonce, body) values (?, ?, ?, ?)"
        self._all(query, int(message["id"]), message["channel_id"], nonce, json.dumps(message))

    def _with_reactions(self, message: Json) -> Json:
        query = (
            "select emoji, count(*), max(user_id = ?) from reactions where message_id = ? "
            "group by emoji order by min(rowid)"
        )
        rows = self._all(query, int(self._application_id), int(message["id"]))
        reactions = [_reaction(emoji, count, me=bool(me)) for emoji, count, me in rows]
        return {**message, "reactions": reactions} if reactions else message

    # The same over HTTP ----------------------------------------------------------------------------------

    def _local_routes(self) -> list[Route]:
        methods: list[Callable[..., Any]] = [self.messages, self.message, self.say, self.react, self.unreact]
        methods += [self.edit_message, self.delete_message, self.commands, self.forbid, self.allow, self.fail]
        routes = [Route(f"/_local/{method.__name__}", _local(method), methods=["POST"]) for method in methods]
        return [*routes, Route("/_local/requests", self._local_requests, methods=["GET"])]

    async def _local_requests(self, _: Request) -> Response:
        requests = [asdict(request) for request in self.requests]
        return JSONResponse({"requests": requests, "invalid_requests": self.invalid_requests})


def _local(method: Callable[..., Any]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(method(**await request.json()))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"message": f"{type(error).__name__}: {error}"}, 400)
        except DiscordError as refused:
            return JSONResponse(refused.body, refused.status)

    return endpoint


async def _not_found(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": f"{error.status_code}: {error.detail}", "code": 0}, error.status_code)


def _database(path: str) -> sqlite3.Connection:
    # One connection under one lock: uvicorn's thread and the tests' threads share it.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = off")
    database.execute("pragma foreign_keys = on")
    database.executescript(SCHEMA)
    return database


# Reading a request -----------------------------------------------------------------------------------------


def _api_path(request: Request) -> str:
    return request.url.path.removeprefix("/api/v10")


def _check_own_answer(method: str, path: str, status: int, payload: Any) -> None:
    try:
        openapi.check_response(method, path, status, payload)
    except openapi.ContractError as error:
        # Not the caller's fault: it must not read as a refusal.
        raise RuntimeError(f"the local Discord is wrong: {error}") from error


def _check_ids(parameters: Mapping[str, str]) -> None:
    for name, value in parameters.items():
        if name.endswith("_id") and not _is_snowflake(value):
            raise _bad_parameter(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def _is_snowflake(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,20}", value) is not None


def _bad_parameter(name: str, code: str, message: str) -> DiscordError:
    return invalid_form([openapi.Problem((name,), message, code)])


def _json_body(request: Request, raw: bytes) -> Any:
    if request.method in ("GET", "DELETE") or request.url.path.endswith("/@me"):
        return None
    if request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        raise _bad_parameter("_content_type", "CONTENT_TYPE_INVALID", 'Expected "Content-Type" application/json.')
    try:
        return json.loads(raw)
    except ValueError:
        raise refusal(50109) from None


def _limit(request: Request, default: int) -> int:
    text = request.query_params.get("limit", str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise _bad_parameter("limit", "NUMBER_TYPE_BAD_RANGE", "int value should be between 1 and 100.")
    return int(text)


def _id(request: Request, name: str) -> int | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    _check_ids({f"{name}_id": value})
    return int(value)


def _emoji(request: Request) -> str:
    emoji = str(request.path_params["emoji_name"])
    custom = re.fullmatch(r"\w{2,32}:[0-9]+", emoji)
    if not custom and not any(unicodedata.category(character) in ("So", "Me") for character in emoji):
        raise refusal(10014)
    return emoji


# Writing an answer -----------------------------------------------------------------------------------------

_COMMAND_DEFAULTS: Json = {
    "type": 1,
    "description": "",
    "name_localizations": None,
    "description_localizations": None,
    "default_member_permissions": None,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
}


def user(user_id: str, name: str | None = None, *, bot: bool = False) -> Json:
    """A user as Discord describes one."""
    return {
        "id": user_id,
        "username": (name or f"user-{user_id}").lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        "avatar_decoration_data": None,
        **({"bot": True} if bot else {}),
    }


def new_message(channel_id: str, author: Json, body: Json, at: float) -> Json:
    """A message as Discord describes it after it was posted."""
    message = {
        "id": snowflake(at),
        "type": 0,
        "channel_id": channel_id,
        "author": author,
        "timestamp": timestamp(at),
        "edited_timestamp": None,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "pinned": False,
        "tts": bool(body.get("tts")),
        **_parts({"content": "", "embeds": [], "components": [], "flags": 0, **body}),
    }
    if body.get("nonce") is not None:
        message["nonce"] = body["nonce"]
    return message


def changed(message: Json, fields: Json, at: float) -> Json:
    """The message after an edit: what `fields` leaves out stays."""
    return {**message, **_parts(fields), "edited_timestamp": timestamp(at)}


def timestamp(at: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")


def _parts(body: Json) -> Json:
    parts: Json = {}
    if "content" in body:
        parts["content"] = body["content"] or ""
    if "embeds" in body:
        parts["embeds"] = [_embed(embed) for embed in body["embeds"] or []]
    if "components" in body:
        parts["components"] = numbered(body["components"] or [], itertools.count(1))
    if body.get("flags") is not None:
        parts["flags"] = body["flags"]
    return parts


def _embed(embed: Json) -> Json:
    plain = {"type": "rich", **_plain(embed)}
    if "fields" in plain:
        plain["fields"] = [{"inline": False, **field} for field in plain["fields"]]
    return plain


def numbered(components: list[Json], ids: Iterator[int]) -> list[Json]:
    """The components with the ids that Discord gives them, in reading order."""
    result = []
    for component in components:
        plain = _plain(component)
        plain.setdefault("id", next(ids))
        if "components" in plain:
            plain["components"] = numbered(plain["components"], ids)
        for part in ("component", "accessory"):
            if part in plain:
                plain[part] = numbered([plain[part]], ids)[0]
        result.append(plain)
    return result


def _plain(value: Any) -> Any:
    """Without what Discord leaves out of its answers: nulls, and options' `false` and empty lists."""
    if isinstance(value, dict):
        optional = ("required", "autocomplete", "choices", "options")
        return {key: _plain(item) for key, item in value.items() if item is not None and (item or key not in optional)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _reaction(emoji: str, count: int, *, me: bool) -> Json:
    name, _, custom_id = emoji.partition(":")
    return {
        "emoji": {"id": custom_id or None, "name": name},
        "count": count,
        "count_details": {"burst": 0, "normal": count},
        "burst_colors": [],
        "me_burst": False,
        "me": me,
    }


def _emoji_name(emoji: Json) -> str:
    return f"{emoji['name']}:{emoji['id']}" if emoji["id"] else str(emoji["name"])
