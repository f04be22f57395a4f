"""The playground's HTTP API. The page that uses it is tested in tests/playground, in a browser."""

import asyncio
import http.client
import json
import queue
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from psycopg.rows import dict_row

from infra.fake_discord import openapi
from infra.fake_discord.rate_limits import RateLimits
from infra.fake_discord.resources import EPOCH
from infra.local.environment import Error, Invocation
from infra.local.stack import Stack
from infra.playground.server import rows, server_timing
from infra.playground.server.app import Playground
from infra.playground.server.books import books as read_books
from infra.playground.server.events import Events
from infra.playground.server.rows import TABLES
from tests.sql import Database

Json = dict[str, Any]

BRAND = "0x1111111111111111111111111111111111111111"
UNTIL = 20  # seconds; a busy machine is slow now and then


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with TemporaryDirectory(prefix="resonance-") as directory, Stack(Path(directory)) as stack:
        assert stack.discord is not None
        stack.discord._rate_limits = RateLimits({}, 10_000)  # tests post faster than Discord lets anybody
        yield stack


@pytest.fixture(scope="module")
def playground(stack: Stack) -> Iterator[Playground]:
    with Playground(stack) as playground:
        yield playground


@dataclass
class Page:
    """What the page asks, as one member in one channel."""

    http: httpx.Client
    world: Json = field(default_factory=dict)
    who: str = "Ada"
    server: str = ""
    channel: str = ""

    def member(self, name: str) -> str:
        (found,) = [member["id"] for member in self.world["members"] if member["name"] == name]
        return str(found)

    def ask(self, path: str, /, expect: int = 200, **body: Any) -> Json:
        response = self.http.post(path, json={name.rstrip("_"): value for name, value in body.items()})
        assert response.status_code == expect, response.text
        return dict(response.json())

    def look(self, path: str, /, expect: int = 200, **query: str) -> Json:
        response = self.http.get(path, params={name.rstrip("_"): value for name, value in query.items()})
        assert response.status_code == expect, response.text
        return dict(response.json())

    def act(self, do: str, /, who: str = "", expect: int = 200, **more: Any) -> Json:
        place = {"server": self.server, "channel": self.channel, "as_": self.member(who or self.who)}
        return self.ask("/api/act", expect, do=do, **{**place, **more})

    def command(self, path: str, /, who: str = "", **options: Any) -> Json:
        return self.act("command", who, command=path, options=options)

    def messages(self, who: str = "") -> list[Json]:
        read = self.look("/api/messages", channel=self.channel, as_=self.member(who or self.who))
        return list(read["messages"])

    def drop(self, **options: Any) -> Json:
        """Post a drop; gives its message."""
        done = self.command("drop create", **{"event": "quest"} | options)
        assert "The drop is in" in done["message"]["content"], done
        return [message for message in self.messages() if message["components"]][-1]

    def click(self, message: Json, who: str = "Alice", expect: int = 200) -> Json:
        return self.act("click", who, expect, message=message["id"], custom_id=button(message))


def enabled(message: Json) -> str:
    """The one button that can be pressed."""
    (found,) = [part["custom_id"] for part in message["components"][0]["components"] if not part.get("disabled")]
    return str(found)


def button(message: Json) -> str:
    return str(message["components"][0]["components"][0]["custom_id"])


def tables(done: Json, what: str) -> list[str]:
    return [change["table"] for change in done["changes"] if change["what"] == what]


@pytest.fixture(scope="module")
def visit(stack: Stack, playground: Playground) -> Iterator[Page]:
    """A server that is connected and has an event."""
    with httpx.Client(base_url=playground.url, timeout=30) as client:
        visit = Page(client)
        visit.world = visit.look("/api/world")
        visit.server, visit.channel = visit.world["servers"][0]["id"], visit.world["servers"][0]["channels"][1]["id"]
        visit.command("setup connect", brand_id=BRAND)
        visit.command("config events create", name="quest", reward=40)
        yield visit


