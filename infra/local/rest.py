"""PostgREST where Supabase's clients look for it: below /rest/v1 of the project's URL."""

from collections.abc import Iterable

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATH = "/rest/v1"
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
# What belongs to one connection, and is said anew on the next.
OF_THE_CONNECTION = {"host", "connection", "content-length", "transfer-encoding"}


def rest_route(url: str) -> Route:
    """Pass requests on to the PostgREST at `url`, as Supabase does. Its Auth, Realtime and Storage are not here."""

    async def forward(request: Request) -> Response:
        target = httpx.URL(url).copy_with(raw_path=_path(request))
        async with httpx.AsyncClient(timeout=30) as client:
            try:
                answer = await client.request(
                    request.method, target, headers=_kept(request.headers.items()), content=await request.body()
                )
            except httpx.TransportError as error:
                return JSONResponse({"message": f"PostgREST does not answer: {error}"}, 502)
        return Response(answer.content, answer.status_code, _kept(answer.headers.items()))

    return Route(f"{PATH}/{{path:path}}", forward, methods=METHODS)


def _path(request: Request) -> bytes:
    """The path and query as they came, without the part that PostgREST does not know."""
    path: bytes = request.scope["raw_path"].removeprefix(PATH.encode())
    query: bytes = request.scope["query_string"]
    return path + b"?" + query if query else path


def _kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in OF_THE_CONNECTION}
