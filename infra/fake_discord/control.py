"""Control routes under /_local for other programs: they do over HTTP what tests do in Python."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.fake_discord.errors import DiscordError
from infra.fake_discord.guard import refusal
from infra.fake_discord.request_log import RequestLog

Endpoint = Callable[[Request], Awaitable[Response]]


def control_routes(methods: list[Callable[..., Any]], log: RequestLog) -> Iterator[Route]:
    """One route for each method, and one for the log."""
    for method in methods:
        yield Route(f"/_local/{method.__name__}", _guarded(_calling(method)), methods=["POST"])
    yield Route("/_local/requests", _guarded(_reading(log)), methods=["GET"])


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Refuse web pages: the doors ask for no key."""

    async def guarded(request: Request) -> Response:
        if why := refusal(request.scope):
            return JSONResponse({"message": why}, 403)
        return await endpoint(request)

    return guarded


def _calling(method: Callable[..., Any]) -> Endpoint:
    """Take the method's arguments as a JSON object, and answer its result as JSON."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(method(**await request.json()))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"message": f"{type(error).__name__}: {error}"}, 400)
        except DiscordError as error:
            return JSONResponse(error.body, error.status)

    return endpoint


def _reading(log: RequestLog) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        requests = [asdict(request) for request in log.requests]
        return JSONResponse({"requests": requests, "invalid_requests": log.invalid_requests})

    return endpoint
