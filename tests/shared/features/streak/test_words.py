"""How long a streak is, and what comes next, in words."""

from typing import Any

import pytest

from shared.features.streak.words import next_milestone
from tests.shared.features.rows import sentence_of
from tests.shared.features.test_refusals import AT, REFUSED


def test_a_milestone_that_can_be_reached_today_says_so() -> None:
    today = REFUSED | {"reached_at": None, "streak": 6}
    for outcome in ("milestone_not_reached", "no_milestone"):
        assert sentence_of(outcome, today).endswith("Check in today with `/daily`, and you reach it.")


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
    "milestones": [],
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "You have no streak at the moment.\nCheck in now with `/daily`."),
        ({"streak": 1, "longest": 1}, "Your streak is **1 day**.\nCheck in now with `/daily`."),
        ({"milestones": [{"days": 7.5, "reward": 50}]}, "the bonus for 7.5 days (50 RSNC)"),
        ({"streak": 2, "next_milestone": {"days": 7, "reward": 50}}, "5 more days to the 7-day bonus of 50 RSNC."),
        ({"streak": 2, "multiplier": 1.1}, "It multiplies your rewards: ×1.1."),
        ({"streak": 2, "deadline": AT}, "Check in now with `/daily`. Your streak ends <t:1773144000:R> without it."),
        ({"is_open": False}, "You have no streak at the moment.\nThe daily check-in is closed at the moment."),
        ({"streak": 2, "next_at": AT}, "The next check-in opens <t:1773144000:R>."),
    ],
)
def test_a_streak_says_what_to_do_for_it(facts: dict[str, Any], said: str) -> None:
    assert said in sentence_of("streak", STREAK | facts)


def test_no_streak_is_no_streak_of_0_days() -> None:
    nothing = REFUSED | {"streak": 0, "longest": 0, "member_id": "5", "total": 0, "rank": None}
    for outcome in ("milestone_not_reached", "already_checked_in"):
        assert "You have no streak at the moment." in sentence_of(outcome, nothing)
    assert sentence_of("balance", nothing | {"is_own": True}).endswith("\nYou have no streak at the moment.")
    others = sentence_of("balance", nothing | {"is_own": False, "longest": 8})
    assert others.endswith("\nThey have no streak at the moment, the longest was 8 days.")


def test_very_many_milestones_fit_a_message() -> None:
    milestones = [{"days": 10**6 + number, "reward": 10**9} for number in range(500)]
    facts = STREAK | {"milestones": milestones, "days": 8}
    assert len(sentence_of("streak", facts)) < 2_000
    assert len(sentence_of("milestone_unknown", facts)) < 2_000


def test_how_far_it_is_to_the_next_milestone() -> None:
    facts = {"streak": 6, "next_milestone": {"days": 7, "reward": 50}}
    assert "1 more day to" in next_milestone(facts)
    assert "50 RSNC" in next_milestone(facts)
    assert next_milestone({"streak": 400, "next_milestone": None}) == ""
