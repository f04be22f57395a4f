"""What fills a page fits it, whatever other programs wrote into the tables."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import openapi
from shared.commands import history
from shared.registry import registration
from shared.reply import embed, message_payload, private_message
from shared.text import pages

AT = "2026-03-10T12:00:00+00:00"
ENTRY = {
    "amount": 27.5,
    "source": "daily",
    "event": "Daily check-in",
    "reference": "2026-03-10",
    "reason": None,
    "at": AT,
    "balance": 1234.5,
}
COOLDOWNS: dict[str, Any] = {"daily": None, "ready": [], "waiting": [], "used_up": []}
BOARD: dict[str, Any] = {
    "type": "rsnc_earned",
    "period": "all",
    "asked_period": "all",
    "ends_at": None,
    "top": [{"rank": 1, "user_id": "5", "value": 1234.5}],
    "own": None,
}


# --- The history


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Daily check-in"),
        ({"source": "drop", "event": "Quest"}, "Drop: Quest"),
        ({"source": "claim", "event": "Welcome bonus"}, "Welcome bonus"),
        ({"source": "milestone", "event": "streak_milestone:7", "reference": "7"}, "7-day streak bonus"),
        ({"source": "grant", "event": "Quest", "reason": "well *done*"}, r"Reward: Quest (well \*done\*)"),
        ({"source": "activity", "event": "Chat"}, "Activity: Chat"),
        ({"source": "reversal", "event": "Quest", "reason": "twice"}, "Taken back: Quest (twice)"),
        ({"source": "reversal", "event": "streak_milestone:7"}, "Taken back: 7-day streak bonus"),
        ({"source": "claim", "event": "a_quest"}, r"a\_quest"),
        ({"source": "drop", "event": "{event} {0}"}, "Drop: {event} {0}"),
    ],
)
def test_a_line_of_the_history_says_what_for(facts: dict[str, Any], said: str) -> None:
    line = pages.history_line(ENTRY | facts)
    assert line == f"**+27.5 RSNC** {said}, <t:1773144000:R>, total 1,234.5 RSNC"


def test_every_source_of_the_ledger_is_worded() -> None:
    for source in ("daily", "drop", "claim", "milestone", "grant", "activity", "reversal"):
        assert "RSNC" in pages.history_line(ENTRY | {"source": source})


def test_what_was_taken_back_has_a_minus() -> None:
    assert pages.history_line(ENTRY | {"amount": -50, "balance": -12.25}).startswith("**-50 RSNC**")
    assert pages.history_line(ENTRY | {"balance": -12.25}).endswith("total -12.25 RSNC")


@given(st.text(max_size=5_000), st.text(max_size=5_000))
def test_a_page_of_the_history_fits(event: str, reason: str) -> None:
    entry = ENTRY | {"source": "grant", "event": event, "reason": reason, "amount": 1e12, "balance": 1e14}
    result = {"entries": [entry] * 5, "page": 2, "pages": 7}
    shown = history.render(result, "5" * 20)
    openapi.check_reply(json.loads(json.dumps(private_message(shown))))
    assert shown["embeds"][0]["description"].count("total 100,000,000,000,000 RSNC") == 5


def test_buttons_are_grey_where_there_is_no_page() -> None:
    def disabled(page: int, number: int) -> list[bool]:
        rows = history.render({"entries": [ENTRY], "page": page, "pages": number}, "5")["components"]
        return [button["disabled"] for row in rows for button in row["components"]]

    assert disabled(1, 1) == []
    assert disabled(1, 3) == [True, False]
    assert disabled(2, 3) == [False, False]
    assert disabled(3, 3) == [False, True]


# --- Cooldowns


def test_nothing_to_take_is_said() -> None:
    assert "Look out for drops" in pages.cooldowns(COOLDOWNS)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=300), st.none() | st.text(max_size=3_000)), max_size=200))
def test_cooldowns_fit(names: list[tuple[str, str | None]]) -> None:
    events = [{"event": event, "label": label, "reward": 1, "retry_at": AT, "limit": 1} for event, label in names]
    page = pages.cooldowns(
        {"daily": {"next_at": AT, "streak": 3}, "ready": events, "waiting": events, "used_up": events}
    )
    shown = embed(pages.COOLDOWNS_TITLE, page)
    assert shown["description"] == page
    openapi.check_reply(json.loads(json.dumps(private_message(message_payload(embeds=[shown])))))


# --- Leaderboards


def test_every_choice_has_a_name_and_a_board() -> None:
    (command,) = (c for c in registration() if c["name"] == "leaderboard")
    types, periods = ({choice["value"] for choice in option["choices"]} for option in command["options"])
    assert types == set(pages.BOARDS)
    assert periods == set(pages.PERIODS)


@pytest.mark.parametrize(
    ("board", "written"),
    [
        ("rsnc_earned", "1,234.5 RSNC"),
        ("claims", "1,234.5 claims"),
        ("streak", "1,234.5 days"),
        ("messages", "1,234.5 messages"),
        ("voice", "1,234.5 minutes"),
        ("reactions", "1,234.5 reactions received"),
    ],
)
def test_a_value_has_its_unit(board: str, written: str) -> None:
    assert pages.leaderboard(BOARD | {"type": board}, "5") == f"🥇 <@5> {written} (you)"


def test_the_first_three_have_medals_and_the_others_numbers() -> None:
    top = [{"rank": rank, "user_id": str(rank), "value": 20 - rank} for rank in range(1, 11)]
    lines = pages.leaderboard(BOARD | {"top": top}, "4").splitlines()
    assert [line.split()[0] for line in lines] == ["🥇", "🥈", "🥉", *(f"**{rank}.**" for rank in range(4, 11))]
    assert [line for line in lines if "(you)" in line] == ["**4.** <@4> 16 RSNC (you)"]


def test_who_is_below_the_ten_stands_below_them() -> None:
    assert pages.leaderboard(BOARD | {"own": {"rank": 1_014, "value": 2.25}}, "9").splitlines() == [
        "🥇 <@5> 1,234.5 RSNC",
        "",
        "**1,014.** <@9> 2.25 RSNC (you)",
    ]


@pytest.mark.parametrize("board", list(pages.BOARDS))
def test_who_is_not_on_it_is_told_how_to_get_there(board: str) -> None:
    hint = pages.BOARDS[board].hint
    assert pages.leaderboard(BOARD | {"type": board}, "9").endswith(f"You are not on it yet. {hint}")
    assert pages.leaderboard(BOARD | {"type": board, "top": []}, "9") == f"Nobody is on it yet. {hint}"


def test_a_window_tells_when_it_ends() -> None:
    facts = BOARD | {"period": "week", "asked_period": "week", "ends_at": AT}
    assert pages.leaderboard_title(facts) == "Most RSNC earned, this week"
    assert pages.leaderboard(facts, "5").endswith("This week ends <t:1773144000:R>.")
    assert pages.leaderboard_title(BOARD) == "Most RSNC earned, all time"


def test_what_has_no_windows_says_so_only_when_one_was_asked_for() -> None:
    facts = BOARD | {"type": "voice"}
    assert pages.leaderboard_title(facts) == "Most time in voice"
    assert "in total only" not in pages.leaderboard(facts, "5")
    assert "in total only" in pages.leaderboard(facts | {"asked_period": "month"}, "5")


# --- Help


@given(st.lists(st.tuples(st.text("abc ", min_size=1, max_size=20), st.text(min_size=1, max_size=100)), max_size=120))
def test_help_fits_and_leaves_no_command_out(commands: list[tuple[str, str]]) -> None:
    page = pages.help_page(commands)
    assert len(page) <= pages.HELP_LIMIT
    assert all(f"`/{path}`" in page for path, _ in commands)
