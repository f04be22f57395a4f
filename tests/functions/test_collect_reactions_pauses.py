"""collect_reactions: a watched channel that closes itself to the bot pauses its watch, until it opens."""

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE
from tests.functions.reaction_drops import Collect, Make, Watch, add_channel, drops, invalid
from tests.sql import Database


def test_a_watch_that_is_paused_is_quiet(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    watch()
    local_discord.say(server.channel_id, "News", ALICE.id)
    local_discord.deny(server.channel_id, "ADD_REACTIONS")
    for looks in (1, 2):
        collect()
        assert db.value("select quiet_looks from reaction_channels") == looks
    local_discord.grant(server.channel_id, "ADD_REACTIONS")


@pytest.mark.parametrize(
    ("code", "reason"), [(50001, "channel_closed"), (10003, "channel_gone"), ("READ_MESSAGE_HISTORY", "no_history")]
)
def test_a_channel_that_closes_pauses_its_watch_until_it_opens(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    watch: Watch,
    collect: Collect,
    code: int | str,
    reason: str,
) -> None:
    watch()
    said = local_discord.say(server.channel_id, "News", ALICE.id)
    if isinstance(code, int):
        local_discord.forbid(server.channel_id, code)
    else:
        local_discord.deny(server.channel_id, code)
    assert collect() == {"closed": 1}
    paused = db.one("select paused_at is not null as is_paused, pause_reason from channel_watches")
    assert paused == {"is_paused": True, "pause_reason": reason}
    local_discord.allow(server.channel_id)
    local_discord.grant(server.channel_id, "READ_MESSAGE_HISTORY")
    assert collect() == {"channels": 1, "added": 1}
    assert db.one("select paused_at, pause_reason from channel_watches") == {"paused_at": None, "pause_reason": None}
    assert drops(db) == {said["id"]}


def test_a_watch_that_may_not_react_pauses_and_its_drops_live_on(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, drop_on: Make, collect: Collect
) -> None:
    drop = drop_on()
    collect()
    drop.react("11")
    watch()
    local_discord.deny(server.channel_id, "ADD_REACTIONS")
    said = [local_discord.say(server.channel_id, "News", ALICE.id) for _ in range(3)]
    assert collect() == {"channels": 1, "read": 1, "paid": 1}
    assert db.value("select pause_reason from channel_watches") == "no_reactions"
    assert invalid(local_discord) == [403]
    local_discord.grant(server.channel_id, "ADD_REACTIONS")
    assert collect() == {"channels": 1, "added": 3}
    assert db.value("select pause_reason from channel_watches") is None
    assert drops(db) == {drop.message["id"], *(message["id"] for message in said)}


def test_an_emoji_that_was_deleted_pauses_the_watch(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    local_discord.add_channel(server.channel_id, server.guild_id)
    local_discord.add_emoji(server.guild_id, "999", "other")
    watch(emoji="<:party:123>")
    local_discord.say(server.channel_id, "News", ALICE.id)
    assert collect() == {"channels": 1}
    assert db.value("select pause_reason from channel_watches") == "emoji_unknown"
    assert drops(db) == set()


def test_after_a_long_pause_only_what_is_young_becomes_a_drop(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    watch: Watch,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch()
    local_discord.say(server.channel_id, "News", ALICE.id)
    monkeypatch.setattr("shared.reactions.watch.OLDEST_SECONDS", -1)
    assert collect() == {"channels": 1}
    assert drops(db) == set()
    assert db.value("select last_message_id <> '0' from channel_watches")


def test_messages_are_passed_while_the_event_is_gone_and_the_channel_stays_paused_until_it_is_read(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    watch()
    local_discord.forbid(server.channel_id, 50001)
    collect()
    db.run("delete from monitoring_rules where event_type = 'news_tracker'")
    db.run("update reaction_channels set next_look_at = now()")
    collect()
    assert db.value("select pause_reason from channel_watches") == "channel_closed"
    local_discord.allow(server.channel_id)
    said = local_discord.say(server.channel_id, "News", ALICE.id)
    db.run("update reaction_channels set next_look_at = now()")
    collect()
    assert db.one("select pause_reason, last_message_id from channel_watches") == {
        "pause_reason": None,
        "last_message_id": said["id"],
    }
    assert drops(db) == set()


def test_without_the_history_of_a_forum_its_watch_pauses(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    forum = add_channel(local_discord, server, is_forum=True)
    watch(forum, is_forum=True)
    local_discord.add_post(forum, "Guide", "Look", ALICE.id)
    local_discord.deny(forum, "READ_MESSAGE_HISTORY")
    assert collect() == {"closed": 1}
    assert db.value("select pause_reason from channel_watches") == "no_history"
    local_discord.grant(forum, "READ_MESSAGE_HISTORY")
    assert collect() == {"channels": 1, "added": 1}
    assert db.value("select pause_reason from channel_watches") is None
