"""Who may use the playground: its own page and programs on this machine, but no other web page."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READING = ("GET", "HEAD")


class Guard:
    """Middleware that refuses other hosts (DNS rebinding) and requests of other web pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":  # lifespan
            await self._app(scope, receive, send)
            return
        if refused := _refused(scope["method"], Headers(scope=scope), port=scope["server"][1]):
            await JSONResponse({"error": refused}, 403)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-content-type-options"] = "nosniff"
                headers["cross-origin-resource-policy"] = "same-origin"
                headers["referrer-policy"] = "no-referrer"
                headers["cache-control"] = "no-cache"
            await send(message)

        await self._app(scope, receive, guarded)


def _refused(method: str, headers: Headers, port: int) -> str | None:
    host = headers.get("host", "")
    if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return "The playground answers at its own address only."
    if method in READING:
        return None
    if headers.get("origin", f"http://{host}") != f"http://{host}":
        return "Another web page may not drive the playground."
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return "The playground takes application/json only."
    return None
