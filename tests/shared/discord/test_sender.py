"""The sender: each bucket in its order, no bucket waits for another, and what Discord says of its limits is obeyed."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from shared.discord import rate_limits, rest
from shared.discord.reply import message_payload
from shared.discord.sender import PER_SECOND, Answer, Sender
from tests.clock import Clock
from tests.conftest import Surroundings, serving_discord
from tests.proxy import Proxy, late

SLOW, OTHERS = "660000000000000000", [str(660_000_000_000_000_001 + n) for n in range(4)]
Queued = tuple[str, rest.Request]


def message(channel: str, name: str) -> Queued:
    """A message to post."""
    return name, rest.message_creation(channel, message_payload(name), nonce=name)


def answers(sender: Sender[str], *batches: Iterable[Queued]) -> Iterator[tuple[str, Answer]]:
    """The answers in the order of their arrival, with the names of the messages."""
    waiting = list(batches)
    with sender:
        while True:
            if waiting and sender.wants_more:
                for name, request in waiting.pop(0):
                    sender.add(name, request)
            elif sender.is_busy:
                yield from sender.answers()
            else:
                break


def send(*batches: Iterable[Queued], seconds: float = 50) -> tuple[list[str], Sender[str]]:
    """The names of what was answered, in the order of the answers, and who sent it."""
    until = time.monotonic() + seconds
    sender = Sender[str](lambda: until - time.monotonic())
    return [name for name, _ in answers(sender, *batches)], sender


def asked(local_discord: FakeDiscord, channel: str) -> list[int]:
    """The answers to what was asked of a channel."""
    return [r.status for r in local_discord.requests if r.path == f"/channels/{channel}/messages"]


@pytest.fixture
def fresh(functions: Any, local_discord: FakeDiscord) -> FakeDiscord:
    """The local Discord with nothing in its log."""
    local_discord.requests.clear()
    return local_discord


# --- No bucket waits for another


def test_a_channel_is_served_in_order_and_all_in_turns(fresh: FakeDiscord) -> None:
    names = [f"{number}{letter}" for number in (1, 2, 3) for letter in "ab"]
    order, _ = send([message(OTHERS["ab".index(name[1])], name) for name in sorted(names, key=lambda n: n[1])])
    assert sorted(order) == names
    for letter in "ab":
        assert [name[0] for name in order if name[1] == letter] == ["1", "2", "3"]
    paths = [request.path for request in fresh.requests]
    assert len(set(paths[:3])) == 2  # not first everything of one channel


def test_a_channel_that_is_closed_keeps_no_other_waiting(fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=1, path=f"/channels/{SLOW}/messages")
    order, sender = send(
        [message(SLOW, "first"), message(SLOW, "second"), *(message(OTHERS[n % 4], f"other {n}") for n in range(12))]
    )
    assert order[-2:] == ["first", "second"]
    assert asked(fresh, SLOW) == [429, 200, 200]
    assert sender.invalid == 1


def test_an_answer_that_takes_long_keeps_no_other_waiting(fresh: FakeDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    send_now, others, all_others = rest.send_now, itertools.count(1), threading.Event()

    def send_slowly(request: rest.Request, *, timeout: float) -> Any:
        if SLOW in request.path:
            assert all_others.wait(30)  # as long as it takes until they are answered
        answer = send_now(request, timeout=timeout)
        if SLOW not in request.path and next(others) == 12:
            all_others.set()
        return answer

    monkeypatch.setattr(rest, "send_now", send_slowly)
    order, _ = send([message(SLOW, "slow"), *(message(OTHERS[n % 4], f"quick {n}") for n in range(12))])
    assert sorted(order) == sorted(["slow", *(f"quick {n}" for n in range(12))])
    assert asked(fresh, SLOW) == [200]


def test_more_is_fetched_while_what_is_at_hand_must_wait(fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=30, path=f"/channels/{SLOW}/messages")
    order, _ = send([message(SLOW, "closed")], [message(OTHERS[0], "more")], [message(OTHERS[1], "most")], seconds=20)
    assert sorted(order) == ["more", "most"]  # the closed one does not open in time, and nobody waits for it
    assert asked(fresh, SLOW) == [429]


def test_many_are_under_way_and_one_of_each_channel(
    functions: Any, keys: Keys, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most, lock = Counter[str](), Counter[str](), threading.Lock()
    send_now = rest.send_now

    def watched(request: rest.Request, *, timeout: float) -> Any:
        path = request.path
        with lock:
            under_way.update([path, "all"])
            most[path], most["all"] = max(most[path], under_way[path]), max(most["all"], under_way["all"])
        try:
            return send_now(request, timeout=timeout)
        finally:
            with lock:
                under_way.subtract([path, "all"])

    far = FakeDiscord(":memory:", keys.bot_token, keys.application_id, limits={}, latency=0.2)
    with serving_discord(far) as url:
        surroundings.set(DISCORD_API_URL=url)
        rate_limits.reset()
        monkeypatch.setattr(rest, "send_now", watched)
        order, _ = send([message(OTHERS[n % 4], str(n)) for n in range(16)])
        surroundings.renew()
    assert len(order) == 16
    assert most.pop("all") > 1
    assert set(most.values()) == {1}


# --- Limits


def test_the_pace_stays_below_what_all_requests_of_a_bot_may_make_up(clock: Clock, fresh: FakeDiscord) -> None:
    send([message(str(670_000_000_000_000_000 + n), str(n)) for n in range(100)])
    assert 99 / PER_SECOND - 0.1 < clock.monotonic() < 99 / PER_SECOND + 0.1


def test_a_global_limit_closes_every_channel(clock: Clock, fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=7, scope="global")
    order, _ = send([message(channel, channel) for channel in OTHERS])
    assert sorted(order) == OTHERS
    assert 7 in clock.slept
    assert sum(asked(fresh, channel)[0] == 429 for channel in OTHERS) == 1


def test_a_limit_that_others_have_used_up_too_is_no_invalid_request(clock: Clock, fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=2, scope="shared")
    order, sender = send([message(SLOW, "shared")])
    assert (order, sender.invalid, clock.slept) == (["shared"], 0, [2])


def test_a_channel_that_is_closed_for_long_is_not_waited_for(clock: Clock, fresh: FakeDiscord) -> None:
    fresh.fail(429, retry_after=300, path=f"/channels/{SLOW}/messages")
    order, _ = send([message(SLOW, "first"), message(SLOW, "second"), message(OTHERS[0], "other")])
    assert sorted(order) == ["first", "other", "second"]
    assert asked(fresh, SLOW) == [429]


def test_what_refuses_a_channel_is_the_answer_to_all_of_it(fresh: FakeDiscord) -> None:
    fresh.forbid(SLOW)
    sender = Sender[str](lambda: 50)
    batch = [message(SLOW, "first"), message(SLOW, "second"), message(OTHERS[0], "other")]
    errors = {name: answer.exception() for name, answer in answers(sender, batch)}
    assert {name: str(error) for name, error in errors.items()} == {
        "first": "Discord answered 403 (code 50013) Missing Permissions",
        "second": "Discord answered 403 (code 50013) Missing Permissions",
        "other": "None",
    }
    assert asked(fresh, SLOW) == [403]
    assert sender.invalid == 1
    assert sender.trouble is None


@pytest.mark.parametrize("status", [401, 403])
def test_what_refuses_us_ends_it_and_is_the_answer_to_nothing(clock: Clock, fresh: FakeDiscord, status: int) -> None:
    fresh.fail(status, times=100)  # a 403 without a code of Discord's is Cloudflare's
    order, sender = send([message(channel, channel) for channel in OTHERS])
    assert order == []
    assert sender.trouble is not None
    assert sender.trouble.status == status
    assert len(fresh.requests) <= 2
    assert sender.invalid == len(fresh.requests)


# --- Time


def test_nothing_is_wanted_or_sent_when_the_time_is_up(fresh: FakeDiscord) -> None:
    sender = Sender[str](lambda: 0)
    assert not sender.wants_more
    sender.add(*message(SLOW, "late"))
    assert list(answers(sender)) == []
    assert sender.left == ["late"]
    assert list(fresh.requests) == []


def test_what_is_under_way_when_the_time_is_up_is_waited_for(discord_proxy: Proxy) -> None:
    discord_proxy.next(late(0.6))
    order, _ = send([message(SLOW, "under way"), message(SLOW, "not begun")], seconds=0.3)
    assert order == ["under way"]
