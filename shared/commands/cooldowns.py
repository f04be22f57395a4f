"""/cooldowns: what a member can take now, and what later."""

from shared import text
from shared.interaction import Interaction
from shared.registry import command
from shared.reply import Reply, embed, message_payload, private, private_message
from shared.text import pages


@command("cooldowns")
def cooldowns(interaction: Interaction) -> Reply:
    """Show what you can take now, and when the rest is ready."""
    result = interaction.rpc("get_cooldowns")
    if result["outcome"] != "cooldowns":
        return private(text.sentence(result["outcome"], result))
    return private_message(message_payload(embeds=[embed(pages.COOLDOWNS_TITLE, pages.cooldowns(result))]))
