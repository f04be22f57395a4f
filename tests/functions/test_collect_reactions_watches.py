"""collect_reactions: new messages of a watched channel become drops, each once."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE, BOB, CAROL
from infra.local.keys import Keys
from shared import database
from tests.drops import Killed
from tests.functions.reaction_drops import PARTY, Collect, Make, asked, invalid, kill_at
from tests.sql import Database

Json = dict[str, Any]
FORUM = 15
_ids = itertools.count(740_000_000_000_000_001)
Watch = Callable[..., str]


@pytest.fixture
def watch(server: Client, db: Database) -> Watch:
    """Watch a channel from its beginning; gives the watch's id."""

    def start(channel_id: str = server.channel_id, **columns: Any) -> str:
        values: Json = {"server_id": server.guild_id, "channel_id": channel_id, "event_id": "news_tracker"}
        values |= {"emoji": PARTY, "lifespan_seconds": 3600, "last_message_id": "0"} | columns
        names = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        return str(
            db.value(f"insert into channel_watches ({names}) values ({places}) returning watch_id", *values.values())
        )

    return start


def drops(db: Database) -> set[str]:
    """The messages that are drops."""
    return {row["message_id"] for row in db.rows("select message_id from discord_drops")}


def written(discord: FakeDiscord, channel_id: str, *, is_forum: bool) -> str:
    """The id of a new message, or of a new post."""
    if is_forum:
        return str(discord.add_post(channel_id, "Guide", "Look", ALICE.id)["id"])
    return str(discord.say(channel_id, "News", ALICE.id)["id"])


def test_new_messages_become_drops_once_and_pay(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect, keys: Keys
) -> None:
    before = local_discord.say(server.channel_id, "Old", ALICE.id)
    watch_id = watch(last_message_id=before["id"], reward_amount=7)
    said = [local_discord.say(server.channel_id, f"News {number}", ALICE.id) for number in range(5)]
    assert collect() == {"channels": 1, "added": 5}
    assert drops(db) == {message["id"] for message in said}
    assert all(local_discord.reactors(message["id"], PARTY) == [keys.application_id] for message in said)
    assert local_discord.reactors(before["id"], PARTY) == []
    row = db.one("select * from discord_drops where message_id = %s", said[0]["id"])
    assert (str(row["watch_id"]), row["drop_type"], row["event_id"]) == (watch_id, "reaction", "news_tracker")
    assert (row["expires_at"] - row["created_at"]).total_seconds() == 3600
    local_discord.react(server.channel_id, said[2]["id"], PARTY, BOB.id)
    local_discord.react(server.channel_id, said[2]["id"], PARTY, ALICE.id)  # its author
    assert collect() == {"channels": 1, "read": 1, "paid": 1}
    assert db.value("select sum(amount) from reward_ledger") == 7
    assert invalid(local_discord) == []
    db.assert_books_agree(server.guild_id)


def test_system_messages_and_our_own_never_become_drops(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect, keys: Keys
) -> None:
    watch()
    local_discord.say(server.channel_id, "joined", ALICE.id, type=7)
    ours = local_discord.say(server.channel_id, "Ours", keys.application_id, bot=True)
    reply = local_discord.say(server.channel_id, "A reply", ALICE.id, type=19)
    assert collect() == {"channels": 1, "added": 1}
    assert drops(db) == {reply["id"]}
    assert db.value("select last_message_id::numeric >= %s from channel_watches", int(ours["id"]))


def test_a_message_that_is_a_drop_already_is_left_alone(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, drop_on: Make, collect: Collect
) -> None:
    drop = drop_on(emoji="👍")
    watch()
    assert collect() == {"channels": 1}
    assert drops(db) == {drop.message["id"]}
    assert local_discord.reactors(drop.message["id"], PARTY) == []


