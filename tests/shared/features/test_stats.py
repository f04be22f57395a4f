"""/stats: what a server has paid, for those who may see it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra.fake_discord import openapi
from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL, DAVE
from shared.discord.reply import embed, ephemeral_message, message_payload
from shared.features import stats as stats_words
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
    assert "Nobody has earned anything in this period." in reply.text
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


# --- Words


WEEK = [{"day": f"2026-03-{day:02}", "rewards": 0, "rsnc": None} for day in range(9, 16)]
MONTH = [{"day": f"2026-03-{day:02}", "rewards": 0, "rsnc": None} for day in range(1, 32)]
MONTHS = [{"day": f"2026-{month:02}-01", "rewards": 0, "rsnc": None} for month in range(1, 13)]
DAYS: dict[str, list[dict[str, Any]]] = {
    "week": WEEK,
    "month": MONTH,
    "all": [{"day": None, "rewards": 0, "rsnc": None}, *MONTHS],
}
FACTS: dict[str, Any] = {
    "period": "week",
    "ends_at": "2026-03-10T12:00:00+00:00",
    "members": 1,
    "rewards": 2,
    "paid": 50,
    "taken_back": 0,
    "days": WEEK,
    "events": [{"event": "quest", "label": None, "rewards": 2, "rsnc": 50}],
    "top": [{"rank": 1, "user_id": "5", "value": 50}],
}


def chart(period: str, *amounts: float | None) -> list[str]:
    """The lines of a chart whose first days have these amounts."""
    days = [day | ({"rsnc": amounts[place]} if place < len(amounts) else {}) for place, day in enumerate(DAYS[period])]
    return stats_words.chart(FACTS | {"period": period, "days": days}).splitlines()


def test_what_was_taken_back_is_told_where_there_is_any() -> None:
    assert "**50 RSNC** distributed\n" in stats_words.stats_page(FACTS)
    taken = stats_words.stats_page(FACTS | {"taken_back": 12.5})
    assert "**37.5 RSNC** distributed (50 RSNC paid, 12.5 RSNC taken back)" in taken
    assert "**1 active member**, **2 rewards**" in taken
    assert "**-5 RSNC** distributed" in stats_words.stats_page(FACTS | {"taken_back": 55})


def test_a_week_in_which_everything_was_taken_back_has_no_top() -> None:
    assert "Top earners" not in stats_words.stats_page(FACTS | {"top": []})


def test_bars_are_as_long_as_their_share() -> None:
    assert chart("week", 100, 50, 25, 0.1, 0, -20, None) == [
        "Mon ████████████████ 100",
        "Tue ████████          50",
        "Wed ████              25",
        "Thu ▏                0.1",
        "Fri                    0",
        "Sat                  -20",
        "Sun                    -",
    ]


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(80, "█" * 10), (79, "█" * 9 + "▉"), (41, "█████▏"), (8, "█"), (4, "▌"), (0.001, "▏"), (0, ""), (-5, "")],
)
def test_a_bar(value: float, drawn: str) -> None:
    assert stats_words.bar(value, 80, 10) == drawn


def test_a_chart_where_more_was_taken_back_than_paid_has_no_bars() -> None:
    assert chart("week", -10.5, -2)[:2] == ["Mon                  -10.5", "Tue                     -2"]


def test_days_of_a_month_have_their_number_and_all_time_has_months() -> None:
    month = chart("month", 5)
    assert (len(month), month[0][:6], month[-1][:6]) == (31, "01 Sun", "31 Tue")
    assert [line[:8] for line in chart("all", None, None, 5)] == [f"{name} 2026" for name in MONTH_NAMES[1:]]
    assert chart("all", 3)[0].startswith("before   ████")


MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@pytest.mark.parametrize("period", DAYS)
@pytest.mark.parametrize("amount", [1, 1_234.56, 9_999_999_999.99, 10**14, -(10**14)])
def test_a_line_fits_a_phone(period: str, amount: float) -> None:
    assert max(map(len, chart(period, 1, amount, None))) <= 34


@given(
    st.sampled_from(list(DAYS)),
    st.floats(-1e20, 1e20) | st.integers(-(10**20), 10**20),
    st.text(max_size=500),
    st.text(max_size=500) | st.none(),
)
def test_the_page_fits_whatever_the_figures(period: str, amount: float, event: str, label: str | None) -> None:
    facts = FACTS | {"period": period, "members": 10**9, "rewards": 10**12, "paid": amount, "taken_back": amount}
    facts |= {"days": [day | {"rsnc": amount} for day in DAYS[period]]}
    facts |= {"events": [{"event": event, "label": label, "rewards": 10**12, "rsnc": amount}] * 5}
    facts |= {"top": [{"rank": rank, "user_id": "9" * 20, "value": amount} for rank in range(1, 6)]}
    page = stats_words.stats_page(facts)
    shown = ephemeral_message(message_payload(embeds=[embed(stats_words.stats_title(facts), page)]))
    openapi.check_reply(json.loads(json.dumps(shown)))
    assert shown["data"]["embeds"][0]["description"] == page
    assert page.count("```") == 2


def test_names_of_others_format_nothing() -> None:
    events = [{"event": "a_*b*`", "label": label, "rewards": 1, "rsnc": 1} for label in (None, "**x**```")]
    page = stats_words.stats_page(FACTS | {"events": events})
    assert r"a\_\*b\*\`: 1 time, 1 RSNC" in page
    assert r"\*\*x\*\*\`\`\`: 1 time" in page
