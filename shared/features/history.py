"""/history: the member's rows of the ledger, a page at a time."""

from typing import Annotated, Any

from pydantic import Field

from shared.discord.payload import Snowflake
from shared.discord.reply import MessagePayload, Reply, embed, message_payload, private, private_message, told, update
from shared.discord.reply import button as button_component
from shared.interactions.interaction import Interaction
from shared.interactions.registry import button, command
from shared.text import history as words

Page = Annotated[int, Field(ge=1, le=2**31 - 1)]  # as Postgres counts them


@command("history")
def history(interaction: Interaction) -> Reply:
    """Show what you have earned, the newest first."""
    result = interaction.rpc("get_history", page=1)
    if result["outcome"] != "history":
        return told(result)
    return private_message(render(result, interaction.user_id))


@button("history")
def turn(interaction: Interaction, owner_id: Snowflake, page: Page) -> Reply:
    """Turn to another page; only for the member whose history it is."""
    if owner_id != interaction.user_id:
        interaction.outcome = "not_your_history"
        return private(words.NOT_YOUR_HISTORY)
    result = interaction.rpc("get_history", page=page)
    if result["outcome"] != "history":
        return told(result)
    return update(render(result, owner_id))


def render(result: dict[str, Any], owner_id: str) -> MessagePayload:
    """A page, with buttons where there are others."""
    page, last = result["page"], result["pages"]
    footer = words.page_of(page, last, result["total"])
    shown = embed(words.HISTORY_TITLE, words.history(result["entries"]), footer=footer)
    around = [
        button_component(words.PREVIOUS, turn.custom_id(owner_id, page - 1), disabled=page <= 1),
        button_component(words.NEXT, turn.custom_id(owner_id, page + 1), disabled=page >= last),
    ]
    return message_payload(embeds=[shown], buttons=around if last > 1 else [])
