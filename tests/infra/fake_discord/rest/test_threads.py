"""Threads: archived, locked and opened."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import CHANNEL, MEMBER, MESSAGES, client, error, post

FORUM = "20"
OPEN = {"archived": False}


def test_nothing_is_edited_in_an_archived_thread_until_it_is_opened(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    edit = f"{MESSAGES}/{sent['id']}"
    discord.archive(CHANNEL)
    assert error(bot.patch(edit, json={"content": "y"})) == (400, 50083)
    assert bot.get(edit).json()["content"] == sent["content"]
    opened = bot.patch(f"/channels/{CHANNEL}", json=OPEN)
    assert (opened.status_code, opened.json()["thread_metadata"]["archived"]) == (200, False)
    assert bot.patch(edit, json={"content": "y"}).status_code == 200


def test_a_message_opens_the_thread_that_it_is_posted_in(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.archive(CHANNEL)
    post(bot)
    assert bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "y"}).status_code == 200


def test_a_locked_thread_stays_as_it_is(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.archive(CHANNEL, locked=True)
    assert error(bot.post(MESSAGES, json={"content": "x"})) == (400, 160005)
    assert error(bot.patch(f"/channels/{CHANNEL}", json=OPEN)) == (403, 50013)
    assert error(bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "y"})) == (400, 50083)
    discord.open(CHANNEL)
    assert bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "y"}).status_code == 200


def test_only_what_is_archived_is_known_as_a_thread(bot: httpx.Client) -> None:
    assert error(bot.patch(f"/channels/{CHANNEL}", json=OPEN)) == (404, 10003)


def test_other_programs_archive_and_open(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent, local = post(bot), client(discord, "/_local")
    local.post("/archive", json={"thread_id": CHANNEL})
    assert error(bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "y"})) == (400, 50083)
    local.post("/open", json={"thread_id": CHANNEL})
    assert bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "y"}).status_code == 200


def test_the_posts_of_a_forum_are_threads_whose_first_message_has_their_id(
    bot: httpx.Client, discord: FakeDiscord
) -> None:
    discord.add_channel(FORUM, "7", type=15)
    first, second = (discord.add_post(FORUM, f"Idea {number}", "Let us", MEMBER, "Alice") for number in (1, 2))
    active = bot.get("/guilds/7/threads/active").json()
    assert [thread["id"] for thread in active["threads"]] == [second["id"], first["id"]]
    assert [(thread["parent_id"], thread["type"], thread["owner_id"]) for thread in active["threads"]] == [
        (FORUM, 11, MEMBER)
    ] * 2
    assert bot.get(f"/channels/{first['id']}").json() == active["threads"][1]
    (message,) = bot.get(f"/channels/{first['id']}/messages").json()
    assert (message["id"], message["channel_id"]) == (first["id"], first["id"])
    assert error(bot.get(f"/channels/{first['id']}/messages/{second['id']}")) == (404, 10008)


def test_threads_that_are_archived_closed_or_elsewhere_are_not_active(bot: httpx.Client, discord: FakeDiscord) -> None:
    for channel_id, guild_id, kind in ((CHANNEL, "7", 0), (FORUM, "7", 15), ("30", "8", 5)):
        discord.add_channel(channel_id, guild_id, type=kind)
    for thread_id, parent_id in (("41", CHANNEL), ("42", CHANNEL), ("43", FORUM), ("44", "30")):
        discord.add_thread(thread_id, parent_id)

    def active(guild_id: str) -> list[tuple[str, int]]:
        threads = bot.get(f"/guilds/{guild_id}/threads/active").json()["threads"]
        return [(thread["id"], thread["type"]) for thread in threads]

    assert active("7") == [("43", 11), ("42", 11), ("41", 11)]
    assert active("8") == [("44", 10)]
    assert active("9") == []
    discord.archive("42", locked=True)
    discord.forbid(FORUM, 50001)
    assert active("7") == [("41", 11)]
    assert bot.get("/channels/42").json()["thread_metadata"]["locked"] is True
    discord.open("42")
    assert bot.patch("/channels/42", json=OPEN).json() == bot.get("/channels/42").json()
    discord.forbid("7", 50001)
    assert error(bot.get("/guilds/7/threads/active")) == (403, 50001)


def test_a_thread_needs_a_channel_that_is_known(discord: FakeDiscord) -> None:
    local = client(discord, "/_local")
    assert local.post("/add_thread", json={"thread_id": "41", "parent_id": FORUM}).status_code == 404
    discord.add_channel(FORUM, "7", type=15)
    post = {"channel_id": FORUM, "name": "Idea", "content": "Let us", "user_id": MEMBER}
    assert local.post("/add_post", json=post).json()["channel_id"] != FORUM
