"""collect_reactions: who reacts is paid once, whatever Discord, the members and the processes do."""

import itertools
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE, BOB, CAROL
from infra.local.keys import Keys
from infra.local.runtime import Context
from shared import database
from shared.discord import rest
from shared.discord.emoji import Emoji
from tests.conftest import Surroundings
from tests.drops import Killed
from tests.functions.reaction_drops import PARTY, Collect, Make, asked, invalid, kill_at
from tests.proxy import Proxy, lost, nobody
from tests.reactions import members
from tests.sql import Database

_roles = itertools.count(730_000_000_000_000_001)


# --- Who is paid


def test_everybody_but_bots_and_the_author_is_paid_once(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect, keys: Keys
) -> None:
    drop = drop_on()
    drop.react(*members(300), ALICE.id)
    drop.react("4004", bot=True)
    assert collect() == {"channels": 1, "read": 1, "paid": 300}
    assert drop.paid == set(members(300))
    assert drop.row["claims_count"] == 300
    assert keys.application_id in drop.reactors  # the bot reacts, so that others need only press
    assert collect() == {"channels": 1}
    db.assert_books_agree(server.guild_id)
    assert invalid(local_discord) == []


def test_a_late_reaction_anywhere_in_the_list_is_paid_and_taking_it_back_takes_nothing_back(
    drop_on: Make, db: Database, server: Client, collect: Collect
) -> None:
    drop = drop_on()
    drop.react(*members(120, first=50_000))
    collect()
    drop.unreact("50000", "50001")
    drop.react("7", "50050000", "8")
    assert collect()["paid"] == 3
    assert len(drop.paid) == 123
    drop.unreact("7")
    drop.react("9")  # the count is as before: the hourly look, and the last one, find out
    assert "paid" not in collect()
    drop.end()
    assert collect() == {"channels": 1, "read": 1, "paid": 1, "collected": 1}
    assert "9" in drop.paid
    db.assert_books_agree(server.guild_id)


def test_the_next_run_looks_again_however_soon_it_comes(drop_on: Make, functions: Any) -> None:
    drop, context = drop_on(), Context("collect_reactions", "test", 55)
    for user_id in ("11", "12", "13"):
        functions.collect_reactions.handler({}, context)
        drop.react(user_id)
    functions.collect_reactions.handler({}, context)
    assert drop.paid == {"11", "12", "13"}


def test_super_reactions_count(drop_on: Make, collect: Collect) -> None:
    drop = drop_on()
    drop.react("11")
    drop.react("12", "13", burst=True)
    assert collect()["paid"] == 3
    assert drop.paid == {"11", "12", "13"}


def test_another_emoji_counts_for_nothing(drop_on: Make, collect: Collect) -> None:
    drop = drop_on()
    drop.react("11", emoji="👍")
    drop.react("12")
    assert collect()["paid"] == 1
    assert drop.paid == {"12"}


def test_our_own_message_pays_its_author_too_and_shows_the_counter(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect, keys: Keys
) -> None:
    message = local_discord.say(server.channel_id, "React!", keys.application_id)
    drop = drop_on(message, is_own_message=True, rendered_revision=1)
    drop.react("11", "12")
    assert collect()["paid"] == 2
    assert (drop.row["revision"], drop.row["is_settled"]) == (2, False)


def test_a_full_drop_pays_no_more_than_its_limit(
    drop_on: Make, db: Database, server: Client, collect: Collect, keys: Keys
) -> None:
    drop = drop_on(max_claims=40)
    drop.react(*members(250))
    assert collect() == {"channels": 1, "read": 1, "paid": 40}
    assert (drop.row["end_reason"], drop.row["claims_count"]) == ("sold_out", 40)
    assert db.value("select count(*) from reaction_refusals where refusal ->> 'outcome' = 'drop_full'") == 210
    drop.react("7")
    assert collect() == {"channels": 1, "collected": 1}
    assert keys.application_id not in drop.reactors
    assert collect() == {}
    db.assert_books_agree(server.guild_id)


