"""Discord's REST API below /api/v10: who may ask, how often, and whether requests and answers keep the contract."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.fake_discord import openapi
from infra.fake_discord.contract import ContractError, Problem
from infra.fake_discord.errors import DiscordError, Headers, api_error, invalid_form
from infra.fake_discord.rate_limits import RateLimits
from infra.fake_discord.request_log import INVALID_REQUEST_SECONDS, RequestLog
from infra.fake_discord.rest import (
    application,
    channels,
    commands,
    emojis,
    interactions,
    messages,
    parse,
    reactions,
    threads,
)
from infra.fake_discord.rest.bot import Answer, Bot, Operation, Operations

OPERATIONS: Operations = {
    **channels.OPERATIONS,
    **messages.OPERATIONS,
    **reactions.OPERATIONS,
    **interactions.OPERATIONS,
    **commands.OPERATIONS,
    **application.OPERATIONS,
    **threads.OPERATIONS,
    **emojis.OPERATIONS,
}


@dataclass(frozen=True)
class RestApi:
    """Answers one bot's requests, one at a time.

    `latency` is in seconds: half of it goes by before a request takes effect, half before its answer arrives.
    """

    bot: Bot
    token: str
    rate_limits: RateLimits
    log: RequestLog
    latency: float

    def routes(self) -> Iterator[Route]:
        """The routes of all operations."""
        for (method, template), operation in OPERATIONS.items():
            yield self._route(method, template, operation)

    def _route(self, method: str, template: str, operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            await asyncio.sleep(self.latency / 2)
            with self.bot.store.lock:
                answer = self._answer(request, template, raw, operation)
            await asyncio.sleep(self.latency / 2)
            return answer

        return Route("/api/v10" + template, endpoint, methods=[method])

    def _answer(self, request: Request, template: str, raw: bytes, operation: Operation) -> Response:
        if self.log.is_banned:
            self.log.add_banned(request.method, _path_without_token(request))
            return Response("error code: 1015", 429, {"Retry-After": str(INVALID_REQUEST_SECONDS)}, "text/plain")
        headers: Headers = {}
        problems: list[Problem] = []
        try:
            self._authenticate(request)
            headers = self.rate_limits.take(self.bot.clock(), request.method, template, request.path_params)
            status, payload = self._perform(request, raw, operation)
        except ContractError as error:
            problems, refused = error.problems, invalid_form(error.problems)
            status, payload = refused.status, refused.body
        except DiscordError as refused:
            status, payload, headers = refused.status, refused.body, {**headers, **refused.headers}
        self.log.add(request.method, _path_without_token(request), status, headers, [str(each) for each in problems])
        return _response(status, payload, headers)

    def _authenticate(self, request: Request) -> None:
        if not re.match(r"DiscordBot \([^,()]+, [^()]+\)", request.headers.get("User-Agent", "")):
            raise api_error(40333)
        sent = request.headers.get("Authorization")
        if sent != f"Bot {self.token}" and not (sent is None and _has_token(request)):
            raise DiscordError(401, 0, "401: Unauthorized")

    def _perform(self, request: Request, raw: bytes, operation: Operation) -> Answer:
        path = _path(request)
        self.bot.faults.raise_failure(request.method, path, after=False)
        parse.check_ids(request.path_params)
        self.bot.faults.raise_closed(request.method, self._places(request))
        self._check_application(request)
        body, request.state.files = parse.body(request, raw)
        request.state.size = len(raw)
        openapi.check_request(request.method, path, body)
        status, payload = operation(self.bot, request, body)
        _check_response(request.method, path, status, payload)
        self.bot.faults.raise_failure(request.method, path, after=True)
        return status, payload

    def _places(self, request: Request) -> Iterator[str | None]:
        """The channel in the path, the channel that it is a thread of, and the server."""
        if channel_id := request.path_params.get("channel_id"):
            yield from self.bot.store.channels.place(channel_id)
        yield request.path_params.get("guild_id")

    def _check_application(self, request: Request) -> None:
        if request.path_params.get("application_id", self.bot.application_id) != self.bot.application_id:
            raise api_error(20012)


def _response(status: int, payload: Any, headers: Headers) -> Response:
    if payload is None:
        return Response(status_code=204, headers=headers)
    if isinstance(payload, str):
        return Response(payload, status, headers, "text/plain")
    return JSONResponse(payload, status, headers)


def _check_response(method: str, path: str, status: int, payload: Any) -> None:
    try:
        openapi.check_response(method, path, status, payload)
    except ContractError as error:  # raise something else: the caller's request was right
        raise RuntimeError(f"the fake Discord is wrong: {error}") from error


def _path(request: Request) -> str:
    return request.url.path.removeprefix("/api/v10")


def _has_token(request: Request) -> bool:
    """Does the path hold a token, which then stands for the bot's own?"""
    return any(name.endswith("_token") for name in request.path_params)


def _path_without_token(request: Request) -> str:
    path = _path(request)
    for name, value in request.path_params.items():
        path = path.replace(value, f"{{{name}}}") if name.endswith("_token") else path
    return path
