"""New drops: /drop create with options or by a form, and the message menu "Make this a drop"."""

import re
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from shared import database, text
from shared.discord.error import DiscordError
from shared.discord.payload import Snowflake
from shared.discord.permissions import missing
from shared.discord.reply import Reply, private, told
from shared.features.drop import Drop, post, remember
from shared.interactions.interaction import Interaction
from shared.interactions.options import EVENT_NAME_LIMIT, Channel, Event
from shared.interactions.registry import InvalidOptionsError, Level, OptionKind, command, form, group, message_menu
from shared.log import logger
from shared.text import sentences

group("drop", "Post drops: messages that pay whoever presses the button")

PERMANENT = {"permanent", "unlimited", "forever", "0"}
LONGEST = timedelta(hours=168)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


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


def write_lifespan(lifespan: timedelta | None) -> str:
    """A lifespan as somebody would type it: the opposite of `parse_lifespan`."""
    if lifespan is None:
        return "permanent"
    seconds = int(lifespan.total_seconds())
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("m", 60), ("s", 1)) if seconds % size == 0)
    return f"{seconds // size}{unit}"


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
EventCalled = Annotated[
    str,
    Field(description="Its name or its label, such as news_tracker", min_length=1, max_length=EVENT_NAME_LIMIT),
]
REPLYABLE = (0, 19, 20, 23)  # types of messages: said, replied, and answers of commands and menus


@command("drop create", requires=Level.EVENT_MANAGER)
def create(
    interaction: Interaction,
    event: Event | None = None,
    channel: Channel | None = None,
    lifespan: Lifespan = timedelta(hours=24),
    max_claims: MaxClaims | None = None,
    label: Label | None = None,
    description: Description | None = None,
    reward: Reward | None = None,
) -> Reply:
    """Post a drop: a message with a button that pays. Without an event, a form asks for it."""
    if event is None and channel is not None:  # a form posts where it is sent
        raise InvalidOptionsError([("event", "is missing: a drop for another channel needs it here")])
    if event is None:
        filled_in = {
            "lifespan": write_lifespan(lifespan),
            "max_claims": str(max_claims or ""),
            "label": label or "",
            "description": description or "",
        }
        return drop_form.open(None, reward, **filled_in)
    return _create(
        interaction,
        channel or interaction.payload.channel_id,
        event_type=event,
        lifespan=lifespan,
        max_claims=max_claims,
        label=label,
        description=description,
        reward=reward,
    )


@message_menu("Make this a drop", requires=Level.EVENT_MANAGER)
def make_drop(interaction: Interaction, message_id: Snowflake) -> Reply:
    """Answer a message with a drop."""
    message = interaction.payload.data.resolved.messages.get(message_id)
    if message and message.type not in REPLYABLE:
        interaction.outcome = "message_not_replyable"
        return private(text.sentence(interaction.outcome, {}))
    return drop_form.open(message_id, None, lifespan="24h")


@form("drop", "Post a drop", requires=Level.EVENT_MANAGER, carries=("message_id", "reward"))
def drop_form(
    interaction: Interaction,
    event: EventCalled,
    lifespan: Lifespan = timedelta(hours=24),
    max_claims: MaxClaims | None = None,
    label: Label | None = None,
    description: Description | None = None,
    message_id: Snowflake | None = None,
    reward: Reward | None = None,
) -> Reply:
    """Post a drop here, as an answer to a message where one was chosen."""
    return _create(
        interaction,
        interaction.payload.channel_id,
        event_type=event,
        lifespan=lifespan,
        max_claims=max_claims,
        label=label,
        description=description,
        reward=reward,
        reply_to=message_id,
    )


def _create(interaction: Interaction, channel_id: str | None, lifespan: timedelta | None, **arguments: Any) -> Reply:
    result = interaction.rpc(
        "create_drop",
        channel_id=channel_id,
        lifespan_seconds=None if lifespan is None else int(lifespan.total_seconds()),
        missing_permissions=_missing(interaction, channel_id),
        **arguments,
    )
    if result["outcome"] == "event_disabled":  # which an admin can change, where members have to wait
        return private(text.sentence("event_off", result))
    if result["outcome"] != "drop_created":
        return told(result)
    return _post(interaction, result["drop"])


def _missing(interaction: Interaction, channel_id: str | None) -> list[str]:
    """What the bot lacks in a channel, as far as Discord tells before we try."""
    payload = interaction.payload
    if channel_id == payload.channel_id:
        return missing(int(payload.app_permissions), payload.channel.type if payload.channel else 0)
    named = payload.data.resolved.channels.get(channel_id or "")
    return missing(int(named.app_permissions), named.type) if named and named.app_permissions else []


def _post(interaction: Interaction, drop: Drop) -> Reply:
    """Post the message of a new drop and remember it. What fails here the schedule mends (expire_drops)."""
    if drop["message_id"] is None:  # else Discord delivered the command once more
        if drop["end_reason"] is not None:
            interaction.outcome = "drop_not_posted"
            return private(text.sentence("drop_not_posted", drop | {"problem": sentences.REFUSED_BEFORE}))
        try:
            drop["message_id"] = post(drop, timeout=interaction.seconds_left())
        except DiscordError as error:
            return _not_posted(interaction, drop, error)
        with suppress(database.DatabaseError):  # posting again with the same nonce gives the same message
            remember(drop, timeout=interaction.seconds_left())
    interaction.outcome = "drop_posted"
    return private(text.sentence("drop_posted", drop))


def _not_posted(interaction: Interaction, drop: Drop, error: DiscordError) -> Reply:
    logger.warning("drop not posted", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    if error.is_retryable:
        interaction.outcome = "drop_delayed"
        return private(text.sentence("drop_delayed", drop))
    with suppress(database.DatabaseError):  # the schedule gives up posting after some minutes
        interaction.rpc("cancel_drop_post", drop_id=drop["drop_id"])
    interaction.outcome = "drop_not_posted"
    return private(text.sentence("drop_not_posted", drop | {"problem": sentences.discord_problem(error.code)}))
