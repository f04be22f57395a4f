"""/daily: the check-in that keeps a streak and pays."""

from shared.interaction import Interaction
from shared.registry import command
from shared.reply import Reply, told


@command("daily")
def daily(interaction: Interaction) -> Reply:
    """Check in for today, keep your streak and earn RSNC."""
    return told(interaction.rpc("check_in"))
