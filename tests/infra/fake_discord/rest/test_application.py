"""What a bot asks about itself."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import APPLICATION, MEMBER, error


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


def test_a_server_that_the_bot_is_not_in(bot: httpx.Client, discord: FakeDiscord) -> None:
    discord.forbid("7", 50001)
    for path in (
        f"/guilds/7/members/{APPLICATION}",
        "/guilds/7/roles",
        f"/applications/{APPLICATION}/guilds/7/commands",
    ):
        assert error(bot.get(path)) == (403, 50001)
