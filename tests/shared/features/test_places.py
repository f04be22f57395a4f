"""Where rewards are off: a thread counts as its channel, a channel as its category, which Discord may have to tell."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from infra.fake_discord import members
from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import BOB, CAROL, EVERYONE
from infra.fake_discord.resources.servers import CATEGORY, THREAD, VOICE, Channel
from shared.discord import categories
from tests.conftest import Surroundings
from tests.proxy import silence
from tests.shared.features.rows import claimable, config, has_streak
from tests.sql import Database

Json = dict[str, Any]

ANOTHER_CATEGORY = "430000000000000002"
SEND_MESSAGES_IN_THREADS, CONNECT = 1 << 38, 1 << 20
ADMIN = replace(members.ADMIN, permissions=members.ADMIN.permissions | SEND_MESSAGES_IN_THREADS | CONNECT)
OFF = "Rewards are off in this channel. Please try in another one."

EARNING: dict[str, Callable[[Client, Json], Reply]] = {
    "daily": lambda client, _: client.slash("daily", user=CAROL),
    "claim": lambda client, _: client.slash("claim", event="quest", user=CAROL),
    "join": lambda client, _: client.slash("join", user=CAROL),
    "streak claim": lambda client, _: client.slash("streak claim", user=CAROL),
    "the button of a drop": lambda client, drop: client.click(drop, "Claim", user=CAROL),
}


@pytest.fixture
def category(server: Client) -> str:
    """The category of the channel."""
    return str(int(server.channel_id) + 1)


@pytest.fixture
def thread(server: Client, category: str, local_discord: FakeDiscord) -> Client:
    """Members in a thread of a channel of a category."""
    local_discord.add_channel(server.channel_id, server.guild_id, parent_id=category)
    local_discord.requests.clear()
    return replace(
        server,
        channel_id=str(int(server.channel_id) + 2 * 10**17),
        channel_type=THREAD,
        parent_id=server.channel_id,
        app_permissions=EVERYONE | SEND_MESSAGES_IN_THREADS,
    )


def asked(discord: FakeDiscord) -> list[tuple[str, int]]:
    """The channels that Discord was asked for, with the status of its answer."""
    channels = [(each.path, each.status) for each in discord.requests if each.method == "GET"]
    return [(path.removeprefix("/channels/"), status) for path, status in channels]


def posted(client: Client, discord: FakeDiscord) -> Json:
    """The message of a new drop."""
    assert "The drop is in" in client.slash("drop create", event="news_tracker", user=ADMIN).text
    return discord.messages(client.channel_id)[-1]


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """So many seconds later, as far as what is kept is concerned."""
    monkeypatch.setattr("shared.discord.categories.monotonic", lambda: monotonic() + seconds)


# --- Every way of earning


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("earning", EARNING)
@pytest.mark.parametrize("excluded", ["the channel", "the category"])
def test_nobody_earns_in_a_thread_of_what_is_excluded(
    server: Client,
    thread: Client,
    category: str,
    db: Database,
    local_discord: FakeDiscord,
    rpc_calls: list[str],
    earning: str,
    excluded: str,
) -> None:
    claimable(db, server)
    has_streak(db, server, CAROL, 7)
    drop = posted(thread, local_discord)
    config(server, "channels exclude", channel=server.channel_id if excluded == "the channel" else category)
    rpc_calls.clear()
    told = EARNING[earning](thread, drop)
    assert (told.ephemeral, told.text) == (True, OFF)
    assert db.rows("select * from reward_ledger") == []
    in_category = excluded == "the category"
    assert asked(local_discord) == ([(server.channel_id, 200)] if in_category else [])
    assert len(rpc_calls) == 1 + in_category
    assert thread.redeliver(told).text == OFF
    assert "Rewards are off in this channel" in thread.slash("cooldowns", user=CAROL).text
    elsewhere = replace(server, channel_id="78")
    assert "RSNC" in EARNING[earning](elsewhere, drop).text
    assert db.value("select count(*) from reward_ledger") == 1


def test_a_channel_counts_as_its_category_with_one_call(
    server: Client, category: str, rpc_calls: list[str], local_discord: FakeDiscord
) -> None:
    config(server, "channels exclude", channel=Channel(category, CATEGORY))
    local_discord.requests.clear()
    rpc_calls.clear()
    assert replace(server, parent_id=category).slash("daily", user=BOB).text == OFF
    assert "Checked in" in replace(server, parent_id=ANOTHER_CATEGORY).slash("daily", user=BOB).text
    assert (rpc_calls, asked(local_discord)) == (["check_in", "check_in"], [])


# --- When Discord is asked


def test_without_anything_excluded_nobody_is_asked(
    thread: Client, rpc_calls: list[str], local_discord: FakeDiscord
) -> None:
    assert "Checked in" in thread.slash("daily", user=BOB).text
    assert (rpc_calls, asked(local_discord)) == (["check_in"], [])


def test_discord_is_asked_once_and_then_one_call_is_enough(
    server: Client, thread: Client, rpc_calls: list[str], local_discord: FakeDiscord
) -> None:
    config(server, "channels exclude", channel=ANOTHER_CATEGORY)
    rpc_calls.clear()
    assert "Checked in" in thread.slash("daily", user=BOB).text
    assert rpc_calls == ["check_in", "check_in"]
    another_thread = replace(thread, channel_id="430000000000000009")
    assert "Checked in" in another_thread.slash("daily", user=CAROL).text
    assert rpc_calls == ["check_in", "check_in", "check_in"]
    assert asked(local_discord) == [(server.channel_id, 200)]


def test_an_answer_is_kept_for_ten_minutes(
    server: Client, thread: Client, category: str, local_discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(server, "channels exclude", channel=category)
    assert thread.slash("daily", user=BOB).text == OFF
    local_discord.add_channel(server.channel_id, server.guild_id, parent_id=ANOTHER_CATEGORY)
    later(monkeypatch, 590)
    assert thread.slash("daily", user=BOB).text == OFF
    later(monkeypatch, 601)
    assert "Checked in" in thread.slash("daily", user=BOB).text
    assert len(asked(local_discord)) == 2


def test_a_channel_without_a_category_is_asked_for_once(
    server: Client, thread: Client, local_discord: FakeDiscord
) -> None:
    local_discord.add_channel(server.channel_id, server.guild_id, parent_id=None)
    config(server, "channels exclude", channel=ANOTHER_CATEGORY)
    for member in (BOB, CAROL):
        assert "Checked in" in thread.slash("daily", user=member).text
    assert len(asked(local_discord)) == 1


# --- When Discord does not answer: nobody who has earned it goes without


@pytest.mark.parametrize("code", [10003, 50001])
def test_a_channel_that_the_bot_cannot_see_counts_as_not_excluded(
    server: Client, thread: Client, category: str, local_discord: FakeDiscord, code: int
) -> None:
    config(server, "channels exclude", channel=category)
    local_discord.forbid(server.channel_id, code)
    for member in (BOB, CAROL):
        assert "Checked in" in thread.slash("daily", user=member).text
    assert len(asked(local_discord)) == 1


def test_a_discord_in_trouble_is_asked_again_soon(
    server: Client,
    thread: Client,
    category: str,
    local_discord: FakeDiscord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config(server, "channels exclude", channel=category)
    local_discord.fail(500, method="GET", path="/channels/*")
    assert "Checked in" in thread.slash("daily", user=BOB).text
    assert "Welcome" in thread.slash("join", user=BOB).text
    assert len(asked(local_discord)) == 1
    later(monkeypatch, 31)
    assert thread.slash("daily", user=CAROL).text == OFF


def test_a_discord_that_hangs_leaves_time_to_pay(
    server: Client, thread: Client, category: str, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(server, "channels exclude", channel=category)
    ask, timeouts = categories.ask, []

    def noted(channel_id: str, *, timeout: float) -> None:
        timeouts.append(timeout)
        ask(channel_id, timeout=timeout)

    monkeypatch.setattr(categories, "ask", noted)
    with silence() as url:
        surroundings.set(DISCORD_API_URL=url)
        assert "Checked in" in thread.slash("daily", user=BOB).text
    assert timeouts == [1]  # of the 2.4 s of a reply


def test_the_memory_is_bounded(server: Client, monkeypatch: pytest.MonkeyPatch, local_discord: FakeDiscord) -> None:
    monkeypatch.setattr(categories, "MOST_KEPT", 2)
    for number in range(5):
        local_discord.add_channel(str(number), server.guild_id, parent_id="7")
        categories.ask(str(number), timeout=1)
        assert categories.kept(str(number)) == ["7"]
    kept = [number for number in range(5) if categories.kept(str(number))]
    assert len(kept) <= 2


# --- What admins are told before they do it


def test_a_drop_where_nobody_earns_is_not_posted(
    server: Client, thread: Client, category: str, db: Database, local_discord: FakeDiscord
) -> None:
    config(server, "channels exclude", channel=category)
    switch_on = "so a drop there would pay nobody. A full admin can switch them on with `/config channels include`."
    told = thread.slash("drop create", event="news_tracker", user=ADMIN)
    assert told.text == f"Rewards are off in <#{thread.channel_id}>, because <#{category}> is excluded, {switch_on}"
    there = server.slash(
        "drop create", event="news_tracker", channel=Channel(thread.channel_id, THREAD, server.channel_id), user=ADMIN
    )
    assert there.text == told.text
    config(server, "channels exclude", channel=server.channel_id)
    assert server.slash("drop create", event="news_tracker", user=ADMIN).text == (
        f"Rewards are off in <#{server.channel_id}>, {switch_on}"
    )
    assert db.rows("select * from discord_drops") == []
    assert local_discord.messages(thread.channel_id) == []
    assert "The drop is in <#77>" in server.slash("drop create", event="news_tracker", channel="77", user=ADMIN).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("max_claims_per_user = 0", "**News tracker** cannot be earned at the moment."),
        ("max_total_claims = 0", "**News tracker** cannot be earned at the moment."),
        ("is_enabled = false", "**News tracker** is switched off, so a drop of it would pay nobody."),
    ],
)
def test_a_drop_of_what_cannot_be_earned_is_not_posted(server: Client, db: Database, change: str, said: str) -> None:
    db.run(f"update monitoring_rules set {change} where event_type = 'news_tracker'")
    assert server.slash("drop create", event="news_tracker", user=ADMIN).text.startswith(said)
    assert db.rows("select * from discord_drops") == []


@pytest.mark.parametrize("excluded", ["another channel", "the category"])
def test_a_preview_knows_the_category_of_its_thread(
    server: Client, thread: Client, category: str, db: Database, excluded: str
) -> None:
    """Its buttons may be pressed elsewhere, and are told of what was excluded since."""
    seen = thread.slash("drop create", event="news_tracker", preview=True, user=ADMIN)
    config(server, "channels exclude", channel=category if excluded == "the category" else "999")
    in_vain = f"Rewards are off in <#{thread.channel_id}>, because <#{category}> is excluded"
    changed = seen.click("Change").submit(title="Another title")
    told = seen.click("Post")
    if excluded == "the category":
        assert (changed.text[: len(in_vain)], told.text[: len(in_vain)]) == (in_vain, in_vain)
    else:
        assert "Another title" in str(changed.embeds)
        assert "The drop is in" in told.content
    assert db.value("select count(*) from discord_drops") == (excluded == "another channel")


def test_the_check_says_what_excludes_a_thread(server: Client, thread: Client, category: str) -> None:
    assert "✅ Rewards are on in this channel." in thread.slash("setup check", user=ADMIN).text
    config(server, "channels exclude", channel=category)
    assert (
        f"⚠️ Rewards are off in this channel, because <#{category}> is excluded. "
        "`/config channels include` switches them on again."
    ) in thread.slash("setup check", user=ADMIN).text


# --- What Discord leaves out is unknown


@pytest.mark.parametrize("channel", [None, Channel("78", VOICE)])
def test_without_the_bots_permissions_it_tries_and_sees(server: Client, channel: Channel | None) -> None:
    silent = replace(server, app_permissions=None)
    assert "The drop is in" in silent.slash("drop create", event="news_tracker", channel=channel, user=ADMIN).text
    assert "Discord did not say what I may do in this channel" in silent.slash("setup check", user=ADMIN).text


def test_a_voice_channel_needs_connect(server: Client) -> None:
    told = server.slash("drop create", event="news_tracker", channel=Channel("78", VOICE), user=ADMIN)
    assert "I lack **Connect** there" in told.text


@pytest.mark.parametrize("left_out", ["channel", "channel_id", "type", "parent_id"])
def test_a_place_that_is_told_in_part_is_fine(server: Client, thread: Client, left_out: str) -> None:
    config(server, "channels exclude", channel=ANOTHER_CATEGORY)
    sent = thread.slash("cooldowns", user=BOB).interaction
    told = {name: value for name, value in sent.items() if name in ("channel", "channel_id")}
    for part in (told, told["channel"]):
        part.pop(left_out, None)
    fields = {"channel": None, "channel_id": None} | told
    assert "Ready" in thread.interact(2, sent["data"], BOB, **fields).text


def test_the_channel_of_a_payload_without_channel_id_counts(server: Client) -> None:
    config(server, "channels exclude", channel=server.channel_id)
    sent = server.slash("daily", user=BOB).interaction
    assert server.interact(2, sent["data"], BOB, channel_id=None).text == OFF


@pytest.mark.parametrize("left_out", ["roles", "permissions", "pending", "communication_disabled_until"])
def test_what_is_not_told_of_a_member_gives_no_right_and_refuses_nobody(server: Client, left_out: str) -> None:
    for user, path, said in ((BOB, "daily", "Checked in"), (BOB, "config show", "needs the level")):
        sent = server.slash(path, user=CAROL).interaction
        member = {name: value for name, value in user.member().items() if name != left_out}
        assert said in server.interact(2, sent["data"], user, member=member).text


def test_a_drop_nowhere_is_refused(server: Client, db: Database) -> None:
    sent = server.slash("drop create", event="news_tracker", channel="77", user=ADMIN).interaction["data"]
    db.run("delete from discord_drops")
    sent["options"][0]["options"].pop()
    told = server.interact(2, sent, ADMIN, channel=None, channel_id=None)
    assert "`channel` is missing" in told.text
    assert db.rows("select * from discord_drops") == []
