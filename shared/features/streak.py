"""/streak: how long it is, the bonuses for it, and whose is the longest."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply, told
from shared.features.leaderboard import show
from shared.interactions.interaction import Interaction
from shared.interactions.registry import command, group

group("streak", "Your streak of daily check-ins")

Milestone = Annotated[
    int, Field(description="Which bonus, by its days (7, 30, …); default: the first that waits", ge=1, le=100_000)
]


@command("streak view")
def view(interaction: Interaction) -> Reply:
    """Show your streak, how long it lasts and what comes next."""
    return told(interaction.rpc("get_streak"))


@command("streak claim")
def claim(interaction: Interaction, milestone: Milestone | None = None) -> Reply:
    """Take the bonuses for long streaks, once each."""
    return told(interaction.rpc("claim_milestone", days=milestone))


@command("streak leaderboard")
def leaderboard(interaction: Interaction) -> Reply:
    """Show the longest streaks of this server."""
    return show(interaction, "streak", "all")
