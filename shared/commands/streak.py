"""/streak: how long it is, the bonuses for it, and whose is the longest."""

from typing import Annotated

from pydantic import Field

from shared import text
from shared.commands.leaderboard import show
from shared.interaction import Interaction
from shared.registry import command, group
from shared.reply import Reply, private

group("streak", "Your streak of daily check-ins")

Milestone = Annotated[
    int, Field(description="Days of the streak that the bonus is for; default: the first that waits", ge=1, le=100_000)
]


@command("streak view")
def view(interaction: Interaction) -> Reply:
    """Show your streak, until when it lives and what comes next."""
    result = interaction.rpc("get_streak")
    return private(text.sentence(result["outcome"], result))


@command("streak claim")
def claim(interaction: Interaction, milestone: Milestone | None = None) -> Reply:
    """Take the bonus for a long streak, once each."""
    result = interaction.rpc("claim_milestone", days=milestone)
    return private(text.sentence(result["outcome"], result))


@command("streak leaderboard")
def leaderboard(interaction: Interaction) -> Reply:
    """Show the longest streaks of this server."""
    return show(interaction, "streak", "all")
