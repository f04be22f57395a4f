"""The REST client: Discord's rate limits are obeyed, and whatever it answers is a DiscordError with what helps."""

import io
import itertools
import json
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from infra.local.server import HttpServer
from shared.discord import rest
from shared.discord.reply import message_payload
from shared.discord.rest import DiscordError
from tests.clock import Clock
from tests.conftest import Surroundings
from tests.proxy import Proxy, Trouble, broken, dropped, nobody, silence

CHANNEL, OTHER_CHANNEL = "640000000000000001", "640000000000000002"
HELLO = message_payload("Hello")
_numbers = itertools.count()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, local_discord: FakeDiscord) -> Clock:
    """A clock for the REST client that waits without waiting."""
    clock = Clock()
    monkeypatch.setattr(rest, "time", clock)
    return clock


def post(nonce: str = "1", channel: str = CHANNEL, timeout: float = 2.0) -> str:
    """Post a message; gives its id."""
    return rest.created_id(rest.request(*rest.creation(channel, HELLO, nonce=nonce), timeout=timeout))


def refused(call: Callable[[], Any]) -> DiscordError:
    """The error that a call ends in."""
    with pytest.raises(DiscordError) as caught:
        call()
    return caught.value


# --- What is sent


def test_a_message_is_posted_and_edited(discord_proxy: Proxy, local_discord: FakeDiscord) -> None:
    message_id = post("posted")
    rest.edit_message(CHANNEL, message_id, message_payload("Goodbye"), timeout=2)
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
    assert (error.status, error.code, error.is_gone, error.is_passing) == (status, code, gone, passing)


def test_a_message_that_was_deleted_is_gone(functions: Any, local_discord: FakeDiscord) -> None:
    message_id = post("deleted")
    local_discord.delete_message(CHANNEL, message_id)
    error = refused(lambda: rest.edit_message(CHANNEL, message_id, HELLO, timeout=2))
    assert (error.code, error.is_gone, error.is_passing) == (10008, True, False)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_broken_discord_may_work_later(functions: Any, local_discord: FakeDiscord, status: int) -> None:
    local_discord.fail(status)
    error = refused(post)
    assert (error.status, error.is_passing, error.is_gone) == (status, True, False)
    assert post("after")


def test_a_refused_request_is_sent_once(discord_proxy: Proxy, local_discord: FakeDiscord) -> None:
    local_discord.forbid(CHANNEL)
    refused(post)
    assert len(discord_proxy.requests) == 1  # 10,000 refusals in ten minutes are a ban


def test_nobody_there(local_discord: FakeDiscord, surroundings: Surroundings) -> None:
    surroundings.set(DISCORD_API_URL=nobody())
    error = refused(post)
    assert (error.status, error.is_passing) == (0, True)


def test_a_connection_that_breaks(discord_proxy: Proxy) -> None:
    discord_proxy.next(dropped)
    assert refused(post).is_passing


def test_an_answer_that_cannot_be_unpacked(discord_proxy: Proxy) -> None:
    discord_proxy.next(broken(200, content_encoding="gzip"))
    assert refused(post).is_passing


def test_silence_is_given_up(local_discord: FakeDiscord, surroundings: Surroundings) -> None:
    with silence() as url:
        surroundings.set(DISCORD_API_URL=url)
        start = time.monotonic()
        error = refused(lambda: post(timeout=0.2))
    assert error.is_passing
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


# --- Rate limits


def test_a_short_429_is_waited_for(functions: Any, clock: Clock, local_discord: FakeDiscord) -> None:
    local_discord.fail(429, retry_after=1)
    assert post("short")
    assert clock.slept == [1]


def test_a_long_429_is_not_waited_for(discord_proxy: Proxy, clock: Clock, local_discord: FakeDiscord) -> None:
    local_discord.fail(429, retry_after=60)
    error = refused(post)
    assert (error.status, error.is_passing, error.is_gone) == (429, True, False)
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
    rest.edit_message(CHANNEL, message_id, HELLO, timeout=2)


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
    server = HttpServer(limited.app)
    server.start()
    try:
        surroundings.set(DISCORD_API_URL=f"{server.url}/api/v10")
        for number in range(12):
            post(str(number), timeout=30)
        assert [request.status for request in limited.requests] == [200] * 12
        assert limited.invalid_requests == 0
        assert len(clock.slept) == 2  # five in five seconds
    finally:
        server.stop()
        limited.close()


def test_a_429_opens_no_bucket_before_its_time(discord_proxy: Proxy, clock: Clock) -> None:
    empty = {"x_ratelimit_remaining": "0", "x_ratelimit_reset_after": "4", "x_ratelimit_scope": "user"}
    discord_proxy.next(broken(429, retry_after="1", **empty))
    assert post("empty", timeout=10)
    assert clock.slept == [4]


# --- Replies to interactions

INTERACTION_ID, REPLY_TOKEN = "1400000000000000009", "aW50ZXJhY3Rpb246+=="


