"""Discord's rate limits are obeyed: a short wait is waited for, a long one is an error at once."""

import json
from typing import Any

import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.resources.snowflakes import snowflake
from infra.local.keys import Keys
from shared.discord import rate_limits, rest
from tests.clock import Clock
from tests.conftest import Surroundings, serving_discord
from tests.proxy import Proxy, broken
from tests.shared.discord.posting import CHANNEL, HELLO, OTHER_CHANNEL, post, refused

HOUR = 3600


def edit(message_id: str, timeout: float = 2.0, channel: str = CHANNEL) -> None:
    """Edit a message."""
    rest.send(rest.message_edit(channel, message_id, HELLO), timeout=timeout)


def test_a_short_429_is_waited_for(functions: Any, clock: Clock, local_discord: FakeDiscord) -> None:
    local_discord.fail(429, retry_after=1)
    assert post("short")
    assert clock.slept == [1]


def test_a_long_429_is_not_waited_for(discord_proxy: Proxy, clock: Clock, local_discord: FakeDiscord) -> None:
    local_discord.fail(429, retry_after=60)
    error = refused(post)
    assert (error.status, error.is_retryable, error.is_gone) == (429, True, False)
    assert clock.slept == []
    assert refused(post).status == 429
    assert len(discord_proxy.requests) == 1  # the second knew without asking
    clock.advance(60)
    assert post("later")


def test_a_429_of_one_channel_does_not_stop_another(functions: Any, clock: Clock, local_discord: FakeDiscord) -> None:
    local_discord.fail(429, retry_after=60, path=f"/channels/{CHANNEL}/messages")
    refused(post)
    assert post("other", OTHER_CHANNEL)
    assert refused(post).status == 429


def test_a_429_of_posts_does_not_stop_edits(functions: Any, clock: Clock, local_discord: FakeDiscord) -> None:
    message_id = post("edits")
    local_discord.fail(429, retry_after=60, method="POST")
    refused(post)
    rest.send(rest.message_edit(CHANNEL, message_id, HELLO), timeout=2)


def test_a_global_429_stops_everything(functions: Any, clock: Clock, local_discord: FakeDiscord) -> None:
    local_discord.fail(429, retry_after=60, scope="global")
    refused(post)
    assert refused(lambda: post("other", OTHER_CHANNEL)).status == 429
    clock.advance(60)
    assert post("global", OTHER_CHANNEL)


def test_cloudflares_429_without_a_header_is_left_alone(discord_proxy: Proxy, clock: Clock) -> None:
    discord_proxy.next(broken(429))
    assert refused(post).status == 429
    assert refused(post).status == 429
    assert refused(lambda: post("other", OTHER_CHANNEL)).status == 429  # it is angry with us, not with a channel
    assert len(discord_proxy.requests) == 1
    clock.advance(10)
    assert post("cloud")


def test_an_empty_bucket_is_not_asked(clock: Clock, keys: Keys, surroundings: Surroundings) -> None:
    limited = FakeDiscord(":memory:", keys.bot_token, keys.application_id, clock=clock.time)
    with serving_discord(limited) as url:
        surroundings.set(DISCORD_API_URL=url)
        for number in range(12):
            post(str(number), timeout=30)
    assert [request.status for request in limited.requests] == [200] * 12
    assert limited.invalid_requests == 0
    assert len(clock.slept) == 2  # five in five seconds


def test_a_429_opens_no_bucket_before_its_time(discord_proxy: Proxy, clock: Clock) -> None:
    empty = {"x_ratelimit_remaining": "0", "x_ratelimit_reset_after": "4", "x_ratelimit_scope": "user"}
    discord_proxy.next(broken(429, retry_after="1", **empty))
    assert post("empty", timeout=10)
    assert clock.slept == [4]


# --- Limits of single messages and of old ones


@pytest.mark.parametrize("code", [20022, 20028])
def test_a_limit_of_one_message_does_not_stop_another(
    functions: Any, clock: Clock, local_discord: FakeDiscord, code: int
) -> None:
    published, other = post("published"), post("other one")
    local_discord.fail(429, code=code, retry_after=1163, retry_after_header=1, scope="shared", path=f"*/{published}")
    error = refused(lambda: edit(published))
    assert (error.status, error.code, error.retry_after) == (429, code, 1163)
    assert (error.is_retryable, error.is_everyday, error.is_invalid) == (True, True, False)
    assert clock.slept == []
    edit(other)
    assert clock.slept == [rate_limits.MESSAGE_PAUSE]


def test_a_short_limit_of_one_message_is_waited_for(functions: Any, clock: Clock, local_discord: FakeDiscord) -> None:
    message_id = post("short limit")
    local_discord.fail(429, code=20028, retry_after=4, retry_after_header=1)
    edit(message_id, timeout=10)
    assert clock.slept == [4]


@pytest.mark.parametrize("code", [0, 20016, 20029])
def test_the_larger_of_header_and_body_is_waited_for(
    functions: Any, clock: Clock, local_discord: FakeDiscord, code: int
) -> None:
    for header, body in ((1, 4), (5, 2)):
        local_discord.fail(429, code=code, retry_after=body, retry_after_header=header)
        post(f"larger {body}", timeout=10)
    assert clock.slept == [4, 5]
    local_discord.fail(429, code=code, retry_after=300)
    assert not refused(post).is_everyday
    assert refused(post).status == 429  # it is the bucket's


