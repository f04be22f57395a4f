"""The sender: each bucket in its order, no bucket waits for another, and what Discord says of its limits is obeyed."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.resources.snowflakes import snowflake
from infra.local.keys import Keys
from shared.discord import rate_limits, rest
from shared.discord.error import DiscordError
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


def test_a_channel_that_is_closed_keeps_no_other_waiting(clock: Clock, fresh: FakeDiscord) -> None:
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


# --- Limits of messages


def edit(channel: str, message_id: str) -> Queued:
    """An edit, named like its message."""
    return message_id, rest.message_edit(channel, message_id, message_payload("Edited"))


def posted(local_discord: FakeDiscord, keys: Keys, *channels: str) -> list[str]:
    """A message of ours in each of the channels."""
    messages = [local_discord.say(channel, "Hello", keys.application_id)["id"] for channel in channels]
    local_discord.requests.clear()
    return messages


def edited(local_discord: FakeDiscord, message_id: str) -> list[int]:
    """The answers to the edits of a message."""
    return [r.status for r in local_discord.requests if r.method == "PATCH" and r.path.endswith(message_id)]


@pytest.mark.parametrize("code", [20022, 20028])
def test_a_limit_of_one_message_is_its_answer_and_the_rest_of_the_channel_is_served(
    clock: Clock, fresh: FakeDiscord, keys: Keys, code: int
) -> None:
    published, second, third = posted(fresh, keys, SLOW, SLOW, SLOW)
    fresh.fail(429, code=code, retry_after=1163, retry_after_header=1, scope="shared", path=f"*/{published}", times=9)
    sender = Sender[str](lambda: 50)
    got = {
        name: answer.exception()
        for name, answer in answers(sender, [edit(SLOW, m) for m in (published, second, third)])
    }
    assert [each is None for each in got.values()] == [False, True, True]
    assert isinstance(got[published], DiscordError)
    assert edited(fresh, published) == [429]
    assert clock.monotonic() < 10
    assert (sender.invalid, sender.left, sender.trouble) == (0, [], None)


def test_old_messages_whose_limit_closes_for_long_are_left_and_new_ones_are_served(
    clock: Clock, fresh: FakeDiscord, keys: Keys
) -> None:
    old, older = posted(fresh, keys, SLOW, SLOW)  # months ago by the clock of the test
    new = [snowflake(clock.time()), snowflake(clock.time())]
    fresh.fail(429, code=30046, retry_after=300, path=f"*/{old}")
    sender = Sender[str](lambda: 50)
    batch = [edit(SLOW, old), edit(SLOW, new[0]), edit(SLOW, older), edit(SLOW, new[1])]
    got = {name: answer.exception() for name, answer in answers(sender, batch)}
    assert {name: error.code for name, error in got.items() if isinstance(error, DiscordError)} == {
        old: 30046,
        **dict.fromkeys(new, 10008),
    }
    assert (sender.left, edited(fresh, older)) == ([older], [])  # it was not tried, and is not to be given up
    assert [edited(fresh, each) for each in new] == [[404], [404]]


def test_new_messages_do_not_wait_for_the_pace_of_old_ones(clock: Clock, fresh: FakeDiscord, keys: Keys) -> None:
    old = posted(fresh, keys, SLOW, SLOW, SLOW)
    new = [snowflake(clock.time()) for _ in range(3)]
    order, _ = send([edit(SLOW, each) for each in (*old, *new)])
    assert order == [old[0], *new, old[1], old[2]]
    assert 2 * rate_limits.OLD_EDITS_PAUSE <= clock.monotonic() < 2 * rate_limits.OLD_EDITS_PAUSE + 1


def test_a_short_limit_of_old_messages_is_waited_for(clock: Clock, fresh: FakeDiscord, keys: Keys) -> None:
    (old,) = posted(fresh, keys, SLOW)
    fresh.fail(429, code=30046, retry_after=20, path=f"*/{old}")
    order, sender = send([edit(SLOW, old)])
    assert (order, edited(fresh, old)) == ([old], [429, 200])
    assert 20 <= clock.monotonic() < 22
    assert sender.left == []


# --- Archived threads


def test_an_archived_thread_is_opened_once_for_all_that_waits_for_it(fresh: FakeDiscord, keys: Keys) -> None:
    first, second, other = posted(fresh, keys, SLOW, SLOW, OTHERS[0])
    fresh.archive(SLOW)
    order, sender = send([edit(SLOW, first), edit(SLOW, second), edit(OTHERS[0], other)])
    assert sorted(order) == sorted([first, second, other])
    asked = [(r.path.removeprefix(f"/channels/{SLOW}"), r.status) for r in fresh.requests if SLOW in r.path]
    assert asked == [(f"/messages/{first}", 400), ("", 200), (f"/messages/{first}", 200), (f"/messages/{second}", 200)]
    assert (sender.invalid, sender.left) == (0, [])


def test_a_thread_that_we_may_not_open_is_the_answer_to_all_of_it(fresh: FakeDiscord, keys: Keys) -> None:
    first, second, other = posted(fresh, keys, SLOW, SLOW, OTHERS[0])
    fresh.archive(SLOW, locked=True)
    sender = Sender[str](lambda: 50)
    batch = [edit(SLOW, first), edit(SLOW, second), edit(OTHERS[0], other)]
    errors = {name: answer.exception() for name, answer in answers(sender, batch)}
    assert {name: getattr(error, "code", None) for name, error in errors.items()} == {
        first: 50013,
        second: 50013,
        other: None,
    }
    assert [r.status for r in fresh.requests if SLOW in r.path] == [400, 403]
    fresh.open(SLOW)


def test_a_thread_that_closes_again_is_opened_once_only(fresh: FakeDiscord, keys: Keys) -> None:
    (message_id,) = posted(fresh, keys, SLOW)
    fresh.fail(400, 50083, times=5, method="PATCH", path="*/messages/*")
    fresh.archive(SLOW)
    sender = Sender[str](lambda: 50)
    ((_, answer),) = answers(sender, [edit(SLOW, message_id)])
    assert getattr(answer.exception(), "code", None) == 50083
    assert [r.status for r in fresh.requests if SLOW in r.path] == [400, 200, 400]


@pytest.mark.parametrize(("retry_after", "asked"), [(3, [400, 429, 200, 200]), (300, [400, 429, 400])])
def test_the_limit_of_opening_threads_is_kept(
    clock: Clock, fresh: FakeDiscord, keys: Keys, retry_after: int, asked: list[int]
) -> None:
    (message_id,) = posted(fresh, keys, SLOW)
    fresh.archive(SLOW)
    fresh.fail(429, retry_after=retry_after, path=f"/channels/{SLOW}")
    order, _ = send([edit(SLOW, message_id)])
    assert order == [message_id]
    assert [r.status for r in fresh.requests if SLOW in r.path] == asked
    fresh.open(SLOW)


def test_what_waits_for_its_thread_when_the_time_is_up_is_left(fresh: FakeDiscord, keys: Keys) -> None:
    first, second = posted(fresh, keys, SLOW, SLOW)
    fresh.archive(SLOW)
    sender = Sender[str](lambda: 0 if fresh.requests else 50)
    assert list(answers(sender, [edit(SLOW, first), edit(SLOW, second)])) == []
    assert sender.left == [first, second]
    fresh.open(SLOW)


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
