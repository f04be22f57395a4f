"""Who may use the playground: its own page and programs on this machine, but no other web page."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.fake_discord.guard import refusal

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
        if refused := refusal(scope) or _wrong_type(scope):
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


def _wrong_type(scope: Scope) -> str | None:
    """Refuse what a form of another web page may send without asking: any type but JSON."""
    kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if scope["method"] in READING or kind == "application/json":
        return None
    return "The playground takes application/json only."
