"""A leaderboard says who is ahead, where the member stands and how to get there."""

from typing import Any

import pytest
from shared.text import leaderboards

import shared.features  # noqa: F401  (declares the options)
from shared.interactions.registration import registration

AT = "2026-03-10T12:00:00+00:00"
BOARD: dict[str, Any] = {
    "type": "rsnc_earned",
    "period": "all",
    "asked_period": "all",
    "ends_at": None,
    "top": [{"rank": 1, "user_id": "5", "value": 1234.5}],
    "own": None,
}


def test_every_choice_has_a_name_and_a_board() -> None:
    (command,) = (c for c in registration() if c["name"] == "leaderboard")
    types, periods = ({choice["value"] for choice in option["choices"]} for option in command["options"])
    assert types == set(leaderboards.BOARDS)
    assert periods == set(leaderboards.PERIODS)


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
    assert leaderboards.leaderboard(BOARD | {"type": board}, "5") == f"🥇 <@5> {written} (you)"


def test_the_first_three_have_medals_and_the_others_numbers() -> None:
    top = [{"rank": rank, "user_id": str(rank), "value": 20 - rank} for rank in range(1, 11)]
    lines = leaderboards.leaderboard(BOARD | {"top": top}, "4").splitlines()
    assert [line.split()[0] for line in lines] == ["🥇", "🥈", "🥉", *(f"**{rank}.**" for rank in range(4, 11))]
    assert [line for line in lines if "(you)" in line] == ["**4.** <@4> 16 RSNC (you)"]


def test_who_is_below_the_ten_stands_below_them() -> None:
    assert leaderboards.leaderboard(BOARD | {"own": {"rank": 1_014, "value": 2.25}}, "9").splitlines() == [
        "🥇 <@5> 1,234.5 RSNC",
        "",
        "**1,014.** <@9> 2.25 RSNC (you)",
    ]


@pytest.mark.parametrize("board", list(leaderboards.BOARDS))
def test_who_is_not_on_it_is_told_how_to_get_there(board: str) -> None:
    hint = leaderboards.BOARDS[board].hint
    assert leaderboards.leaderboard(BOARD | {"type": board}, "9").endswith(f"\n\n<@9> is not on it yet. {hint}")
    assert leaderboards.leaderboard(BOARD | {"type": board, "top": []}, "9") == f"Nobody is on it yet. {hint}"


def test_a_window_tells_when_it_ends() -> None:
    facts = BOARD | {"period": "week", "asked_period": "week", "ends_at": AT}
    assert leaderboards.leaderboard_title(facts) == "Most RSNC earned, this week"
    assert leaderboards.leaderboard(facts, "5").endswith("This week ends <t:1773144000:R>.")
    assert leaderboards.leaderboard_title(BOARD) == "Most RSNC earned, all time"


def test_what_has_no_windows_says_so_only_when_one_was_asked_for() -> None:
    facts = BOARD | {"type": "voice"}
    assert leaderboards.leaderboard_title(facts) == "Most time in voice"
    assert "no weeks or months" not in leaderboards.leaderboard(facts, "5")
    assert "no weeks or months" in leaderboards.leaderboard(facts | {"asked_period": "month"}, "5")