@pytest.mark.parametrize("reason", ["expired", "ended"])
def test_who_reacts_until_the_last_look_is_paid(
    drop_on: Make, db: Database, server: Client, collect: Collect, keys: Keys, reason: str
) -> None:
    drop = drop_on(max_claims=100)
    drop.react("11")
    collect()
    drop.end(reason)
    drop.react("12")
    assert collect() == {"channels": 1, "read": 1, "paid": 1, "collected": 1}
    assert keys.application_id not in drop.reactors
    drop.react("13")
    assert collect() == {}
    assert drop.paid == {"11", "12"}
    assert drop.row["claims_count"] == 2
    db.assert_books_agree(server.guild_id)


def test_a_drop_whose_time_is_up_is_closed_and_paid(drop_on: Make, db: Database, collect: Collect) -> None:
    drop = drop_on()
    drop.react("11")
    db.run("update discord_drops set expires_at = now() - interval '1 second'")
    assert collect() == {"channels": 1, "read": 1, "paid": 1, "collected": 1}
    assert drop.row["end_reason"] == "expired"


@pytest.mark.parametrize("reason", ["cancelled", "server_left", "event_deleted"])
def test_what_is_called_off_pays_nobody_any_more(
    drop_on: Make, collect: Collect, local_discord: FakeDiscord, keys: Keys, reason: str
) -> None:
    drop = drop_on()
    drop.react("11")
    collect()
    drop.end(reason)
    drop.react("12")
    assert collect() == {"channels": 1, "collected": 1}
    assert drop.paid == {"11"}
    assert keys.application_id not in drop.reactors


def test_a_drop_of_another_program_needs_no_more_than_its_row(drop_on: Make, collect: Collect) -> None:
    drop = drop_on(emoji="party:123")
    drop.react("11", emoji="party:123")
    assert collect()["paid"] == 1


def test_an_emoji_that_is_none_holds_up_nothing(drop_on: Make, collect: Collect) -> None:
    broken, drop = drop_on(emoji="a party"), drop_on()
    drop.react("11")
    assert collect() == {"channels": 1, "read": 1, "paid": 1}
    broken.end()
    assert collect() == {"channels": 1, "collected": 1}


