"""Drops: /drop create, the message with the claim button, and the click."""

import re
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from shared import database, discord, text
from shared.commands.options import Channel, Event
from shared.interaction import Interaction
from shared.log import logger
from shared.registry import Level, OptionKind, button, command, group
from shared.reply import COLOUR, MessagePayload, Reply, embed, message_payload, private, told, update
from shared.reply import button as button_component
from shared.text import drops, sentences

Drop = dict[str, Any]

OPEN_COLOUR, ENDED_COLOUR = COLOUR, 0x80848E
OVER = {"drop_ended", "drop_expired", "drop_full"}

PERMANENT = {"permanent", "unlimited", "forever", "0"}
LONGEST = timedelta(hours=168)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

group("drop", "Post drops: messages that pay whoever presses the button")


def parse_lifespan(typed: str) -> timedelta | None:
    """Read `90s`, `5m`, `24h`, `7d` or `permanent` (None). Raises ValueError."""
    typed = str(typed).strip().lower()
    if typed in PERMANENT:
        return None
    match = re.fullmatch(r"([0-9]{1,6}) ?([smhd])", typed, re.ASCII)
    if match is None:
        raise ValueError("should look like 90s, 5m, 24h or permanent")
    lifespan = timedelta(**{UNITS[match[2]]: int(match[1])})
    if not timedelta(0) < lifespan <= LONGEST:
        raise ValueError("should be at least 1s and at most 168h, or permanent")
    return lifespan


Lifespan = Annotated[
    timedelta | None,
    BeforeValidator(parse_lifespan),
    OptionKind(),
    Field(description="How long it is open: 90s, 5m, 24h, at most 168h, or permanent; default 24h"),
]
MaxClaims = Annotated[int, Field(description="How many members can claim it; default: no limit", ge=1, le=1_000_000)]
Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="Text of the button; default: Claim", min_length=1, max_length=80),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="Text above the button", min_length=1, max_length=1_000),
]
Reward = Annotated[int, Field(description="RSNC it pays, 1 to 10,000; default: as the event", ge=1, le=10_000)]


@command("drop create", requires=Level.EVENT_MANAGER)
def create(
    interaction: Interaction,
    event: Event,
    channel: Channel | None = None,
    lifespan: Lifespan = timedelta(hours=24),
    max_claims: MaxClaims | None = None,
    label: Label | None = None,
    description: Description | None = None,
    reward: Reward | None = None,
) -> Reply:
    """Post a drop: a message with a button that pays."""
    result = interaction.rpc(
        "create_drop",
        event_type=event,
        channel_id=channel or interaction.payload.channel_id,
        lifespan_seconds=None if lifespan is None else int(lifespan.total_seconds()),
        max_claims=max_claims,
        label=label,
        description=description,
        reward=reward,
    )
    if result["outcome"] != "drop_created":
        return told(result)
    return _post(interaction, result["drop"])


def _post(interaction: Interaction, drop: Drop) -> Reply:
    """Post the message of a new drop and remember it. What fails here the schedule mends (expire_drops)."""
    if drop["message_id"] is None:  # else Discord delivered the command once more
        if drop["end_reason"] is not None:
            interaction.outcome = "drop_not_posted"
            return private(text.sentence("drop_not_posted", drop | {"problem": sentences.REFUSED_BEFORE}))
        try:
            drop["message_id"] = post(drop, timeout=interaction.seconds_left())
        except discord.DiscordError as error:
            return _not_posted(interaction, drop, error)
        with suppress(database.DatabaseError):  # posting again with the same nonce gives the same message
            remember(drop, timeout=interaction.seconds_left())
    interaction.outcome = "drop_posted"
    return private(text.sentence("drop_posted", drop))


def _not_posted(interaction: Interaction, drop: Drop, error: discord.DiscordError) -> Reply:
    logger.warning("drop not posted", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    if error.is_passing:
        interaction.outcome = "drop_delayed"
        return private(text.sentence("drop_delayed", drop))
    with suppress(database.DatabaseError):  # the schedule gives up posting after some minutes
        interaction.rpc("cancel_drop_post", drop_id=drop["drop_id"])
    interaction.outcome = "drop_not_posted"
    return private(text.sentence("drop_not_posted", drop | {"problem": sentences.discord_problem(error.code)}))


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
    return discord.created_id(discord.request(*showing(drop), timeout=timeout))


def showing(drop: Drop) -> discord.Call:
    """The call that brings the message of a drop up to date: posts it where there is none yet, else edits it."""
    if drop["message_id"] is not None:
        return discord.edit(drop["channel_id"], drop["message_id"], render(drop))
    nonce = drop["drop_id"].replace("-", "")[:25]  # as long as Discord allows
    return discord.creation(drop["channel_id"], render(drop), nonce=nonce)


def remember(drop: Drop, *, timeout: float) -> None:
    """Write down which message shows the drop, as of which revision."""
    shown = {"drop_id": drop["drop_id"], "revision": drop["revision"], "message_id": drop["message_id"]}
    database.rpc("mark_drops_rendered", timeout=timeout, rendered=[shown])
