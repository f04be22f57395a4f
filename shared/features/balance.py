"""/balance: a member's total, rank and streak."""

from typing import Annotated

from pydantic import Field

from shared.discord.payload import Snowflake
from shared.discord.reply import Reply
from shared.features.streak.words import current_and_longest
from shared.format import amount, number
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, outcome_reply
from shared.interactions.registry import USER, OptionKind, command

Member = Annotated[Snowflake, OptionKind(USER), Field(description="Whose balance; default: yours")]


@command("balance")
def balance(interaction: Interaction, member: Member | None = None) -> Reply:
    """Show your RSNC, streak and rank, or those of another member."""
    result = interaction.rpc("get_balance", member_id=member)
    is_own = member in (None, interaction.user_id)
    return outcome_reply(result | {"is_own": is_own})


def _balance(facts: Facts) -> str:
    who = "You have" if facts["is_own"] else f"<@{facts['member_id']}> has"
    rank = f"rank **{number(facts['rank'])}** in this server." if facts["rank"] else "and no rank in this server yet."
    return f"{who} **{amount(facts['total'])}**, {rank}\n{current_and_longest(facts, is_own=facts['is_own'])}."


declare({"balance": _balance})