class Listener:
    """A page that listens to what is pushed."""

    def __init__(self, url: str) -> None:
        self.heard: queue.Queue[tuple[str, Json] | None] = queue.Queue()  # None: the stream has ended
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=UNTIL)
        self._connection.request("GET", "/api/events")
        self.response = self._connection.getresponse()
        assert self.response.readline().startswith(b"retry: ")  # from here on nothing is missed
        self._socket = self._connection.sock
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def until(self, name: str, **fields: Any) -> Json:
        """The next event of that name with these fields."""
        while event := self.heard.get(timeout=UNTIL):
            if event[0] == name and fields.items() <= event[1].items():
                return event[1]
        raise AssertionError(f"no {name}")

    def close(self) -> None:
        with suppress(OSError):  # the other end was faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._connection.close()

    def _hear(self) -> None:
        name = ""
        for line in self.response:
            if line.startswith(b"event: "):
                name = line.removeprefix(b"event: ").decode().strip()
            if line.startswith(b"data: "):
                self.heard.put((name, json.loads(line.removeprefix(b"data: "))))
        self.heard.put(None)


@pytest.fixture
def listener(playground: Playground) -> Iterator[Listener]:
    with closing(Listener(playground.url)) as listener:
        yield listener


# The world ---------------------------------------------------------------------------------------------------


def test_the_world_has_what_the_page_needs(visit: Page, stack: Stack) -> None:
    world = visit.look("/api/world")
    assert world["application"] == {"id": stack.keys.application_id, "name": "Resonance"}
    assert [len(server["channels"]) for server in world["servers"]] == [4, 3]
    assert {"daily", "drop", "Make this a drop"} <= {command["name"] for command in world["commands"]}
    assert world["schedules"] == ["expire_drops", "reset_streaks"]
    assert {member["locale"] for member in world["members"]} < set(world["locales"])
    assert world["real"] == {"supabase": False, "discord": False}
    assert [member["name"] for member in world["members"] if member["is_admin"]] == ["Ada"]
    assert [member["name"] for member in world["members"] if member["is_bot"]] == ["Beeper"]


def test_in_one_channel_of_each_server_the_bot_may_not_embed_links(visit: Page) -> None:
    for server in visit.world["servers"]:
        lacking = [here["name"] for here in server["channels"] if not int(here["app_permissions"]) & 1 << 14]
        assert lacking == ["no-embeds"]


def test_the_id_of_a_member_tells_when_the_account_was_made(visit: Page) -> None:
    for member in visit.world["members"]:
        made = ((int(member["id"]) >> 22) + EPOCH) / 1000
        assert abs(datetime.fromisoformat(member["created_at"]).timestamp() - made) < 1
        assert member["joined_at"] > member["created_at"]


def test_a_changed_member_acts_as_what_they_are_now(visit: Page, listener: Listener) -> None:
    vip = next(role["id"] for role in visit.world["roles"] if role["name"] == "VIP")
    path = f"/api/members/{visit.member('Dmitri')}"
    changed = visit.http.patch(path, json={"roles": [vip], "is_admin": True, "locale": "fr"}).json()
    assert (changed["roles"], changed["is_admin"], changed["locale"]) == ([vip], True, "fr")
    assert listener.until("member")["member"] == changed

    sent = visit.command("balance", "Dmitri")["interaction"]
    assert (sent["locale"], sent["member"]["roles"]) == ("fr", [vip])
    assert int(sent["member"]["permissions"]) & 1 << 5

    assert visit.http.patch(path, json={"is_admin": False}).json()["roles"] == [vip]
    assert not int(visit.command("balance", "Dmitri")["interaction"]["member"]["permissions"]) & 1 << 5


@pytest.mark.parametrize(
    ("change", "status"), [({"roles": ["1"]}, 404), ({"locale": "tlh"}, 400), ({"name": "x"}, 400), ([], 400)]
)
def test_a_member_is_not_changed_into_something_that_is_not(visit: Page, change: Any, status: int) -> None:
    before = visit.look("/api/world")["members"]
    answer = visit.http.patch(f"/api/members/{visit.member('Bob')}", json=change)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert visit.http.patch("/api/members/1", json={}).status_code == 404
    assert visit.look("/api/world")["members"] == before


# What members do ---------------------------------------------------------------------------------------------


