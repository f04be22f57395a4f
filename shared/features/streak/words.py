"""Streaks and their bonuses (milestones) in words."""

from shared.format import amount, count, date, last_minute, number, time_of_day, truncate_lines
from shared.interactions.outcomes import Facts


def current_streak(streak: int, *, is_own: bool = True) -> str:
    """How long a streak is."""
    if is_own:
        return f"Your streak is **{count(streak, 'day')}**." if streak else "You have no streak at the moment."
    return f"Their streak is **{count(streak, 'day')}**." if streak else "They have no streak at the moment."


def current_and_longest(facts: Facts, *, is_own: bool) -> str:
    """How long a streak is, and the longest one if that was longer."""
    current = current_streak(facts["streak"], is_own=is_own)
    if facts["longest"] <= facts["streak"]:
        return current
    longest = count(facts["longest"], "day")
    return f"{current} Your longest was {longest}." if is_own else f"{current} Their longest was {longest}."


def check_in_again(facts: Facts) -> str:
    """From when to when the next check-in keeps the streak."""
    opens, ends = time_of_day(facts["next_at"]), last_minute(facts["deadline"])
    return f"Check in again after {opens}, before {ends}, to keep your streak."


def milestones_list(milestones: list[Facts]) -> str:
    """Milestones in a row: 7 days (50 RSNC), 30 days (200 RSNC)."""
    written = [f"{count(m['days'], 'day')} ({amount(m['reward'])})" for m in milestones]
    return ", ".join(truncate_lines(written, 1_000))


def next_milestone(facts: Facts) -> str:
    """When the next milestone can be reached; empty where there is none."""
    following = facts.get("next_milestone")
    if not following:
        return ""
    days, reward = number(following["days"]), amount(following["reward"])
    if not facts.get("reached_at"):
        return f"Check in today, and you reach the {days}-day bonus of {reward}."
    return f"Check in every day, and you reach the {days}-day bonus of {reward} on {date(facts['reached_at'])}."


def waiting_milestones(facts: Facts) -> str:
    """Which milestones are reached and not taken; empty where there are none."""
    milestones = milestones_list(facts.get("milestones") or [])
    return f"Streak bonuses that wait for you: {milestones}." if milestones else ""
