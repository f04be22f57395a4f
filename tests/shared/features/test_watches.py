"""/watch: a channel's new messages become drops that pay whoever reacts."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, EVERYONE, Member
from infra.fake_discord.resources.servers import Channel
from infra.local.runtime import Context
from shared.features import watches
from shared.features.notices import PAUSES
from shared.format import CHOICE_LIMIT, PAGE_LIMIT
from tests.sql import Database

Json = dict[str, Any]
CHANNEL = "660000000000000001"
VIEW, SEND, HISTORY, REACT = 1 << 10, 1 << 11, 1 << 16, 1 << 6
MANAGER_ROLE = "900000000000000003"


def start(client: Client, user: Member = ADMIN, **options: Any) -> Reply:
    """A /watch start, of the client's channel unless told."""
    return client.slash("watch start", user=user, **{"channel": client.channel_id} | options)


def listed(client: Client) -> str:
    """What /watch list says."""
    reply = client.slash("watch list", user=ADMIN)
    assert reply.ephemeral
    return reply.text


def the_watch(db: Database) -> Json:
    """The one watch there is."""
    return db.one("select * from channel_watches")


def stop(client: Client, db: Database) -> Reply:
    """A /watch stop of that one."""
    return client.slash("watch stop", watch=str(the_watch(db)["watch_id"]), user=ADMIN)


# --- Start


def test_start_says_what_becomes_of_new_messages(server: Client, db: Database, rpc_calls: list[str]) -> None:
    reply = start(server)
    assert rpc_calls == ["start_watch"]
    assert reply.ephemeral
    assert reply.text == (
        f"Every new message in <#{server.channel_id}> becomes a drop: **News tracker** with 🎉, 5 RSNC, "
        "open for 1 day, whoever writes. I add the emoji within a minute. `/watch list` shows what it pays, "
        "`/watch stop` ends it."
    )
    watch = the_watch(db)
    assert (watch["server_id"], watch["channel_id"], watch["event_id"]) == (
        server.guild_id,
        server.channel_id,
        "news_tracker",
    )
    assert watch["last_message_id"] == watch["interaction_id"] == reply.interaction["id"]
    assert (watch["emoji"], watch["reward_amount"], watch["lifespan_seconds"]) == ("🎉", None, 86_400)
    assert (watch["authors"], watch["author_role_id"], watch["is_forum"]) == ("everyone", None, False)
    assert watch["created_by"] == ADMIN.id


