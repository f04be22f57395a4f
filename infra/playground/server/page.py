"""The files of the page, and the packages from npm that they import."""

import base64
import hashlib
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from infra.local.child import StackError

PAGE = Path(__file__).parents[1] / "page"
NODE_MODULES = Path(__file__).parents[1] / "node_modules"
PACKAGES = ("@skyra", "lit", "lit-html", "lit-element", "@lit", "@lit-labs")


def routes() -> list[BaseRoute]:
    """Serve the page and its packages; StackError when they are not installed."""
    if not (NODE_MODULES / "@skyra").is_dir():
        raise StackError("The playground's packages are missing: run `npm ci` in infra/playground.")
    packages = [Mount(f"/node_modules/{name}", StaticFiles(directory=NODE_MODULES / name)) for name in PACKAGES]
    return [Route("/", _index), Mount("/page", StaticFiles(directory=PAGE)), *packages]


def _index(_: Request) -> Response:
    html = (PAGE / "index.html").read_text()
    return HTMLResponse(html, headers={"content-security-policy": _policy(html)})


def _policy(html: str) -> str:
    """Allow nothing from elsewhere, and no inline script but the import map, which cannot be a file.

    Allow inline styles: the components from npm set them.
    """
    found = re.search(r'<script type="importmap">(.*?)</script>', html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256((found[1] if found else "").encode()).digest()).decode()
    rules = [
        "default-src 'none'",
        f"script-src 'self' 'sha256-{digest}'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    return "; ".join(rules)
