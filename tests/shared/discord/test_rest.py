"""The REST client sends what it should, and whatever Discord answers is a DiscordError with what helps."""

import json
import time
from typing import Any

import pytest
from pydantic import SecretStr

from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from shared.discord import deferred_reply, rest
from shared.discord.reply import message_payload
from tests.clock import Clock
from tests.conftest import Surroundings
from tests.proxy import Proxy, Trouble, broken, dropped, nobody, silence
from tests.shared.discord.posting import CHANNEL, HELLO, post, refused


def test_a_message_is_posted_and_edited(discord_proxy: Proxy, local_discord: FakeDiscord) -> None:
    message_id = post("posted")
    rest.send(rest.message_edit(CHANNEL, message_id, message_payload("Goodbye")), timeout=2)
    assert local_discord.message(message_id)["content"] == "Goodbye"
    assert [(r.method, r.path) for r in discord_proxy.requests] == [
        ("POST", f"/channels/{CHANNEL}/messages"),
        ("PATCH", f"/channels/{CHANNEL}/messages/{message_id}"),
    ]


def test_requests_say_who_we_are(discord_proxy: Proxy, keys: Keys) -> None:
    post("who")
    headers = {name.lower(): value for name, value in discord_proxy.requests[0].headers.items()}
    assert headers["authorization"] == f"Bot {keys.bot_token}"
    assert headers["user-agent"].startswith("DiscordBot (https://")


def test_a_nonce_makes_a_message_once(discord_proxy: Proxy, local_discord: FakeDiscord) -> None:
    channel = "640000000000000003"
    assert post("once", channel) == post("once", channel)
    assert len(local_discord.messages(channel)) == 1
    body = json.loads(discord_proxy.requests[0].body)
    assert (body["nonce"], body["enforce_nonce"]) == ("once", True)


def test_the_commands_are_put_and_got(functions: Any, local_discord: FakeDiscord) -> None:
    try:
        rest.put_commands([{"name": "daily", "description": "Check in", "type": 1}])
        assert [command["name"] for command in rest.get_commands()] == ["daily"]
    finally:
        rest.put_commands([])


# --- Refusals


@pytest.mark.parametrize(
    ("code", "status", "gone", "passing"),
    [(50001, 403, False, False), (50013, 403, False, False), (10003, 404, True, False)],
)
def test_a_channel_that_refuses(
    functions: Any, local_discord: FakeDiscord, code: int, status: int, gone: bool, passing: bool
) -> None:
    local_discord.forbid(CHANNEL, code)
    error = refused(post)
    assert (error.status, error.code, error.is_gone, error.is_retryable) == (status, code, gone, passing)


def test_a_message_that_was_deleted_is_gone(functions: Any, local_discord: FakeDiscord) -> None:
    message_id = post("deleted")
    local_discord.delete_message(CHANNEL, message_id)
    error = refused(lambda: rest.send(rest.message_edit(CHANNEL, message_id, HELLO), timeout=2))
    assert (error.code, error.is_gone, error.is_retryable) == (10008, True, False)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_broken_discord_may_work_later(functions: Any, local_discord: FakeDiscord, status: int) -> None:
    local_discord.fail(status)
    error = refused(post)
    assert (error.status, error.is_retryable, error.is_gone) == (status, True, False)
    assert post("after")


def test_a_refused_request_is_sent_once(discord_proxy: Proxy, local_discord: FakeDiscord) -> None:
    local_discord.forbid(CHANNEL)
    refused(post)
    assert len(discord_proxy.requests) == 1  # 10,000 refusals in ten minutes are a ban


def test_nobody_there(local_discord: FakeDiscord, surroundings: Surroundings) -> None:
    surroundings.set(DISCORD_API_URL=nobody())
    error = refused(post)
    assert (error.status, error.is_retryable) == (0, True)


def test_a_connection_that_breaks(discord_proxy: Proxy) -> None:
    discord_proxy.next(dropped)
    assert refused(post).is_retryable


def test_an_answer_that_cannot_be_unpacked(discord_proxy: Proxy) -> None:
    discord_proxy.next(broken(200, content_encoding="gzip"))
    assert refused(post).is_retryable


def test_silence_is_given_up(local_discord: FakeDiscord, surroundings: Surroundings) -> None:
    with silence() as url:
        surroundings.set(DISCORD_API_URL=url)
        start = time.monotonic()
        error = refused(lambda: post(timeout=0.2))
    assert error.is_retryable
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    "trouble",
    [
        broken(200),
        broken(200, ""),
        broken(200, "{}"),
        broken(403, "<html>error code: 1015</html>"),
        broken(403, '{"code":"a string","message":1}'),
        broken(400, "[1]"),
        broken(500, "\ud7ff"),
        broken(429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"),
    ],
)
def test_nonsense_is_a_discord_error_like_any_other(discord_proxy: Proxy, clock: Clock, trouble: Trouble) -> None:
    discord_proxy.next(*[trouble] * 5)
    refused(post)


NO_IDS = ("", "700/../../guilds/1/members/2?x=", "..", "5" * 21, "5\n", "\u0665", "@me", "5#", "%2e%2e")


@pytest.mark.parametrize("value", NO_IDS)
def test_what_is_no_id_gets_into_no_path(discord_proxy: Proxy, value: str) -> None:
    for make in (
        lambda: rest.message_creation(value, HELLO, nonce="1"),
        lambda: rest.message_edit(value, "5", HELLO),
        lambda: rest.message_edit("5", value, HELLO),
        lambda: rest.get_commands(value),
        lambda: rest.put_commands([], value),
        lambda: rest.path("/channels/{}/messages/{}/reactions/{emoji}/@me", "5", value, emoji="x"),
        lambda: deferred_reply.defer(value, SecretStr("token"), timeout=1),
    ):
        with pytest.raises(ValueError, match="not an id, in /"):
            make()
    assert discord_proxy.requests == []


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_would_lead_elsewhere_is_no_part_of_a_path(value: str) -> None:
    with pytest.raises(ValueError, match="not a part of a path, in /"):
        rest.path("/channels/{}/reactions/{emoji}", "5", emoji=value)


def test_a_part_of_a_path_is_written_so_that_it_stays_one() -> None:
    found = rest.path("/channels/{}/reactions/{emoji}/@me", "5", emoji="a/../b?c#{}\u2764")
    assert found == "/channels/5/reactions/a%2F..%2Fb%3Fc%23%7B%7D%E2%9D%A4/@me"
