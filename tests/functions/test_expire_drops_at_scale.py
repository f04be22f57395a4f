"""expire_drops with thousands of drops due in one minute: the limits are kept, nothing is lost, few runs do it."""

import itertools
import logging
import math
import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.request_log import MOST_INVALID_REQUESTS
from infra.local.keys import Keys
from shared import database, scheduled
from shared.discord import rate_limits, rest, sender
from tests.clock import Clock, discord_clock
from tests.conftest import Surroundings, serving_discord
from tests.drops import Killed
from tests.functions.due_drops import counted
from tests.sql import Database

Json = dict[str, Any]
RUN_SECONDS = 55  # as the Timeout in template.yaml
FIRST_CHANNEL = 650_000_000_000_000_000


class Context:
    """A Lambda context on the test's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deadline = clock.monotonic() + RUN_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        return round((self._deadline - self._clock.monotonic()) * 1000)


class SimulatedDiscord:
    """Discord with its rate limits, and a run every minute, on the test's clock."""

    def __init__(self, functions: Any, db: Database, discord: FakeDiscord, clock: Clock, application_id: str) -> None:
        self.discord = discord
        self.clock = clock
        self.expire_drops = functions.expire_drops
        self.messages: list[str] = []
        self._db = db
        self._application_id = application_id

    def add_due_drops(self, number: int, channels: int) -> None:
        """Add drops that are due now, in so many channels, with messages that show them open."""
        places = [str(FIRST_CHANNEL + place % channels) for place in range(number)]
        messages = [self._post(channel) for channel in places]
        self._db.run(
            "insert into discord_drops (server_id, event_id, drop_type, channel_id, message_id, rendered_revision,"
            " created_at, expires_at) select '77', 'quest', 'button', channel, message, 1, %s, %s"
            " from unnest(%s::text[], %s::text[]) as m (channel, message)",
            self.now(),
            self.now(),
            places,
            messages,
        )
        self.messages += messages

    def _post(self, channel_id: str) -> str:
        self.clock.advance(0.001)  # a millisecond has room for no more than 4096 ids
        return str(self.discord.say(channel_id, "Open", self._application_id)["id"])

    def now(self) -> datetime:
        """The time, which is also the database's."""
        return datetime.fromtimestamp(self.clock.time(), UTC)

    def run(self) -> Json:
        """The run of a minute, and the wait for the next; what an alarm would see is its "error"."""
        start = self.clock.monotonic()
        try:
            counts = dict(self.expire_drops.handler({}, Context(self.clock)))
        except self.expire_drops.RenderError as error:
            counts = {"error": str(error)}
        assert self.clock.monotonic() - start < RUN_SECONDS
        self.clock.advance(start + 60 - self.clock.monotonic())
        return counts

    def until_all_is_shown(self) -> list[Json]:
        """Runs until no message is behind."""
        runs = []
        while self._db.value("select count(*) from discord_drops where not is_settled"):
            runs.append(self.run())
            assert len(runs) < 20
        return runs

    def edits(self, status: int = 200) -> Counter[str]:
        """How often each message was edited."""
        return Counter(r.path for r in self.discord.requests if r.method == "PATCH" and r.status == status)

    def assert_all_is_shown(self) -> None:
        """Every message shows the end of its drop."""
        for message in self._db.rows("select message_id from discord_drops"):
            assert "its time was up" in self.discord.message(message["message_id"])["embeds"][0]["description"]
        assert self._db.value("select count(*) from discord_drops where end_reason <> 'expired'") == 0

    def assert_fifty_a_second_at_most(self) -> None:
        """In any second, whenever it begins."""
        times = [request.at for request in self.discord.requests]
        assert all(later - early >= 1 for early, later in zip(times, times[50:], strict=False))


@pytest.fixture
def minutes(
    functions: Any, db: Database, keys: Keys, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimulatedDiscord]:
    """Everything on one clock."""
    clock, rpc = discord_clock(monkeypatch), database.rpc
    discord = FakeDiscord(":memory:", keys.bot_token, keys.application_id, log_size=None, clock=clock.time)
    all_minutes = SimulatedDiscord(functions, db, discord, clock, keys.application_id)
    monkeypatch.setattr(scheduled, "time", clock)
    now = all_minutes.now
    monkeypatch.setattr(database, "rpc", lambda name, **more: rpc(name, **{"now": now().isoformat()} | more))
    rate_limits.reset()
    with serving_discord(discord) as url:
        surroundings.set(DISCORD_API_URL=url)
        yield all_minutes
    rate_limits.reset()


def test_five_thousand_drops_in_one_minute(minutes: SimulatedDiscord) -> None:
    minutes.add_due_drops(5_000, channels=300)
    a_run = sender.PER_SECOND * (RUN_SECONDS - scheduled.RESERVE_SECONDS)
    runs = minutes.until_all_is_shown()
    assert sender.PER_SECOND >= 45  # of Discord's 50, with which it would take 100 seconds: two runs to their last one
    assert len(runs) == math.ceil(5_000 / a_run) == 3
    assert [run["expired"] for run in runs] == [5_000, 0, 0]
    assert sum(run["rendered"] for run in runs) == 5_000
    minutes.assert_all_is_shown()
    minutes.assert_fifty_a_second_at_most()
    assert set(minutes.edits().values()) == {1}
    assert {request.status for request in minutes.discord.requests} == {200}
    assert minutes.discord.invalid_requests == 0


