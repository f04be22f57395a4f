"""Messages over REST."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx

from infra.fake_discord.contract import Json
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
    client,
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


def test_a_page_holds_what_is_nearest_to_where_it_begins(bot: httpx.Client, discord: FakeDiscord) -> None:
    ids = [discord.say(CHANNEL, str(number), MEMBER)["id"] for number in range(10)]
    discord.keep_reply({**discord.say(OTHER_CHANNEL, "", MEMBER), "id": "7", "channel_id": CHANNEL, "flags": 64})

    def listed(**query: object) -> list[str]:
        return [message["id"] for message in bot.get(MESSAGES, params=query).json()]  # type: ignore[arg-type]

    assert listed() == ids[::-1]
    assert listed(after=ids[2], limit=3) == [ids[5], ids[4], ids[3]]
    assert listed(after="0", limit=2) == [ids[1], ids[0]]
    assert listed(after=ids[9]) == listed(before=ids[0]) == []
    assert listed(before=int(ids[4]) + 1, limit=2) == [ids[4], ids[3]]
    assert listed(around=ids[5], limit=5) == [ids[7], ids[6], ids[5], ids[4], ids[3]]
    assert listed(around=ids[0], limit=3) == [ids[2], ids[1], ids[0]]
    assert listed(around=ids[9], limit=2) == [ids[9], ids[8]]
    assert error(bot.get(MESSAGES, params={"after": ids[2], "before": ids[5]})) == (400, 50035)
    assert error(bot.get(MESSAGES, params={"after": 2**63})) == (400, 50035)


def test_without_its_permission_there_is_no_history(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.deny(CHANNEL, "READ_MESSAGE_HISTORY")
    assert bot.get(MESSAGES).json() == []
    assert error(bot.get(f"{MESSAGES}/{sent['id']}")) == (403, 50013)
    assert bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "y"}).status_code == 200
    discord.grant(CHANNEL, "READ_MESSAGE_HISTORY")
    assert len(bot.get(MESSAGES).json()) == 1


def test_who_wrote_it_and_of_what_kind_it_is(bot: httpx.Client, discord: FakeDiscord) -> None:
    joined = discord.say(CHANNEL, "", MEMBER, type=7)
    news = discord.say(CHANNEL, "News", MEMBER, "Press", webhook_id="9")
    other = discord.say(CHANNEL, "Beep", "8", bot=True)
    first, second, third = reversed(bot.get(MESSAGES).json())
    assert (first["id"], first["type"], first["author"].get("bot")) == (joined["id"], 7, None)
    assert (second["id"], second["webhook_id"], second["author"]["id"]) == (news["id"], "9", "9")
    assert (second["author"]["bot"], third["author"]["bot"], "webhook_id" in third) == (True, True, False)
    assert other["id"] == third["id"]


def test_what_others_wrote_comes_without_its_content(bot: httpx.Client, discord: FakeDiscord) -> None:
    said = discord.say(CHANNEL, "Look at this", MEMBER)
    post(bot, "My own", message_reference={"message_id": said["id"]})
    own, others = bot.get(MESSAGES).json()
    assert (own["content"], own["referenced_message"]["content"], others["content"]) == ("My own", "", "")
    assert bot.get(f"{MESSAGES}/{said['id']}").json()["content"] == ""
    assert discord.message(said["id"])["content"] == "Look at this"


def test_an_answer_shows_what_it_answers_as_long_as_that_is_there(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    answer = discord.say(CHANNEL, "Yes", MEMBER, reply_to=sent["id"])
    further = discord.say(CHANNEL, "No", MEMBER, reply_to=answer["id"])
    bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "Edited"})
    shown = bot.get(f"{MESSAGES}/{answer['id']}").json()
    assert (shown["type"], shown["referenced_message"]["content"]) == (19, "Edited")
    assert "referenced_message" not in bot.get(f"{MESSAGES}/{further['id']}").json()["referenced_message"]
    bot.delete(f"{MESSAGES}/{sent['id']}")
    assert bot.get(f"{MESSAGES}/{answer['id']}").json()["referenced_message"] is None


def test_reactions_are_shown_as_they_are_also_after_an_edit(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
    bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "Edited"})
    discord.unreact(CHANNEL, sent["id"], "🎉", MEMBER)
    assert "reactions" not in bot.get(f"{MESSAGES}/{sent['id']}").json()


def test_the_bot_deletes_what_it_wrote_itself(bot: httpx.Client, discord: FakeDiscord) -> None:
    said, sent = discord.say(CHANNEL, "Hello", MEMBER), post(bot)
    assert error(bot.delete(f"{MESSAGES}/{said['id']}")) == (403, 50013)
    discord.archive(CHANNEL)
    assert error(bot.delete(f"{MESSAGES}/{sent['id']}")) == (400, 50083)


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


# --- Files

PICTURE = {"files[0]": ("image.png", b"a picture", "image/png")}
SHOWN = {"embeds": [{"title": "Drop", "image": {"url": "attachment://image.png"}}]}


def with_picture(bot: httpx.Client, body: Json, **files: Any) -> httpx.Response:
    return bot.post(MESSAGES, data={"payload_json": json.dumps(body)}, files=files or PICTURE)


def test_a_picture_in_an_embed_is_not_shown_once_more(bot: httpx.Client, discord: FakeDiscord) -> None:
    body = SHOWN | {"attachments": [{"id": "0", "filename": "image.png"}]}
    sent = with_picture(bot, body).json()
    url = sent["embeds"][0]["image"]["url"]
    assert url.startswith(f"http://127.0.0.1:8000/attachments/{CHANNEL}/")
    assert sent["attachments"] == []
    assert client(discord, "").get(url).content == b"a picture"
    assert discord.message(sent["id"]) == sent == bot.get(f"{MESSAGES}/{sent['id']}").json()


def test_an_edit_that_names_it_again_keeps_it(bot: httpx.Client) -> None:
    sent = with_picture(bot, SHOWN).json()
    edited = bot.patch(f"{MESSAGES}/{sent['id']}", json=SHOWN).json()
    assert (edited["embeds"], edited["attachments"]) == (sent["embeds"], [])
    assert bot.patch(f"{MESSAGES}/{sent['id']}", json={"content": "More"}).json()["embeds"] == sent["embeds"]


def test_an_edit_that_gives_its_address_shows_it_twice(bot: httpx.Client) -> None:
    sent = with_picture(bot, SHOWN).json()
    again = {"embeds": [{"title": "Drop", "image": {"url": sent["embeds"][0]["image"]["url"]}}]}
    edited = bot.patch(f"{MESSAGES}/{sent['id']}", json=again).json()
    assert [file["filename"] for file in edited["attachments"]] == ["image.png"]


def test_a_picture_that_no_embed_shows_any_more_is_below(bot: httpx.Client) -> None:
    sent = with_picture(bot, SHOWN).json()
    edited = bot.patch(f"{MESSAGES}/{sent['id']}", json={"embeds": [{"title": "Drop"}]}).json()
    assert [file["filename"] for file in edited["attachments"]] == ["image.png"]
    gone = bot.patch(f"{MESSAGES}/{sent['id']}", json={"attachments": []}).json()
    assert gone["attachments"] == []


def test_a_picture_that_is_not_there_is_not_shown(bot: httpx.Client) -> None:
    sent = with_picture(bot, {"embeds": [{"title": "Drop", "thumbnail": {"url": "attachment://other.png"}}]}).json()
    assert "thumbnail" not in sent["embeds"][0]
    assert [file["filename"] for file in sent["attachments"]] == ["image.png"]


def test_a_file_can_come_with_an_edit(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    edited = bot.patch(f"{MESSAGES}/{sent['id']}", data={"payload_json": json.dumps(SHOWN)}, files=PICTURE).json()
    assert discord.attachment(edited["embeds"][0]["image"]["url"].split("/")[-2]) == b"a picture"


def test_files_that_discord_refuses(bot: httpx.Client) -> None:
    unknown = with_picture(bot, SHOWN | {"attachments": [{"id": "1", "filename": "image.png"}]})
    assert error(unknown) == (400, 50035)
    large = {"files[0]": ("image.png", bytes(10 * 2**20 + 1), "image/png")}
    assert error(with_picture(bot, SHOWN, **large)) == (413, 40005)


def test_the_same_nonce_gives_the_message_with_its_picture(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = with_picture(bot, SHOWN | {"nonce": "1", "enforce_nonce": True}).json()
    again = post(bot, "Without it", nonce="1", enforce_nonce=True)
    assert again["embeds"] == sent["embeds"]
    assert len(discord.messages(CHANNEL)) == 1
