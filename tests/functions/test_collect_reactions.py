"""collect_reactions: who has reacted is paid once, by the same guarded payment as a click, on messages of ours too."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE
from infra.local.keys import Keys
from infra.local.runtime import Context
from shared.discord import rest
from shared.discord.emoji import Emoji
from tests.functions.reaction_drops import PARTY, Collect, Make, asked, invalid
from tests.reactions import members
from tests.sql import Database

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
    work = functions.expire_drops.ExpireRun.work

    def noted(run: Any, sender: Any) -> None:
        work(run, sender)
        rates.append(sender.per_second)

    monkeypatch.setattr(functions.expire_drops.ExpireRun, "work", noted)
    functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    drop_on()
    functions.expire_drops.handler({}, Context("expire_drops", "test", 55))
    assert rates == [45, 22]
    assert 2 * rates[1] < 50


def test_reactions_are_put_and_removed_within_one_limit() -> None:
    assert rest.reaction("1", "2", Emoji("🎉")).bucket == rest.reaction_removal("1", "2", Emoji("🎉")).bucket
