"""The courier: each lane in its order, no lane waits for another, and what Discord says about its limits is obeyed."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from infra.local.server import HttpServer
from shared.discord import rest, sender
from shared.discord.reply import message_payload
from shared.discord.sender import Courier
from tests.clock import Clock
from tests.conftest import Surroundings
from tests.proxy import Proxy, late

SLOW, OTHERS = "660000000000000000", [str(660_000_000_000_000_001 + n) for n in range(4)]
Parcel = tuple[str, rest.Call]


def parcel(channel: str, name: str) -> Parcel:
    """A message to post."""
    return name, rest.creation(channel, message_payload(name), nonce=name)


def deliver(*batches: Iterable[Parcel], seconds: float = 50) -> tuple[list[str], "Courier[str]"]:
    """The names of what was answered, in the order of the answers, and who brought it."""
    waiting, until = list(batches), time.monotonic() + seconds
    fetch = lambda: waiting.pop(0) if waiting else []  # noqa: E731
    bringer: Courier[str] = Courier(fetch, lambda: until - time.monotonic())
    return [name for name, _ in bringer.deliver()], bringer


def asked(local_discord: FakeDiscord, channel: str) -> list[int]:
    """The answers to what was asked of a channel."""
    return [r.status for r in local_discord.requests if r.path == f"/channels/{channel}/messages"]


@pytest.fixture
def fresh(functions: Any, local_discord: FakeDiscord) -> FakeDiscord:
    """The local Discord with nothing in its log."""
    local_discord.requests.clear()
    return local_discord


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, fresh: FakeDiscord) -> Clock:
    """A clock that waits without waiting."""
    clock = Clock()
    for module in (rest, sender):
        monkeypatch.setattr(module, "time", clock)
    return clock


# --- No lane waits for another


def test_a_channel_is_served_in_order_and_all_in_turns(fresh: FakeDiscord) -> None:
    names = [f"{number}{letter}" for number in (1, 2, 3) for letter in "ab"]
    order, _ = deliver([parcel(OTHERS["ab".index(name[1])], name) for name in sorted(names, key=lambda n: n[1])])
    assert sorted(order) == names
    for letter in "ab":
        assert [name[0] for name in order if name[1] == letter] == ["1", "2", "3"]
    paths = [request.path for request in fresh.requests]
    assert len(set(paths[:3])) == 2  # not first everything of one channel


def test_a_channel_that_is_closed_keeps_no_other_waiting(fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=1, path=f"/channels/{SLOW}/messages")
    order, bringer = deliver(
        [parcel(SLOW, "first"), parcel(SLOW, "second"), *(parcel(OTHERS[n % 4], f"other {n}") for n in range(12))]
    )
    assert order[-2:] == ["first", "second"]
    assert asked(fresh, SLOW) == [429, 200, 200]
    assert bringer.invalid == 1


def test_an_answer_that_takes_long_keeps_no_other_waiting(fresh: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, others, all_others = rest.ask, itertools.count(1), threading.Event()

    def ask_slowly(method: str, path: str, *more: Any, timeout: float) -> Any:
        if SLOW in path:
            assert all_others.wait(30)  # as long as it takes until they are answered
        answer = ask(method, path, *more, timeout=timeout)
        if SLOW not in path and next(others) == 12:
            all_others.set()
        return answer

    monkeypatch.setattr(rest, "ask", ask_slowly)
    order, _ = deliver([parcel(SLOW, "slow"), *(parcel(OTHERS[n % 4], f"quick {n}") for n in range(12))])
    assert sorted(order) == sorted(["slow", *(f"quick {n}" for n in range(12))])
    assert asked(fresh, SLOW) == [200]


def test_more_is_fetched_while_what_is_at_hand_must_wait(fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=30, path=f"/channels/{SLOW}/messages")
    order, _ = deliver([parcel(SLOW, "closed")], [parcel(OTHERS[0], "more")], [parcel(OTHERS[1], "most")], seconds=20)
    assert sorted(order) == ["more", "most"]  # the closed one does not open in time, and nobody waits for it
    assert asked(fresh, SLOW) == [429]


def test_many_are_under_way_and_one_of_each_channel(
    functions: Any, keys: Keys, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most, lock = Counter[str](), Counter[str](), threading.Lock()
    ask = rest.ask

    def watched(method: str, path: str, route: str, body: Any, *, timeout: float) -> Any:
        with lock:
            under_way.update([path, "all"])
            most[path], most["all"] = max(most[path], under_way[path]), max(most["all"], under_way["all"])
        try:
            return ask(method, path, route, body, timeout=timeout)
        finally:
            with lock:
                under_way.subtract([path, "all"])

    far = FakeDiscord(":memory:", keys.bot_token, keys.application_id, limits={}, latency=0.2)
    server = HttpServer(far.app)
    server.start()
    try:
        surroundings.set(DISCORD_API_URL=f"{server.url}/api/v10")
        rest._open_at.clear()
        monkeypatch.setattr(rest, "ask", watched)
        order, _ = deliver([parcel(OTHERS[n % 4], str(n)) for n in range(16)])
    finally:
        surroundings.renew()
        server.stop()
        far.close()
    assert len(order) == 16
    assert most.pop("all") > 1
    assert set(most.values()) == {1}


# --- Limits


def test_the_pace_stays_below_what_all_requests_of_a_bot_may_make_up(clock: Clock, fresh: FakeDiscord) -> None:
    deliver([parcel(str(670_000_000_000_000_000 + n), str(n)) for n in range(100)])
    assert 99 / sender.PER_SECOND - 0.1 < clock.monotonic() < 99 / sender.PER_SECOND + 0.1


def test_a_global_limit_closes_every_channel(clock: Clock, fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=7, scope="global")
    order, _ = deliver([parcel(channel, channel) for channel in OTHERS])
    assert sorted(order) == OTHERS
    assert 7 in clock.slept
    assert sum(asked(fresh, channel)[0] == 429 for channel in OTHERS) == 1


def test_a_limit_that_others_have_used_up_too_is_no_invalid_request(clock: Clock, fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=2, scope="shared")
    order, bringer = deliver([parcel(SLOW, "shared")])
    assert (order, bringer.invalid, clock.slept) == (["shared"], 0, [2])


def test_a_channel_that_is_closed_for_long_is_not_waited_for(clock: Clock, fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=300, path=f"/channels/{SLOW}/messages")
    order, _ = deliver([parcel(SLOW, "first"), parcel(SLOW, "second"), parcel(OTHERS[0], "other")])
    assert sorted(order) == ["first", "other", "second"]
    assert asked(fresh, SLOW) == [429]


def test_what_refuses_a_channel_is_the_answer_to_all_of_it(fresh: FakeDiscord) -> None:
    fresh.forbid(SLOW)
    waiting = [[parcel(SLOW, "first"), parcel(SLOW, "second"), parcel(OTHERS[0], "other")]]
    bringer: Courier[str] = Courier(lambda: waiting.pop() if waiting else [], lambda: 50)
    errors = {name: answer.exception() for name, answer in bringer.deliver()}
    assert {name: str(error) for name, error in errors.items()} == {
        "first": "Discord answered 403 (code 50013) Missing Permissions",
        "second": "Discord answered 403 (code 50013) Missing Permissions",
        "other": "None",
    }
    assert asked(fresh, SLOW) == [403]
    assert bringer.invalid == 1
    assert bringer.trouble is None


@pytest.mark.parametrize("status", [401, 403])
def test_what_refuses_us_ends_it_and_is_the_answer_to_nothing(clock: Clock, fresh: FakeDiscord, status: int) -> None:
    fresh.fail(status, times=100)  # a 403 without a code of Discord's is Cloudflare's
    order, bringer = deliver([parcel(channel, channel) for channel in OTHERS])
    assert order == []
    assert bringer.trouble is not None
    assert bringer.trouble.status == status
    assert len(fresh.requests) <= 2
    assert bringer.invalid == len(fresh.requests)


# --- Time


def test_nothing_is_fetched_or_sent_when_the_time_is_up(fresh: FakeDiscord) -> None:
    waiting = [[parcel(SLOW, "late")]]
    bringer: Courier[str] = Courier(waiting.pop, lambda: 0)
    assert list(bringer.deliver()) == []
    assert len(waiting) == 1
    assert list(fresh.requests) == []


def test_what_is_under_way_when_the_time_is_up_is_waited_for(discord_proxy: Proxy) -> None:
    discord_proxy.next(late(0.6))
    order, _ = deliver([parcel(SLOW, "under way"), parcel(SLOW, "not begun")], seconds=0.3)
    assert order == ["under way"]
