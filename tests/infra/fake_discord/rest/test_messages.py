"""Messages over REST."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx

from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.resources.snowflakes import EPOCH
from tests.infra.fake_discord.caller import (
    APPLICATION,
    BUTTON,
    CHANNEL,
    MEMBER,
    MESSAGES,
    OTHER_CHANNEL,
    TOKEN,
    Clock,
    error,
    http,
    post,
)


def test_a_message_comes_back_as_discord_describes_it(bot: httpx.Client, clock: Clock) -> None:
    row = {"type": 1, "components": [BUTTON]}
    sent = post(bot, embeds=[{"title": "Drop", "fields": [{"name": "Pays", "value": "5"}]}], components=[row])
    assert sent == bot.get(f"{MESSAGES}/{sent['id']}").json()
    assert (int(sent["id"]) >> 22) + EPOCH == clock.now * 1000
    assert sent["author"]["id"] == APPLICATION
    assert sent["author"]["bot"]
    assert sent["embeds"][0]["fields"][0]["inline"] is False
    assert sent["components"][0]["components"][0]["id"] == 2


def test_the_newer_components_are_described_with_what_discord_fills_in(bot: httpx.Client) -> None:
    media = {"media": {"url": "https://example.org/a.png"}}
    text = {"type": 10, "content": "Hello"}
    container = [
        {"type": 9, "components": [text], "accessory": {"type": 11, **media}},
        {"type": 14},
        {"type": 12, "items": [media]},
        {"type": 1, "components": [{"type": 6, "custom_id": "role"}]},
    ]
    answer = bot.post(MESSAGES, json={"flags": 1 << 15, "components": [{"type": 17, "components": container}]})
    assert answer.status_code == 200, answer.text  # the answer was checked against Discord's description
    (described,) = answer.json()["components"]
    section, separator, gallery, row = described["components"]
    assert (described["accent_color"], separator["spacing"], separator["divider"]) == (None, 1, True)
    for picture in (section["accessory"], gallery["items"][0]):
        assert picture["media"]["proxy_url"] == "https://example.org/a.png"
    assert row["components"][0]["max_values"] == 1


def test_an_edit_changes_what_it_names_and_leaves_the_rest(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot, components=[{"type": 1, "components": [BUTTON]}])
    edited = bot.patch(f"{MESSAGES}/{sent['id']}", json={"components": []}).json()
    assert (edited["content"], edited["components"]) == ("A drop", [])
    assert edited["edited_timestamp"]
    assert discord.message(sent["id"]) == edited


def test_an_edit_may_not_empty_a_message(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    assert error(bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": ""})) == (400, 50006)
    assert discord.message(sent["id"])["content"] == "A drop"


def test_a_deleted_message_is_gone(bot: httpx.Client, discord: FakeDiscord) -> None:
    first, second = post(bot), post(bot)
    assert bot.delete(f"{MESSAGES}/{first['id']}").status_code == 204
    discord.delete_message(CHANNEL, second["id"])
    assert discord.messages(CHANNEL) == []
    for sent in (first, second):
        assert error(bot.get(f"{MESSAGES}/{sent['id']}")) == (404, 10008)
        assert error(bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "x"})) == (404, 10008)


def test_a_message_is_found_in_its_own_channel_only(bot: httpx.Client) -> None:
    sent = post(bot)
    assert error(bot.get(f"/channels/{OTHER_CHANNEL}/messages/{sent['id']}")) == (404, 10008)


def test_the_list_is_newest_first_and_paged(bot: httpx.Client) -> None:
    ids = [post(bot, str(number))["id"] for number in range(4)]
    listed = bot.get(MESSAGES, params={"limit": 2}).json()
    assert [message["id"] for message in listed] == [ids[3], ids[2]]
    listed = bot.get(MESSAGES, params={"limit": 2, "before": ids[2]}).json()
    assert [message["id"] for message in listed] == [ids[1], ids[0]]
    listed = bot.get(MESSAGES, params={"limit": 2, "after": ids[0]}).json()
    assert [message["id"] for message in listed] == [ids[2], ids[1]]


def test_a_members_message_cannot_be_edited_by_the_bot(bot: httpx.Client, discord: FakeDiscord) -> None:
    said = discord.say(CHANNEL, "Look at this", MEMBER)
    assert error(bot.patch(f"{MESSAGES}/{said['id']}", json={"content": "No"})) == (403, 50005)


def test_an_enforced_nonce_returns_the_message_that_was_sent(bot: httpx.Client, discord: FakeDiscord) -> None:
    first = post(bot, nonce="drop-7", enforce_nonce=True)
    again = post(bot, "Something else", nonce="drop-7", enforce_nonce=True)
    assert again == first
    assert len(discord.messages(CHANNEL)) == 1


def test_a_nonce_that_is_not_enforced_means_nothing(bot: httpx.Client) -> None:
    assert post(bot, nonce="drop-7")["id"] != post(bot, nonce="drop-7")["id"]


def test_a_nonce_is_forgotten_after_a_few_minutes(bot: httpx.Client, clock: Clock) -> None:
    first = post(bot, nonce="drop-7", enforce_nonce=True)
    clock.now += 301
    assert post(bot, nonce="drop-7", enforce_nonce=True)["id"] != first["id"]


def test_a_nonce_has_25_characters_at_most(bot: httpx.Client) -> None:
    assert error(bot.post(MESSAGES, json={"content": "x", "nonce": "n" * 26})) == (400, 50035)


def test_twenty_posts_at_once_with_one_nonce_make_one_message(clock: Clock) -> None:
    limits = {("POST", "/channels/{channel_id}/messages"): (20, 5.0)}
    with closing(FakeDiscord(":memory:", TOKEN, APPLICATION, limits=limits, clock=clock)) as discord:
        with ThreadPoolExecutor(20) as pool:
            sent = list(pool.map(lambda _: post(http(discord), nonce="n", enforce_nonce=True), range(20)))
        assert len({message["id"] for message in sent}) == 1
        assert len(discord.messages(CHANNEL)) == 1
