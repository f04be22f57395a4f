"""How long a streak is, and what comes next, in words."""

from typing import Any

import pytest

from shared.features.balance import balance_page
from shared.features.daily import checked_in_page
from shared.features.streak.claim import claimed_page
from shared.features.streak.commands import streak_page
from shared.features.streak.words import next_milestone
from tests.shared.features.rows import sentence_of
from tests.shared.features.test_refusals import AT, REFUSED


def test_a_milestone_that_can_be_reached_today_says_so() -> None:
    today = REFUSED | {"reached_at": None, "streak": 6}
    assert sentence_of("milestone_not_reached", today).endswith("Check in today, and you reach it.")
    assert sentence_of("no_milestone", today).endswith("Check in today, and you reach the 7-day bonus of 50 RSNC.")


def test_no_milestone_to_come_promises_none() -> None:
    said = sentence_of("no_milestone", REFUSED | {"next_milestone": None, "reached_at": None})
    assert said == "No streak bonus is waiting for you, and there is none to come."


STREAK: dict[str, Any] = {
    "streak": 0,
    "longest": 0,
    "multiplier": 1.0,
    "is_open": True,
    "next_at": None,
    "deadline": None,
    "next_milestone": None,
    "reached_at": None,
    "milestones": [],
}
NONE = "You have no streak at the moment."


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, f"{NONE}\nCheck in today to begin one."),
        ({"streak": 1, "longest": 1}, "Your streak is **1 day**.\n"),
        ({"milestones": [{"days": 7.5, "reward": 50}]}, "Streak bonuses that wait for you: 7.5 days (50 RSNC)."),
        (
            {"streak": 2, "next_milestone": {"days": 7, "reward": 50}, "reached_at": AT},
            "Check in every day, and you reach the 7-day bonus of 50 RSNC on <t:1773144000:D>.",
        ),
        ({"streak": 2, "multiplier": 1.1}, "It multiplies your rewards: ×1.1."),
        ({"streak": 2, "deadline": AT}, "Check in before <t:1773143940:F> to keep your streak."),
        ({"is_open": False}, f"{NONE}\nThe daily check-in is closed at the moment."),
        (
            {"is_open": False, "streak": 2, "deadline": AT},
            "The daily check-in is closed at the moment. Your streak ends <t:1773144000:R>.",
        ),
        ({"streak": 2, "next_at": AT}, "The next check-in opens <t:1773144000:R>."),
    ],
)
def test_a_streak_says_what_to_do_for_it(facts: dict[str, Any], said: str) -> None:
    assert said in streak_page(STREAK | facts)


def test_no_streak_is_no_streak_of_0_days() -> None:
    nothing = REFUSED | {"streak": 0, "longest": 0, "member_id": "5", "total": 0, "rank": None}
    for outcome in ("milestone_not_reached", "already_checked_in"):
        assert NONE in sentence_of(outcome, nothing)
    assert balance_page(nothing, is_own=True).endswith(f"\n{NONE}")
    others = balance_page(nothing | {"longest": 8}, is_own=False)
    assert others.endswith("\nThey have no streak at the moment. Their longest was 8 days.")


def test_very_many_milestones_fit_a_message() -> None:
    milestones = [{"days": 10**6 + number, "reward": 10**9} for number in range(500)]
    facts = STREAK | {"milestones": milestones, "days": 8}
    assert len(streak_page(facts)) < 2_000
    assert len(sentence_of("milestone_unknown", facts)) < 2_000


def test_the_next_milestone_has_one_date() -> None:
    facts = {"streak": 6, "next_milestone": {"days": 7, "reward": 50}, "reached_at": None}
    assert next_milestone(facts) == "Check in today, and you reach the 7-day bonus of 50 RSNC."
    assert next_milestone({"streak": 400, "next_milestone": None}) == ""


def test_a_receipt_of_the_previous_release_is_told_without_what_it_lacks() -> None:
    paid = {
        "amount": 25,
        "balance": 50,
        "base": 25,
        "streak": 1,
        "streak_multiplier": 1,
        "role_multiplier": 1,
        "flat": 0,
    }
    checked_in = checked_in_page(paid | {"next_at": AT, "deadline": AT, "next_milestone": None})
    assert checked_in.splitlines()[:2] == ["You got **25 RSNC**!", "Your streak is **1 day**."]
    assert claimed_page(paid | {"days": 7, "more": 1}).splitlines() == [
        "You got **25 RSNC** for a streak of 7 days!",
        "Your total is now **50 RSNC**.",
    ]
