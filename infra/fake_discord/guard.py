"""Who may use a door of a local server: programs on this machine and its own page, but no other web page."""

from starlette.datastructures import Headers
from starlette.types import Scope


def refusal(scope: Scope) -> str | None:
    """Why a request is refused: it names another host (DNS rebinding), or another web page sent it."""
    headers, port = Headers(scope=scope), scope["server"][1]
    host = headers.get("host", "")
    if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return "This server answers at its own address only."
    if headers.get("origin", f"http://{host}") != f"http://{host}":
        return "Another web page may not use this server."
    return None
