"""Discord's rate limits are obeyed: a short wait is waited for, a long one is an error at once."""

from typing import Any

from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from shared.discord import rest
from tests.clock import Clock
from tests.conftest import Surroundings, serving_discord
from tests.proxy import Proxy, broken
from tests.shared.discord.posting import CHANNEL, HELLO, OTHER_CHANNEL, post, refused


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
