"""What an error of Discord's says, and what counts towards a ban."""

from typing import Any

import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from shared.discord import rest
from shared.discord.error import DiscordError
from tests.clock import Clock
from tests.proxy import Proxy, broken
from tests.shared.discord.posting import CHANNEL, HELLO, post, refused


@pytest.mark.parametrize(("status", "invalid"), [(401, True), (403, True), (404, False), (429, True), (500, False)])
def test_what_counts_towards_a_ban(discord_proxy: Proxy, clock: Clock, status: int, invalid: bool) -> None:
    discord_proxy.next(broken(status))
    assert refused(lambda: rest.send_now(rest.message_edit(CHANNEL, "1", HELLO), timeout=2)).is_invalid is invalid


def test_a_429_for_what_others_have_used_up_does_not_count(discord_proxy: Proxy, clock: Clock) -> None:
    discord_proxy.next(broken(429, x_ratelimit_scope="shared"))
    assert not refused(lambda: rest.send_now(rest.message_edit(CHANNEL, "1", HELLO), timeout=2)).is_invalid


def test_an_error_says_what_discord_said_and_no_secret(functions: Any, local_discord: FakeDiscord, keys: Keys) -> None:
    local_discord.forbid(CHANNEL, 50001)
    error = refused(post)
    assert str(error) == "Discord answered 403 (code 50001) Missing Access"
    assert keys.bot_token not in repr(error)


KINDS = (
    "is_gone",
    "affects_channel",
    "is_archived",
    "is_everyday",
    "limits_message",
    "limits_old_messages",
    "is_fatal",
)


@pytest.mark.parametrize(
    ("status", "code", "kinds"),
    [
        (404, 10003, {"is_gone"}),  # the channel
        (404, 10008, {"is_gone"}),  # the message
        (404, 10004, {"affects_channel", "is_everyday"}),  # the server
        (404, 10015, set()),  # the webhook of a reply: no message of a drop
        (403, 50001, {"affects_channel", "is_everyday"}),  # no access
        (403, 50013, {"affects_channel", "is_everyday"}),  # no permission
        (400, 160005, {"affects_channel", "is_everyday"}),  # a locked thread
        (400, 50083, {"affects_channel", "is_everyday", "is_archived"}),  # an archived thread
        (429, 20022, {"limits_message", "is_everyday"}),  # edits of a published message
        (429, 20028, {"limits_message", "is_everyday"}),  # writes to the channel
        (429, 30046, {"limits_old_messages", "is_everyday"}),
        (400, 20022, set()),  # the three are limits where Discord says 429
        (400, 20028, set()),
        (400, 30046, set()),
        (429, 0, set()),
        (401, 0, {"is_fatal"}),  # a token that was reset
        (401, 50001, {"is_fatal", "affects_channel", "is_everyday"}),
        (403, 0, {"is_fatal"}),  # an address that is banned
        (403, 40333, {"is_fatal"}),  # a client that may not ask
        (400, 40333, set()),
        (403, 50008, set()),  # one channel's
        (400, 40060, set()),
        (400, 0, set()),
        (500, 0, set()),
        (0, 0, set()),
    ],
)
def test_what_a_refusal_says_of_the_requests_to_come(status: int, code: int, kinds: set[str]) -> None:
    error = DiscordError(status, code)
    assert {kind for kind in KINDS if getattr(error, kind)} == kinds


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(0, True), (429, True), (500, True), (599, True), (499, False), (400, False)],
)
def test_what_is_tried_again_later(status: int, retryable: bool) -> None:
    assert DiscordError(status).is_retryable is retryable
