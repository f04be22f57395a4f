"""The channels and roles of servers over REST."""

import httpx

from infra.fake_discord.fake import FakeDiscord


def names(found: httpx.Response) -> list[tuple[str, str]]:
    """The ids and names of what was found."""
    return [(each["id"], each["name"]) for each in found.json()]


def test_the_channels_of_a_server(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.add_channel("71", "7", name="news")
    discord.add_channel("81", "8")
    discord.add_thread("72", "71")
    assert names(bot.get("/guilds/7/channels")) == [("71", "news")]
    assert names(bot.get("/guilds/9/channels")) == []


def test_the_roles_of_a_server(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.add_role("7", "73", "VIP")
    discord.add_role("8", "73", "Team")
    discord.add_role("7", "73", "VIPs")
    assert names(bot.get("/guilds/7/roles")) == [("7", "@everyone"), ("73", "VIPs")]
    assert names(bot.get("/guilds/8/roles")) == [("8", "@everyone"), ("73", "Team")]
