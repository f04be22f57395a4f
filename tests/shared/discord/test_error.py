"""What an error of Discord's says, and what counts towards a ban."""

from typing import Any

import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.local.keys import Keys
from shared.discord import rest
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