def test_start_with_everything(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    local_discord.add_emoji(server.guild_id, "630000000000000007", "party")
    reply = start(
        server,
        channel=Channel(CHANNEL, 15),
        event="Regular engagement",
        emoji="<:party:630000000000000007>",
        reward=77,
        lifespan="permanent",
        role=MANAGER_ROLE,
    )
    assert f"The first message of every new post in <#{CHANNEL}> becomes a drop" in reply.text
    assert "**Regular engagement** with <:party:630000000000000007>, 77 RSNC, permanent" in reply.text
    assert f"only messages by members with <@&{MANAGER_ROLE}>" in reply.text
    watch = the_watch(db)
    assert (watch["event_id"], watch["reward_amount"], watch["lifespan_seconds"]) == ("regular_engagement", 77, None)
    assert (watch["authors"], watch["author_role_id"], watch["is_forum"]) == ("members", MANAGER_ROLE, True)


@pytest.mark.parametrize(
    ("authors", "said"),
    [
        ("everyone", "whoever writes"),
        ("members", "only messages by members"),
        ("bots", "only messages by bots and webhooks"),
    ],
)
def test_authors_are_chosen_by_what_people_read(server: Client, db: Database, authors: str, said: str) -> None:
    assert f"{said}. I add the emoji" in start(server, authors=watches.AUTHORS[authors]).text
    assert the_watch(db)["authors"] == authors


@pytest.mark.parametrize("kind", [0, 5, 10, 11, 12, 15])
def test_every_kind_of_channel_with_messages(server: Client, db: Database, kind: int) -> None:
    in_threads = replace(server, app_permissions=EVERYONE)
    user = replace(ADMIN, permissions=ADMIN.permissions | 1 << 38)
    assert "becomes a drop" in start(in_threads, user, channel=Channel(CHANNEL, kind)).text
    assert the_watch(db)["is_forum"] is (kind == 15)


def test_what_cannot_be_is_explained(server: Client, db: Database) -> None:
    assert "`role` does not apply to bots" in start(server, role=MANAGER_ROLE, authors="bots").text
    assert "`emoji` must be one emoji" in start(server, emoji=":party:").text
    assert "`lifespan` must look like" in start(server, lifespan="soon").text
    assert "no event `nothing`" in start(server, event="nothing").text
    assert db.rows("select * from channel_watches") == []


def test_an_emoji_of_another_server_is_named(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    local_discord.add_emoji("1", "630000000000000009", "elsewhere")
    assert "is no emoji of this server" in start(server, emoji="<:elsewhere:630000000000000009>").text
    assert db.rows("select * from channel_watches") == []


def test_a_redelivery_starts_nothing_more(server: Client, db: Database) -> None:
    first = start(server)
    assert server.redeliver(first).text == first.text
    assert db.value("select count(*) from channel_watches") == 1
    assert db.value("select count(*) from discord_audit_log where action = 'watch.started'") == 1


def test_a_channel_is_watched_once(server: Client, db: Database) -> None:
    start(server)
    reply = start(server, emoji="🎈")
    assert f"<#{server.channel_id}> is watched already: **News tracker** with 🎉" in reply.text
    assert "`/watch stop` it first" in reply.text
    assert the_watch(db)["emoji"] == "🎉"


def test_a_server_that_watches_enough_is_told_what_to_do(server: Client, db: Database) -> None:
    start(server)
    db.run(
        "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id)"
        " select %s, (1000 + place)::text, 'news_tracker', '🎉', '1' from generate_series(1, 49) as place",
        server.guild_id,
    )
    reply = start(server, channel=CHANNEL)
    assert reply.ephemeral
    assert reply.text == (
        "This server watches 50 channels already, the most that one server may. Nothing has changed: `/watch stop` one "
        "of them first, then start this one."
    )


@pytest.mark.parametrize(
    ("permission", "name"), [(VIEW, "View Channel"), (HISTORY, "Read Message History"), (REACT, "Add Reactions")]
)
def test_what_the_bot_lacks_is_named(server: Client, db: Database, permission: int, name: str) -> None:
    reply = start(replace(server, app_permissions=EVERYONE & ~permission))
    assert f"I cannot look after reactions in <#{server.channel_id}>: I lack **{name}** there" in reply.text
    assert db.rows("select * from channel_watches") == []
    assert "becomes a drop" in start(replace(server, app_permissions=EVERYONE & ~SEND)).text


def test_who_may_not_send_messages_there_watches_nothing_there(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {MANAGER_ROLE: 3}}))
    manager = replace(CAROL, roles=(MANAGER_ROLE,), permissions=EVERYONE & ~SEND)
    reply = start(server, manager)
    assert "so you cannot watch it: you lack **Send Messages**" in reply.text
    assert "needs the level **event manager**" in start(server, ALICE).text
    assert db.rows("select * from channel_watches") == []
    assert "becomes a drop" in start(server, replace(manager, permissions=EVERYONE)).text


