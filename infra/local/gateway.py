"""Lambda's Function URL on this machine: turn a request into an event, and the handler's result into a response."""

import base64
import json
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.fake_discord import openapi
from infra.fake_discord.contract import ContractError
from infra.fake_discord.fake import FakeDiscord
from infra.local import template
from infra.local.environment import Environments, Invocation
from infra.local.rest import rest_route

BODY_LIMIT = 6 * 1024 * 1024  # bytes; Lambda's limit for a synchronous request
# The types that AWS passes on as text; it encodes any other body as base64, also one without a type. AWS does not list
# them; they were measured: https://github.com/ministackorg/ministack/pull/766
TEXT_TYPES = {"application/json", "application/javascript", "application/xml"}

log = logging.getLogger(__name__)


class Gateway:
    """Serves `functions.interactions` at /interactions and `functions.events` at /v1/events.

    `clock_offset` moves the clock of both by that many seconds.

    `discord` accepts the tokens of all interactions that arrive here: whoever has the stack's key may send some.
    The PostgREST at `rest_url` is served at /rest/v1, so that Supabase's clients find it.
    """

    def __init__(
        self,
        environments: Environments,
        function: template.Function | None = None,
        discord: FakeDiscord | None = None,
        rest_url: str | None = None,
    ) -> None:
        self.clock_offset = 0.0
        self._discord = discord
        self._environments = environments
        self._function = function or template.functions()["interactions"]
        self._events_function = function or template.functions()["events"]
        methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
        routes = [
            Route("/", _index),
            Route("/interactions", self._interactions, methods=methods),
            Route("/v1/{path:path}", self._events, methods=methods),
        ]
        self.app = Starlette(routes=routes + ([rest_route(rest_url)] if rest_url else []))

    async def _interactions(self, request: Request) -> Response:
        body = await _body(request)
        if self._discord:
            _issue(self._discord, body)
        response = await run_in_threadpool(self._answer, self._function, function_url_event(request, body))
        if response.status_code == 200:
            _check(bytes(response.body))
        return response

    async def _events(self, request: Request) -> Response:
        event = function_url_event(request, await _body(request))
        return await run_in_threadpool(self._answer, self._events_function, event)

    def _answer(self, function: template.Function, event: dict[str, Any]) -> Response:
        invocation = self._environments.invoke(function.handler, event, function.timeout, self.clock_offset)
        if invocation.error:
            log.error("%s failed: %s: %s", function.name, *invocation.error)
            response = _internal_server_error()
        else:
            response = _response(invocation.result)
        response.headers["server-timing"] = server_timing(invocation)
        return response


def server_timing(invocation: Invocation) -> str:
    """The Server-Timing header: how long an invocation took, and which database functions it called.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Server-Timing
    """
    calls = [f'database;desc="{name}"' for name in invocation.database_calls]
    return ", ".join([f"handler;dur={invocation.milliseconds:.1f}", *["cold"] * invocation.cold, *calls])


def function_url_event(request: Request, body: bytes) -> dict[str, Any]:
    """The event that a Function URL without IAM makes of a request.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
    """
    headers = _headers(request)
    encoded = not _is_text(headers.get("content-type", ""), body)
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.url.path,
        "rawQueryString": request.url.query,
        "headers": headers,
        "requestContext": _request_context(request, headers),
        "isBase64Encoded": encoded and bool(body),
    }
    if request.url.query:
        event["queryStringParameters"] = _joined(parse_qsl(request.url.query, keep_blank_values=True))
    if cookie := headers.pop("cookie", None):
        event["cookies"] = cookie.split("; ")
    if body:
        event["body"] = base64.b64encode(body).decode() if encoded else body.decode()
    return event


def _request_context(request: Request, headers: dict[str, str]) -> dict[str, Any]:
    now = time.time()
    return {
        "accountId": "anonymous",
        "apiId": "local",
        "domainName": headers.get("host", "localhost"),
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": request.url.path,
            "protocol": f"HTTP/{request.scope['http_version']}",
            "sourceIp": request.client.host if request.client else "127.0.0.1",
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid4()),
        "routeKey": "$default",
        "stage": "$default",
        "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S %z"),
        "timeEpoch": int(now * 1000),
    }


def _headers(request: Request) -> dict[str, str]:
    return _joined((name.lower(), value) for name, value in request.headers.items())


def _joined(pairs: Any) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _is_text(content_type: str, body: bytes) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    if not (media_type.startswith("text/") or media_type in TEXT_TYPES):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413)
    return bytes(body)


def _response(result: Any) -> Response:
    """The response that AWS makes of a handler's return value; without a status code the whole value is the body."""
    if not isinstance(result, dict) or "statusCode" not in result:
        return JSONResponse(result)
    try:
        body = result.get("body") or ""
        content = base64.b64decode(body) if result.get("isBase64Encoded") else body.encode()
        headers = {name.lower(): str(value) for name, value in (result.get("headers") or {}).items()}
        return Response(content, int(result["statusCode"]), {"content-type": "application/json", **headers})
    except (AttributeError, TypeError, ValueError):
        log.exception("the handler's answer is not a Function URL response")
        return _internal_server_error()


def _internal_server_error() -> Response:
    return JSONResponse({"message": "Internal Server Error"}, 502)


def _check(body: bytes) -> None:
    """Log an error if Discord would refuse the reply; it is sent all the same, as on Lambda."""
    try:
        openapi.check_reply(json.loads(body))
    except (ContractError, ValueError) as error:
        log.error("DISCORD WOULD REFUSE THIS REPLY: %s", error)  # noqa: TRY400 (a trace would not help)


def _issue(discord: FakeDiscord, body: bytes) -> None:
    with suppress(ValueError, TypeError, KeyError, RecursionError):  # it is no interaction: the handler refuses it
        discord.issue(json.loads(body))


async def _index(_: Request) -> Response:
    return PlainTextResponse(
        "Resonance for Discord on this machine.\n"
        "POST /interactions and POST /v1/events answer as the Function URLs of template.yaml do.\n"
        "/rest/v1 is PostgREST, where it is a local one.\n"
    )
