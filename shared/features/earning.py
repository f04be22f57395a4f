"""What every way to earn tells: how to begin, and how an amount came about."""

from shared.format import amount, count, number
from shared.interactions.outcomes import Facts

HOW_TO_EARN = "Check in with `/daily`, press the button of a drop, or see `/cooldowns` for what you can take."


def breakdown(facts: Facts) -> str:
    """How an amount came about: (10 RSNC, streak of 7 days ×1.25, role ×2). Empty where no bonus played a part."""
    parts = [
        f"streak of {count(facts['streak'], 'day')} ×{number(facts['streak_multiplier'])}"
        if facts["streak_multiplier"] > 1
        else "",
        f"role ×{number(facts['role_multiplier'])}" if facts["role_multiplier"] > 1 else "",
        f"role +{amount(facts['flat'])}" if facts["flat"] > 0 else "",
    ]
    bonuses = [part for part in parts if part]
    return f"({', '.join([amount(facts['base']), *bonuses])})" if bonuses else ""
