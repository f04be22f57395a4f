"""/join: the welcome bonus."""

from shared.discord.reply import Reply, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import command


@command("join")
def join(interaction: Interaction) -> Reply:
    """Take your welcome bonus, once."""
    return told(interaction.rpc("claim_welcome_bonus"))