def test_nobody_reads_where_nothing_has_changed(
    drop_on: Make, collect: Collect, local_discord: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.choice", lambda ids: max(ids, key=int))
    drops = [drop_on() for _ in range(150)]
    collect()
    local_discord.requests.clear()
    drops[3].react("11")
    drops[140].react("11")
    assert collect() == {"channels": 1, "read": 2, "paid": 2}
    assert asked(local_discord, "GET", "/messages") == 2 + 2  # two pages of messages, two lists
    assert len(local_discord.requests) == 4


def test_a_permanent_drop_is_read_every_hour(drop_on: Make, db: Database, collect: Collect) -> None:
    drop = drop_on()
    drop.react("11")
    collect()
    drop.unreact("11")
    drop.react("12")
    assert "read" not in collect()
    db.run("update reaction_looks set started_at = started_at - interval '61 minutes'")
    assert collect() == {"channels": 1, "read": 1, "paid": 1}
    assert drop.paid == {"11", "12"}


# --- Roles and places


def test_roles_are_asked_for_where_a_bonus_depends_on_them(
    drop_on: Make,
    db: Database,
    server: Client,
    local_discord: FakeDiscord,
    collect: Collect,
    functions: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.reactions.known.MOST_MEMBERS", 60)
    role = str(next(_roles))
    db.set_settings({"role_bonuses": {role: {"multiplier": 2}}})
    for place, user_id in enumerate(members(130)):
        if place < 120:  # the others have left
            local_discord.set_member(server.guild_id, user_id, [role] if place % 2 else [])
    drop = drop_on()
    drop.react(*members(130))
    assert collect() == {"channels": 1, "read": 1, "paid": 60}
    assert drop.paid == set(members(60))
    assert collect()["paid"] == 60
    assert collect()["paid"] == 10
    assert asked(local_discord, "GET", "/members/") == 130
    amounts = {
        int(row["reward_amount"]): row["number"]
        for row in db.rows("select reward_amount, count(*) as number from discord_drop_claims group by 1")
    }
    assert amounts == {5: 70, 10: 60}
    db.assert_books_agree(server.guild_id)


def test_the_same_members_at_many_drops_are_asked_for_about_once(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    for place in range(8):
        drop = drop_on(local_discord.say(f"{server.channel_id}{place}", "Look", ALICE.id))
        drop.react(*members(30))
    assert collect()["paid"] == 240
    assert asked(local_discord, "GET", "/members/") < 60  # some twice, by those who would else wait


def test_a_run_that_is_killed_while_it_asks_for_roles_has_come_further(
    drop_on: Make, db: Database, server: Client, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    drop, limited = drop_on(), drop_on(max_claims=50)
    drop.react(*members(60))
    limited.react(*members(60, first=50_000))
    with monkeypatch.context() as dying:
        kill_at(dying, "/members/", after=100)
        with pytest.raises(Killed):
            collect()
    before = len(drop.paid) + len(limited.paid)
    assert before >= 75
    assert collect()["paid"] == 110 - before
    db.assert_books_agree(server.guild_id)


def test_a_channel_is_not_quiet_before_a_list_is_done(
    drop_on: Make, db: Database, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.reactions.known.MOST_MEMBERS", 1)
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    drop_on().react(*members(4))
    for _ in range(4):
        assert collect()["paid"] == 1
        assert db.value("select quiet_looks from reaction_channels") == 0
    collect()
    assert db.value("select quiet_looks from reaction_channels") == 1


def test_nobody_is_asked_for_roles_without_need(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    db.run("update monitoring_rules set max_claims_per_user = 0")
    drop = drop_on()
    drop.react("11", "12")
    assert collect() == {"channels": 1, "read": 1, "refused": 2}
    assert asked(local_discord, "GET", "/members/") == 0


def test_in_test_mode_only_testers_are_paid(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    role = str(next(_roles))
    db.set_settings({"test_mode": {"enabled": True, "role": role}})
    local_discord.set_member(server.guild_id, BOB.id, [role])
    drop = drop_on()
    drop.react(BOB.id, CAROL.id)
    assert collect() == {"channels": 1, "read": 1, "paid": 1, "refused": 1}
    assert drop.paid == {BOB.id}


def test_a_thread_of_an_excluded_category_pays_nobody(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    category, thread = "860000000000000001", "860000000000000002"
    local_discord.add_channel(server.channel_id, server.guild_id, category)
    local_discord.add_thread(thread, server.channel_id)
    db.set_settings({"excluded_channels": [category]})
    drop = drop_on(local_discord.say(thread, "Look", ALICE.id))
    drop.react("11")
    assert collect() == {"channels": 1, "read": 1, "refused": 1}
    refusal = db.value("select refusal from reaction_refusals")
    assert (refusal["outcome"], refusal["excluded"]) == ("channel_excluded", category)


# --- Runs that die, and Discord in trouble


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


def test_a_database_that_is_away_is_told(
    drop_on: Make, surroundings: Surroundings, functions: Any, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions.collect_reactions, "CALL_SECONDS", 0.3)
    surroundings.set(SUPABASE_REST_URL=nobody())
    with pytest.raises(database.DatabaseError):
        collect()


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


# --- Our own message


def test_a_post_that_failed_is_posted_by_the_other_schedule_and_gets_its_emoji(
    server: Client, db: Database, local_discord: FakeDiscord, collect: Collect, keys: Keys
) -> None:
    drop_id = db.add_drop(
        server_id=server.guild_id,
        event_id="news_tracker",
        drop_type="reaction",
        emoji=PARTY,
        is_own_message=True,
        channel_id=server.channel_id,
        message_id=None,
    )
    assert collect() == {}
    message = local_discord.say(server.channel_id, "React!", keys.application_id)
    db.run("update discord_drops set message_id = %s where drop_id = %s", message["id"], drop_id)
    assert collect() == {"channels": 1}
    assert local_discord.reactors(message["id"], PARTY) == [keys.application_id]


def test_the_other_schedule_leaves_half_of_the_limit(
    server: Client, drop_on: Make, functions: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[int] = []
    work = functions.expire_drops.Run.work

    def noted(run: Any, sender: Any) -> None:
        work(run, sender)
        rates.append(sender.per_second)

    monkeypatch.setattr(functions.expire_drops.Run, "work", noted)
    functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    drop_on()
    functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    assert rates == [45, 22]
    assert 2 * rates[1] < 50


def test_reactions_are_put_and_removed_within_one_limit() -> None:
    assert rest.reaction("1", "2", Emoji("🎉")).bucket == rest.reaction_removal("1", "2", Emoji("🎉")).bucket
