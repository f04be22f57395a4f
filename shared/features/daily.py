"""/daily: the check-in that keeps a streak and pays."""

from shared.discord.reply import Reply, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import command


@command("daily")
def daily(interaction: Interaction) -> Reply:
    """Check in for today, keep your streak and earn RSNC."""
    return told(interaction.rpc("check_in"))
