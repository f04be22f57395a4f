"""Streaks and their bonuses (milestones) in words."""

from shared.format import amount, count, number, truncate_lines
from shared.interactions.outcomes import Facts


def current_streak(streak: int, *, is_own: bool = True) -> str:
    """How long a streak is, without the full stop."""
    if not streak:
        return f"{'You' if is_own else 'They'} have no streak at the moment"
    return f"{'Your' if is_own else 'Their'} streak is **{count(streak, 'day')}**"


def current_and_longest(facts: Facts, *, is_own: bool) -> str:
    """How long a streak is, and the longest one if that was longer; without the full stop."""
    longest = f", the longest was {count(facts['longest'], 'day')}" if facts["longest"] > facts["streak"] else ""
    return f"{current_streak(facts['streak'], is_own=is_own)}{longest}"


def milestones_list(milestones: list[Facts]) -> str:
    """Milestones in a row: 7 days (50 RSNC), 30 days (200 RSNC)."""
    written = [f"{count(m['days'], 'day')} ({amount(m['reward'])})" for m in milestones]
    return ", ".join(truncate_lines(written, 1_000))


def next_milestone(facts: Facts) -> str:
    """How far it is to the next milestone; empty where there is none."""
    following = facts.get("next_milestone")
    if not following:
        return ""
    days = following["days"] - facts["streak"]
    return f"{count(days, 'more day')} to the {number(following['days'])}-day bonus of {amount(following['reward'])}. "


def waiting_milestones(facts: Facts) -> str:
    """Which milestones are reached and not taken; empty where there are none."""
    milestones = milestones_list(facts["milestones"])
    return f"Waiting for you: the bonus for {milestones}. Take it with `/streak claim`." if milestones else ""
