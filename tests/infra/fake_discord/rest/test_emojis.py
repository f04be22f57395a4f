"""The emoji of servers over REST."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import client, error


def test_an_emoji_of_a_server(bot: httpx.Client, discord: FakeDiscord) -> None:
    assert error(bot.get("/guilds/7/emojis/123")) == (404, 10014)
    discord.add_emoji("7", "123", "party")
    emoji = bot.get("/guilds/7/emojis/123").json()
    assert (emoji["id"], emoji["name"], emoji["animated"]) == ("123", "party", False)
    assert error(bot.get("/guilds/8/emojis/123")) == (404, 10014), "it belongs to another server"
    client(discord, "/_local").post("/remove_emoji", json={"emoji_id": "123"})
    assert error(bot.get("/guilds/7/emojis/123")) == (404, 10014)