@pytest.mark.parametrize(("authors", "wanted"), [("everyone", "mbw"), ("members", "m"), ("bots", "bw")])
def test_whose_messages(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    watch: Watch,
    collect: Collect,
    authors: str,
    wanted: str,
) -> None:
    watch(authors=authors)
    said = {
        "m": local_discord.say(server.channel_id, "Member", ALICE.id),
        "b": local_discord.say(server.channel_id, "Bot", "4004", bot=True),
        "w": local_discord.say(server.channel_id, "Webhook", "", webhook_id="4005"),
    }
    collect()
    assert drops(db) == {said[kind]["id"] for kind in wanted}


def test_only_authors_with_a_role_are_asked_for_once(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    role = str(next(_ids))
    watch(authors="members", author_role_id=role)
    local_discord.set_member(server.guild_id, BOB.id, [role])
    local_discord.set_member(server.guild_id, CAROL.id, [])
    wanted = [local_discord.say(server.channel_id, "B", BOB.id) for _ in range(3)]
    for author in (CAROL.id, "4711"):  # the last one has left
        local_discord.say(server.channel_id, "x", author)
    assert collect() == {"channels": 1, "added": 3}
    assert drops(db) == {message["id"] for message in wanted}
    assert asked(local_discord, "GET", "/members/") == 3


def test_more_messages_than_a_page_are_taken_in_their_order(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    watch()
    said = [local_discord.say(server.channel_id, "x", ALICE.id) for _ in range(250)]
    for number in (100, 200, 250):
        collect()
        assert drops(db) == {message["id"] for message in said[:number]}
    assert collect() == {"channels": 1}


def test_posts_of_a_forum_become_drops(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    forum = str(next(_ids))
    local_discord.add_channel(forum, server.guild_id, type=FORUM)
    watch(forum, is_forum=True)
    posts = [local_discord.add_post(forum, "Guide", "Look", ALICE.id) for _ in range(3)]
    local_discord.say(posts[0]["id"], "An answer", BOB.id)
    assert collect() == {"channels": 1, "added": 3}
    assert drops(db) == {post["id"] for post in posts}
    for post in posts:
        local_discord.react(post["id"], post["id"], PARTY, BOB.id)
    assert collect() == {"channels": 4, "read": 3, "paid": 3}
    local_discord.forbid(forum, 10003)
    collect()
    assert db.value("select pause_reason from channel_watches") == "channel_gone"


@pytest.mark.parametrize("code", [10003, 10008, 50083, 160005])
def test_a_post_that_is_gone_or_closed_holds_up_no_other(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect, code: int
) -> None:
    forum = str(next(_ids))
    local_discord.add_channel(forum, server.guild_id, type=FORUM)
    watch(forum, is_forum=True)
    closed, post = (local_discord.add_post(forum, "Guide", "Look", ALICE.id)["id"] for _ in range(2))
    local_discord.forbid(closed, code)
    assert collect() == {"channels": 1, "added": 1}
    assert drops(db) == {post}
    assert db.value("select pause_reason from channel_watches") is None


def test_without_the_history_of_a_forum_its_watch_pauses(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    forum = str(next(_ids))
    local_discord.add_channel(forum, server.guild_id, type=FORUM)
    watch(forum, is_forum=True)
    local_discord.add_post(forum, "Guide", "Look", ALICE.id)
    local_discord.deny(forum, "READ_MESSAGE_HISTORY")
    assert collect() == {"closed": 1}
    assert db.value("select pause_reason from channel_watches") == "no_history"
    local_discord.grant(forum, "READ_MESSAGE_HISTORY")
    assert collect() == {"channels": 1, "added": 1}
    assert db.value("select pause_reason from channel_watches") is None


@pytest.mark.parametrize(
    ("is_forum", "method", "path"), [(False, "PUT", "*/{}/reactions/*"), (True, "GET", "*/messages/{}")]
)
def test_a_message_that_is_refused_for_an_unknown_reason_is_told_and_holds_up_no_other(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    watch: Watch,
    collect: Collect,
    is_forum: bool,
    method: str,
    path: str,
) -> None:
    channel = str(next(_ids))
    local_discord.add_channel(channel, server.guild_id, type=FORUM if is_forum else 0)
    watch(channel, is_forum=is_forum)
    said = [written(local_discord, channel, is_forum=is_forum) for _ in range(3)]
    local_discord.fail(status=400, times=9, method=method, path=path.format(said[1]))
    collect.fails("1 drops or channels failed")
    assert drops(db) == {said[0], said[2]}
    assert db.one("select paused_at, pause_reason from channel_watches") == {"paused_at": None, "pause_reason": None}
    said.append(written(local_discord, channel, is_forum=is_forum))
    collect()
    assert drops(db) == {said[0], said[2], said[3]}


def test_a_channel_with_new_messages_is_not_quiet_though_none_is_wanted(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    watch(authors="bots")
    for _ in range(2):
        local_discord.say(server.channel_id, "News", ALICE.id)
        collect()
        assert db.value("select quiet_looks from reaction_channels") == 0
    collect()
    assert db.value("select quiet_looks from reaction_channels") == 1


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


@pytest.mark.parametrize("is_forum", [False, True])
def test_a_run_that_is_killed_among_many_messages_has_come_further(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    watch: Watch,
    collect: Collect,
    is_forum: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = str(next(_ids))
    local_discord.add_channel(channel, server.guild_id, type=FORUM if is_forum else 0)
    watch(channel, is_forum=is_forum)
    for _ in range(25):
        written(local_discord, channel, is_forum=is_forum)
    with monkeypatch.context() as dying:
        kill_at(dying, "/@me", after=22)
        with pytest.raises(Killed):
            collect()
    assert len(drops(db)) == 20
    assert collect()["added"] == 5
    assert len(drops(db)) == 25


def test_a_run_that_dies_after_the_emoji_is_repeated(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    watch: Watch,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch()
    said = local_discord.say(server.channel_id, "News", ALICE.id)
    rpc = database.rpc

    def killed(name: str, **arguments: Any) -> Any:
        if name == "add_watched_drops":
            raise Killed
        return rpc(name, **arguments)

    with monkeypatch.context() as dying:
        dying.setattr(database, "rpc", killed)
        with pytest.raises(Killed):
            collect()
    assert drops(db) == set()
    assert collect() == {"channels": 1, "added": 1}
    assert drops(db) == {said["id"]}
    assert collect() == {"channels": 1}


def test_discord_that_answers_late_makes_one_drop(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    watch()
    first, second = (local_discord.say(server.channel_id, "News", ALICE.id) for _ in range(2))
    local_discord.fail(status=502, method="PUT", path=f"*/{second['id']}/*", after=True)
    assert collect() == {"channels": 1, "added": 1}
    assert drops(db) == {first["id"]}
    assert collect() == {"channels": 1, "added": 1}
    assert drops(db) == {first["id"], second["id"]}


def test_who_blocks_the_bot_holds_up_nobody(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    watch()
    local_discord.block(CAROL.id)
    try:
        local_discord.say(server.channel_id, "x", CAROL.id)
        said = local_discord.say(server.channel_id, "y", ALICE.id)
        assert collect() == {"channels": 1, "added": 1}
        assert drops(db) == {said["id"]}
    finally:
        local_discord.unblock(CAROL.id)


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


@pytest.mark.parametrize("change", ["stopped", "disconnected", "event"])
def test_a_watch_that_is_over_makes_no_drops(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect, change: str
) -> None:
    watch()
    said = local_discord.say(server.channel_id, "News", ALICE.id)
    db.run(
        {
            "stopped": "update channel_watches set stopped_at = now()",
            "disconnected": "update discord_server_configs set is_active = false",
            "event": "delete from monitoring_rules where event_type = 'news_tracker'",
        }[change]
    )
    collect()
    assert drops(db) == set()
    assert local_discord.reactors(said["id"], PARTY) == []  # an emoji promises a reward


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


def test_a_watch_needs_two_requests_for_a_new_message_and_one_for_a_quiet_channel(
    server: Client, db: Database, local_discord: FakeDiscord, watch: Watch, collect: Collect
) -> None:
    watch()
    local_discord.say(server.channel_id, "News", ALICE.id)
    collect()
    assert len(local_discord.requests) == 2
    local_discord.requests.clear()
    collect()
    assert len(local_discord.requests) == 1
