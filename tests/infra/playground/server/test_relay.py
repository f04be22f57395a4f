"""What members write and do reaches the events endpoint as signed batches, and the page is told what came of it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from infra.fake_discord.contract import Json
from infra.local.program import Program
from infra.local.stack import Stack
from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit

Stats = Callable[[str], Json]


@pytest.fixture
def stats(stack: Stack, visit: Visit) -> Iterator[Stats]:
    """What the database counts of a member."""
    with psycopg.connect(stack.description.database_url or "", autocommit=True, row_factory=dict_row) as connection:

        def read(name: str) -> Json:
            found: Any = connection.execute(
                "select * from discord_user_stats where server_id = %s and discord_user_id = %s",
                (visit.server, visit.member(name)),
            ).fetchone()
            counters = ("messages_count", "reactions_count", "reactions_received", "voice_minutes")
            return {counter: (found or {}).get(counter, 0) for counter in counters}

        yield read


def refuse(*_: Any) -> Any:
    """Nobody answers."""
    raise httpx.ConnectError("nobody")


def say(visit: Visit, name: str, content: str) -> Json:
    """Somebody writes."""
    return visit.ask("/api/say", as_=visit.member(name), channel=visit.channel, content=content)


def test_a_message_is_counted_and_the_page_told(visit: Visit, stats: Stats, listener: Listener) -> None:
    before = stats("Bob")
    say(visit, "Bob", "Hello there")
    told = listener.until("activity")
    assert (told["server"], told["member"], told["types"]) == (visit.server, visit.member("Bob"), ["message"])
    assert [result["result"] for result in told["results"]] == ["counted"]
    assert stats("Bob")["messages_count"] == before["messages_count"] + 1
    assert "Hello there" not in str(told)


def test_a_bot_is_not_counted(visit: Visit, stats: Stats, listener: Listener) -> None:
    say(visit, "Beeper", "beep")
    assert [result["result"] for result in listener.until("activity")["results"]] == ["ignored"]
    assert stats("Beeper")["messages_count"] == 0


def test_reactions_are_counted_on_both_sides_and_taken_back(visit: Visit, stats: Stats, listener: Listener) -> None:
    message = say(visit, "Carla", "React to this")
    before = stats("Carla")["reactions_received"], stats("Erin")["reactions_count"]
    reaction: Json = {"as_": visit.member("Erin"), "channel": visit.channel, "message": message["id"], "emoji": "🎉"}
    visit.ask("/api/react", **reaction)
    assert (stats("Carla")["reactions_received"], stats("Erin")["reactions_count"]) == (before[0] + 1, before[1] + 1)
    visit.ask("/api/react", **reaction, remove=True)
    assert (stats("Carla")["reactions_received"], stats("Erin")["reactions_count"]) == before


def test_a_long_message_is_paid(visit: Visit, listener: Listener) -> None:
    say(visit, "Erin", "This is what I think of it, at some length: " + "so many words " * 12)
    (result,) = listener.until("activity")["results"]
    assert [(paid["event"], paid["amount"]) for paid in result["paid"]] == [("regular_engagement", 10)]


def test_time_in_the_voice_channel_is_counted_by_the_clock(visit: Visit, stats: Stats, listener: Listener) -> None:
    before = stats("Alice")["voice_minutes"]
    seat: Json = {"as_": visit.member("Alice"), "server": visit.server}
    visit.ask("/api/voice", **seat)
    assert listener.until("voice")["seats"] == [{"member": visit.member("Alice"), "server": visit.server}]
    assert visit.look("/api/world")["seats"] == [{"member": visit.member("Alice"), "server": visit.server}]
    visit.ask("/api/clock", forward=3600)
    assert stats("Alice")["voice_minutes"] == before + 60
    visit.ask("/api/clock", forward=26 * 3600)
    assert stats("Alice")["voice_minutes"] == before + 27 * 60
    visit.ask("/api/voice", **seat, leave=True)
    assert visit.look("/api/world")["seats"] == []
    visit.ask("/api/clock", forward=3600)
    assert stats("Alice")["voice_minutes"] == before + 27 * 60


def test_a_member_sits_in_one_place_and_a_bot_in_none(visit: Visit) -> None:
    seat: Json = {"as_": visit.member("Alice")}
    for server in visit.world["servers"]:
        visit.ask("/api/voice", **seat, server=server["id"])
    assert [each["server"] for each in visit.look("/api/world")["seats"]] == [visit.world["servers"][-1]["id"]]
    visit.ask("/api/voice", **seat, server=visit.server, leave=True)
    visit.ask("/api/voice", 400, as_=visit.member("Beeper"), server=visit.server)
    visit.ask("/api/voice", 404, **seat, server="1")
    assert visit.look("/api/world")["seats"] == []


def test_a_stack_that_does_not_record_keeps_nobody_from_writing(
    visit: Visit, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Program, "post", refuse)
    assert say(visit, "Bob", "Hello")["content"] == "Hello"
    assert listener.until("activity")["error"] == "ConnectError"
