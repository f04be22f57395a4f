"""/daily: one check-in a day, told with everything that a member wants to know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL
from tests.shared.features.rows import assert_said, has_streak, labels, stamp
from tests.sql import DAY, Database

TOMORROW = datetime(2026, 3, 11, tzinfo=UTC)
LAST_MINUTE = TOMORROW + DAY - timedelta(minutes=1)
MESSAGE, UPDATE = 4, 7  # types of replies
pytestmark = pytest.mark.usefixtures("at_noon")


def test_the_first_check_in(server: Client, db: Database) -> None:
    reply = server.slash("daily", user=BOB)
    assert reply.ephemeral
    assert reply.text.splitlines() == [
        "Checked in",
        "You got **25 RSNC**!",
        "Your streak is **1 day**.",
        f"Check in again after {stamp(TOMORROW, 't')}, before {stamp(LAST_MINUTE, 'F')}, to keep your streak.",
        f"Check in every day, and you reach the 7-day bonus of 50 RSNC on {stamp(TOMORROW + 5 * DAY, 'D')}.",
        "Your total is now **25 RSNC**.",
    ]
    assert reply.components == []
    assert db.value("select current_streak from discord_user_streaks") == 1


def test_the_next_day_counts_on_and_pays_more(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 6)
    reply = server.slash("daily", user=BOB)
    assert "**31.25 RSNC**! (25 RSNC, streak of 7 days ×1.25)" in reply.text
    assert "Your streak is **7 days**" in reply.text
    assert "Streak bonuses that wait for you: 7 days (50 RSNC)." in reply.text
    assert labels(reply) == [("Claim 50 RSNC", False)]
    server.slash("streak claim", user=BOB)
    assert server.redeliver(reply).body == reply.body


def test_a_streak_that_is_over_begins_anew(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 6, last=3)
    reply = server.slash("daily", user=BOB)
    assert "**25 RSNC**!\nYour 6-day streak ended. A new one starts today: day 1.\n" in reply.text
    assert server.redeliver(reply).body == reply.body
    assert db.value("select longest_streak from discord_user_streaks") == 6


def test_a_single_day_was_no_streak_to_lose(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 1, last=3)
    assert "**25 RSNC**!\nYour streak is **1 day**.\n" in server.slash("daily", user=BOB).text


def test_the_button_checks_in_whoever_presses_it(server: Client, db: Database, rpc_calls: list[str]) -> None:
    has_streak(db, server, BOB, 6)
    balance = server.slash("balance", user=BOB)
    assert labels(balance) == [("Check in", False)]
    rpc_calls.clear()
    done = balance.click("Check in")
    assert rpc_calls == ["check_in"]
    assert done.kind == UPDATE  # of the private message, whose button is gone with it
    assert "You got **31.25 RSNC**!" in done.text
    assert labels(done) == [("Claim 50 RSNC", False)]
    assert server.redeliver(done).body == done.body
    again = balance.click("Check in")
    assert again.kind == MESSAGE
    assert_said(again)
    assert again.text.startswith(
        "You have already checked in today. Your streak is **7 days**. The next check-in opens"
    )
    assert "You got **25 RSNC**!" in balance.click("Check in", user=CAROL).text
    assert db.rows("select discord_user_id, amount from reward_ledger order by id") == [
        {"discord_user_id": BOB.id, "amount": Decimal("31.25")},
        {"discord_user_id": CAROL.id, "amount": 25},
    ]
    db.assert_books_agree(server.guild_id)


def test_a_button_of_yesterday_is_refused_like_the_command(server: Client, db: Database) -> None:
    balance = server.slash("balance", user=BOB)
    db.run("update monitoring_rules set is_enabled = false where event_type = 'daily_checkin'")
    assert balance.click("Check in").text == server.slash("daily", user=BOB).text
    assert db.value("select count(*) from reward_ledger") == 0


def test_once_a_day(server: Client, db: Database) -> None:
    first = server.slash("daily", user=BOB)
    again = server.slash("daily", user=BOB)
    assert "You have already checked in today" in again.text
    assert stamp(TOMORROW) in again.text
    assert server.redeliver(first).body == first.body
    assert db.value("select count(*) from reward_ledger") == 1


def test_everybody_has_a_streak_of_their_own(server: Client) -> None:
    server.slash("daily", user=BOB)
    assert "Checked in" in server.slash("daily", user=CAROL).text


def test_a_role_bonus_is_shown(server: Client, db: Database) -> None:
    bonus = Jsonb({"role_bonuses": {"77": {"multiplier": 2, "flat": 5}}})
    db.run("update discord_server_configs set config_metadata = %s", bonus)
    reply = server.interact(2, {"name": "daily"}, BOB, member=BOB.member() | {"roles": ["77"]})
    assert "**55 RSNC**! (25 RSNC, role ×2, role +5 RSNC)" in reply.text


def test_test_mode_says_so(server: Client, db: Database) -> None:
    settings = {"test_mode": {"enabled": True, "role": "1"}}
    db.run("update discord_server_configs set config_metadata = %s", Jsonb(settings))
    reply = server.slash("daily", user=BOB)
    assert reply.ephemeral
    assert "Test mode is on" in reply.text
    assert db.value("select count(*) from reward_ledger") == 0


def test_an_excluded_channel_says_so(server: Client, db: Database) -> None:
    settings = {"excluded_channels": [server.channel_id]}
    db.run("update discord_server_configs set config_metadata = %s", Jsonb(settings))
    assert "Rewards are off in this channel" in server.slash("daily", user=BOB).text
    assert "Checked in" in replace(server, channel_id="620000000000000001").slash("daily", user=BOB).text


def test_a_paused_member_is_told_why(server: Client, db: Database) -> None:
    db.run(
        "insert into disabled_members (server_id, discord_user_id, reason, disabled_by) "
        "values (%s, %s, 'too *many* accounts', %s)",
        server.guild_id,
        BOB.id,
        ADMIN.id,
    )
    assert r"too \*many\* accounts" in server.slash("daily", user=BOB).text


def test_a_server_that_is_not_connected_says_so(discord: Client) -> None:
    reply = discord.slash("daily", user=BOB)
    assert reply.ephemeral
    assert "not connected" in reply.text


def test_an_admin_is_a_member_too(server: Client) -> None:
    assert "Checked in" in server.slash("daily", user=ADMIN).text