def test_a_click_is_signed_answered_and_taken_apart(visit: Page, stack: Stack) -> None:
    drop = visit.drop(max_claims=5)
    done = visit.click(drop)
    assert done["interaction"]["token"] == "…"
    assert done["interaction"]["message"]["id"] == drop["id"]
    assert (done["reply"]["status"], done["reply"]["json"]["type"], done["problem"]) == (200, 4, None)
    assert done["milliseconds"] >= done["handler_milliseconds"] > 0
    assert (done["database_calls"], done["cold"]) == (["claim_drop"], False)
    assert done["message"]["content"].startswith("You got **40 RSNC**!")
    assert (done["modal"], done["choices"]) == (None, None)


def test_a_click_shows_the_rows_that_it_changed_and_those_of_nobody_else(visit: Page) -> None:
    drop = visit.drop()
    visit.click(drop, "Bob")
    done = visit.click(drop, "Erin")
    inserted, updated = tables(done, "insert"), tables(done, "update")
    assert {"reward_ledger", "discord_drop_claims", "discord_user_stats"} <= set(inserted)
    assert inserted.count("reward_ledger") == inserted.count("discord_drop_claims") == 1
    (row,) = [change["row"] for change in done["changes"] if change["table"] == "reward_ledger"]
    assert (row["discord_user_id"], row["amount"]) == (visit.member("Erin"), 40)
    (counter,) = [change for change in done["changes"] if change["table"] == "discord_drops"]
    assert (counter["what"], counter["before"]["claims_count"], counter["row"]["claims_count"]) == ("update", 1, 2)
    assert "discord_drops" in updated

    assert visit.click(drop, "Erin")["changes"] == []  # a refusal changes nothing


def test_a_public_reply_becomes_a_message_of_the_channel(visit: Page, listener: Listener) -> None:
    done = visit.command("leaderboard", "Alice", type="rsnc_earned")
    assert done["message"] in visit.messages("Bob")
    assert listener.until("message", channel=visit.channel)["message"] == done["message"]


def test_an_ephemeral_reply_is_seen_by_one_member_in_one_channel(visit: Page, listener: Listener) -> None:
    reply = visit.command("balance", "Alice")["message"]
    assert visit.messages("Alice")[-1] == reply
    assert reply not in visit.messages("Bob")
    told = {"member": visit.member("Alice"), "channel": visit.channel}
    assert listener.until("ephemeral", **told)["message"] == reply

    visit.act("click", "Bob", 404, message=reply["id"], custom_id="x")
    assert visit.ask("/api/delete", channel=visit.channel, message=reply["id"]) == {}
    assert listener.until("ephemeral_gone", **told)["id"] == reply["id"]
    assert reply not in visit.messages("Alice")


