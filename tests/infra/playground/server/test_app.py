"""The HTTP API as a whole: what it refuses, time and schedules, its end, and stacks with real parts."""

import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from infra.fake_discord.contract import Json
from infra.local.environment import Error, Invocation
from infra.local.stack import Stack
from infra.playground.server.app import Playground
from tests.infra.playground.server.listener import SECONDS, Listener
from tests.infra.playground.server.visit import Visit, changed_tables


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("act", {"do": "command", "command": "no such"}, 400, "there is no command"),
        ("act", {"do": "command", "command": ""}, 400, "there is no command"),
        ("act", {"do": "command", "command": "drop create here"}, 404, "no command /drop create here"),
        ("act", {"do": "command", "command": "drop"}, 400, "needs a subcommand"),
        ("act", {"do": "command", "command": "daily", "options": {"user": "x"}}, 400, "has no option"),
        ("act", {"do": "command", "command": "daily", "options": {"self": ["x"]}}, 400, "options"),
        ("act", {"do": "command", "command": "daily", "server": "1"}, 404, "another server"),
        ("act", {"do": "command", "command": "daily", "channel": "1"}, 404, "no such channel"),
        ("act", {"do": "command", "command": "daily", "as": "1"}, 404, "no such member"),
        ("act", {"do": "command", "command": "daily", "as": "me"}, 400, "no id of Discord's"),
        ("act", {"do": "autocomplete", "command": "drop create", "focused": "events"}, 400, "has no option"),
        ("act", {"do": "click", "message": "1", "custom_id": "x"}, 404, "Unknown Message"),
        ("act", {"do": "click", "message": str(2**63), "custom_id": "x"}, 400, "no id of Discord's"),
        ("act", {"do": "menu", "message": "1", "name": "x"}, 404, "Unknown Message"),
        ("act", {"do": "dance"}, 400, "dance"),
        ("say", {"content": ""}, 400, "content"),
        ("say", {"content": "x", "channel": "1"}, 404, "no such channel"),
        ("react", {"message": "1", "emoji": "x"}, 404, "Unknown Message"),
        ("clock", {"forward": -1}, 400, "forward"),
        ("clock", {"forward": 1e9}, 400, "forward"),
        ("run", {"schedule": "interactions"}, 404, "no such scheduled function"),
        ("crowd", {"message": "1", "custom_id": "x", "members": 2}, 404, "Unknown Message"),
        ("crowd", {"message": "1", "custom_id": "x", "members": 501}, 400, "members"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    visit: Visit, path: str, body: Json, status: int, says: str
) -> None:
    here = {"as": visit.member("Alice"), "server": visit.server, "channel": visit.channel}
    takes = {"say": ("as", "channel"), "react": ("as", "channel"), "clock": (), "run": ()}
    takes["crowd"] = ("server", "channel")
    place = {name: here[name] for name in takes.get(path, tuple(here))}
    assert says in visit.ask(f"/api/{path}", status, **place | body)["error"]


def test_paths_that_are_not_there(visit: Visit) -> None:
    assert visit.http.get("/api/nothing").json() == {"error": "Not Found."}
    assert visit.http.get("/api/act").status_code == 405
    answer = visit.http.post("/api/say", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert visit.look("/api/messages", 404, channel=visit.channel)["error"] == "There is no such member."


def test_a_drop_expires_when_the_clock_is_moved_and_its_message_changes_by_itself(
    visit: Visit, listener: Listener
) -> None:
    drop = visit.drop(lifespan="1h")
    before = visit.look("/api/world")["clock"]
    clock = visit.ask("/api/clock", forward=2 * 3600)
    assert clock["offset"] - before["offset"] == 2 * 3600
    assert 2 * 3600 <= clock["now"] - before["now"] < 2 * 3600 + SECONDS
    assert listener.until("clock")["offset"] == clock["offset"]

    done = visit.ask("/api/run", schedule="expire_drops")
    assert (done["result"]["expired"] >= 1, done["error"]) == (True, None)
    assert done["database_calls"][0] == "expire_drops"
    assert "discord_drops" in changed_tables(done, "update")
    message = visit.message(drop["id"])
    assert "ended" in message["embeds"][0]["description"]
    assert listener.until("message", message=message)


def test_the_first_steps_that_were_taken(visit: Visit) -> None:
    visit.command("daily", "Alice")
    visit.drop()
    assert visit.look("/api/steps", server=visit.server)["done"] == ["setup connect", "drop create", "daily"]
    assert visit.look("/api/steps", server=visit.world["servers"][1]["id"])["done"] == []


def test_a_run_that_fails_says_so(visit: Visit, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Invocation(error=Error("LookupError", "no such drop"), milliseconds=1.26)
    monkeypatch.setattr(stack.schedules, "run", lambda _: failed)
    done = visit.ask("/api/run", schedule="reset_streaks")
    assert (done["result"], done["error"], done["milliseconds"]) == (None, "LookupError: no such drop", 1.3)


def test_it_listens_on_the_loopback_interface_only(playground: Playground) -> None:
    port = httpx.URL(playground.url).port
    listening = [
        connection.laddr.ip
        for connection in psutil.Process().net_connections()
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    ]
    assert listening == ["127.0.0.1"]


def test_open_pages_and_a_crowd_do_not_keep_it_from_stopping(visit: Visit, stack: Stack) -> None:
    before = set(threading.enumerate())
    assert stack.discord is not None
    listeners = len(stack.discord.listeners)
    with Playground(stack) as other, httpx.Client(base_url=other.url, timeout=30) as client:
        listener = Listener(other.url)
        elsewhere = replace(visit, http=client)
        drop = visit.drop()
        crowd = elsewhere.crowd(drop, 500)["crowd"]
        assert listener.until("crowd", crowd=crowd)["done"] is False
    with pytest.raises(AssertionError, match="no crowd"):
        listener.until("crowd", done=True)
    listener.close()
    assert len(stack.discord.listeners) == listeners
    left = {thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("AnyIO")}
    assert left == set()
    with pytest.raises(httpx.ConnectError):
        httpx.get(other.url)


def test_a_real_database_is_neither_looked_into_nor_moved() -> None:
    real = {"SUPABASE_URL": "http://127.0.0.1:9", "SUPABASE_SECRET_KEY": "sb_secret_of_a_project"}
    with (
        TemporaryDirectory(prefix="resonance-") as directory,
        Stack(Path(directory), environment=real) as stack,
        Playground(stack) as playground,
        httpx.Client(base_url=playground.url, timeout=30) as client,
    ):
        visit = Visit(client)
        visit.world = visit.look("/api/world")
        server = visit.world["servers"][0]
        visit.server, visit.channel = server["id"], server["channels"][0]["id"]
        assert visit.world["real"] == {"supabase": True, "discord": False}
        for path in ("/api/books", "/api/audit"):
            assert "real one" in visit.look(path, 409, server=server["id"])["error"]
        assert "real one" in visit.ask("/api/clock", 409, forward=60)["error"]
        assert visit.look("/api/steps", server=server["id"])["done"] == []
        crowd = {"server": server["id"], "channel": visit.channel, "message": "1", "custom_id": "x", "members": 2}
        assert "real one" in visit.ask("/api/crowd", 409, **crowd)["error"]
        done = visit.command("drop create")
        assert (done["modal"]["title"], done["changes"]) == ("Post a drop", None)
