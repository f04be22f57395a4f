"""/daily: the check-in that keeps a streak and pays."""

from shared import text
from shared.interaction import Interaction
from shared.registry import command
from shared.reply import Reply, private


@command("daily")
def daily(interaction: Interaction) -> Reply:
    """Check in for today, keep your streak and earn RSNC."""
    result = interaction.rpc("check_in")
    return private(text.sentence(result["outcome"], result))
