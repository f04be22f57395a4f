"""What a bot asks about itself."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import Member
from tests.infra.fake_discord.caller import APPLICATION, INTERACTION, MEMBER, error


def test_the_bot_and_its_application(bot: httpx.Client, discord: FakeDiscord) -> None:
    assert bot.get("/users/@me").json()["id"] == APPLICATION
    application = bot.get("/applications/@me").json()
    assert (application["id"], application["interactions_endpoint_url"]) == (APPLICATION, None)
    discord.endpoint.url = "https://example.org/interactions"
    assert bot.get("/applications/@me").json()["interactions_endpoint_url"] == "https://example.org/interactions"


def test_the_bots_roles_in_a_server(bot: httpx.Client) -> None:
    (role_id,) = bot.get(f"/guilds/7/members/{APPLICATION}").json()["roles"]
    everyone, own = bot.get("/guilds/7/roles").json()
    assert (everyone["id"], own["id"]) == ("7", role_id)
    assert error(bot.get(f"/guilds/7/members/{MEMBER}")) == (404, 10007)


def test_roles_that_were_made_known(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.add_role("7", "73", "VIP")
    discord.add_role("8", "73", "Team")
    discord.add_role("7", "73", "VIPs")
    for server, name in (("7", "VIPs"), ("8", "Team")):
        assert [(role["id"], role["name"]) for role in bot.get(f"/guilds/{server}/roles").json()[2:]] == [("73", name)]


def test_members_that_were_made_known(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.set_member("7", MEMBER, ["31", "32"], "Alice")
    member = bot.get(f"/guilds/7/members/{MEMBER}").json()
    assert (member["roles"], member["user"]["global_name"]) == (["31", "32"], "Alice")
    assert error(bot.get(f"/guilds/8/members/{MEMBER}")) == (404, 10007)
    discord.set_member("7", MEMBER)
    assert bot.get(f"/guilds/7/members/{MEMBER}").json()["roles"] == []
    discord.remove_member("7", MEMBER)
    assert error(bot.get(f"/guilds/7/members/{MEMBER}")) == (404, 10007)


def test_whoever_acts_is_a_member_with_the_roles_of_that_moment(bot: httpx.Client, discord: FakeDiscord) -> None:
    alice = Member("Alice", MEMBER, roles=("31",), timed_out_until=1_800_000_000)
    discord.issue({**INTERACTION, "guild_id": "7", "member": alice.member()})
    member = bot.get(f"/guilds/7/members/{MEMBER}").json()
    assert (member["roles"], member["user"]["id"], "permissions" in member) == (["31"], MEMBER, False)
    assert member["communication_disabled_until"].startswith("2027-01-15")
    discord.issue({**INTERACTION, "token": "two", "guild_id": "7", "member": {"user": alice.user()}})
    assert bot.get(f"/guilds/7/members/{MEMBER}").json()["roles"] == []


def test_a_server_that_the_bot_is_not_in(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.forbid("7", 50001)
    for path in (
        f"/guilds/7/members/{APPLICATION}",
        "/guilds/7/roles",
        f"/applications/{APPLICATION}/guilds/7/commands",
    ):
        assert error(bot.get(path)) == (403, 50001)
