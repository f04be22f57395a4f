"""Channels over REST."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import CHANNEL, MEMBER, error


def test_a_channel_that_was_made_known(bot: httpx.Client, discord: FakeDiscord) -> None:
    assert error(bot.get(f"/channels/{CHANNEL}")) == (404, 10003)
    discord.add_channel(CHANNEL, "7")
    assert bot.get(f"/channels/{CHANNEL}").json()["parent_id"] is None
    discord.add_channel(CHANNEL, "7", parent_id="9")
    found = bot.get(f"/channels/{CHANNEL}").json()
    assert (found["id"], found["guild_id"], found["parent_id"]) == (CHANNEL, "7", "9")
    discord.forbid(CHANNEL, 50001)
    assert error(bot.get(f"/channels/{CHANNEL}")) == (403, 50001)


def test_a_forum_and_a_news_channel(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.add_channel("20", "7", type=15, name="ideas")
    discord.add_channel("21", "7", type=5, name="news")
    forum, news = bot.get("/channels/20").json(), bot.get("/channels/21").json()
    assert (forum["type"], forum["name"], news["type"]) == (15, "ideas", 5)


def test_the_channels_of_a_server(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.add_channel("71", "7", name="news")
    discord.add_channel("81", "8")
    discord.add_thread("72", "71")
    assert [(channel["id"], channel["name"]) for channel in bot.get("/guilds/7/channels").json()] == [("71", "news")]
    assert bot.get("/guilds/9/channels").json() == []


def test_what_is_closed_closes_what_is_in_it(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.add_channel("20", "7", type=15)
    post = discord.add_post("20", "An idea", "Let us", MEMBER)
    messages = f"/channels/{post['channel_id']}/messages"
    assert bot.get(messages).status_code == 200
    discord.deny("20", "READ_MESSAGE_HISTORY")
    assert bot.get(messages).json() == []
    for place, code in (("20", 50001), ("20", 10003), ("7", 50001)):
        discord.forbid(place, code)
        assert error(bot.get(messages))[1] == code
        discord.allow(place)
