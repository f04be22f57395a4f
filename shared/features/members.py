"""/config member: who may earn, and how a member stands."""

from shared.discord.reply import Reply, embed, message_payload, private_message, told
from shared.interactions.interaction import Interaction
from shared.interactions.options import Member, Reason
from shared.interactions.registry import Level, command, group
from shared.text import care as words

group("config member", "Pause a member's rewards, or look how a member stands")


@command("config member disable", requires=Level.FULL_ADMIN)
def disable(interaction: Interaction, member: Member, reason: Reason) -> Reply:
    """Pause a member's rewards; what they have earned is kept."""
    return told(interaction.rpc("disable_member", member_id=member, reason=reason))


@command("config member enable", requires=Level.FULL_ADMIN)
def enable(interaction: Interaction, member: Member) -> Reply:
    """Let a member earn again."""
    return told(interaction.rpc("enable_member", member_id=member))


@command("config member status", requires=Level.FULL_ADMIN)
def status(interaction: Interaction, member: Member) -> Reply:
    """Show whether a member may earn, and what they have."""
    result = interaction.rpc("get_member", member_id=member)
    if result["outcome"] != "member":
        return told(result)
    return private_message(message_payload(embeds=[embed(words.MEMBER_TITLE, words.member_page(result))]))
