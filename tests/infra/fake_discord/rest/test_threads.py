"""Threads: archived, locked and opened."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import CHANNEL, MESSAGES, client, error, post

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
