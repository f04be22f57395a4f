"""/join: the welcome bonus."""

from shared.interaction import Interaction
from shared.registry import command
from shared.reply import Reply, told


@command("join")
def join(interaction: Interaction) -> Reply:
    """Take your welcome bonus, once."""
    return told(interaction.rpc("claim_welcome_bonus"))