def test_ephemeral_messages_do_not_pile_up(visit: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.playground.server.feed.KEPT", 2)
    elsewhere = replace(visit, channel=visit.world["servers"][0]["channels"][2]["id"])
    replies = [elsewhere.command("balance", "Carla")["message"] for _ in range(3)]
    assert elsewhere.messages("Carla") == replies[1:]


def test_pages_of_an_ephemeral_reply_are_turned_in_its_place(visit: Page) -> None:
    for _ in range(6):
        visit.click(visit.drop(), "Bob")
    first = visit.command("history", "Bob")["message"]
    turned = visit.act("click", "Bob", message=first["id"], custom_id=enabled(first))
    assert turned["reply"]["json"]["type"] == 7
    assert turned["message"]["embeds"] != first["embeds"]
    assert [message for message in visit.messages("Bob") if message["id"] == first["id"]] == [turned["message"]]


def test_a_drop_is_posted_claimed_until_it_is_full_and_shown_so_to_everybody(visit: Page, listener: Listener) -> None:
    drop = visit.drop(max_claims=5)
    for name in ("Alice", "Bob", "Carla", "Dmitri", "Erin"):
        assert "You got" in visit.click(drop, name)["message"]["content"]
    late = visit.click(drop, "Newton")
    assert late["reply"]["json"]["type"] == 7
    assert "every claim was taken" in late["message"]["embeds"][0]["description"]
    assert visit.messages()[-1]["id"] != drop["id"] or visit.messages()[-1] == late["message"]
    assert listener.until("message", message=late["message"])
    assert "is disabled" in visit.click(drop, "Newton", 400)["error"]


def test_a_form_is_opened_filled_in_and_sent(visit: Page) -> None:
    form = visit.command("drop create")["modal"]
    assert form["title"] == "Post a drop"
    sent = visit.act("submit", custom_id=form["custom_id"], fields={"event": "quest", "label": "Mine!"})
    assert sent["interaction"]["type"] == 5
    assert "The drop is in" in sent["message"]["content"]
    (label,) = {message["components"][0]["components"][0]["label"] for message in visit.messages()[-2:-1]}
    assert label == "Mine!"
    for fields, problem in (({}, "needs event"), ({"event": "quest", "self": "x"}, "no field self")):
        assert problem in visit.act("submit", "", 400, custom_id=form["custom_id"], fields=fields)["error"]


def test_only_the_form_that_is_open_can_be_sent(visit: Page) -> None:
    form = visit.command("drop create")["modal"]
    for who, custom_id in (("Bob", form["custom_id"]), ("Ada", "drop:1:2")):
        assert "open it again" in visit.act("submit", who, 409, custom_id=custom_id, fields={"event": "x"})["error"]


def test_a_message_becomes_a_drop_by_its_menu(visit: Page) -> None:
    said = visit.ask("/api/say", as_=visit.member("Alice"), channel=visit.channel, content="I did it!")
    assert (said["author"]["id"], said["author"]["global_name"]) == (visit.member("Alice"), "Alice")
    form = visit.act("menu", name="Make this a drop", message=said["id"])["modal"]
    visit.act("submit", custom_id=form["custom_id"], fields={"event": "quest"}, message=said["id"])
    drop = [message for message in visit.messages() if message["components"]][-1]
    assert drop["message_reference"]["message_id"] == said["id"]


def test_autocomplete_is_asked_from_the_handler(visit: Page) -> None:
    done = visit.act("autocomplete", command="drop create", options={"event": "que"}, focused="event")
    assert (done["interaction"]["type"], done["database_calls"], done["changes"]) == (4, ["list_events"], [])
    assert [choice["value"] for choice in done["choices"]] == ["quest"]
    nothing = visit.act("autocomplete", command="drop create", focused="event")
    assert len(nothing["choices"]) > 1


def test_members_roles_and_channels_are_named_as_they_are_here(visit: Page) -> None:
    channel = visit.world["servers"][0]["channels"][3]
    assert channel["name"] == "no-embeds"
    done = visit.command("drop create", event="quest", channel=channel["id"])
    (resolved,) = done["interaction"]["data"]["resolved"]["channels"].values()
    assert (resolved["name"], resolved["app_permissions"]) == ("no-embeds", channel["app_permissions"])
    assert "Embed Links" in done["message"]["content"]

    bob = visit.command("balance", member=visit.member("Bob"))["interaction"]["data"]["resolved"]["users"]
    assert [user["global_name"] for user in bob.values()] == ["Bob"]


def test_a_file_comes_later_over_rest(visit: Page, listener: Listener) -> None:
    done = visit.command("export", type="audit")
    assert done["reply"] == {"status": 202, "json": None}
    (file,) = done["message"]["attachments"]
    for address in (file["url"], f"{visit.http.base_url}{httpx.URL(file['url']).path}"):
        saved = httpx.get(address)
        assert b"server.created" in saved.content
        assert saved.headers["content-type"] == "application/octet-stream"
        assert saved.headers["content-disposition"] == f"attachment; filename*=UTF-8''{file['filename']}"
    assert listener.until("ephemeral", message=done["message"])["member"] == visit.member("Ada")
    assert visit.messages()[-1] == done["message"]


def test_reactions_count_and_name_who_reacted(visit: Page, listener: Listener) -> None:
    said = visit.ask("/api/say", as_=visit.member("Bob"), channel=visit.channel, content="React!")
    place = {"channel": visit.channel, "message": said["id"], "emoji": "🎉"}
    for name in ("Alice", "Beeper", "Alice"):
        assert visit.ask("/api/react", as_=visit.member(name), **place) == {}
    (reaction,) = visit.messages()[-1]["reactions"]
    assert (reaction["count"], set(reaction["users"])) == (2, {visit.member("Alice"), visit.member("Beeper")})
    assert listener.until("message", message=visit.messages()[-1])

    visit.ask("/api/react", as_=visit.member("Alice"), remove=True, **place)
    visit.ask("/api/react", as_=visit.member("Beeper"), remove=True, **place)
    assert "reactions" not in visit.messages()[-1]


def test_a_message_is_deleted_by_hand(visit: Page, listener: Listener) -> None:
    said = visit.ask("/api/say", as_=visit.member("Bob"), channel=visit.channel, content="Gone in a moment")
    assert visit.ask("/api/delete", channel=visit.channel, message=said["id"]) == {}
    assert listener.until("message_deleted") == {"channel": visit.channel, "id": said["id"]}
    assert visit.ask("/api/delete", 404, channel=visit.channel, message=said["id"])["error"] == "Unknown Message."


def test_a_reply_that_discord_would_refuse_is_shown_as_a_problem(visit: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    if not openapi.available():
        pytest.skip("Discord's description is not here")
    before = visit.messages()
    monkeypatch.setattr("infra.fake_discord.client.Reply.json", {"type": 4, "data": {"content": "x" * 2001}})
    done = visit.command("balance")
    assert "breaks Discord's contract" in done["problem"]
    assert (done["message"], done["modal"], done["choices"]) == (None, None, None)
    assert visit.messages() == before


def test_a_function_that_fails_is_a_problem(visit: Page, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Invocation(error=Error("LookupError", "no such drop"), milliseconds=1)
    monkeypatch.setattr(stack.gateway._environments, "invoke", lambda *_: failed)
    done = visit.command("balance")
    assert "502" in done["problem"]
    assert done["reply"] == {"status": 502, "json": {"message": "Internal Server Error"}}


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("act", {"do": "command", "command": "no such"}, 400, "there is no command"),
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
    visit: Page, path: str, body: Json, status: int, says: str
) -> None:
    here = {"as": visit.member("Alice"), "server": visit.server, "channel": visit.channel}
    takes = {"say": ("as", "channel"), "react": ("as", "channel"), "clock": (), "run": ()}
    takes["crowd"] = ("server", "channel")
    place = {name: here[name] for name in takes.get(path, tuple(here))}
    assert says in visit.ask(f"/api/{path}", status, **place | body)["error"]


def test_a_bot_writes_and_reacts_and_uses_no_commands(visit: Page) -> None:
    said = visit.ask("/api/say", as_=visit.member("Beeper"), channel=visit.channel, content="Beep")
    assert said["author"]["bot"] is True
    assert "no bot" in visit.act("command", "Beeper", 400, command="daily")["error"]


def test_paths_that_are_not_there(visit: Page) -> None:
    assert visit.http.get("/api/nothing").json() == {"error": "Not Found."}
    assert visit.http.get("/api/act").status_code == 405
    answer = visit.http.post("/api/say", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert visit.look("/api/messages", 404, channel=visit.channel)["error"] == "There is no such member."


# Time, schedules, books --------------------------------------------------------------------------------------


def test_a_drop_expires_when_the_clock_is_moved_and_its_message_changes_by_itself(
    visit: Page, listener: Listener
) -> None:
    drop = visit.drop(lifespan="1h")
    before = visit.look("/api/world")["clock"]
    clock = visit.ask("/api/clock", forward=2 * 3600)
    assert clock["offset"] - before["offset"] == 2 * 3600
    assert 2 * 3600 <= clock["now"] - before["now"] < 2 * 3600 + UNTIL
    assert listener.until("clock")["offset"] == clock["offset"]

    done = visit.ask("/api/run", schedule="expire_drops")
    assert (done["result"]["expired"] >= 1, done["error"]) == (True, None)
    assert done["database_calls"][0] == "expire_drops"
    assert "discord_drops" in tables(done, "update")
    (message,) = [message for message in visit.messages() if message["id"] == drop["id"]]
    assert "ended" in message["embeds"][0]["description"]
    assert listener.until("message", message=message)


def test_a_run_that_fails_says_so(visit: Page, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Invocation(error=Error("LookupError", "no such drop"), milliseconds=1.26)
    monkeypatch.setattr(stack.schedules, "run", lambda _: failed)
    done = visit.ask("/api/run", schedule="reset_streaks")
    assert (done["result"], done["error"], done["milliseconds"]) == (None, "LookupError: no such drop", 1.3)


def test_the_audit_log_is_read_and_news_of_it_are_pushed(visit: Page, listener: Listener) -> None:
    visit.command("config events edit", name="quest", label="The quest")
    assert listener.until("audit") == {"server": visit.server}
    newest = visit.look("/api/audit", server=visit.server)["entries"][0]
    assert (newest["action"], newest["actor_id"]) == ("event.updated", visit.member("Ada"))
    other = visit.world["servers"][1]["id"]
    assert visit.look("/api/audit", server=other)["entries"] == []
    visit.look("/api/audit", 404, server="1")


def test_the_books_agree_until_somebody_tampers_with_them(visit: Page, stack: Stack) -> None:
    visit.click(visit.drop())
    books = visit.look("/api/books", server=visit.server)
    assert books["agree"] is True
    assert books["ledger"] == books["stats"] > 0
    assert books["claims"] == books["drop_rows"] == books["counters"] > 0
    with owner(stack) as connection:
        assert Database(connection, "").books(visit.server)["ledger"] == books["ledger"]
        for tampering in (
            "update discord_drops set claims_count = claims_count + 1 where max_claims is null",
            "update discord_user_stats set rsnc_total = rsnc_total + 1",
            "update discord_user_stats set rsnc_earned = rsnc_earned + 1",
            "update event_totals set claims = claims + 1",
        ):
            with connection.transaction(force_rollback=True):
                connection.execute(tampering)
                assert read_books(connection, visit.server)["agree"] is False, tampering
        assert read_books(connection, visit.server)["agree"] is True


# The crowd ---------------------------------------------------------------------------------------------------


def test_a_crowd_clicks_at_once_and_the_books_agree_all_along(visit: Page, listener: Listener, stack: Stack) -> None:
    drop = visit.drop(max_claims=20)
    place = {"server": visit.server, "channel": visit.channel, "message": drop["id"], "custom_id": button(drop)}
    crowd = visit.ask("/api/crowd", members=60, **place)["crowd"]
    assert "already" in visit.ask("/api/crowd", 409, members=2, **place)["error"]

    course = [listener.until("crowd", crowd=crowd)]
    while not course[-1]["done"]:
        course.append(listener.until("crowd", crowd=crowd))
    end = course[-1]
    assert (end["clicked"], end["total"]) == (60, 60)
    assert end["outcomes"] == {"claimed": 20, "over": 40}
    assert (end["counter"], end["max_claims"]) == (20, 20)
    assert all(look["books"]["agree"] for look in course)
    (message,) = [message for message in visit.messages() if message["id"] == drop["id"]]
    assert "every claim was taken" in message["embeds"][0]["description"]
    with owner(stack) as connection:
        Database(connection, "").assert_books_agree(visit.server)


def test_a_crowd_reads_why_it_gets_nothing(visit: Page, listener: Listener) -> None:
    drop = visit.drop()
    visit.command("config events toggle", name="quest", enabled=False)
    place = {"server": visit.server, "channel": visit.channel, "message": drop["id"], "custom_id": button(drop)}
    crowd = visit.ask("/api/crowd", members=2, **place)["crowd"]
    (outcome,) = listener.until("crowd", crowd=crowd, done=True)["outcomes"].items()
    visit.command("config events toggle", name="quest", enabled=True)
    assert outcome[1] == 2
    assert "switched off" in outcome[0]


def test_a_crowd_needs_a_button(visit: Page) -> None:
    drop = visit.drop()
    place = {"server": visit.server, "channel": visit.channel, "message": drop["id"]}
    assert "no button" in visit.ask("/api/crowd", 400, members=2, custom_id="claim:x", **place)["error"]


# What changed ------------------------------------------------------------------------------------------------


@contextmanager
def owner(stack: Stack) -> Iterator[psycopg.Connection[Json]]:
    with psycopg.connect(database_url(stack), autocommit=True, row_factory=dict_row) as connection:
        yield connection


def database_url(stack: Stack) -> str:
    assert stack.description.database_url
    return stack.description.database_url


def test_every_table_with_a_servers_data_is_watched_by_its_primary_key(stack: Stack) -> None:
    with owner(stack) as connection:
        found = connection.execute(
            "select conrelid::regclass::text as name, array_agg(attname::text) as key"
            " from pg_constraint join pg_attribute on attrelid = conrelid and attnum = any (conkey)"
            " where contype = 'p' and connamespace = 'public'::regnamespace group by 1"
        ).fetchall()
    assert {row["name"]: set(row["key"]) for row in found} == {name: set(key) for name, key in TABLES.items()}


def test_inserts_updates_and_deletes_are_told_apart(stack: Stack) -> None:
    row = "insert into disabled_members (server_id, discord_user_id, disabled_by) values ('7', %s, '1')"
    with owner(stack) as connection:
        for member in ("kept", "changed", "gone", "locked", "tried"):
            connection.execute(row, [member])
        with rows.watching(database_url(stack), "7") as watch:
            connection.execute(row, ["new"])
            connection.execute(row, ["passing"])
            connection.execute("delete from disabled_members where discord_user_id in ('gone', 'passing')")
            for reason in ("once", "twice"):
                connection.execute(
                    "update disabled_members set reason = %s where discord_user_id in ('changed', 'new')", [reason]
                )
            connection.execute("select from disabled_members where discord_user_id = 'locked' for update")
            with connection.transaction(force_rollback=True):
                connection.execute("delete from disabled_members where discord_user_id = 'tried'")
            connection.execute(row.replace("'7'", "'8'"), ["elsewhere"])
        found = {
            change["row"]["discord_user_id"]: (change["what"], change["row"]["reason"])
            for change in watch.changes or ()
        }
        assert found == {"new": ("insert", "twice"), "changed": ("update", "twice"), "gone": ("delete", None)}
        (updated,) = [change for change in watch.changes or () if change["what"] == "update"]
        assert updated["before"] == updated["row"] | {"reason": None}

        with rows.watching(database_url(stack)) as everywhere:
            connection.execute("delete from disabled_members")
        assert len(everywhere.changes or ()) == 6


def test_a_drop_that_several_hold_while_it_changes_is_an_update(stack: Stack) -> None:
    with owner(stack) as connection, owner(stack) as other:
        drop = "insert into discord_drops (server_id, event_id, drop_type) values ('7', 'x', 'button')"
        connection.execute(drop)
        with rows.watching(database_url(stack), "7") as watch, other.transaction(), connection.transaction():
            for holder in (other, connection):
                holder.execute("select from discord_drops where server_id = '7' for key share")
            connection.execute("update discord_drops set claims_count = 1 where server_id = '7'")
        assert [(change["table"], change["what"]) for change in watch.changes or ()] == [("discord_drops", "update")]
        connection.execute("delete from discord_drops where server_id = '7'")


def test_a_transaction_that_began_before_and_ended_meanwhile_is_a_change(stack: Stack) -> None:
    row = "insert into disabled_members (server_id, discord_user_id, disabled_by) values ('7', %s, '1')"
    with owner(stack) as connection, owner(stack) as slow:
        with slow.transaction():
            slow.execute(row, ["slow"])
            connection.execute(row, ["quick"])
            with rows.watching(database_url(stack), "7") as watch:
                slow.execute("commit")
                slow.execute("begin")
        assert [change["row"]["discord_user_id"] for change in watch.changes or ()] == ["slow"]
        connection.execute("delete from disabled_members")


# The page, and who may use it --------------------------------------------------------------------------------


def test_the_page_and_its_files_are_served(visit: Page) -> None:
    index = visit.http.get("/")
    assert index.headers["content-type"].startswith("text/html")
    for name in ("style.css", "main.js"):
        assert visit.http.get(f"/page/{name}").status_code == 200
    assert "javascript" in visit.http.get("/page/main.js").headers["content-type"]


def test_the_page_may_load_nothing_from_elsewhere(visit: Page) -> None:
    policy = visit.http.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*|'unsafe-eval'|script-src[^;]*'unsafe-inline'", policy)


def imports(text: str) -> set[str]:
    """What a module imports."""
    statements = re.findall(
        r"""(?:\bfrom|\bimport)\s*["']([^"']+)["']""", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    )
    return set(statements)


def test_every_module_that_the_page_imports_is_there(visit: Page) -> None:
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
        "/page/../app.py",
        "/page/%2e%2e/app.py",
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
    with closing(http.client.HTTPConnection(playground.url.removeprefix("http://"), timeout=UNTIL)) as connection:
        connection.request("GET", path)  # as it is: httpx would tidy it up
        assert connection.getresponse().status == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "localhost:80", ""])
def test_another_host_is_refused(visit: Page, host: str) -> None:
    for method, path in (("GET", "/"), ("GET", "/api/world"), ("GET", "/api/events"), ("POST", "/api/clock")):
        answer = visit.http.request(method, path, headers={"Host": host, "Content-Type": "application/json"})
        assert (answer.status_code, list(answer.json())) == (403, ["error"])


def test_localhost_is_an_address_of_its_own(visit: Page) -> None:
    host = f"localhost:{visit.http.base_url.port}"
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert visit.http.get("/api/world", headers=headers).status_code == 200
    body = {"as": visit.member("Alice"), "channel": visit.channel, "content": "Hello"}
    assert visit.http.post("/api/say", json=body, headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", ""])
def test_another_web_page_drives_nothing(visit: Page, origin: str) -> None:
    before = visit.look("/api/world")["clock"]["offset"]
    answer = visit.http.post("/api/clock", json={"forward": 60}, headers={"Origin": origin})
    assert (answer.status_code, "Another web page" in answer.json()["error"]) == (403, True)
    member = f"/api/members/{visit.member('Alice')}"
    assert visit.http.patch(member, json={"is_admin": True}, headers={"Origin": origin}).status_code == 403
    assert visit.look("/api/world")["clock"]["offset"] == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_a_form_of_another_web_page_drives_nothing(visit: Page, kind: str) -> None:
    answer = visit.http.post("/api/clock", content=b'{"forward": 60}', headers={"Content-Type": kind})
    assert answer.status_code == 403


def test_it_listens_on_the_loopback_interface_only(playground: Playground) -> None:
    port = httpx.URL(playground.url).port
    listening = [
        connection.laddr.ip
        for connection in psutil.Process().net_connections()
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    ]
    assert listening == ["127.0.0.1"]


# Its end, and stacks with real parts -------------------------------------------------------------------------


def test_open_pages_and_a_crowd_do_not_keep_it_from_stopping(visit: Page, stack: Stack) -> None:
    before = set(threading.enumerate())
    assert stack.discord is not None
    listeners = len(stack.discord.listeners)
    with Playground(stack) as other, httpx.Client(base_url=other.url, timeout=30) as client:
        listener = Listener(other.url)
        elsewhere = replace(visit, http=client)
        drop = visit.drop()
        place = {"server": visit.server, "channel": visit.channel, "message": drop["id"], "custom_id": button(drop)}
        crowd = elsewhere.ask("/api/crowd", members=500, **place)["crowd"]
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
        visit = Page(client)
        visit.world = visit.look("/api/world")
        server = visit.world["servers"][0]
        visit.server, visit.channel = server["id"], server["channels"][0]["id"]
        assert visit.world["real"] == {"supabase": True, "discord": False}
        for path in ("/api/books", "/api/audit"):
            assert "real one" in visit.look(path, 409, server=server["id"])["error"]
        assert "real one" in visit.ask("/api/clock", 409, forward=60)["error"]
        crowd = {"server": server["id"], "channel": visit.channel, "message": "1", "custom_id": "x", "members": 2}
        assert "real one" in visit.ask("/api/crowd", 409, **crowd)["error"]
        done = visit.command("drop create")
        assert (done["modal"]["title"], done["changes"]) == ("Post a drop", None)


def test_a_page_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[str]:
        events = Events()
        stream = events.stream()
        first = await anext(stream)
        for number in range(5):
            events.publish("clock", now=number)
            await asyncio.sleep(0)  # the page is told, and does not look
        return [first, *[text async for text in stream]]

    monkeypatch.setattr("infra.playground.server.events.BACKLOG", 2)
    first, *heard = asyncio.run(story())
    assert first == "retry: 1000\n\n"
    assert [json.loads(text.partition("data: ")[2])["now"] for text in heard] == [0, 1, 2]


def test_a_page_hears_in_silence_that_the_stream_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> str:
        stream = Events().stream()
        await anext(stream)
        return await anext(stream)

    monkeypatch.setattr("infra.playground.server.events.PING_SECONDS", 0.01)
    assert asyncio.run(story()).startswith(":")


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("", (None, False, [])),
        ("handler;dur=1.5", (1.5, False, [])),
        ('handler;dur=700.0, cold, database;desc="a_b", database;desc="cold"', (700.0, True, ["a_b", "cold"])),
    ],
)
def test_what_the_gateway_says_is_read(header: str, read: tuple[float | None, bool, list[str]]) -> None:
    assert tuple(server_timing.read(header).values()) == read
