"""A local Discord: the REST routes that the bundle calls, as strict as the real ones.

`LocalDiscord.app` serves them under /api/v10. What tests and the demo do to it (read messages, react as a
member, delete by hand, forbid a channel, make requests fail) are its methods; other programs reach the same
over HTTP:

    POST /_local/<method>    the method's arguments as a JSON object; answers its result as JSON
                             (messages, message, say, react, unreact, edit_message, delete_message,
                             issue, reply, commands, forbid, allow, fail)
    GET  /_local/requests    {"requests": [...], "invalid_requests": n}

An example: POST /_local/react {"channel_id": "1", "message_id": "2", "emoji": "🎉", "user_id": "3"}.

Where the bundle answers an interaction with an empty 202, its reply came here: POST /_local/reply {"token": "..."}
gives the message, and each of its attachments has a url. Only tokens are taken that are known to belong to an
interaction. What goes through the local gateway is known; who calls a handler in another way says so before with
POST /_local/issue {"interaction": {...}}.
"""

import asyncio
import fnmatch
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.fake_discord import openapi
from infra.fake_discord.contract import ContractError, Json, Problem
from infra.fake_discord.rate_limits import Limits, RateLimits, rate_limited
from infra.fake_discord.refusals import DiscordError, Headers, invalid_form, refusal
from infra.fake_discord.request import body as body_of
from infra.fake_discord.request import check_ids
from infra.fake_discord.resources import new_message, user
from infra.fake_discord.routes import MESSAGE, MESSAGES, OWN_REACTION, Answer, Call, Endpoint, Routes
from infra.fake_discord.store import Store

