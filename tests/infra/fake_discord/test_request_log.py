"""The log, and the ban for too many invalid requests."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.request_log import MOST_INVALID_REQUESTS
from tests.infra.fake_discord.caller import APPLICATION, MESSAGES, ORIGINAL, OTHER_CHANNEL, TOKEN, Clock, http, post


def test_the_log_keeps_no_secret(bot: httpx.Client, discord: FakeDiscord) -> None:
    post(bot)
    assert TOKEN not in repr(discord.requests)
    assert [(entry.method, entry.path, entry.status) for entry in discord.requests] == [("POST", MESSAGES, 200)]


def test_invalid_requests_are_counted_for_ten_minutes(discord: FakeDiscord, clock: Clock) -> None:
    bot = http(discord)
    http(discord, Authorization="Bot other").get(MESSAGES)
    discord.forbid(OTHER_CHANNEL)
    bot.post(f"/channels/{OTHER_CHANNEL}/messages", json={"content": "x"})
    discord.fail(429)
    bot.get(MESSAGES)
    discord.fail(429, scope="shared")
    bot.get(MESSAGES)
    bot.get(f"{MESSAGES}/1")
    assert discord.invalid_requests == 3, "401, 403 and our own 429; neither a shared 429 nor a 404"
    clock.now += 600
    assert discord.invalid_requests == 0


def test_ten_thousand_invalid_requests_are_a_ban(bot: httpx.Client, discord: FakeDiscord, clock: Clock) -> None:
    discord.log.invalid.extend([clock.now] * (MOST_INVALID_REQUESTS - 1))
    assert bot.get(MESSAGES).status_code == 200
    discord.fail(403)
    assert bot.get(MESSAGES).status_code == 403
    banned = bot.get(MESSAGES)
    assert (banned.status_code, banned.text) == (429, "error code: 1015")
    assert "X-RateLimit-Scope" not in banned.headers, "it is not Discord that answers"
    clock.now += 600
    assert bot.get(MESSAGES).status_code == 200


def test_the_log_keeps_no_token_of_a_banned_request(bot: httpx.Client, discord: FakeDiscord, clock: Clock) -> None:
    discord.log.invalid.extend([clock.now] * MOST_INVALID_REQUESTS)
    assert bot.get(ORIGINAL).status_code == 429
    assert discord.requests[-1].path == f"/webhooks/{APPLICATION}/{{webhook_token}}/messages/@original"
