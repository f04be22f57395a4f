"""Reactions over REST."""

import httpx

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import APPLICATION, CHANNEL, MEMBER, MESSAGES, Clock, error, post


def test_reactions_are_listed_by_member_and_paged(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    path = f"{MESSAGES}/{sent['id']}/reactions/%F0%9F%8E%89"
    assert bot.put(f"{path}/@me").status_code == 204
    for member in ("30", "4", "200"):
        discord.react(CHANNEL, sent["id"], "🎉", member)
    discord.react(CHANNEL, sent["id"], "🎉", "30")
    discord.react(CHANNEL, sent["id"], "🎉", "50", bot=True)
    first = bot.get(path, params={"limit": 3}).json()
    rest = bot.get(path, params={"limit": 3, "after": first[-1]["id"]}).json()
    assert [user["id"] for user in first + rest] == ["4", "30", "50", "200", APPLICATION]
    assert [user["id"] for user in first + rest if user.get("bot")] == ["50", APPLICATION]
    discord.unreact(CHANNEL, sent["id"], "🎉", "30")
    (reaction,) = discord.message(sent["id"])["reactions"]
    assert (reaction["emoji"], reaction["count"], reaction["me"]) == ({"id": None, "name": "🎉"}, 4, True)


def test_emoji_must_be_emoji(bot: httpx.Client, clock: Clock) -> None:
    path = f"{MESSAGES}/{post(bot)['id']}/reactions"
    for emoji, status in (
        ("party", 400),
        (":party:", 400),
        ("party:123", 204),
        ("%231", 400),
        ("❤️", 204),
        ("1️⃣", 204),
    ):
        clock.now += 1
        answer = bot.put(f"{path}/{emoji}/@me")
        assert answer.status_code == status, emoji
        assert status == 204 or answer.json()["code"] == 10014


def test_twenty_different_reactions_at_most(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    for number in range(20):
        discord.react(CHANNEL, sent["id"], chr(0x1F400 + number), MEMBER)
    assert error(bot.put(f"{MESSAGES}/{sent['id']}/reactions/%F0%9F%8E%89/@me")) == (400, 30010)