# Requests and seconds. Discord does not publish its numbers and changes them; these are of the usual size.
LIMITS: Limits = {
    ("POST", MESSAGES): (5, 5.0),
    ("PATCH", MESSAGE): (5, 5.0),
    ("PUT", OWN_REACTION): (1, 0.25),
}
INVALID_REQUEST_SECONDS, MOST_INVALID_REQUESTS = 600, 10_000  # more are a ban


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
    """Discord on one machine; its state is kept in a file (":memory:" for nowhere).

    `latency` is how many seconds away it is: half of it goes by before a request arrives, half before its answer does.
    """

    def __init__(
        self,
        state_path: str,
        bot_token: str,
        application_id: str,
        *,
        public_key: str = "",
        limits: Limits = LIMITS,
        global_limit: int = 50,
        latency: float = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._token = bot_token
        self._application_id = application_id
        self._latency = latency
        self._clock = clock
        self._store = Store(state_path, application_id)
        self.listeners = self._store.listeners  # who wants to know of messages that change
        self._rate_limits = RateLimits(limits, global_limit)
        self._forbidden: dict[str, int] = {}
        self._failures: list[Failure] = []
        self._invalid: deque[float] = deque()
        self.requests: deque[Logged] = deque(maxlen=1000)
        self.endpoint = Endpoint(public_key)
        calls = Routes(self._store, application_id, self.endpoint, clock).calls()
        self.app = Starlette(
            routes=[*(self._route(*call) for call in calls), *self._local_routes(), self.attachment_route()],
            exception_handlers={HTTPException: _not_found},
        )

    def close(self) -> None:
        """Close the state file."""
        self._store.close()

    # What tests and other programs do --------------------------------------------------------------------

    @property
    def invalid_requests(self) -> int:
        """Answers of the last ten minutes that count towards Discord's ban (401, 403, own 429)."""
        while self._invalid and self._invalid[0] <= self._clock() - INVALID_REQUEST_SECONDS:
            self._invalid.popleft()
        return len(self._invalid)

    def messages(self, channel_id: str) -> list[Json]:
        """All messages of a channel, the oldest first."""
        return self._store.messages(channel_id)

    def message(self, message_id: str) -> Json:
        """One message; KeyError when there is none."""
        return self._store.message(message_id)

    def message_in(self, channel_id: str, message_id: str) -> Json:
        """One message of a channel that everybody sees there; DiscordError when there is none."""
        return self._store.message_in(channel_id, message_id)

    def say(self, channel_id: str, content: str, user_id: str, name: str | None = None, bot: bool = False) -> Json:
        """Post a message as a member, or as another bot."""
        message = new_message(channel_id, user(user_id, name, bot=bot), {"content": content}, self._clock())
        self._store.add_message(message)
        return message

    def keep_reply(self, message: Json) -> None:
        """Put a reply that came by HTTP (the answer to an interaction) into its channel."""
        self._store.add_message(message)

    def react(self, channel_id: str, message_id: str, emoji: str, user_id: str, bot: bool = False) -> None:
        """Add a reaction as a member, or as another bot."""
        self._store.add_reaction(channel_id, message_id, emoji, user_id, bot=bot)

    def unreact(self, channel_id: str, message_id: str, emoji: str, user_id: str) -> None:
        """Take a member's reaction back."""
        self._store.delete_reaction(channel_id, message_id, emoji, user_id)

    def reacted(self, message_id: str, emoji: str, limit: int = 100) -> list[str]:
        """Who reacted to a message with an emoji, by id, bots included."""
        return [user_id for user_id, _ in self._store.reacted(message_id, emoji, 0, limit)]

    def edit_message(self, channel_id: str, message_id: str, fields: Json) -> Json:
        """Change a message, as a reply of type UPDATE_MESSAGE (its data) makes Discord do."""
        return self._store.edit_message(channel_id, message_id, fields, self._clock())

    def delete_message(self, channel_id: str, message_id: str) -> None:
        """Delete a message by hand."""
        self._store.delete_message(channel_id, message_id)

    def issue(self, interaction: Json) -> None:
        """Take the token of an interaction that is about to be delivered, for 15 minutes."""
        self._store.issue(interaction, self._clock())

    def reply(self, token: str) -> Json:
        """The message that an interaction was answered with over REST; KeyError when there is none."""
        issued = self._store.issued(token)
        if issued is None or issued.reply_id is None:
            raise KeyError("no reply")
        return self._store.message(issued.reply_id)

    def attachment(self, attachment_id: str) -> bytes:
        """What is in a file of a message; KeyError when there is none."""
        return self._store.attachment(attachment_id)

    def commands(self, guild_id: str | None = None) -> list[Json]:
        """The registered commands: the global ones, or those of one server."""
        return self._store.commands(guild_id)

    def forbid(self, channel_id: str, code: int = 50013) -> None:
        """Refuse a channel (or a server): 50013 no permission to write, 50001 no access, 10003 gone."""
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
        with self._store.lock:
            self._failures.append(Failure(failing, times, method, path, after))

    # What Discord does -----------------------------------------------------------------------------------

    def _route(self, method: str, template: str, call: Call) -> Route:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            await asyncio.sleep(self._latency / 2)
            with self._store.lock:
                answer = self._answer(request, template, raw, call)
            await asyncio.sleep(self._latency / 2)
            return answer

        return Route("/api/v10" + template, endpoint, methods=[method])

    def _answer(self, request: Request, template: str, raw: bytes, call: Call) -> Response:
        if self.invalid_requests >= MOST_INVALID_REQUESTS:
            return self._turn_away(request)
        headers: Headers = {}
        problems: list[Problem] = []
        try:
            self._authenticate(request)
            headers = self._rate_limits.spend(self._clock(), request.method, template, request.path_params)
            status, payload = self._perform(request, raw, call)
        except ContractError as error:
            problems, refused = error.problems, invalid_form(error.problems)
            status, payload = refused.status, refused.body
        except DiscordError as refused:
            status, payload, headers = refused.status, refused.body, {**headers, **refused.headers}
        self._record(request, status, headers, problems)
        return Response(status_code=204, headers=headers) if payload is None else JSONResponse(payload, status, headers)

    def _turn_away(self, request: Request) -> Response:
        """The ban: Cloudflare answers in Discord's place."""
        self.requests.append(Logged(self._clock(), request.method, _api_path(request), 429))
        return Response("error code: 1015", 429, {"Retry-After": str(INVALID_REQUEST_SECONDS)}, "text/plain")

    def _authenticate(self, request: Request) -> None:
        if not re.match(r"DiscordBot \([^,()]+, [^()]+\)", request.headers.get("User-Agent", "")):
            raise refusal(40333)
        sent = request.headers.get("Authorization")
        if sent != f"Bot {self._token}" and not (sent is None and _has_token(request)):
            raise DiscordError(401, 0, "401: Unauthorized")

    def _perform(self, request: Request, raw: bytes, call: Call) -> Answer:
        path = _api_path(request)
        self._fail_if_told(request.method, path, after=False)
        check_ids(request.path_params)
        self._check_access(request)
        body, request.state.files = body_of(request, raw)
        request.state.size = len(raw)
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
        places = [request.path_params.get(name, "") for name in ("channel_id", "guild_id")]
        code = next((self._forbidden[place] for place in places if place in self._forbidden), None)
        if code and not (code == 50013 and request.method == "GET"):
            raise refusal(code)
        if request.path_params.get("application_id", self._application_id) != self._application_id:
            raise refusal(20012)

    def _record(self, request: Request, status: int, headers: Headers, problems: list[Problem]) -> None:
        now = self._clock()
        if status in (401, 403) or (status == 429 and headers.get("X-RateLimit-Scope") != "shared"):
            self._invalid.append(now)
        self.requests.append(Logged(now, request.method, _shown_path(request), status, [str(p) for p in problems]))

    # The same over HTTP ----------------------------------------------------------------------------------

    def _local_routes(self) -> list[Route]:
        methods: list[Callable[..., Any]] = [self.messages, self.message, self.say, self.react, self.unreact]
        methods += [self.edit_message, self.delete_message, self.issue, self.reply]
        methods += [self.commands, self.forbid, self.allow, self.fail]
        routes = [Route(f"/_local/{method.__name__}", _local(method), methods=["POST"]) for method in methods]
        return [*routes, Route("/_local/requests", self._local_requests, methods=["GET"])]

    def attachment_route(self) -> Route:
        """Where the files of messages are; they are to be saved and never shown, whatever is in them."""

        async def endpoint(request: Request) -> Response:
            headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(request.path_params['filename'])}"}
            try:
                content = self.attachment(request.path_params["attachment_id"])
                return Response(content, headers=headers, media_type="application/octet-stream")
            except (KeyError, ValueError):
                return JSONResponse({"message": "404: Not Found"}, 404)

        return Route("/attachments/{channel_id}/{attachment_id}/{filename}", endpoint)

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


def _api_path(request: Request) -> str:
    return request.url.path.removeprefix("/api/v10")


def _has_token(request: Request) -> bool:
    """Is there a token in the path, which stands for the bot's own?"""
    return any(name.endswith("_token") for name in request.path_params)


def _shown_path(request: Request) -> str:
    """The path without the token that may be in it."""
    path = _api_path(request)
    for name, value in request.path_params.items():
        path = path.replace(value, f"{{{name}}}") if name.endswith("_token") else path
    return path


def _check_own_answer(method: str, path: str, status: int, payload: Any) -> None:
    try:
        openapi.check_response(method, path, status, payload)
    except ContractError as error:
        # Not the caller's fault: it must not read as a refusal.
        raise RuntimeError(f"the local Discord is wrong: {error}") from error
