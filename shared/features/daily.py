"""/daily, and the button that does the same: the check-in that keeps a streak and pays."""

from typing import Any

from shared.discord.reply import MessagePayload, Reply, page, update
from shared.discord.reply import button as button_component
from shared.features.earning import breakdown
from shared.features.streak.claim import claim_buttons
from shared.features.streak.words import check_in_again, current_streak, next_milestone, waiting_milestones
from shared.format import amount, moment, number, sentences
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.outcomes import Facts, declare_refusals, page_reply
from shared.interactions.registry import button, command

TITLE = "Checked in"


@command("daily", pays=Pays.ONCE)
def daily(interaction: Interaction) -> Reply:
    """Check in for today, keep your streak and earn RSNC."""
    return page_reply(interaction.rpc("check_in"), "checked_in", render)


@button("daily", pays=Pays.ONCE)
def press(interaction: Interaction) -> Reply:
    """Check in from a private message."""
    return page_reply(interaction.rpc("check_in"), "checked_in", render, update)


def check_in_button() -> dict[str, Any]:
    """The button that checks in whoever presses it."""
    return button_component("Check in", press.custom_id())


def render(facts: Facts) -> MessagePayload:
    """What the check-in paid, with the button for a bonus that waits."""
    return page(TITLE, checked_in_page(facts), buttons=claim_buttons(facts))


# --- Words


def checked_in_page(facts: Facts) -> str:
    """What the check-in paid, how the streak stands, and what comes next."""
    lines = [
        sentences(f"You got **{amount(facts['amount'])}**!", breakdown(facts)),
        _streak(facts),
        check_in_again(facts),
        next_milestone(facts),
        waiting_milestones(facts),
        f"Your total is now **{amount(facts['balance'])}**.",
    ]
    return "\n".join(filter(None, lines))


def _streak(facts: Facts) -> str:
    """How long the streak is now; after a lapse, that the one before has ended. A single day was no streak to lose."""
    ended = facts.get("ended_streak") or 0
    if ended > 1:
        return f"Your {number(ended)}-day streak ended. A new one starts today: day 1."
    return current_streak(facts["streak"])


declare_refusals(
    {
        "already_checked_in": lambda f: (
            f"You have already checked in today. {current_streak(f['streak'])} "
            f"The next check-in opens {moment(f['next_at'])}."
        ),
    }
)
