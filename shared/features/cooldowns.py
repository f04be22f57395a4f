"""/cooldowns: what a member can take now, and what later."""

from shared.discord.reply import Reply, embed, message_payload, private_message, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import command
from shared.text import cooldowns as words


@command("cooldowns")
def cooldowns(interaction: Interaction) -> Reply:
    """Show what you can take now, and when the rest is ready."""
    result = interaction.rpc("get_cooldowns")
    if result["outcome"] != "cooldowns":
        return told(result)
    return private_message(message_payload(embeds=[embed(words.COOLDOWNS_TITLE, words.cooldowns(result))]))
