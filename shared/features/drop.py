"""Drops: the message with the claim button, and the click."""

from typing import Any
from uuid import UUID

from shared import database
from shared.discord import rest
from shared.discord.reply import COLOUR, MessagePayload, Reply, embed, message_payload, told, update
from shared.discord.reply import button as button_component
from shared.interactions.interaction import Interaction
from shared.interactions.registry import button
from shared.text import drops

Drop = dict[str, Any]

OPEN_COLOUR, ENDED_COLOUR = COLOUR, 0x80848E
OVER = {"drop_ended", "drop_expired", "drop_full"}


@button("claim")
def claim(interaction: Interaction, drop_id: UUID) -> Reply:
    """Claim a drop; a drop that is over answers with its message as it should be."""
    message_id = interaction.payload.message.id if interaction.payload.message else None
    result = interaction.rpc("claim_drop", drop_id=str(drop_id), message_id=message_id)
    if result["outcome"] in OVER:
        return update(render(result["drop"]))
    return told(result)


def render(drop: Drop) -> MessagePayload:
    """The message of a drop in any state: used when posting, updating and closing."""
    is_over = drop["end_reason"] is not None
    description = f"{drop['description']}\n\n" if drop["description"] else ""
    shown = embed(
        drops.drop_title(drop), description + drops.drop_lines(drop), ENDED_COLOUR if is_over else OPEN_COLOUR
    )
    claim_button = button_component(
        drop["label"] or drops.DROP_BUTTON, claim.custom_id(drop["drop_id"]), disabled=is_over
    )
    return message_payload(embeds=[shown], buttons=[claim_button])


def post(drop: Drop, *, timeout: float) -> str:
    """Post the message of a drop and return its id. Harmless to repeat for some minutes: the nonce is the drop's id."""
    return rest.created_id(rest.send(showing(drop), timeout=timeout))


def showing(drop: Drop) -> rest.Request:
    """The request that brings the message of a drop up to date: posts it where there is none yet, else edits it."""
    if drop["message_id"] is not None:
        return rest.message_edit(drop["channel_id"], drop["message_id"], render(drop))
    nonce = drop["drop_id"].replace("-", "")[:25]  # as long as Discord allows
    message = render(drop)
    if "reply_to" in drop:  # a message that somebody has deleted meanwhile is no reason not to post
        message |= {"message_reference": {"message_id": drop["reply_to"], "fail_if_not_exists": False}}
    return rest.message_creation(drop["channel_id"], message, nonce=nonce)


def remember(drop: Drop, *, timeout: float) -> None:
    """Write down which message shows the drop, as of which revision."""
    shown = {"drop_id": drop["drop_id"], "revision": drop["revision"], "message_id": drop["message_id"]}
    database.rpc("mark_drops_rendered", timeout=timeout, rendered=[shown])
