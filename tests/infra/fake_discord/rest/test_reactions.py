"""Reactions over REST."""

from typing import Any

import httpx
import pytest

from infra.fake_discord.contract import Json
from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import APPLICATION, CHANNEL, MEMBER, MESSAGES, Clock, client, error, post

PARTY = "%F0%9F%8E%89"


def ids(answer: httpx.Response) -> list[str]:
    return [user["id"] for user in answer.json()]


def reactions(discord: FakeDiscord, message_id: str) -> list[Json]:
    """The reactions to a message."""
    return list(discord.message(message_id).get("reactions", []))


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


def test_super_reactions_are_counted_and_listed_on_their_own(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    path = f"{MESSAGES}/{sent['id']}/reactions/{PARTY}"
    bot.put(f"{path}/@me")
    discord.react(CHANNEL, sent["id"], "🎉", "30", burst=True)
    discord.react(CHANNEL, sent["id"], "🎉", "4", burst=True)
    discord.react(CHANNEL, sent["id"], "🎉", "5")
    discord.react(CHANNEL, sent["id"], "🎉", "5", burst=True)  # one has one reaction with an emoji
    assert ids(bot.get(path)) == ids(bot.get(path, params={"type": 0})) == ["5", APPLICATION]
    assert ids(bot.get(path, params={"type": 1})) == ["4", "30"]
    assert ids(bot.get(path, params={"type": 1, "after": "4"})) == ["30"]
    assert discord.reactors(sent["id"], "🎉") == ["4", "5", "30", APPLICATION]
    (reaction,) = bot.get(f"{MESSAGES}/{sent['id']}").json()["reactions"]
    assert (reaction["count"], reaction["count_details"]) == (4, {"burst": 2, "normal": 2})
    assert (reaction["me"], reaction["me_burst"]) == (True, False)
    discord.unreact(CHANNEL, sent["id"], "🎉", "30")
    (reaction,) = discord.message(sent["id"])["reactions"]
    assert reaction["count_details"] == {"burst": 1, "normal": 2}


@pytest.mark.parametrize("query", [{"type": 2}, {"type": "x"}, {"limit": 0}, {"limit": 101}, {"after": "x"}])
def test_what_a_list_of_reactions_refuses(bot: httpx.Client, query: dict[str, Any]) -> None:
    assert error(bot.get(f"{MESSAGES}/{post(bot)['id']}/reactions/{PARTY}", params=query)) == (400, 50035)


def test_a_list_has_25_unless_more_are_asked_for(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    for member in range(1, 31):
        discord.react(CHANNEL, sent["id"], "🎉", str(member))
    path = f"{MESSAGES}/{sent['id']}/reactions/{PARTY}"
    assert ids(bot.get(path)) == [str(member) for member in range(1, 26)]
    assert len(bot.get(path, params={"limit": 100}).json()) == 30
    assert bot.get(f"{MESSAGES}/{sent['id']}/reactions/%F0%9F%8E%88").json() == []
    assert error(bot.get(f"{MESSAGES}/1/reactions/{PARTY}")) == (404, 10008)


def test_the_bot_takes_its_reaction_back_as_often_as_it_likes(
    bot: httpx.Client, discord: FakeDiscord, clock: Clock
) -> None:
    sent = post(bot)
    own = f"{MESSAGES}/{sent['id']}/reactions/{PARTY}/@me"
    discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
    bot.put(own)
    for _ in range(2):
        clock.now += 1
        assert bot.delete(own).status_code == 204
    (reaction,) = discord.message(sent["id"])["reactions"]
    assert (reaction["count"], reaction["me"]) == (1, False)
    clock.now += 1
    assert error(bot.delete(f"{MESSAGES}/1/reactions/{PARTY}/@me")) == (404, 10008)


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


@pytest.mark.parametrize("emoji", ["👍🏽", "🏳️‍🌈", "👨‍👩‍👧", "🇩🇪", "🇦", "↔️", "\u2139\ufe0f", "◽", "‼️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🪿"])
def test_all_kinds_of_emoji(bot: httpx.Client, discord: FakeDiscord, emoji: str) -> None:
    sent = post(bot)
    assert bot.put(f"{MESSAGES}/{sent['id']}/reactions/{emoji}/@me").status_code == 204
    assert reactions(discord, sent["id"])[0]["emoji"] == {"id": None, "name": emoji}


@pytest.mark.parametrize("emoji", ["a🎉", "🎉🎉", "🎉 ", "1", "é", "<:party:123>", "p:1", "party:x"])
def test_what_is_no_emoji(bot: httpx.Client, emoji: str) -> None:
    assert error(bot.put(f"{MESSAGES}/{post(bot)['id']}/reactions/{emoji}/@me")) == (400, 10014)


def test_with_and_without_a_variation_selector_are_two_reactions(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    bot.put(f"{MESSAGES}/{sent['id']}/reactions/❤/@me")
    discord.react(CHANNEL, sent["id"], "❤️", MEMBER)
    assert [reaction["emoji"]["name"] for reaction in reactions(discord, sent["id"])] == ["❤", "❤️"]


def test_an_emoji_of_a_server_is_told_by_its_id(bot: httpx.Client, discord: FakeDiscord, clock: Clock) -> None:
    sent = post(bot)
    path = f"{MESSAGES}/{sent['id']}/reactions"
    discord.add_channel(CHANNEL, "7")
    discord.add_emoji("7", "123", "party", animated=True)
    assert bot.put(f"{path}/party:123/@me").status_code == 204
    discord.add_emoji("7", "123", "fest", animated=True)
    discord.react(CHANNEL, sent["id"], "fest:123", MEMBER)
    (reaction,) = reactions(discord, sent["id"])
    assert (reaction["emoji"], reaction["count"]) == ({"id": "123", "name": "party", "animated": True}, 2)
    assert ids(bot.get(f"{path}/old:123")) == [MEMBER, APPLICATION]
    clock.now += 1
    assert error(bot.put(f"{path}/party:124/@me")) == (400, 10014)
    discord.react(CHANNEL, sent["id"], "elsewhere:124", MEMBER)
    clock.now += 1
    assert bot.put(f"{path}/elsewhere:124/@me").status_code == 204, "others have reacted with it"
    discord.remove_emoji("123")
    clock.now += 1
    assert error(bot.put(f"{MESSAGES}/{post(bot)['id']}/reactions/party:123/@me")) == (400, 10014)


def test_twenty_different_reactions_at_most(bot: httpx.Client, discord: FakeDiscord) -> None:
    sent = post(bot)
    for number in range(20):
        discord.react(CHANNEL, sent["id"], chr(0x1F400 + number), MEMBER)
    assert error(bot.put(f"{MESSAGES}/{sent['id']}/reactions/%F0%9F%8E%89/@me")) == (400, 30010)


def test_who_has_blocked_the_bot_and_messages_of_the_system(
    bot: httpx.Client, discord: FakeDiscord, clock: Clock
) -> None:
    said = discord.say(CHANNEL, "Hello", MEMBER)
    own = f"{MESSAGES}/{said['id']}/reactions/{PARTY}/@me"
    discord.block(MEMBER)
    assert error(bot.put(own)) == (403, 90001)
    discord.unblock(MEMBER)
    clock.now += 1
    assert bot.put(own).status_code == 204
    for kind, status in ((7, 403), (6, 403), (18, 403), (19, 204), (20, 204), (23, 204)):
        clock.now += 1
        written = discord.say(CHANNEL, "", MEMBER, type=kind)
        answer = bot.put(f"{MESSAGES}/{written['id']}/reactions/{PARTY}/@me")
        assert answer.status_code == status, kind
        assert status == 204 or error(answer) == (403, 50021)


def test_what_the_bot_may_not_do(bot: httpx.Client, discord: FakeDiscord, clock: Clock) -> None:
    sent, local = post(bot), client(discord, "/_local")
    path = f"{MESSAGES}/{sent['id']}/reactions/{PARTY}"
    discord.deny(CHANNEL, "ADD_REACTIONS")
    assert error(bot.put(f"{path}/@me")) == (403, 50013)
    discord.react(CHANNEL, sent["id"], "🎉", MEMBER)
    clock.now += 1
    assert bot.put(f"{path}/@me").status_code == 204, "somebody else was the first"
    assert local.post("/deny", json={"channel_id": CHANNEL, "permission": "READ_MESSAGE_HISTORY"}).status_code == 200
    clock.now += 1
    assert error(bot.put(f"{path}/@me")) == error(bot.get(path)) == (403, 50013)
    discord.grant(CHANNEL, "READ_MESSAGE_HISTORY")
    discord.grant(CHANNEL, "ADD_REACTIONS")
    clock.now += 1
    assert bot.put(f"{MESSAGES}/{post(bot)['id']}/reactions/{PARTY}/@me").status_code == 204
    assert local.post("/deny", json={"channel_id": CHANNEL, "permission": "FLY"}).status_code == 400


def test_nothing_changes_in_an_archived_thread(bot: httpx.Client, discord: FakeDiscord, clock: Clock) -> None:
    sent = post(bot)
    path = f"{MESSAGES}/{sent['id']}/reactions/{PARTY}"
    bot.put(f"{path}/@me")
    discord.archive(CHANNEL)
    for call in (bot.put, bot.delete):
        clock.now += 1
        assert error(call(f"{path}/@me")) == (400, 50083)
    assert ids(bot.get(path)) == [APPLICATION]
