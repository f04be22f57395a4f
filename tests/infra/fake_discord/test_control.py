"""The doors for other programs."""

import httpx
import pytest

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import CHANNEL, MEMBER, MESSAGES, client, post


def test_other_programs_reach_the_same_over_http(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    local = client(discord, "/_local")
    reaction = {"channel_id": CHANNEL, "message_id": sent["id"], "emoji": "🎉", "user_id": MEMBER}
    assert local.post("/react", json=reaction).json() is None
    local.post("/edit_message", json={"channel_id": CHANNEL, "message_id": sent["id"], "fields": {"content": "Over"}})
    (message,) = local.post("/messages", json={"channel_id": CHANNEL}).json()
    assert (message["content"], message["reactions"][0]["count"]) == ("Over", 1)
    local.post("/fail", json={"status": 503})
    assert bot.get(MESSAGES).status_code == 503
    log = local.get("/requests").json()
    assert [entry["status"] for entry in log["requests"]] == [200, 503]
    assert local.post("/react", json={**reaction, "message_id": "1"}).status_code == 404
    assert local.post("/message", json={"message": "1"}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": ""},
    ],
)
def test_no_web_page_comes_in(bot: httpx.Client, discord: FakeDiscord, headers: dict[str, str]) -> None:
    sent = post(bot)
    local = client(discord, "/_local")
    forbidden = local.post("/delete_message", json={"channel_id": CHANNEL, "message_id": sent["id"]}, headers=headers)
    assert (forbidden.status_code, list(forbidden.json())) == (403, ["message"])
    assert local.get("/requests", headers=headers).status_code == 403
    assert discord.message(sent["id"])["id"] == sent["id"]


def test_a_page_of_the_server_itself_and_programs_come_in(bot: httpx.Client, discord: FakeDiscord) -> None:
    local = client(discord, "/_local")
    host = f"localhost:{local.base_url.port}"
    for headers in ({}, {"Host": host}, {"Host": host, "Origin": f"http://{host}"}, {"Content-Type": "text/plain"}):
        assert local.get("/requests", headers=headers).status_code == 200
        messages = local.post("/messages", content=f'{{"channel_id": "{CHANNEL}"}}', headers=headers)
        assert messages.status_code == 200
