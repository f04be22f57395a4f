"""/join: the welcome bonus."""

from shared import text
from shared.interaction import Interaction
from shared.registry import command
from shared.reply import Reply, private


@command("join")
def join(interaction: Interaction) -> Reply:
    """Take your welcome bonus, once."""
    result = interaction.rpc("claim_welcome_bonus")
    return private(text.sentence(result["outcome"], result))
