"""State, changes that are told, and a server in a thread."""

from pathlib import Path

import httpx

from infra.fake_discord.fake import FakeDiscord
from infra.local.server import HttpServer
from tests.infra.fake_discord.caller import CHANNEL, COMMANDS, DAILY, MEMBER, MESSAGES, Clock, http, post, running


def test_state_survives_a_restart(tmp_path: Path, clock: Clock) -> None:
    with running(tmp_path / "discord.db", clock) as discord:
        sent = post(http(discord), nonce="n", enforce_nonce=True)
        discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
        http(discord).put(COMMANDS, json=[DAILY])
        before = discord.messages(CHANNEL), discord.commands()
    with running(tmp_path / "discord.db", clock) as discord:
        assert (discord.messages(CHANNEL), discord.commands()) == before
        assert post(http(discord), nonce="n", enforce_nonce=True)["id"] == sent["id"]


def test_every_change_of_a_message_is_told(bot: httpx.Client, discord: FakeDiscord) -> None:
    told: list[tuple[str, str]] = []
    sent = post(bot)
    change = (CHANNEL, sent["id"])
    discord.listeners.append(lambda channel_id, message_id: told.append((channel_id, message_id)))
    bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "Edited"})
    discord.edit_message(*change, {"content": "Edited again"})
    discord.react(*change, "🎉", MEMBER)
    assert discord.reactors(sent["id"], "🎉") == [MEMBER]
    discord.unreact(*change, "🎉", MEMBER)
    bot.delete(f"{MESSAGES}/{sent['id']}")
    assert told == [change] * 5
    said = discord.say(CHANNEL, "Hello", MEMBER, "Alice", bot=True)
    assert (said["author"]["global_name"], said["author"]["bot"]) == ("Alice", True)
    discord.keep_reply({**said, "id": "7"})
    assert told[5:] == [(CHANNEL, said["id"]), (CHANNEL, "7")]


def test_served_from_a_thread_while_the_test_looks_on(discord: FakeDiscord) -> None:
    server = HttpServer(discord.app)
    server.start()
    try:
        with httpx.Client(base_url=f"{server.url}/api/v10", headers=http(discord).headers) as bot:
            for number in range(5):
                sent = post(bot, str(number))
                discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
                assert bot.get(f"{MESSAGES}/{sent['id']}").json() == discord.message(sent["id"])
    finally:
        server.stop()
    assert [message["content"] for message in discord.messages(CHANNEL)] == list("01234")
