"""State, changes that are told, and a server in a thread."""

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from infra.fake_discord.fake import FakeDiscord
from infra.local.server import HttpServer
from tests.infra.fake_discord.caller import (
    CHANNEL,
    COMMANDS,
    DAILY,
    MEMBER,
    MESSAGES,
    Clock,
    error,
    http,
    post,
    running,
)


def test_state_survives_a_restart(tmp_path: Path, clock: Clock) -> None:
    with running(tmp_path / "discord.db", clock) as discord:
        sent = post(http(discord), nonce="n", enforce_nonce=True)
        discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
        http(discord).put(COMMANDS, json=[DAILY])
        before = discord.messages(CHANNEL), discord.commands()
    with running(tmp_path / "discord.db", clock) as discord:
        assert (discord.messages(CHANNEL), discord.commands()) == before
        assert post(http(discord), nonce="n", enforce_nonce=True)["id"] == sent["id"]


def test_what_servers_have_survives_a_restart_too(tmp_path: Path, clock: Clock) -> None:
    with running(tmp_path / "discord.db", clock) as discord:
        discord.add_channel("20", "7", type=15)
        sent = discord.add_post("20", "Idea", "Let us", MEMBER)
        discord.react(sent["id"], sent["id"], "🎉", MEMBER, burst=True)
        discord.set_member("7", MEMBER, ["31"])
        discord.add_emoji("7", "123", "party")
        discord.block(MEMBER)
        discord.deny("20", "ADD_REACTIONS")
        before = what_is_known(http(discord), sent["id"])
    with running(tmp_path / "discord.db", clock) as discord:
        assert what_is_known(http(discord), sent["id"]) == before
        own = f"/channels/{sent['id']}/messages/{sent['id']}/reactions/%F0%9F%8E%88/@me"
        assert error(http(discord).put(own)) == (403, 90001)
        discord.unblock(MEMBER)
        clock.now += 1
        assert error(http(discord).put(own)) == (403, 50013)


def what_is_known(bot: httpx.Client, thread_id: str) -> list[object]:
    """What the bot sees of a server."""
    paths = ("guilds/7/threads/active", f"guilds/7/members/{MEMBER}", "guilds/7/emojis/123", "channels/20")
    return [bot.get(path).json() for path in (*paths, f"channels/{thread_id}/messages")]


def test_a_state_file_of_an_older_version_is_read(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "discord.db"
    with running(path, clock) as discord:
        sent = post(http(discord))
        discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
    with closing(sqlite3.connect(path)) as old:
        old.executescript("drop index reactors; alter table reactions drop column burst; drop table emojis;")
    with running(path, clock) as discord:
        discord.react(CHANNEL, sent["id"], "🎉", "5", burst=True)
        (reaction,) = discord.message(sent["id"])["reactions"]
        assert reaction["count_details"] == {"burst": 1, "normal": 1}


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
