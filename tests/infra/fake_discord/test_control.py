"""The doors for other programs."""

import httpx

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
