"""collect_reactions: new messages of a watched channel become drops, each once."""

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE, BOB, CAROL
from infra.local.keys import Keys
from tests.drops import Killed, kill_at_call
from tests.functions.reaction_drops import PARTY, Collect, Make, Watch, add_channel, asked, drops, invalid, kill_at
from tests.sql import Database


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
    role = "740000000000000009"
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
    forum = add_channel(local_discord, server, is_forum=True)
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
    forum = add_channel(local_discord, server, is_forum=True)
    watch(forum, is_forum=True)
    closed, post = (local_discord.add_post(forum, "Guide", "Look", ALICE.id)["id"] for _ in range(2))
    local_discord.forbid(closed, code)
    assert collect() == {"channels": 1, "added": 1}
    assert drops(db) == {post}
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
    channel = add_channel(local_discord, server, is_forum=is_forum)
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
    channel = add_channel(local_discord, server, is_forum=is_forum)
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
    with monkeypatch.context() as dying:
        kill_at_call(dying, "add_watched_drops")
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