@pytest.fixture
def issued(local_discord: FakeDiscord) -> str:
    """The token of an interaction that has just been delivered."""
    token = f"{REPLY_TOKEN}{next(_numbers)}"
    interaction = {"id": INTERACTION_ID, "type": 2, "token": token, "channel_id": CHANNEL}
    local_discord.issue(interaction | {"member": {"user": {"id": "310000000000000001"}}})
    return token


def defer(token: str) -> None:
    """Have Discord wait."""
    rest.defer_reply(INTERACTION_ID, SecretStr(token), timeout=2)


def edit(token: str, clock: Clock, file: rest.File | None = None, timeout: float = 30) -> None:
    """Edit the reply that is deferred at this moment."""
    rest.edit_reply(
        *(INTERACTION_ID, SecretStr(token), HELLO), file=file, deferred_at=clock.monotonic(), timeout=timeout
    )


def test_a_deferred_reply_gets_its_file(
    discord_proxy: Proxy, clock: Clock, local_discord: FakeDiscord, issued: str
) -> None:
    defer(issued)
    edit(issued, clock, ("a.csv", io.BytesIO(b"a,b\r\n"), "text/csv"))
    message = local_discord.reply(issued)
    (file,) = message["attachments"]
    assert (message["content"], file["filename"], file["content_type"]) == ("Hello", "a.csv", "text/csv")
    assert local_discord.attachment(file["id"]) == b"a,b\r\n"
    edit(issued, clock)
    assert local_discord.reply(issued)["attachments"] == []
    assert [r.method for r in discord_proxy.requests] == ["POST", "PATCH", "PATCH"]
    assert clock.slept == []


def test_an_acknowledged_interaction_is_told_by_its_code(functions: Any, clock: Clock, issued: str) -> None:
    defer(issued)
    assert refused(lambda: defer(issued)).code == rest.ALREADY_ACKNOWLEDGED


def test_a_reply_that_is_not_known_yet_is_tried_again_for_ten_seconds(
    functions: Any, clock: Clock, local_discord: FakeDiscord, issued: str
) -> None:
    before = len(local_discord.requests)
    assert refused(lambda: edit(issued, clock)).code == rest.UNKNOWN_WEBHOOK  # there is none, for ever
    assert clock.slept == [0.5, 1, 2, 4]
    assert len(local_discord.requests) == before + 5


def test_later_an_unknown_reply_stays_unknown(functions: Any, clock: Clock, issued: str) -> None:
    deferred_at = clock.monotonic()
    clock.advance(9.6)
    error = refused(
        lambda: rest.edit_reply(INTERACTION_ID, SecretStr(issued), HELLO, deferred_at=deferred_at, timeout=30)
    )
    assert error.code == rest.UNKNOWN_WEBHOOK
    assert clock.slept == []


@pytest.mark.parametrize("code", [10008, 50027, 0])
def test_no_other_refusal_is_tried_again(
    functions: Any, clock: Clock, local_discord: FakeDiscord, issued: str, code: int
) -> None:
    local_discord.fail(404, code)
    assert refused(lambda: edit(issued, clock)).code == code
    assert clock.slept == []


def test_a_rate_limit_of_replies_is_obeyed(
    functions: Any, clock: Clock, local_discord: FakeDiscord, issued: str
) -> None:
    defer(issued)
    local_discord.fail(429, retry_after=3)
    edit(issued, clock, ("a.csv", io.BytesIO(b"a"), "text/csv"))
    assert clock.slept == [3]
    assert len(local_discord.reply(issued)["attachments"]) == 1


def test_no_error_of_a_reply_tells_its_token(
    discord_proxy: Proxy, clock: Clock, surroundings: Surroundings, issued: str
) -> None:
    discord_proxy.next(dropped, broken(500), broken(404))
    errors = [refused(lambda: defer(issued)) for _ in range(3)]
    surroundings.set(DISCORD_API_URL=nobody())
    errors += [refused(lambda: edit(issued, clock))]
    traces = "".join("".join(traceback.format_exception(error)) for error in errors)
    assert len(errors) == 4
    assert REPLY_TOKEN[:12] not in traces + repr(errors)


# --- What an error says


@pytest.mark.parametrize(("status", "invalid"), [(401, True), (403, True), (404, False), (429, True), (500, False)])
def test_what_counts_towards_a_ban(discord_proxy: Proxy, clock: Clock, status: int, invalid: bool) -> None:
    discord_proxy.next(broken(status))
    assert refused(lambda: rest.ask(*rest.edit(CHANNEL, "1", HELLO), timeout=2)).is_invalid is invalid


def test_a_429_for_what_others_have_used_up_does_not_count(discord_proxy: Proxy, clock: Clock) -> None:
    discord_proxy.next(broken(429, x_ratelimit_scope="shared"))
    assert not refused(lambda: rest.ask(*rest.edit(CHANNEL, "1", HELLO), timeout=2)).is_invalid


def test_an_error_says_what_discord_said_and_no_secret(functions: Any, local_discord: FakeDiscord, keys: Keys) -> None:
    local_discord.forbid(CHANNEL, 50001)
    error = refused(post)
    assert str(error) == "Discord answered 403 (code 50001) Missing Access"
    assert keys.bot_token not in repr(error)
