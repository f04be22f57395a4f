"""The files of the page. The page itself is tested in tests/infra/playground/page, in a browser."""

import http.client
import json
import re
from contextlib import closing

import httpx
import pytest

from infra.playground.server.app import Playground
from tests.infra.playground.server.listener import SECONDS
from tests.infra.playground.server.visit import Visit


def test_the_page_and_its_files_are_served(visit: Visit) -> None:
    index = visit.http.get("/")
    assert index.headers["content-type"].startswith("text/html")
    for name in ("style.css", "main.js"):
        assert visit.http.get(f"/page/{name}").status_code == 200
    assert "javascript" in visit.http.get("/page/main.js").headers["content-type"]


def test_the_page_may_load_nothing_from_elsewhere(visit: Visit) -> None:
    policy = visit.http.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*|'unsafe-eval'|script-src[^;]*'unsafe-inline'", policy)


def imports(text: str) -> set[str]:
    """What a module imports."""
    statements = re.findall(
        r"""(?:\bfrom|\bimport)\s*["']([^"']+)["']""", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    )
    return set(statements)


def test_every_module_that_the_page_imports_is_there(visit: Visit) -> None:
    html = visit.http.get("/").text
    found = re.search(r'<script type="importmap">(.*?)</script>', html, re.DOTALL)
    assert found
    import_map: dict[str, str] = json.loads(found[1])["imports"]
    left, seen = {"/page/main.js"}, set()
    while left:
        path = left.pop()
        response = visit.http.get(path)
        assert response.status_code == 200, path
        assert "javascript" in response.headers["content-type"], path
        seen.add(path)
        left |= {resolved(name, path, import_map) for name in imports(response.text)} - seen
    assert any("/@skyra/" in path for path in seen)


def resolved(name: str, importer: str, import_map: dict[str, str]) -> str:
    """The address of a module, as a browser finds it."""
    if name.startswith("."):
        return str(httpx.URL(f"http://x{importer}").join(name).path)
    if name in import_map:
        return import_map[name]
    prefix = max((key for key in import_map if key.endswith("/") and name.startswith(key)), key=len)
    return import_map[prefix] + name.removeprefix(prefix)


@pytest.mark.parametrize(
    "path",
    [
        "/page/../server/app.py",
        "/page/%2e%2e/server/app.py",
        "/page//etc/passwd",
        "/node_modules/supabase/package.json",
        "/node_modules/lit/../supabase/package.json",
        "/node_modules/lit/%2e%2e/supabase/package.json",
        "/node_modules/.package-lock.json",
        "/node_modules/",
        "/node_modules/lit/",
    ],
)
def test_nothing_else_is_served(playground: Playground, path: str) -> None:
    with closing(http.client.HTTPConnection(playground.url.removeprefix("http://"), timeout=SECONDS)) as connection:
        connection.request("GET", path)  # as it is: httpx would tidy it up
        assert connection.getresponse().status == 404
