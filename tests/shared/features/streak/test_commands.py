"""/streak: how long it is, what it pays once, and whose is the longest."""

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ALICE, BOB, CAROL
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, has_streak, stamp
from tests.sql import DAY, Database

MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)  # of today
pytestmark = pytest.mark.usefixtures("at_noon")


# --- View


def test_no_streak_yet_says_how_to_begin(server: Client, rpc_calls: list[str]) -> None:
    reply = server.slash("streak view", user=BOB)
    assert rpc_calls[-1:] == ["get_streak"]
    assert reply.ephemeral
    assert reply.text.splitlines() == [
        "You have no streak at the moment.",
        "Check in now with `/daily`.",
        "7 more days to the 7-day bonus of 50 RSNC.",
    ]


def test_a_streak_that_waits_for_today(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 6)
    assert server.slash("streak view", user=BOB).text.splitlines() == [
        "Your streak is **6 days**. It multiplies your rewards: ×1.1.",
        f"Check in now with `/daily`. Your streak ends {stamp(MIDNIGHT + DAY)} without it.",
        "1 more day to the 7-day bonus of 50 RSNC.",
    ]


def test_after_a_check_in_it_agrees_with_daily(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 6)
    assert "Your streak is **7 days**" in server.slash("daily", user=BOB).text
    assert server.slash("streak view", user=BOB).text.splitlines() == [
        "Your streak is **7 days**. It multiplies your rewards: ×1.25.",
        f"The next check-in opens {stamp(MIDNIGHT + DAY)}. Your streak ends {stamp(MIDNIGHT + 2 * DAY)} without it.",
        "23 more days to the 30-day bonus of 200 RSNC.",
        "Waiting for you: the bonus for 7 days (50 RSNC). Take it with `/streak claim`.",
    ]


def test_a_streak_that_is_over_is_not_shown_as_alive(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 40, last=3)
    text = server.slash("streak view", user=BOB).text
    assert text.startswith("You have no streak at the moment. Your longest was 40 days.\nCheck in now with `/daily`.")
    assert "7 days (50 RSNC), 30 days (200 RSNC)" in text


# --- Claim


def test_the_bonuses_are_taken_one_by_one(server: Client, db: Database, rpc_calls: list[str]) -> None:
    has_streak(db, server, BOB, 30)
    rpc_calls.clear()
    first = server.slash("streak claim", user=BOB)
    assert rpc_calls == ["claim_milestone"]
    assert first.ephemeral
    assert first.text.splitlines() == [
        "You got **50 RSNC** for a streak of 7 days!",
        "1 more is waiting: `/streak claim`.",
        "Your total is now **50 RSNC**.",
    ]
    second = server.slash("streak claim", user=BOB)
    assert second.text.splitlines() == [
        "You got **200 RSNC** for a streak of 30 days!",
        "Your total is now **250 RSNC**.",
    ]
    assert (
        "No streak bonus is waiting for you. 70 more days to the 100-day" in server.slash("streak claim", user=BOB).text
    )
    assert server.redeliver(first).body == first.body
    assert server.redeliver(second).body == second.body
    assert db.rows("select event_type, amount, source, reference from reward_ledger order by id") == [
        {"event_type": "streak_milestone:7", "amount": 50, "source": "milestone", "reference": "7"},
        {"event_type": "streak_milestone:30", "amount": 200, "source": "milestone", "reference": "30"},
    ]
    db.assert_books_agree(server.guild_id)


def test_a_bonus_may_be_named(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 31)
    assert "**200 RSNC** for a streak of 30 days" in server.slash("streak claim", milestone=30, user=BOB).text
    at = db.value("select floor(extract(epoch from created_at))::bigint from reward_ledger")
    taken = server.slash("streak claim", milestone=30, user=BOB)
    assert taken.text == f"You have the 30-day bonus already: you got **200 RSNC** <t:{at}:R>."
    refused = server.slash("streak claim", milestone=100, user=BOB)
    assert "The 100-day bonus of **1,000 RSNC** needs a streak of 100 days. Your streak is **31 days**" in (
        refused.text
    )
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
        "🔥 Longest streaks",
        f"🥇 <@{ALICE.id}> 21 days",
        f"🥈 <@{BOB.id}> 6 days",
        "",
        f"<@{CAROL.id}> is not on it yet. Check in with `/daily` to begin a streak.",
    ]


@pytest.mark.parametrize("path", ["streak view", "streak claim", "streak leaderboard"])
def test_a_server_that_is_not_connected_says_so(discord: Client, path: str) -> None:
    reply = discord.slash(path, user=BOB)
    assert_said(reply)
    assert "not connected" in reply.text


@pytest.mark.parametrize("path", ["streak", "streak gone", "streak claim more"])
def test_a_subcommand_that_there_is_not_is_a_sentence(server: Client, path: str) -> None:
    assert_said(by_hand(server, path, BOB))
