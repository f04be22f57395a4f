"""/balance: what a member has."""

from typing import Annotated

from pydantic import Field

from shared.discord.payload import Snowflake
from shared.discord.reply import Reply, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import USER, OptionKind, command

Member = Annotated[Snowflake, OptionKind(USER), Field(description="Whose balance; default: yours")]


@command("balance")
def balance(interaction: Interaction, member: Member | None = None) -> Reply:
    """Show your RSNC, streak and rank, or those of another member."""
    result = interaction.rpc("get_balance", member_id=member)
    is_own = member in (None, interaction.user_id)
    return told(result | {"is_own": is_own})
