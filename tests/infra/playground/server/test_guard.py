"""Who may use the playground."""

import pytest

from tests.infra.playground.server.visit import Visit


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "localhost:80", ""])
def test_another_host_is_refused(visit: Visit, host: str) -> None:
    for method, path in (("GET", "/"), ("GET", "/api/world"), ("GET", "/api/events"), ("POST", "/api/clock")):
        answer = visit.http.request(method, path, headers={"Host": host, "Content-Type": "application/json"})
        assert (answer.status_code, list(answer.json())) == (403, ["error"])


def test_localhost_is_an_address_of_its_own(visit: Visit) -> None:
    host = f"localhost:{visit.http.base_url.port}"
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert visit.http.get("/api/world", headers=headers).status_code == 200
    body = {"as": visit.member("Alice"), "channel": visit.channel, "content": "Hello"}
    assert visit.http.post("/api/say", json=body, headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", ""])
def test_another_web_page_drives_nothing(visit: Visit, origin: str) -> None:
    before = visit.look("/api/world")["clock"]["offset"]
    answer = visit.http.post("/api/clock", json={"forward": 60}, headers={"Origin": origin})
    assert (answer.status_code, "Another web page" in answer.json()["error"]) == (403, True)
    member = f"/api/members/{visit.member('Alice')}"
    assert visit.http.patch(member, json={"is_admin": True}, headers={"Origin": origin}).status_code == 403
    assert visit.http.get("/api/world", headers={"Origin": origin}).status_code == 403
    assert visit.look("/api/world")["clock"]["offset"] == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_a_form_of_another_web_page_drives_nothing(visit: Visit, kind: str) -> None:
    answer = visit.http.post("/api/clock", content=b'{"forward": 60}', headers={"Content-Type": kind})
    assert answer.status_code == 403
