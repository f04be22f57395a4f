"""/setup disconnect: end the connection of a server to its brand."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply
from shared.format import count, sentences
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.interactions.registry import Level, command

CONFIRMATION = "DISCONNECT"


@command("setup disconnect", requires=Level.FULL_ADMIN)
def disconnect(
    interaction: Interaction,
    confirm: Annotated[str, Field(description="Type DISCONNECT to confirm", max_length=100)],
) -> Reply:
    """Disconnect this server from its brand; what members have earned is kept."""
    if confirm.strip() != CONFIRMATION:
        return outcome_reply(interaction.conclude("confirmation_missing"))
    return outcome_reply(interaction.rpc("disconnect_server"))


def _disconnected(facts: Facts) -> str:
    ended = facts.get("ended_drops")
    return sentences(
        f"This server is no longer connected to the brand `{facts['brand_id']}`: nobody earns here until it is "
        "connected again.",
        "What members have earned, the events and the settings are kept.",
        f"{count(ended, 'open drop')} ended with it." if ended else "",
    )


declare({"disconnected": _disconnected})
declare_refusals(
    {
        "confirmation_missing": lambda _: (
            "Nothing has changed. To disconnect, type `DISCONNECT` in capital letters as `confirm`."
        ),
    }
)
