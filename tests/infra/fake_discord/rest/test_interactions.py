"""Replies to interactions by their token."""

import json
from typing import Any

import httpx
import pytest

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import (
    APPLICATION,
    CALLBACK,
    CHANNEL,
    INTERACTION,
    LATER,
    MEMBER,
    MESSAGES,
    ORIGINAL,
    TOKEN,
    Clock,
    client,
    error,
)

CSV = "reward,id\r\n5,é\r\n".encode()


def upload(anybody: httpx.Client, file: bytes = CSV, **message: Any) -> httpx.Response:
    """Edit the reply to one that has a file."""
    payload = {"attachments": [{"id": "0", "filename": "rewards.csv"}], **message}
    files = {"files[0]": ("rewards.csv", file, "text/csv")}
    return anybody.patch(ORIGINAL, data={"payload_json": json.dumps(payload)}, files=files)


def test_a_deferred_reply_is_edited_to_one_with_a_file(anybody: httpx.Client, discord: FakeDiscord) -> None:
    assert anybody.post(CALLBACK, json=LATER).status_code == 204
    waiting = anybody.get(ORIGINAL).json()
    assert (waiting["content"], waiting["flags"], waiting["attachments"]) == ("", 64 | 128, [])
    answer = upload(anybody, content="Here")
    assert answer.status_code == 200, answer.text
    message = answer.json()
    assert message == anybody.get(ORIGINAL).json() == discord.reply(INTERACTION["token"])
    assert (message["content"], message["flags"], message["type"]) == ("Here", 64, 20)
    assert message["interaction_metadata"]["user"]["id"] == MEMBER
    (file,) = message["attachments"]
    assert (file["filename"], file["size"], file["content_type"]) == ("rewards.csv", len(CSV), "text/csv")
    assert discord.attachment(file["id"]) == client(discord, "").get(httpx.URL(file["url"]).path).content == CSV


def test_an_edit_without_the_file_takes_it_away(anybody: httpx.Client) -> None:
    anybody.post(CALLBACK, json=LATER)
    first = upload(anybody, content="Here").json()
    kept = anybody.patch(ORIGINAL, json={"content": "Still here"}).json()
    assert kept["attachments"] == first["attachments"]
    assert anybody.patch(ORIGINAL, json={"content": "Gone", "attachments": []}).json()["attachments"] == []
    assert error(anybody.patch(ORIGINAL, json={"content": ""})) == (400, 50006)


def test_a_reply_for_one_member_is_no_message_of_the_channel(
    anybody: httpx.Client, bot: httpx.Client, discord: FakeDiscord
) -> None:
    anybody.post(CALLBACK, json=LATER)
    reply_id = anybody.get(ORIGINAL).json()["id"]
    assert discord.messages(CHANNEL) == bot.get(MESSAGES).json() == []
    assert error(bot.patch(f"{MESSAGES}/{reply_id}", json={"content": "x"})) == (404, 10008)


def test_a_reply_at_once_is_edited_as_well(anybody: httpx.Client) -> None:
    assert anybody.post(CALLBACK, json={"type": 4, "data": {"content": "Hello"}}).status_code == 204
    assert anybody.get(ORIGINAL).json()["content"] == "Hello"
    assert anybody.patch(ORIGINAL, json={"content": "Goodbye"}).json()["content"] == "Goodbye"


def test_an_interaction_is_acknowledged_once_and_within_three_seconds(anybody: httpx.Client, clock: Clock) -> None:
    clock.now += 3.1
    assert error(anybody.post(CALLBACK, json=LATER)) == (404, 10062)
    clock.now -= 3.1
    assert anybody.post(CALLBACK, json=LATER).status_code == 204
    clock.now += 60
    assert error(anybody.post(CALLBACK, json=LATER)) == (400, 40060)


def test_a_token_lives_for_fifteen_minutes(anybody: httpx.Client, clock: Clock) -> None:
    anybody.post(CALLBACK, json=LATER)
    clock.now += 899
    assert anybody.patch(ORIGINAL, json={"content": "x"}).status_code == 200
    clock.now += 1
    assert error(anybody.patch(ORIGINAL, json={"content": "x"})) == (401, 50027)


def test_only_tokens_that_were_issued_are_taken(anybody: httpx.Client, discord: FakeDiscord) -> None:
    for path in (CALLBACK.replace("one", "two"), CALLBACK.replace(INTERACTION["id"], "1")):
        assert error(anybody.post(path, json=LATER)) == (404, 10062)
    assert error(anybody.patch(ORIGINAL, json={"content": "x"})) == (404, 10015), "there is no reply yet"
    anybody.post(CALLBACK, json=LATER)
    assert error(anybody.get(ORIGINAL.replace("one", "two"))) == (401, 50027)
    assert error(anybody.get(ORIGINAL.replace(APPLICATION, "1"))) == (404, 10015)
    assert anybody.get(ORIGINAL, headers={"Authorization": f"Bot {TOKEN}"}).status_code == 200
    assert error(anybody.get(ORIGINAL, headers={"Authorization": "Bot other"})) == (401, 0)
    assert anybody.post(MESSAGES, json={"content": "x"}).status_code == 401, "no other route goes without the bot"


def test_a_file_has_a_limit(anybody: httpx.Client) -> None:
    anybody.post(CALLBACK, json=LATER)
    assert upload(anybody, b"x" * 1000).status_code == 200
    assert error(upload(anybody, b"x" * 1001)) == (413, 40005)
    assert error(upload(anybody, content="x" * 2001)) == (400, 50035)


@pytest.mark.parametrize("content", [b"", b"\r\n", b"\r", b"\n--", b"a\r\n--b\r\n\r\nc", bytes(range(256))])
def test_a_file_arrives_as_it_was_sent(anybody: httpx.Client, discord: FakeDiscord, content: bytes) -> None:
    anybody.post(CALLBACK, json=LATER)
    (file,) = upload(anybody, content).json()["attachments"]
    assert discord.attachment(file["id"]) == content


def test_a_reply_is_held_to_the_contract(anybody: httpx.Client) -> None:
    assert error(anybody.post(CALLBACK, json={"type": 99})) == (400, 50035)
    assert error(anybody.post(CALLBACK, json={"type": 9, "data": {}})) == (400, 50035)
    assert error(anybody.post(CALLBACK, json={"type": 4})) == (400, 50035)


def test_other_programs_read_replies_over_http(anybody: httpx.Client, discord: FakeDiscord) -> None:
    local = client(discord, "/_local")
    second = {**INTERACTION, "id": "2", "token": "two"}
    assert local.post("/reply", json={"token": "two"}).status_code == 400
    assert local.post("/issue", json={"interaction": second}).json() is None
    anybody.post("/interactions/2/two/callback", json=LATER)
    assert local.post("/reply", json={"token": "two"}).json() == discord.reply("two")
    assert client(discord, "").get("/attachments/1/2/gone.csv").status_code == 404
    assert [entry["path"] for entry in local.get("/requests").json()["requests"]] == [
        "/interactions/2/{interaction_token}/callback"
    ]