def test_the_limit_of_old_messages_stops_no_new_ones(functions: Any, clock: Clock, local_discord: FakeDiscord) -> None:
    old = [snowflake(clock.time() - HOUR - 1) for _ in range(2)]
    local_discord.fail(429, code=30046, retry_after=300)
    error = refused(lambda: edit(old[0]))
    assert (error.code, error.retry_after, error.is_everyday) == (30046, 300, True)
    asked = len(local_discord.requests)
    assert refused(lambda: edit(old[1])).status == 429
    assert len(local_discord.requests) == asked  # the second knew without asking
    edit(snowflake_of_now(clock, local_discord))
    assert refused(lambda: edit(old[0], channel=OTHER_CHANNEL)).code == 10008
    clock.advance(300)
    assert refused(lambda: edit(old[1])).code == 10008


def snowflake_of_now(clock: Clock, discord: FakeDiscord) -> str:
    """A message that was posted just now by the clock of the test, which is months ahead."""
    request = rest.message_creation(CHANNEL, HELLO, nonce="now")
    message_id = rest.created_id(rest.send(request, timeout=2))
    message = discord.message(message_id) | {"id": snowflake(clock.time())}
    discord._store.add_message(message)
    return str(message["id"])


def test_edits_of_old_messages_are_paced_channel_by_channel(
    functions: Any, clock: Clock, local_discord: FakeDiscord
) -> None:
    here, there = post("here"), post("there", OTHER_CHANNEL)  # posted months ago by the clock of the test
    edit(here)
    edit(there, channel=OTHER_CHANNEL)
    assert clock.slept == []
    edit(here, timeout=10)
    assert clock.slept == [rate_limits.OLD_EDITS_PAUSE] == [2]


@pytest.mark.parametrize(("seconds", "is_old"), [(3_599, False), (3_601, True)])
def test_a_message_is_old_after_an_hour(clock: Clock, seconds: float, is_old: bool) -> None:
    request = rest.message_edit(CHANNEL, snowflake(clock.time() - seconds), HELLO)
    assert request.edits_old_message is is_old
    assert len(request.limits) == 1 + is_old


# --- Whose it is, and for how long


def test_a_429_in_json_without_a_scope_is_that_of_its_bucket(
    functions: Any, clock: Clock, local_discord: FakeDiscord
) -> None:
    local_discord.fail(429, scope="", retry_after=60)
    assert refused(post).is_invalid
    assert post("elsewhere", OTHER_CHANNEL)
    assert refused(post).status == 429


def test_a_429_that_its_body_calls_global_stops_everything(discord_proxy: Proxy, clock: Clock) -> None:
    body = '{"message":"You are being rate limited.","retry_after":60,"global":true}'
    discord_proxy.next(broken(429, body, content_type="application/json"))
    refused(post)
    assert refused(lambda: post("nowhere", OTHER_CHANNEL)).status == 429
    assert len(discord_proxy.requests) == 1


def test_cloudflares_429_stops_everything_for_as_long_as_it_says(
    functions: Any, clock: Clock, local_discord: FakeDiscord
) -> None:
    local_discord.fail(429, scope="", retry_after=60, body="error code: 1015")
    refused(post)
    assert refused(lambda: post("banned", OTHER_CHANNEL)).status == 429
    clock.advance(60)
    assert post("forgiven", OTHER_CHANNEL)


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("nan", "NaN", 5),
        ("inf", "1", 3600),
        ("1", "Infinity", 3600),
        ("-7", "-1e9", 0.05),
        ("1e400", "null", 3600),
        ("0", "0", 0.05),
        ("soon", '"later"', 5),
        ("1", "[]", 5),
        ("2", '"90"', 90),
        ("99999999999", "1", 3600),
        ("1", "9" * 400, 5),
    ],
)
def test_whatever_discord_says_the_wait_is_bounded(
    discord_proxy: Proxy, clock: Clock, header: str, body: str, seconds: float
) -> None:
    answer = f'{{"retry_after":{body},"code":20028}}'
    discord_proxy.next(broken(429, answer, content_type="application/json", retry_after=header))
    error = refused(lambda: rest.send_now(rest.message_creation(CHANNEL, HELLO, nonce="bounded"), timeout=2))
    assert error.retry_after == seconds


@pytest.mark.parametrize(("said", "seconds"), [("nan", 1), ("inf", 3600), ("-1", 0.05), ("1e300", 3600)])
def test_the_reset_of_a_bucket_is_bounded_too(discord_proxy: Proxy, clock: Clock, said: str, seconds: float) -> None:
    discord_proxy.next(broken(200, json.dumps({"id": "1"}), x_ratelimit_remaining="0", x_ratelimit_reset_after=said))
    request = rest.message_creation(CHANNEL, HELLO, nonce="reset")
    rest.send(request, timeout=2)
    assert rate_limits.opens_at(request.limits) == seconds