def test_what_would_pay_nobody_is_told(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set is_enabled = false")
    assert "A full admin can switch it on" in start(server).text
    db.run("update monitoring_rules set is_enabled = true")
    server.slash("config channels exclude", channel=server.channel_id, user=ADMIN)
    assert "A full admin can switch them on" in start(server).text
    assert db.rows("select * from channel_watches") == []


# --- List and stop


def test_list_says_what_the_drops_have_paid(
    server: Client, db: Database, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    assert "No channel is watched in this server" in listed(server)
    start(server)
    rpc_calls.clear()
    assert "open for 1 day, whoever writes; no drop so far" in listed(server)
    assert rpc_calls == ["list_watches"]


def test_list_and_stop_after_a_reaction_was_paid(
    server: Client, db: Database, local_discord: FakeDiscord, functions: Any
) -> None:
    import functions.collect_reactions  # noqa: PLC0415

    start(server)
    local_discord.add_channel(server.channel_id, server.guild_id)
    message = local_discord.say(server.channel_id, "News!", ALICE.id)
    run = functions.collect_reactions.handler
    run({}, Context("collect_reactions", "test", 55))
    for member in (ALICE, BOB, CAROL):
        local_discord.react(server.channel_id, message["id"], "🎉", member.id)
    db.run("update reaction_channels set next_look_at = now(), leased_until = now()")
    run({}, Context("collect_reactions", "test", 55))
    assert "1 drop, 1 still open, 10 RSNC paid for 2 reactions" in listed(server)
    assert "Reaction: News tracker" in server.slash("history", user=BOB).text
    reply = stop(server, db)
    assert f"New messages in <#{server.channel_id}> become no drops any more." in reply.text
    assert "It made 1 drop, 1 still open, and has paid 10 RSNC for 2 reactions." in reply.text
    assert "end them with `/drop end`" in reply.text
    assert "No channel is watched" in listed(server)
    db.assert_books_agree(server.guild_id)


@pytest.mark.parametrize(("reason", "said"), PAUSES.items())
def test_a_pause_says_why_and_what_helps(server: Client, db: Database, reason: str, said: str) -> None:
    start(server)
    db.run("update channel_watches set paused_at = '2026-03-10 12:00Z', pause_reason = %s", reason)
    assert f"⚠️ Paused <t:1773144000:R>. {said}" in listed(server)
    (choice,) = server.autocomplete("watch stop", user=ADMIN, watch="").choices
    assert choice["name"] == f"News tracker (🎉) in {server.channel_id}, paused"


def test_a_watch_whose_drops_pay_nobody_says_so(server: Client, db: Database) -> None:
    start(server)
    db.run("update monitoring_rules set is_enabled = false")
    assert "⚠️ New drops pay nobody: **News tracker** is switched off" in listed(server)
    db.run("update brands set is_active = false")
    assert "⚠️ New drops pay nobody: The brand of this server" in listed(server)
    db.run("update brands set is_active = true")
    db.run("delete from monitoring_rules where event_type = 'news_tracker'")
    assert "⚠️ New drops pay nobody: There is no event `news_tracker`" in listed(server)


def test_stop_makes_no_more(server: Client, db: Database, rpc_calls: list[str]) -> None:
    start(server)
    rpc_calls.clear()
    reply = stop(server, db)
    assert rpc_calls == ["stop_watch"]
    assert "It made no drop so far." in reply.text
    assert server.redeliver(reply).text == reply.text
    assert "was stopped <t:" in stop(server, db).text
    unknown = server.slash("watch stop", watch="00000000-0000-4000-8000-000000000000", user=ADMIN)
    assert "There is no such watch" in unknown.text
    assert "Choose a watch from the list." in server.slash("watch stop", watch="that one", user=ADMIN).text


def test_suggestions_are_the_watches(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    start(server)
    start(server, channel=CHANNEL, event="regular_engagement")
    choices = server.autocomplete("watch stop", user=ADMIN, watch="").choices
    assert [choice["name"] for choice in choices] == [
        f"News tracker (🎉) in {server.channel_id}",
        f"Regular engagement (🎉) in {CHANNEL}",
    ]
    local_discord.add_channel(CHANNEL, server.guild_id, name="news")
    (found,) = server.autocomplete("watch stop", user=ADMIN, watch="#news").choices
    assert found["name"] == "Regular engagement (🎉) in #news"
    assert server.autocomplete("watch stop", user=ADMIN, watch=f"<#{CHANNEL}>").choices == [found]
    assert server.slash("watch stop", watch=found["value"], user=ADMIN).text.startswith("New messages in")


def test_the_log_tells_who_started_and_stopped_it(server: Client, db: Database) -> None:
    start(server, reward=77)
    stop(server, db)
    text = server.slash("audit", type="watches", user=ADMIN).text
    assert f"<@{ADMIN.id}> stopped the watch of <#{server.channel_id}>" in text
    assert f"started the watch of <#{server.channel_id}>: reward 77, emoji 🎉, authors everyone" in text


# --- Words

WATCH: Json = {
    "watch_id": "00000000-0000-4000-8000-000000000000",
    "server_id": "77",
    "channel_id": "88",
    "event": "Quest",
    "event_type": "quest",
    "emoji": "🎉",
    "reward": 5,
    "lifespan_seconds": 90,
    "authors": "everyone",
    "author_role_id": None,
    "paused_at": None,
    "pause_reason": None,
    "paid": {"drops": 1_234, "open_drops": 3, "claims": 2_000, "amount": 10_000.5},
    "problem": None,
}


def test_a_watch_is_a_line() -> None:
    assert watches.watch_line(WATCH) == (
        "<#88>: **Quest** with 🎉, 5 RSNC, open for 90 seconds, whoever writes; "
        "1,234 drops, 3 still open, 10,000.5 RSNC paid for 2,000 reactions"
    )
    paid_nothing = WATCH | {"paid": {"drops": 1, "open_drops": 1, "claims": 0, "amount": 0}}
    assert watches.watch_line(paid_nothing).endswith("; 1 drop, 1 still open, nothing paid yet")


@given(st.text(min_size=1, max_size=300), st.text(max_size=300))
def test_what_other_programs_write_fits(event: str, emoji: str) -> None:
    watch = WATCH | {"event": event, "emoji": emoji, "channel_id": "8" * 20}
    page = watches.watch_list({"watches": [watch] * 100, "total": 103})
    assert len(page) <= PAGE_LIMIT
    assert "more" in page.splitlines()[-1]
    assert len(watches.watch_choice(watch, {})) <= CHOICE_LIMIT
    assert len(watches.watch_choice(watch, {"8" * 20: event})) <= CHOICE_LIMIT
