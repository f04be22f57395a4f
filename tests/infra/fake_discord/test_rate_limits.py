"""Rate limits."""

from contextlib import closing

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import (
    APPLICATION,
    CALLBACK,
    INTERACTION,
    LATER,
    MESSAGES,
    ORIGINAL,
    OTHER_CHANNEL,
    TOKEN,
    Clock,
    http,
    post,
)


def test_the_sixth_message_in_five_seconds_is_429(bot: httpx.Client, clock: Clock) -> None:
    left = [bot.post(MESSAGES, json={"content": "x"}).headers["X-RateLimit-Remaining"] for _ in range(5)]
    assert left == ["4", "3", "2", "1", "0"]
    clock.now += 1.5
    limited = bot.post(MESSAGES, json={"content": "x"})
    assert limited.status_code == 429
    assert limited.json() == {"message": "You are being rate limited.", "retry_after": 3.5, "global": False}
    assert limited.headers["Retry-After"] == "4"
    assert limited.headers["X-RateLimit-Scope"] == "user"
    assert limited.headers["X-RateLimit-Reset-After"] == "3.500"
    assert float(limited.headers["X-RateLimit-Reset"]) == clock.now + 3.5
    clock.now += 3.5
    assert bot.post(MESSAGES, json={"content": "x"}).status_code == 200


def test_reacting_and_taking_it_back_are_limited_together(bot: httpx.Client, clock: Clock) -> None:
    own = f"{MESSAGES}/{post(bot)['id']}/reactions/%F0%9F%8E%89/@me"
    assert bot.put(own).headers["X-RateLimit-Limit"] == "1"
    limited = bot.delete(own)
    assert (limited.status_code, limited.json()["retry_after"]) == (429, 0.25)
    clock.now += 0.25
    assert bot.delete(own).status_code == 204


def test_channels_and_routes_have_their_own_limits(bot: httpx.Client) -> None:
    sent = [post(bot) for _ in range(5)].pop()
    other = bot.post(f"/channels/{OTHER_CHANNEL}/messages", json={"content": "x"})
    edit = bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "x"})
    full = bot.post(MESSAGES, json={"content": "x"})
    assert (other.status_code, edit.status_code, full.status_code) == (200, 200, 429)
    assert other.headers["X-RateLimit-Bucket"] == full.headers["X-RateLimit-Bucket"]
    assert edit.headers["X-RateLimit-Bucket"] != full.headers["X-RateLimit-Bucket"]


def test_fifty_requests_a_second_over_everything(bot: httpx.Client, clock: Clock) -> None:
    answers = [bot.get(f"/channels/{channel}/messages") for channel in range(1, 52)]
    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert answers[-1].json()["global"] is True
    assert answers[-1].headers["X-RateLimit-Global"] == "true"
    assert answers[-1].headers["X-RateLimit-Scope"] == "global"
    clock.now += 1
    assert bot.get(MESSAGES).status_code == 200


def test_errors_carry_the_rate_limit_headers_too(bot: httpx.Client) -> None:
    answer = bot.get(f"{MESSAGES}/1")
    assert answer.status_code == 404
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Bucket"} <= {
        name.title().replace("Ratelimit", "RateLimit") for name in answer.headers
    }


def test_who_waits_as_long_as_a_header_says_is_not_early(bot: httpx.Client, clock: Clock) -> None:
    for elapsed in (0.0, 0.0333, 0.0777, 0.1, 0.4446):
        clock.now += elapsed
        answer = bot.post(MESSAGES, json={"content": "x"})
    clock.now += float(answer.headers["X-RateLimit-Reset-After"])
    assert bot.post(MESSAGES, json={"content": "x"}).status_code == 200


def test_tokens_have_limits_of_their_own(clock: Clock) -> None:
    with closing(FakeDiscord(":memory:", TOKEN, APPLICATION, global_limit=2, clock=clock)) as discord:
        discord.issue(INTERACTION)
        assert http(discord).get(MESSAGES).status_code == 200
        for _ in range(5):
            assert http(discord).get(ORIGINAL).status_code == 404
        assert http(discord).get(MESSAGES).status_code == 200
        assert http(discord).get(MESSAGES).json()["global"] is True
        assert http(discord).post(CALLBACK, json=LATER).status_code == 204
