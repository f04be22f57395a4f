"""/stats: what a server has paid, for those who may see it."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL, DAVE
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, claimable, earned, stamp
from tests.sql import DAY, HOUR, NOON, Database

pytestmark = pytest.mark.usefixtures("at_noon")

END_OF_WEEK = NOON.replace(hour=0) + 6 * DAY  # NOON is a Tuesday


def test_by_default_it_is_this_week_for_the_admin_alone(server: Client, db: Database, rpc_calls: list[str]) -> None:
    claimable(db, server, label="A *quest*")
    earned(db, server, BOB, 1_000, NOON - DAY, event_type="quest")
    earned(db, server, CAROL, 34.5, event_type="quest")
    earned(db, server, CAROL, 50, event_type="streak_milestone:7")
    earned(db, server, CAROL, -34.5, NOON + HOUR, source="reversal", event_type="quest")
    earned(db, server, DAVE, 7, NOON - 8 * DAY)
    rpc_calls.clear()
    reply = server.slash("stats", user=ADMIN)
    assert rpc_calls == ["get_stats"]
    assert reply.ephemeral
    assert reply.data["allowed_mentions"] == {"parse": []}
    assert reply.text.splitlines() == [
        "Figures, this week",
        "**2 active members**, **3 rewards**",
        "**1,050 RSNC** distributed (1,084.5 RSNC paid, 34.5 RSNC taken back)",
        "",
        "**Top events**",
        r"A \*quest\*: 2 times, 1,000 RSNC",
        "7-day streak bonus: 1 time, 50 RSNC",
        "",
        "**Top earners**",
        f"**1.** <@{BOB.id}> 1,000 RSNC",
        f"**2.** <@{CAROL.id}> 50 RSNC",
        "",
        "**Day by day**, RSNC",
        "```",
        "Mon ████████████████ 1,000",
        "Tue ▊                   50",
        "Wed                      -",
        "Thu                      -",
        "Fri                      -",
        "Sat                      -",
        "Sun                      -",
        "```",
        f"This week ends {stamp(END_OF_WEEK)}.",
    ]


def test_a_month_and_all_time(server: Client, db: Database) -> None:
    earned(db, server, BOB, 5, NOON - 8 * DAY)
    earned(db, server, BOB, 10, NOON - 40 * DAY)
    month = server.slash("stats", user=ADMIN, period="month").text
    assert "Figures, this month" in month
    assert "02 Mon ████████████████ 5" in month
    assert "10 Tue                  -" in month
    everything = server.slash("stats", user=ADMIN, period="all").text
    assert "Figures, all time" in everything
    assert everything.splitlines()[-4:] == [
        "Jan 2026 ████████████████ 10",
        "Feb 2026                   -",
        "Mar 2026 ████████          5",
        "```",
    ]


@pytest.mark.parametrize("period", ["week", "month", "all"])
def test_nothing_yet_is_said_nicely(server: Client, db: Database, period: str) -> None:
    earned(db, server, BOB, 5, server_id="1")
    reply = server.slash("stats", user=ADMIN, period=period)
    assert "Nobody has earned anything in this time." in reply.text
    assert "```" not in reply.text


def test_a_viewer_may_and_a_member_may_not(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {"5": 1}}))
    assert "Figures" in server.slash("stats", user=replace(BOB, roles=("5",))).text
    refused = server.slash("stats", user=BOB)
    assert_said(refused)
    assert "This needs the level **viewer**" in refused.text


def test_a_command_that_is_delivered_twice_is_answered_the_same(server: Client, db: Database) -> None:
    earned(db, server, BOB, 5)
    reply = server.slash("stats", user=ADMIN)
    assert server.redeliver(reply).body == reply.body


def test_a_server_that_is_not_connected_says_so(discord: Client) -> None:
    reply = discord.slash("stats", user=ADMIN)
    assert_said(reply)
    assert "not connected" in reply.text


@pytest.mark.parametrize("value", ["day", "ALL", *ODD_VALUES], ids=lambda value: repr(value)[:20])
def test_a_period_that_there_is_not_is_a_sentence(server: Client, value: Any) -> None:
    reply = by_hand(server, "stats", ADMIN, period=value)
    if value is None:
        assert "Figures, this week" in reply.text
        return
    assert_said(reply)
