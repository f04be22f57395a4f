"""/streak: how long it is, the bonuses for it, and whose is the longest."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply
from shared.features.leaderboard import show
from shared.features.streak.words import current_streak, milestones_list, next_milestone, waiting_milestones
from shared.format import amount, count, moment, number
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.interactions.registry import command, group

group("streak", "Your streak of daily check-ins")

Milestone = Annotated[
    int, Field(description="Which bonus, by its days (7, 30, …); default: the first that waits", ge=1, le=100_000)
]


@command("streak view")
def view(interaction: Interaction) -> Reply:
    """Show your streak, how long it lasts and what comes next."""
    return outcome_reply(interaction.rpc("get_streak"))


@command("streak claim", pays=Pays.ONCE)
def claim(interaction: Interaction, milestone: Milestone | None = None) -> Reply:
    """Take the bonuses for long streaks, once each."""
    return outcome_reply(interaction.rpc("claim_milestone", days=milestone))


@command("streak leaderboard")
def leaderboard(interaction: Interaction) -> Reply:
    """Show the longest streaks of this server."""
    return show(interaction, "streak", "all")


# --- Sentences


def _streak(facts: Facts) -> str:
    lines = [_length(facts), _next_check_in(facts), next_milestone(facts).strip(), waiting_milestones(facts)]
    return "\n".join(filter(None, lines))


def _length(facts: Facts) -> str:
    """How long a member's streak is, and what it is worth."""
    longest = f" Your longest was {count(facts['longest'], 'day')}." if facts["longest"] > facts["streak"] else ""
    has_worth = facts["streak"] and facts["multiplier"] > 1
    worth = f" It multiplies your rewards: ×{number(facts['multiplier'])}." if has_worth else ""
    return f"{current_streak(facts['streak'])}.{worth}{longest}"


def _next_check_in(facts: Facts) -> str:
    """When to check in next, and when the streak ends without it."""
    if not facts["is_open"]:
        return "The daily check-in is closed at the moment."
    opens = (
        f"The next check-in opens {moment(facts['next_at'])}." if facts["next_at"] else "Check in now with `/daily`."
    )
    return f"{opens} Your streak ends {moment(facts['deadline'])} without it." if facts["deadline"] else opens


def _claimed(facts: Facts) -> str:
    more = f"{number(facts['more'])} more {'is' if facts['more'] == 1 else 'are'} waiting: `/streak claim`.\n"
    return (
        f"You got **{amount(facts['amount'])}** for a streak of {count(facts['days'], 'day')}!\n"
        f"{more if facts['more'] else ''}Your total is now **{amount(facts['balance'])}**."
    )


def _unknown(facts: Facts) -> str:
    others = f"There is one for {milestones_list(facts['milestones'])}." if facts["milestones"] else ""
    return (
        f"There is no streak bonus for {count(facts['days'], 'day')} in this server. "
        f"{others or 'There is none at the moment.'}"
    )


def _none_waiting(facts: Facts) -> str:
    if not facts["next_milestone"]:
        return "No streak bonus is waiting for you, and there is none to come."
    return f"No streak bonus is waiting for you. {next_milestone(facts)}{_reached_at(facts)}"


def _reached_at(facts: Facts) -> str:
    """When the streak can be long enough."""
    if facts["reached_at"]:
        return f"With `/daily` on every day you reach it {moment(facts['reached_at'])}."
    return "Check in today with `/daily`, and you reach it."


declare({"streak": _streak, "milestone_claimed": _claimed})
declare_refusals(
    {
        "milestone_unknown": _unknown,
        "milestone_not_reached": lambda f: (
            f"The {number(f['days'])}-day bonus of **{amount(f['reward'])}** needs a streak of "
            f"{count(f['days'], 'day')}. {current_streak(f['streak'])}. {_reached_at(f)}"
        ),
        "milestone_taken": lambda f: (
            f"You have the {number(f['days'])}-day bonus already: "
            f"you got **{amount(f['amount'])}** {moment(f['claimed_at'])}."
        ),
        "no_milestone": _none_waiting,
    }
)
