"""The registration of commands."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import APPLICATION, COMMANDS, DAILY, error


def test_commands_keep_their_ids_while_their_names_stay(bot: httpx.Client) -> None:
    menu = {"name": "Make this a drop", "type": 3}
    before = bot.put(COMMANDS, json=[DAILY, menu]).json()
    assert bot.put(COMMANDS, json=[DAILY, menu]).json() == before
    changed = bot.put(COMMANDS, json=[{**DAILY, "description": "Come back"}]).json()
    assert [command["name"] for command in bot.get(COMMANDS).json()] == ["daily"]
    assert changed[0]["id"] == before[0]["id"]
    assert changed[0]["version"] != before[0]["version"]
    assert bot.put(COMMANDS, json=[DAILY, menu]).json()[1]["id"] != before[1]["id"]


def test_a_server_has_commands_of_its_own(bot: httpx.Client, discord: FakeDiscord) -> None:
    bot.put(COMMANDS, json=[DAILY])
    guild = f"/applications/{APPLICATION}/guilds/5/commands"
    bot.put(guild, json=[{"name": "join", "description": "Join"}])
    assert [command["name"] for command in discord.commands()] == ["daily"]
    (command,) = bot.get(guild).json()
    assert (command["name"], command["guild_id"]) == ("join", "5")


def test_contexts_are_for_global_commands(bot: httpx.Client) -> None:
    asked = {**DAILY, "contexts": [0, 1], "integration_types": [0, 1]}
    for path, told in ((COMMANDS, ([0, 1], [0, 1])), (f"/applications/{APPLICATION}/guilds/5/commands", (None, [0]))):
        (command,) = bot.put(path, json=[asked]).json()
        assert (command["contexts"], command["integration_types"]) == told


def test_commands_come_back_with_defaults_filled_in(bot: httpx.Client) -> None:
    options = [{"type": 3, "name": "event", "description": "Which", "required": False, "choices": []}]
    (command,) = bot.put(COMMANDS, json=[{**DAILY, "options": options, "default_member_permissions": 32}]).json()
    assert command["options"] == [{"type": 3, "name": "event", "description": "Which"}]
    assert (command["type"], command["default_member_permissions"], command["nsfw"]) == (1, "32", False)


def test_bad_commands_change_nothing(bot: httpx.Client, discord: FakeDiscord) -> None:
    bot.put(COMMANDS, json=[DAILY])
    assert error(bot.put(COMMANDS, json=[DAILY, {**DAILY, "name": "Daily"}])) == (400, 50035)
    assert [command["name"] for command in discord.commands()] == ["daily"]
