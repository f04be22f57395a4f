"""/streak: how long it is, what comes next, and whose is the longest."""

from shared.discord.reply import MessagePayload, Reply, page
from shared.features.daily import check_in_button
from shared.features.leaderboard import show
from shared.features.streak.claim import claim_buttons
from shared.features.streak.words import check_in_again, current_and_longest, next_milestone, waiting_milestones
from shared.format import last_minute, moment, number
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import command, group

group("streak", "Your streak of daily check-ins")

TITLE = "🔥 Your streak"


@command("streak view")
def view(interaction: Interaction) -> Reply:
    """Show your streak, how long it lasts and what comes next."""
    return page_reply(interaction.rpc("get_streak"), "streak", render)


@command("streak leaderboard")
def leaderboard(interaction: Interaction) -> Reply:
    """Show the longest current streaks of this server."""
    return show(interaction, "streak", "all")


def render(facts: Facts) -> MessagePayload:
    """A streak with the button for what comes next: the check-in, as that can be missed, else a bonus that waits."""
    can_check_in = facts["is_open"] and not facts["next_at"]
    return page(TITLE, streak_page(facts), buttons=[check_in_button()] if can_check_in else claim_buttons(facts))


# --- Words


def streak_page(facts: Facts) -> str:
    """How long a streak is, what it is worth, and what to do for it."""
    lines = [
        current_and_longest(facts, is_own=True),
        f"It multiplies your rewards: ×{number(facts['multiplier'])}." if facts["multiplier"] > 1 else "",
        _next_check_in(facts),
        next_milestone(facts),
        waiting_milestones(facts),
    ]
    return "\n".join(filter(None, lines))


def _next_check_in(facts: Facts) -> str:
    """When to check in next, and when the streak ends without it."""
    if not facts["is_open"]:
        closed = "The daily check-in is closed at the moment."
        return f"{closed} Your streak ends {moment(facts['deadline'])}." if facts["deadline"] else closed
    if not facts["next_at"]:
        if not facts["deadline"]:
            return "Check in today to begin one."
        return f"Check in before {last_minute(facts['deadline'])} to keep your streak."
    return check_in_again(facts) if facts["deadline"] else f"The next check-in opens {moment(facts['next_at'])}."
