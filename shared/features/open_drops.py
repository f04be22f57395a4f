"""The life of a drop after it was posted: /drop list, edit, end and cancel."""

from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared import database
from shared.discord import rest
from shared.discord.reply import Reply, embed, message_payload, private, private_message, told
from shared.features.drop import remember, render
from shared.features.new_drops import Description, Label, parse_lifespan
from shared.interactions.interaction import Interaction
from shared.interactions.registry import Level, OptionKind, command
from shared.log import logger
from shared.text import drops, sentences

LIFTED = -1  # what SQL and admins say for "no limit any more"
DROP_ID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def drop_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The server's open drops, as far as they fit what was typed."""
    found = interaction.rpc("list_drops", search=typed.strip())
    return [(drops.drop_choice(drop), drop["drop_id"]) for drop in found.get("drops", [])]


def _new_lifespan(typed: str) -> int:
    lifespan: timedelta | None = parse_lifespan(typed)
    return LIFTED if lifespan is None else int(lifespan.total_seconds())


def _new_limit(limit: int) -> int:
    if limit == 0:
        raise ValueError("should be at least 1, or -1 for no limit")
    return limit


OpenDrop = Annotated[
    str, OptionKind(complete=drop_choices), StringConstraints(pattern=DROP_ID), Field(description="Which open drop")
]
NewLifespan = Annotated[
    int,
    BeforeValidator(_new_lifespan),
    OptionKind(),
    Field(description="How long it stays open from now on: 90s, 5m, 24h, at most 168h, or permanent"),
]
NewMaxClaims = Annotated[
    int,
    AfterValidator(_new_limit),
    Field(description="How many members can claim it, with those who have; -1: no limit", ge=-1, le=1_000_000),
]


@command("drop list", requires=Level.EVENT_MANAGER)
def list_drops(interaction: Interaction) -> Reply:
    """List the open drops of this server."""
    result = interaction.rpc("list_drops")
    if result["outcome"] != "drops":
        return told(result)
    if not result["drops"]:
        return private(drops.NO_OPEN_DROPS)
    return private_message(message_payload(embeds=[embed(drops.OPEN_DROPS, drops.drop_list(result))]))


@command("drop edit", requires=Level.EVENT_MANAGER)
def edit(
    interaction: Interaction,
    drop: OpenDrop,
    lifespan: NewLifespan | None = None,
    max_claims: NewMaxClaims | None = None,
    label: Label | None = None,
    description: Description | None = None,
) -> Reply:
    """Change an open drop; what you leave out stays."""
    result = interaction.rpc(
        "edit_drop",
        drop_id=drop,
        lifespan_seconds=lifespan,
        max_claims=max_claims,
        label=label,
        description=description,
    )
    return _changed(interaction, result)


@command("drop end", requires=Level.EVENT_MANAGER)
def end(interaction: Interaction, drop: OpenDrop) -> Reply:
    """End a drop before its time."""
    return _changed(interaction, interaction.rpc("end_drop", drop_id=drop))


@command("drop cancel", requires=Level.EVENT_MANAGER)
def cancel(interaction: Interaction, drop: OpenDrop) -> Reply:
    """Close a drop without a result; what it has paid stays paid."""
    return _changed(interaction, interaction.rpc("cancel_drop", drop_id=drop))


def _changed(interaction: Interaction, result: dict[str, Any]) -> Reply:
    """Tell the admin, once the message shows the change if that is ours to do (internal.record_drop_change)."""
    if result.get("message") == "yours":
        result |= _show(interaction, result["drop"])
    return told(result)


def _show(interaction: Interaction, drop: dict[str, Any]) -> dict[str, Any]:
    """Bring the message up to date in the time that is left; what fails here the schedule mends (expire_drops)."""
    try:
        rest.edit_message(drop["channel_id"], drop["message_id"], render(drop), timeout=interaction.seconds_left())
    except rest.DiscordError as error:
        return _not_shown(interaction, drop, error)
    with suppress(database.DatabaseError):  # then the schedule edits it once more
        remember(drop, timeout=interaction.seconds_left())
    return {"message": "shown"}


def _not_shown(interaction: Interaction, drop: dict[str, Any], error: rest.DiscordError) -> dict[str, Any]:
    if error.is_gone:
        with suppress(database.DatabaseError):
            database.rpc("mark_drops_rendered", timeout=interaction.seconds_left(), gone=[drop])
        return {"message": "gone"}
    logger.warning("message not rendered", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    if error.is_passing:
        return {"message": "later"}
    return {"message": "refused", "problem": sentences.discord_problem(error.code)}
