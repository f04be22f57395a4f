"""/history: the member's rows of the ledger, a page at a time."""

from typing import Annotated, Any

from pydantic import Field

from shared import text
from shared.interaction import Interaction, Snowflake
from shared.registry import button, command
from shared.reply import MessagePayload, Reply, embed, message_payload, private, private_message, update
from shared.reply import button as button_component
from shared.text import pages

Page = Annotated[int, Field(ge=1, le=2**31 - 1)]  # as Postgres counts them


@command("history")
def history(interaction: Interaction) -> Reply:
    """Show what you have earned, the newest first."""
    result = interaction.rpc("get_history", page=1)
    if result["outcome"] != "history":
        return private(text.sentence(result["outcome"], result))
    return private_message(render(result, interaction.user_id))


@button("history")
def turn(interaction: Interaction, owner_id: Snowflake, page: Page) -> Reply:
    """Turn to another page; only for the member whose history it is."""
    if owner_id != interaction.user_id:
        interaction.outcome = "not_your_history"
        return private(pages.NOT_YOUR_HISTORY)
    result = interaction.rpc("get_history", page=page)
    if result["outcome"] != "history":
        return private(text.sentence(result["outcome"], result))
    return update(render(result, owner_id))


def render(result: dict[str, Any], owner_id: str) -> MessagePayload:
    """A page, with buttons where there are others."""
    page, last = result["page"], result["pages"]
    shown = embed(pages.HISTORY_TITLE, pages.history(result["entries"]), footer=pages.page_of(page, last))
    around = [
        button_component(pages.PREVIOUS, turn.custom_id(owner_id, page - 1), disabled=page <= 1),
        button_component(pages.NEXT, turn.custom_id(owner_id, page + 1), disabled=page >= last),
    ]
    return message_payload(embeds=[shown], buttons=around if last > 1 else [])
