"""What streaks pay where a server has set nothing, through everything that reads it."""

import pytest

from tests.sql import ADMIN, BOB, NOON, Database, Row

TIERS = [(3, 1.1), (7, 1.25), (14, 1.5), (30, 2.0)]
MILESTONES = [(7, 50), (30, 200), (100, 1000), (365, 5000)]

# A streak on either side of each tier, and the multiplier.
MULTIPLIERS = {1: 1.0, 2: 1.0, 3: 1.1, 6: 1.1, 7: 1.25, 13: 1.25, 14: 1.5, 29: 1.5, 30: 2.0, 400: 2.0}


@pytest.fixture
def member(seeded: Database) -> Database:
    """A server without settings, where everything pays 10."""
    seeded.add_event("daily_checkin", 10)
    return seeded


def facts(days: int, reward: float) -> Row:
    """A milestone as people read it."""
    return {"days": days, "reward": reward}


@pytest.mark.parametrize(("streak", "multiplier"), MULTIPLIERS.items())
def test_a_drop_pays_by_the_tier_and_the_view_says_so(member: Database, streak: int, multiplier: float) -> None:
    member.add_streak(BOB.user_id, streak)
    assert member.call("get_streak", BOB, now=NOON)["multiplier"] == multiplier
    claimed = member.call("claim_drop", BOB, drop_id=member.add_drop(), now=NOON)
    assert (claimed["streak_multiplier"], claimed["amount"]) == (multiplier, 10 * multiplier)


@pytest.mark.parametrize(("streak", "multiplier"), MULTIPLIERS.items())
def test_a_check_in_pays_by_the_tier_that_it_reaches(member: Database, streak: int, multiplier: float) -> None:
    member.add_streak(BOB.user_id, streak - 1)
    checked_in = member.call("check_in", BOB, now=NOON)
    assert (checked_in["streak"], checked_in["amount"]) == (streak, 10 * multiplier)


def test_the_settings_show_them(member: Database) -> None:
    shown = member.call("get_settings", ADMIN)["after"]
    assert [(tier["days"], tier["multiplier"]) for tier in shown["tiers"]] == TIERS
    assert [(milestone["days"], milestone["reward"]) for milestone in shown["milestones"]] == MILESTONES


@pytest.mark.parametrize("reached", range(len(MILESTONES)))
def test_the_view_and_the_claim_of_each_milestone(member: Database, reached: int) -> None:
    days, reward = MILESTONES[reached]
    member.add_streak(BOB.user_id, days)
    seen = member.call("get_streak", BOB, now=NOON)
    assert seen["milestones"] == [facts(*each) for each in MILESTONES[: reached + 1]]
    assert seen["next_milestone"] == next((facts(*each) for each in MILESTONES[reached + 1 :]), None)
    assert member.call("claim_milestone", BOB, days=days, now=NOON)["amount"] == reward


def test_a_day_too_early_is_told_what_there_is(member: Database) -> None:
    member.add_streak(BOB.user_id, 364)
    refused = member.call("claim_milestone", BOB, days=365, now=NOON)
    assert (refused["outcome"], refused["reward"]) == ("milestone_not_reached", 5000)
    unknown = member.call("claim_milestone", BOB, days=8, now=NOON)
    assert unknown["milestones"] == [facts(*each) for each in MILESTONES]
