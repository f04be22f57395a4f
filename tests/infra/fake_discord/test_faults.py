"""Faults that tests ask for."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import CHANNEL, MESSAGES, OTHER_CHANNEL, error, post


def test_a_forbidden_channel(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.forbid(CHANNEL)
    assert error(bot.post(MESSAGES, json={"content": "x"})) == (403, 50013)
    assert bot.get(f"{MESSAGES}/{sent['id']}").status_code == 200, "reading is still allowed"
    discord.forbid(CHANNEL, 50001)
    assert error(bot.get(f"{MESSAGES}/{sent['id']}")) == (403, 50001)
    discord.forbid(CHANNEL, 10003)
    assert error(bot.get(MESSAGES)) == (404, 10003)
    assert bot.get(f"/channels/{OTHER_CHANNEL}/messages").status_code == 200
    discord.allow(CHANNEL)
    assert bot.get(MESSAGES).status_code == 200


def test_a_failure_hits_what_it_names_as_often_as_it_says(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.fail(500, message="oops", times=2, method="PATCH", path="/channels/*/messages/*")
    edits = [bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": str(n)}) for n in range(3)]
    assert [edit.status_code for edit in edits] == [500, 500, 200]
    assert edits[0].json() == {"message": "oops", "code": 0}
    assert post(bot)["id"]


def test_a_429_on_demand(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.fail(429, retry_after=0.25)
    limited = bot.post(MESSAGES, json={"content": "x"})
    assert limited.json()["retry_after"] == 0.25
    assert limited.headers["Retry-After"] == "1"
    assert discord.messages(CHANNEL) == []


def test_a_429_of_a_message_whose_header_and_body_differ(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.fail(429, code=20028, retry_after=1163.097, retry_after_header=1, scope="shared")
    limited = bot.post(MESSAGES, json={"content": "x"})
    assert limited.json() == {
        "code": 20028,
        "global": False,
        "message": "The write action you are performing on the channel has hit the write rate limit.",
        "retry_after": 1163.097,
    }
    assert (limited.headers["Retry-After"], limited.headers["X-RateLimit-Scope"]) == ("1", "shared")
    assert discord.invalid_requests == 0


def test_a_429_without_a_scope(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.fail(429, scope="")
    limited = bot.post(MESSAGES, json={"content": "x"})
    assert limited.json()["global"] is False
    assert "X-RateLimit-Scope" not in limited.headers
    assert discord.invalid_requests == 1


def test_what_something_on_the_way_answers(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.fail(429, scope="", body="error code: 1015")
    limited = bot.post(MESSAGES, json={"content": "x"})
    assert (limited.status_code, limited.text) == (429, "error code: 1015")
    assert limited.headers["Content-Type"].startswith("text/plain")


def test_an_answer_that_is_lost_took_effect(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.fail(502, after=True)
    lost = bot.post(MESSAGES, json={"content": "x", "nonce": "n", "enforce_nonce": True})
    assert lost.status_code == 502
    assert len(discord.messages(CHANNEL)) == 1
    assert post(bot, nonce="n", enforce_nonce=True)["id"] == discord.messages(CHANNEL)[0]["id"]
