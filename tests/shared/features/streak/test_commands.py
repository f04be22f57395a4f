"""/streak: how long it is, what it pays once, and whose is the longest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ALICE, BOB, CAROL
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, has_streak, labels, pressed, stamp
from tests.sql import DAY, Database

MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)  # of today
MINUTE = timedelta(minutes=1)
UPDATE = 7  # a type of reply
pytestmark = pytest.mark.usefixtures("at_noon")


# --- View


def test_no_streak_yet_says_how_to_begin(server: Client, rpc_calls: list[str]) -> None:
    reply = server.slash("streak view", user=BOB)
    assert rpc_calls[-1:] == ["get_streak"]
    assert reply.ephemeral
    assert reply.text.splitlines() == [
        "🔥 Your streak",
        "You have no streak at the moment.",
        "Check in today to begin one.",
        f"Check in every day, and you reach the 7-day bonus of 50 RSNC on {stamp(MIDNIGHT + 6 * DAY, 'D')}.",
    ]
    assert labels(reply) == [("Check in", False)]


def test_a_streak_that_waits_for_today(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 6)
    assert server.slash("streak view", user=BOB).text.splitlines()[1:] == [
        "Your streak is **6 days**.",
        "It multiplies your rewards: ×1.1.",
        f"Check in before {stamp(MIDNIGHT + DAY - MINUTE, 'F')} to keep your streak.",
        "Check in today, and you reach the 7-day bonus of 50 RSNC.",
    ]


def test_after_a_check_in_it_agrees_with_daily(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 6)
    assert "Your streak is **7 days**" in server.slash("daily", user=BOB).text
    reply = server.slash("streak view", user=BOB)
    opens, ends = stamp(MIDNIGHT + DAY, "t"), stamp(MIDNIGHT + 2 * DAY - MINUTE, "F")
    assert reply.text.splitlines()[1:] == [
        "Your streak is **7 days**.",
        "It multiplies your rewards: ×1.25.",
        f"Check in again after {opens}, before {ends}, to keep your streak.",
        f"Check in every day, and you reach the 30-day bonus of 200 RSNC on {stamp(MIDNIGHT + 23 * DAY, 'D')}.",
        "Streak bonuses that wait for you: 7 days (50 RSNC).",
    ]
    assert labels(reply) == [("Claim 50 RSNC", False)]


def test_what_can_be_missed_comes_before_what_waits(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 30)
    view = server.slash("streak view", user=BOB)
    assert labels(view) == [("Check in", False)]
    done = view.click("Check in")
    assert labels(done) == [("Claim 50 RSNC", False)]
    claimed = done.click("Claim 50 RSNC")
    assert labels(claimed) == [("Claim 200 RSNC", False)]
    assert claimed.click("Claim 200 RSNC").components == []
    assert [row["amount"] for row in db.rows("select amount from reward_ledger order by id")] == [50, 50, 200]
    db.assert_books_agree(server.guild_id)


def test_a_streak_that_is_over_is_not_shown_as_alive(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 40, last=3)
    text = server.slash("streak view", user=BOB).text
    said = "You have no streak at the moment. Your longest was 40 days.\nCheck in today to begin one."
    assert said in text
    assert "7 days (50 RSNC), 30 days (200 RSNC)" in text


# --- Claim


def test_the_bonuses_are_taken_one_by_one(server: Client, db: Database, rpc_calls: list[str]) -> None:
    has_streak(db, server, BOB, 30)
    rpc_calls.clear()
    first = server.slash("streak claim", user=BOB)
    assert rpc_calls == ["claim_milestone"]
    assert first.ephemeral
    assert first.text.splitlines() == [
        "Streak bonus",
        "You got **50 RSNC** for a streak of 7 days!",
        "Streak bonuses that wait for you: 30 days (200 RSNC).",
        "Your total is now **50 RSNC**.",
    ]
    assert labels(first) == [("Claim 200 RSNC", False)]
    second = server.slash("streak claim", user=BOB)
    assert second.text.splitlines()[1:] == [
        "You got **200 RSNC** for a streak of 30 days!",
        "Your total is now **250 RSNC**.",
    ]
    none = server.slash("streak claim", user=BOB)
    assert "No streak bonus is waiting for you. Check in every day, and you reach the 100-day bonus" in none.text
    assert server.redeliver(first).body == first.body
    assert server.redeliver(second).body == second.body
    assert db.rows("select event_type, amount, source, reference from reward_ledger order by id") == [
        {"event_type": "streak_milestone:7", "amount": 50, "source": "milestone", "reference": "7"},
        {"event_type": "streak_milestone:30", "amount": 200, "source": "milestone", "reference": "30"},
    ]
    db.assert_books_agree(server.guild_id)


def test_the_button_pays_the_bonus_that_it_names_once(server: Client, db: Database, rpc_calls: list[str]) -> None:
    has_streak(db, server, BOB, 30, last=0)
    view = server.slash("streak view", user=BOB)
    rpc_calls.clear()
    paid = view.click("Claim 50 RSNC")
    assert rpc_calls == ["claim_milestone"]
    assert paid.kind == UPDATE
    assert server.redeliver(paid).body == paid.body
    again = view.click("Claim 50 RSNC")
    assert_said(again)
    assert again.text.startswith("You have the 7-day bonus already: you got **50 RSNC** <t:")
    other = view.click("Claim 50 RSNC", user=CAROL)
    assert_said(other)
    assert "needs a streak of 7 days" in other.text
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"streak": {"milestones": []}}))
    assert "There is no streak bonus for 7 days" in view.click("Claim 50 RSNC", user=CAROL).text
    assert [row["amount"] for row in db.rows("select amount from reward_ledger")] == [50]
    db.assert_books_agree(server.guild_id)


@pytest.mark.parametrize("custom_id", ["milestone", "milestone:", "milestone:seven", "milestone:0", "milestone:7:8"])
def test_a_button_that_was_made_by_hand_is_a_sentence(server: Client, custom_id: str) -> None:
    assert_said(pressed(server, custom_id, BOB))


def test_a_bonus_may_be_named(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 31)
    assert "**200 RSNC** for a streak of 30 days" in server.slash("streak claim", milestone=30, user=BOB).text
    at = db.value("select floor(extract(epoch from created_at))::bigint from reward_ledger")
    taken = server.slash("streak claim", milestone=30, user=BOB)
    assert taken.text == f"You have the 30-day bonus already: you got **200 RSNC** <t:{at}:R>."
    refused = server.slash("streak claim", milestone=100, user=BOB)
    needed = "The 100-day bonus of **1,000 RSNC** needs a streak of 100 days. Your streak is **31 days**."
    assert f"{needed} Check in every day, and you reach it on <t:" in refused.text
    assert db.value("select count(*) from reward_ledger") == 1


@pytest.mark.parametrize("days", [1, 8, 99_999])
def test_a_bonus_that_there_is_not_names_those_that_there_are(server: Client, db: Database, days: int) -> None:
    has_streak(db, server, BOB, 400)
    reply = server.slash("streak claim", milestone=days, user=BOB)
    assert_said(reply)
    assert "There is one for 7 days (50 RSNC), 30 days (200 RSNC), 100 days (1,000 RSNC), 365 days (5,000 RSNC)." in (
        reply.text
    )
    assert db.value("select count(*) from reward_ledger") == 0


def test_a_server_may_have_bonuses_of_its_own_or_none(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 5)
    settings = {"streak": {"milestones": [{"days": 2, "reward": 12.5}]}}
    db.run("update discord_server_configs set config_metadata = %s", Jsonb(settings))
    assert "**12.5 RSNC** for a streak of 2 days" in server.slash("streak claim", user=BOB).text
    assert "and there is none to come" in server.slash("streak claim", user=BOB).text
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"streak": {"milestones": []}}))
    assert "There is none at the moment" in server.slash("streak claim", milestone=2, user=CAROL).text


def test_what_is_excluded_for_all_rewards_is_for_bonuses_too(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 7)
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"excluded_channels": [server.channel_id]}))
    assert "Rewards are off in this channel" in server.slash("streak claim", user=BOB).text
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"test_mode": {"enabled": True}}))
    assert "Test mode is on" in server.slash("streak claim", user=BOB).text
    assert db.value("select count(*) from reward_ledger") == 0


@pytest.mark.parametrize("value", [*ODD_VALUES, 0, 100_001, "seven", 7.5], ids=lambda value: repr(value)[:20])
def test_an_odd_bonus_is_a_sentence(server: Client, db: Database, value: Any) -> None:
    assert_said(by_hand(server, "streak claim", BOB, milestone=value))
    assert_said(by_hand(server, "streak view", BOB, milestone=value))
    assert db.value("select count(*) from reward_ledger") == 0


# --- Leaderboard


def test_the_longest_living_streaks_come_first(server: Client, db: Database, rpc_calls: list[str]) -> None:
    has_streak(db, server, BOB, 6)
    has_streak(db, server, ALICE, 21)
    has_streak(db, server, CAROL, 99, last=3)
    rpc_calls.clear()
    reply = server.slash("streak leaderboard", user=CAROL)
    assert rpc_calls == ["get_leaderboard"]
    assert not reply.ephemeral
    assert reply.text.splitlines() == [
        "🔥 Current streaks",
        f"🥇 <@{ALICE.id}> 21 days",
        f"🥈 <@{BOB.id}> 6 days",
    ]
    own = reply.click("My rank")
    assert own.ephemeral
    assert "You are not on it yet. Check in with `/daily` to begin a streak." in own.text


@pytest.mark.parametrize("path", ["streak view", "streak claim", "streak leaderboard"])
def test_a_server_that_is_not_connected_says_so(discord: Client, path: str) -> None:
    reply = discord.slash(path, user=BOB)
    assert_said(reply)
    assert "not connected" in reply.text


@pytest.mark.parametrize("path", ["streak", "streak gone", "streak claim more"])
def test_a_subcommand_that_there_is_not_is_a_sentence(server: Client, path: str) -> None:
    assert_said(by_hand(server, path, BOB))
