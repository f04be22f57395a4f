"""Channels over REST."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import CHANNEL, error


def test_a_channel_that_was_made_known(bot: httpx.Client, discord: FakeDiscord) -> None:
    assert error(bot.get(f"/channels/{CHANNEL}")) == (404, 10003)
    discord.add_channel(CHANNEL, "7")
    assert bot.get(f"/channels/{CHANNEL}").json()["parent_id"] is None
    discord.add_channel(CHANNEL, "7", parent_id="9")
    found = bot.get(f"/channels/{CHANNEL}").json()
    assert (found["id"], found["guild_id"], found["parent_id"]) == (CHANNEL, "7", "9")
    discord.forbid(CHANNEL, 50001)
    assert error(bot.get(f"/channels/{CHANNEL}")) == (403, 50001)
