"""The figures of a server, and a chart that fits a phone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared.text import stats

from infra.fake_discord import openapi
from shared.discord.reply import embed, message_payload, private_message

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
    return stats.chart(FACTS | {"period": period, "days": days}).splitlines()


def test_what_was_taken_back_is_told_where_there_is_any() -> None:
    assert "**50 RSNC** distributed\n" in stats.stats(FACTS)
    taken = stats.stats(FACTS | {"taken_back": 12.5})
    assert "**37.5 RSNC** distributed (50 RSNC paid, 12.5 RSNC taken back)" in taken
    assert "**1 active member**, **2 rewards**" in taken
    assert "**-5 RSNC** distributed" in stats.stats(FACTS | {"taken_back": 55})


def test_a_week_in_which_everything_was_taken_back_has_no_top() -> None:
    assert "Top earners" not in stats.stats(FACTS | {"top": []})


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
    assert stats.bar(value, 80, 10) == drawn


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
    page = stats.stats(facts)
    shown = private_message(message_payload(embeds=[embed(stats.stats_title(facts), page)]))
    openapi.check_reply(json.loads(json.dumps(shown)))
    assert shown["data"]["embeds"][0]["description"] == page
    assert page.count("```") == 2


def test_names_of_others_format_nothing() -> None:
    events = [{"event": "a_*b*`", "label": label, "rewards": 1, "rsnc": 1} for label in (None, "**x**```")]
    page = stats.stats(FACTS | {"events": events})
    assert r"a\_\*b\*\`: 1 time, 1 RSNC" in page
    assert r"\*\*x\*\*\`\`\`: 1 time" in page
