"""/balance: a member's total, rank and streak."""

from typing import Annotated

from pydantic import Field

from shared.discord.payload import Snowflake
from shared.discord.reply import MessagePayload, Reply, page
from shared.features.daily import check_in_button
from shared.features.streak.words import current_and_longest
from shared.format import amount, number
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import USER, OptionKind, command

TITLE = "Balance"

Member = Annotated[Snowflake, OptionKind(USER), Field(description="Whose balance; default: yours")]


@command("balance")
def balance(interaction: Interaction, member: Member | None = None) -> Reply:
    """Show your RSNC, streak and rank, or those of another member."""
    is_own = member in (None, interaction.user_id)
    result = interaction.rpc("get_balance", member_id=member)
    return page_reply(result, "balance", lambda found: render(found, is_own=is_own))


def render(facts: Facts, *, is_own: bool) -> MessagePayload:
    """A balance; one's own with the button for the check-in where it is open."""
    buttons = [check_in_button()] if facts["can_check_in"] else []
    return page(TITLE, balance_page(facts, is_own=is_own), buttons=buttons)


# --- Words


def balance_page(facts: Facts, *, is_own: bool) -> str:
    """What a member has."""
    return f"{_total(facts, is_own=is_own)}\n{current_and_longest(facts, is_own=is_own)}"


def _total(facts: Facts, *, is_own: bool) -> str:
    total, member = amount(facts["total"]), f"<@{facts['member_id']}>"
    if not facts["rank"]:
        if is_own:
            return f"You have **{total}** and no rank in this server yet."
        return f"{member} has **{total}** and no rank in this server yet."
    rank = number(facts["rank"])
    if is_own:
        return f"You have **{total}** and rank **{rank}** in this server."
    return f"{member} has **{total}** and rank **{rank}** in this server."
