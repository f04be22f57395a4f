"""collect_reactions where runs die, channels are closed, and Discord or the database is in trouble."""

import itertools
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE
from infra.local.keys import Keys
from infra.local.runtime import Context
from shared import database
from shared.discord import rest
from tests.conftest import Surroundings
from tests.drops import Killed
from tests.functions.reaction_drops import PARTY, Collect, Make, asked, invalid
from tests.proxy import Proxy, lost
from tests.reactions import members
from tests.sql import Database


def test_a_run_that_is_killed_in_the_middle_is_repeated_and_pays_nobody_twice(
    drop_on: Make, db: Database, server: Client, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = drop_on()
    drop.react(*members(300))
    rpc, calls = database.rpc, itertools.count()

    def killed(name: str, **arguments: Any) -> Any:
        answer = rpc(name, **arguments)
        if name == "claim_reactions" and next(calls) == 1:
            raise Killed
        return answer

    monkeypatch.setattr(database, "rpc", killed)
    with pytest.raises(Killed):
        collect()
    assert len(drop.paid) == 200
    assert collect() == {"channels": 1, "read": 1, "paid": 100}
    assert drop.paid == set(members(300))
    db.assert_books_agree(server.guild_id)


def test_a_run_without_time_ends_its_leases(drop_on: Make, db: Database, collect: Collect, functions: Any) -> None:
    drop_on().react("11")
    assert collect(seconds=5) == {}
    assert db.value("select count(*) from reaction_channels where leased_until > now()") == 0
    assert collect()["paid"] == 1


def test_two_runs_at_once_share_the_channels(
    server: Client, db: Database, local_discord: FakeDiscord, drop_on: Make, functions: Any
) -> None:
    for place in range(20):
        message = local_discord.say(str(int(server.channel_id) * 10 + place)[:20], "Look", ALICE.id)
        drop_on(message).react("11", "12")
    context = Context("collect_reactions", "test", 55)
    results = db.race([lambda _: functions.collect_reactions.handler({}, context)] * 2)
    assert sum(counts["channels"] for counts in results) == 20
    assert sum(counts["paid"] for counts in results) == 40
    db.assert_books_agree(server.guild_id)


def test_a_channel_that_is_closed_to_us_waits_and_is_no_alarm(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    drop = drop_on()
    drop.react("11")
    local_discord.forbid(server.channel_id, 50001)
    assert collect() == {"closed": 1}
    assert db.one("select refusals, next_look_at > now() as waits from reaction_channels") == {
        "refusals": 1,
        "waits": True,
    }
    drop.end()
    for refusals in range(2, 11):
        assert collect()["closed"] == 1
        assert db.value("select refusals from reaction_channels") == refusals
    local_discord.allow(server.channel_id)
    assert drop.row["is_collected"]  # let go
    assert collect() == {}


def test_without_the_history_nothing_is_taken_for_deleted(
    drop_on: Make, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    drop = drop_on()
    drop.react("11")
    local_discord.deny(server.channel_id, "READ_MESSAGE_HISTORY")
    assert collect() == {"closed": 1}
    assert drop.row["ended_at"] is None
    local_discord.grant(server.channel_id, "READ_MESSAGE_HISTORY")
    assert collect()["paid"] == 1


def test_a_message_that_somebody_deleted_ends_its_drop(
    drop_on: Make, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    gone, drop = drop_on(), drop_on()
    drop.react("11")
    local_discord.delete_message(server.channel_id, gone.message["id"])
    assert collect() == {"channels": 1, "read": 1, "paid": 1, "gone": 1}
    assert (gone.row["end_reason"], gone.row["is_collected"]) == ("message_deleted", True)
    local_discord.delete_message(server.channel_id, drop.message["id"])  # the channel is empty now
    assert collect() == {"channels": 1, "gone": 1}
    assert collect() == {}


def test_the_oldest_message_of_a_channel_ends_its_drop_too(
    drop_on: Make, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    gone = drop_on()
    for _ in range(99):
        local_discord.say(server.channel_id, "x", ALICE.id)
    drop_on()
    local_discord.delete_message(server.channel_id, gone.message["id"])
    assert collect() == {"channels": 1, "gone": 1}
    assert gone.row["end_reason"] == "message_deleted"


def test_a_channel_that_is_gone_ends_its_drops(
    drop_on: Make, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    drop = drop_on()
    local_discord.forbid(server.channel_id, 10003)
    assert collect() == {"closed": 1, "gone": 1}
    assert drop.row["end_reason"] == "message_deleted"


def test_discord_in_trouble_costs_a_minute(
    drop_on: Make, db: Database, local_discord: FakeDiscord, collect: Collect
) -> None:
    drop = drop_on()
    drop.react("11")
    local_discord.fail(status=503, times=1)
    assert collect() == {}
    assert db.value("select leased_until <= now() from reaction_channels")
    assert collect()["paid"] == 1
    assert drop.paid == {"11"}


def test_a_list_that_discord_cannot_give_holds_up_no_other(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    broken, *others = (drop_on() for _ in range(9))
    for drop in (broken, *others):
        drop.react("11")
    db.run(
        "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id)"
        " values (%s, %s, 'news_tracker', %s, %s)",
        *(server.guild_id, server.channel_id, PARTY, others[-1].message["id"]),
    )
    local_discord.say(server.channel_id, "News", ALICE.id)
    local_discord.fail(status=500, times=99, method="GET", path=f"*/{broken.message['id']}/*")
    assert collect() == {"read": 9, "paid": 8, "added": 1}
    assert collect() == {"read": 1}
    local_discord.faults.clear()
    assert collect() == {"channels": 1, "read": 1, "paid": 1}


def test_discord_that_gives_no_list_is_asked_for_two(
    drop_on: Make, local_discord: FakeDiscord, collect: Collect
) -> None:
    for _ in range(9):
        drop_on().react("11")
    local_discord.fail(status=500, times=99, method="GET", path="*/reactions/*")
    collect()
    assert asked(local_discord, "GET", "/reactions/") == 2


def test_a_page_in_another_order_is_read_once(
    drop_on: Make, local_discord: FakeDiscord, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = drop_on()
    drop.react(*members(250))
    send = rest.send_now

    def backwards(request: rest.Request, *, timeout: float) -> Any:
        answer = send(request, timeout=timeout)
        return answer[::-1] if "/reactions/" in request.path and request.method == "GET" else answer

    monkeypatch.setattr(rest, "send_now", backwards)
    assert collect(seconds=15) == {"channels": 1, "read": 1, "paid": 250}
    assert asked(local_discord, "GET", "/reactions/") == 3


def test_a_token_that_was_reset_is_told(drop_on: Make, surroundings: Surroundings, collect: Collect) -> None:
    drop_on()
    surroundings.set(DISCORD_BOT_TOKEN="reset")
    collect.fails("the run ended early")


def test_what_the_database_refuses_of_one_drop_holds_up_no_other_channel(
    drop_on: Make, server: Client, local_discord: FakeDiscord, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = drop_on()
    others = [drop_on(local_discord.say(f"{server.channel_id}{place}", "Look", ALICE.id)) for place in range(3)]
    for drop in (broken, *others):
        drop.react("11")
    rpc = database.rpc

    def refused(name: str, **arguments: Any) -> Any:
        if arguments.get("drop_id") == broken.id:
            raise database.DatabaseError(name, "23514", "a constraint")
        return rpc(name, **arguments)

    with monkeypatch.context() as failing:
        failing.setattr(database, "rpc", refused)
        collect.fails("1 drops or channels failed")
    assert [drop.paid for drop in (broken, *others)] == [set(), {"11"}, {"11"}, {"11"}]
    assert collect()["paid"] == 1


def test_an_answer_that_is_lost_pays_nobody_twice(
    drop_on: Make, db: Database, server: Client, rest_proxy: Proxy, collect: Collect
) -> None:
    drop = drop_on()
    drop.react(*members(150))
    rest_proxy.next(None, lost, lost)  # the lease, then a page twice
    collect()
    assert drop.paid == set(members(150))
    db.assert_books_agree(server.guild_id)


def test_an_archived_thread_is_opened_to_react(
    drop_on: Make, server: Client, local_discord: FakeDiscord, collect: Collect, keys: Keys
) -> None:
    thread = "860000000000000012"
    local_discord.add_channel(server.channel_id, server.guild_id)
    local_discord.add_thread(thread, server.channel_id)
    drop = drop_on(local_discord.say(thread, "Look", ALICE.id))
    drop.react("11")
    local_discord.archive(thread)
    assert collect()["paid"] == 1
    assert keys.application_id in drop.reactors


def test_without_the_permission_to_react_those_who_have_are_paid(
    drop_on: Make, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    first, second = drop_on(), drop_on()
    local_discord.deny(server.channel_id, "ADD_REACTIONS")
    second.react("11")
    assert collect()["paid"] == 1
    assert invalid(local_discord) == [403]
    assert first.row["ended_at"] is None
