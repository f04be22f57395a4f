"""/streak claim, and the button that does the same: the bonuses for long streaks."""

from typing import Annotated, Any

from pydantic import Field

from shared.discord.reply import MessagePayload, Reply, page, update
from shared.discord.reply import button as button_component
from shared.features.streak.words import current_streak, milestones_list, next_milestone, waiting_milestones
from shared.format import amount, count, date, moment, number
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.outcomes import Facts, declare_refusals, page_reply
from shared.interactions.registry import button, command

TITLE = "Streak bonus"

Milestone = Annotated[
    int, Field(description="Which bonus, by its days (7, 30, …); default: the first that waits", ge=1, le=100_000)
]


@command("streak claim", pays=Pays.ONCE)
def claim(interaction: Interaction, milestone: Milestone | None = None) -> Reply:
    """Take the bonuses for long streaks, once each."""
    return page_reply(interaction.rpc("claim_milestone", days=milestone), "milestone_claimed", render)


@button("milestone", pays=Pays.ONCE)
def press(interaction: Interaction, days: Milestone) -> Reply:
    """Take the bonus that a private message offers."""
    return page_reply(interaction.rpc("claim_milestone", days=days), "milestone_claimed", render, update)


def claim_buttons(facts: Facts) -> list[dict[str, Any]]:
    """The button for the first milestone that waits; none where none does."""
    first = (facts.get("milestones") or [])[:1]
    return [button_component(f"Claim {amount(bonus['reward'])}", press.custom_id(bonus["days"])) for bonus in first]


def render(facts: Facts) -> MessagePayload:
    """What was paid, with the button for the next one that waits."""
    return page(TITLE, claimed_page(facts), buttons=claim_buttons(facts))


# --- Words


def claimed_page(facts: Facts) -> str:
    """A bonus that was paid, and those that still wait."""
    lines = [
        f"You got **{amount(facts['amount'])}** for a streak of {count(facts['days'], 'day')}!",
        waiting_milestones(facts),
        f"Your total is now **{amount(facts['balance'])}**.",
    ]
    return "\n".join(filter(None, lines))


def _unknown(facts: Facts) -> str:
    missing = f"There is no streak bonus for {count(facts['days'], 'day')} in this server."
    if not facts["milestones"]:
        return f"{missing} There is none at the moment."
    return f"{missing} There is one for {milestones_list(facts['milestones'])}."


def _none_waiting(facts: Facts) -> str:
    if not facts["next_milestone"]:
        return "No streak bonus is waiting for you, and there is none to come."
    return f"No streak bonus is waiting for you. {next_milestone(facts)}"


def _not_reached(facts: Facts) -> str:
    needed = (
        f"The {number(facts['days'])}-day bonus of **{amount(facts['reward'])}** needs a streak of "
        f"{count(facts['days'], 'day')}. {current_streak(facts['streak'])}"
    )
    if facts["reached_at"]:
        return f"{needed} Check in every day, and you reach it on {date(facts['reached_at'])}."
    return f"{needed} Check in today, and you reach it."


declare_refusals(
    {
        "milestone_unknown": _unknown,
        "milestone_not_reached": _not_reached,
        "milestone_taken": lambda f: (
            f"You have the {number(f['days'])}-day bonus already: "
            f"you got **{amount(f['amount'])}** {moment(f['claimed_at'])}."
        ),
        "no_milestone": _none_waiting,
    }
)