def test_a_busy_channel_keeps_no_other_waiting_and_its_rest_is_given_back(
    minutes: SimulatedDiscord, db: Database
) -> None:
    minutes.add_due_drops(200, channels=1)  # one a second is its limit
    minutes.clock.advance(1)
    minutes.add_due_drops(100, channels=20)
    minutes.run()
    others = db.rows("select is_settled from discord_drops where channel_id <> %s", str(FIRST_CHANNEL))
    assert [drop["is_settled"] for drop in others] == [True] * 95
    shown = db.value("select count(*) from discord_drops where is_settled") - 95
    assert 45 <= shown <= 55
    left = db.rows("select render_after, render_attempts from discord_drops where not is_settled")
    assert len(left) == 205 - shown
    assert all(drop["render_after"] < minutes.now() and drop["render_attempts"] == 0 for drop in left)
    assert len(minutes.until_all_is_shown()) <= 4
    assert set(minutes.edits().values()) == {1}
    assert minutes.discord.invalid_requests == 0


def test_a_run_that_is_killed_in_the_middle_loses_nothing(
    minutes: SimulatedDiscord, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes.add_due_drops(600, channels=60)
    send_now, sent = rest.send_now, itertools.count(1)

    def dies_in_the_end(request: rest.Request, *, timeout: float) -> Any:
        if next(sent) == 400:
            raise Killed
        return send_now(request, timeout=timeout)

    with monkeypatch.context() as patch:
        patch.setattr(rest, "send_now", dies_in_the_end)
        with pytest.raises(Killed):
            minutes.run()
    assert db.value("select count(*) from discord_drops where is_settled") >= 300
    minutes.clock.advance(60)
    assert minutes.run()["rendered"] == 100  # what it had not yet taken in hand
    minutes.until_all_is_shown()
    minutes.assert_all_is_shown()
    twice = [path for path, edits in minutes.edits().items() if edits > 1]
    assert len(twice) <= sender.PER_SECOND * (scheduled.MARK_SECONDS + 1)
    assert set(minutes.edits().values()) <= {1, 2}


def test_whatever_discord_answers_nothing_is_lost(minutes: SimulatedDiscord) -> None:
    minutes.add_due_drops(600, channels=60)
    chance = random.Random(4)
    troubles = [(429, "user"), (429, "shared"), (429, "global"), (500, ""), (503, "")] * 12
    for (status, scope), message in zip(troubles, chance.sample(minutes.messages, 60), strict=True):
        path = f"/channels/*/messages/{message}"
        minutes.discord.fail(status, scope=scope, retry_after=chance.uniform(0.1, 3), path=path)
    runs = minutes.until_all_is_shown()
    minutes.assert_all_is_shown()
    assert set(minutes.edits().values()) == {1}
    assert minutes.edits(429).total() == 36
    assert minutes.discord.invalid_requests == 24
    assert "24 messages are behind" in runs[0]["error"]  # those that Discord could not take; a 429 is no failure
    assert len(runs) <= 3  # each failure is tried again a minute later


def test_a_discord_that_only_refuses_is_left_alone_long_before_the_ban(
    minutes: SimulatedDiscord, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    minutes.add_due_drops(400, channels=200)
    minutes.discord.fail(429, times=10_000, retry_after=0.5)
    with caplog.at_level(logging.INFO):
        assert "ended early" in minutes.run()["error"]
    logged = counted(caplog)
    assert (logged["invalid"], logged["left"]) == (sender.MOST_INVALID, 400)
    assert minutes.discord.invalid_requests == sender.MOST_INVALID
    assert sender.MOST_INVALID * 10 <= MOST_INVALID_REQUESTS / 2  # a run a minute, and commands ask as well
    assert db.value("select max(render_attempts) from discord_drops") == 0
    minutes.discord.faults.clear()
    minutes.until_all_is_shown()
    minutes.assert_all_is_shown()


def test_a_ban_is_sat_out(minutes: SimulatedDiscord, db: Database) -> None:
    minutes.add_due_drops(40, channels=20)
    minutes.discord.log.invalid.extend([minutes.clock.time()] * MOST_INVALID_REQUESTS)
    for _ in range(3):
        minutes.run()
    assert minutes.discord.invalid_requests == MOST_INVALID_REQUESTS
    assert len(minutes.discord.requests) <= 6  # the first run learned it from its first answers
    minutes.clock.advance(600)
    minutes.until_all_is_shown()
    minutes.assert_all_is_shown()


def test_what_is_claimed_meanwhile_is_edited_once_a_run(
    minutes: SimulatedDiscord, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes.add_due_drops(40, channels=4)
    db.run("update discord_drops set expires_at = null, rendered_revision = 0")
    send_now, rpc, in_turn = rest.send_now, database.rpc, threading.Lock()

    def claimed_meanwhile(request: rest.Request, *, timeout: float) -> Any:
        with in_turn:
            db.run("update discord_drops set claims_count = claims_count + 1, revision = revision + 1")
            minutes.clock.advance(0.1)
        return send_now(request, timeout=timeout)

    def not_while_claimed(name: str, **arguments: Any) -> Any:  # what is locked would be left for the next run
        with in_turn:
            return rpc(name, **arguments)

    monkeypatch.setattr(database, "rpc", not_while_claimed)
    monkeypatch.setattr(minutes.expire_drops, "RENDER_BATCH", 5)
    monkeypatch.setattr(scheduled, "MARK_SECONDS", 0)
    monkeypatch.setattr(rest, "send_now", claimed_meanwhile)
    for run in (1, 2):
        assert minutes.run()["rendered"] == 40
        assert len(minutes.edits()) == 40
        assert set(minutes.edits().values()) == {run}
