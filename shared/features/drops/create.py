"""New drops: /drop create with options or by a form, and the message menu "Make this a drop"."""

from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from shared import database
from shared.discord import payload
from shared.discord.error import DiscordError
from shared.discord.payload import Snowflake
from shared.discord.permissions import missing, missing_to_send
from shared.discord.reply import Reply
from shared.features.drops.message import Drop, discord_problem, mark_rendered, message_link, post
from shared.features.drops.options import Description, Label, Lifespan, write_lifespan
from shared.features.refusals import because_of
from shared.format import channel_mention, line, listed
from shared.interactions.interaction import Interaction
from shared.interactions.options import EVENT_NAME_LIMIT, Channel, Event, event_offer
from shared.interactions.outcomes import Sentences, declare, declare_refusals, outcome_reply
from shared.interactions.problems import InvalidOptionsError, Problem
from shared.interactions.registry import Level, OptionKind, command, form, group, message_menu
from shared.log import logger

group("drop", "Post drops: messages that pay whoever presses the button")

MaxClaims = Annotated[int, Field(description="How many members can claim it; default: no limit", ge=1, le=1_000_000)]
Reward = Annotated[int, Field(description="RSNC it pays, 1 to 10,000; default: as the event", ge=1, le=10_000)]
EventCalled = Annotated[
    str,
    OptionKind(offer=event_offer, offer_description="What the drop pays for"),
    Field(description="Its name or its label, such as news_tracker", min_length=1, max_length=EVENT_NAME_LIMIT),
]
REPLYABLE = (0, 19, 20, 23)  # types of messages: plain, reply, and replies to commands and menus


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
        raise InvalidOptionsError([Problem("event", "{name} is missing: a drop for another channel needs it here.")])
    if event is None:
        filled_in = {
            "lifespan": write_lifespan(lifespan),
            "max_claims": str(max_claims or ""),
            "label": label or "",
            "description": description or "",
        }
        return drop_form.open(interaction, None, reward, **filled_in)
    return _create(
        interaction,
        interaction.payload.named_channel(channel) if channel else interaction.payload.here,
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
        return outcome_reply(interaction.conclude("message_not_replyable"))
    return drop_form.open(interaction, message_id, None, lifespan="24h")


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
    """Post a drop here, in reply to a message if one was chosen."""
    return _create(
        interaction,
        interaction.payload.here,
        event_type=event,
        lifespan=lifespan,
        max_claims=max_claims,
        label=label,
        description=description,
        reward=reward,
        reply_to=message_id,
    )


def _create(interaction: Interaction, channel: payload.Channel, lifespan: timedelta | None, **arguments: Any) -> Reply:
    if channel.id is None:
        raise InvalidOptionsError([Problem("channel", "{name} is missing: Discord did not say which one this is.")])
    result = interaction.rpc(
        "create_drop",
        channel,
        channel_id=channel.id,
        lifespan_seconds=None if lifespan is None else int(lifespan.total_seconds()),
        missing_permissions=missing(int(channel.app_permissions), channel.type) if channel.app_permissions else [],
        missing_permissions_of_caller=missing_to_send(channel.permissions, channel.type),
        **arguments,
    )
    if result["outcome"] != "drop_created":
        return outcome_reply(result, instead=TO_ADMIN)
    return _post(interaction, result["drop"])


def _post(interaction: Interaction, drop: Drop) -> Reply:
    """Post the message of a new drop and store its id; expire_drops repeats what fails here."""
    if drop["message_id"] is None:  # else this is a redelivery, and the message is posted
        if drop["end_reason"] is not None:
            problem = "it refused the message before"
            return outcome_reply(interaction.conclude("drop_not_posted", **drop, problem=problem))
        try:
            drop["message_id"] = post(drop, timeout=interaction.seconds_left())
        except DiscordError as error:
            return _not_posted(interaction, drop, error)
        with suppress(database.DatabaseError):  # posting again with the same nonce gives the same message
            mark_rendered(drop, timeout=interaction.seconds_left())
    return outcome_reply(interaction.conclude("drop_posted", **drop))


def _not_posted(interaction: Interaction, drop: Drop, error: DiscordError) -> Reply:
    logger.warning("drop not posted", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    if error.is_retryable:
        return outcome_reply(interaction.conclude("drop_delayed", **drop))
    with suppress(database.DatabaseError):  # expire_drops gives up posting after some minutes
        interaction.rpc("cancel_drop_post", drop_id=drop["drop_id"])
    return outcome_reply(interaction.conclude("drop_not_posted", **drop, problem=discord_problem(error.code)))


# --- Words

# A refusal of earning as the admin reads it, who can lift it.
TO_ADMIN: Sentences = {
    "event_disabled": lambda f: (
        f"**{line(f['event'], 80)}** is switched off, so a drop of it would pay nobody. "
        "A full admin can switch it on with `/config events toggle`."
    ),
    "channel_excluded": lambda f: (
        f"Rewards are off in {channel_mention(f['channel_id'])}{because_of(f)}, so a drop there would pay nobody. "
        "A full admin can switch them on with `/config channels include`."
    ),
}

declare(
    {
        "drop_posted": lambda f: f"The drop is in <#{f['channel_id']}>: {message_link(f)}",
        "drop_delayed": lambda f: (
            f"Discord is slow to take the message. The drop is saved and will appear in <#{f['channel_id']}> within "
            "a few minutes; there is no need to create it again."
        ),
    }
)
declare_refusals(
    {
        "post_not_allowed": lambda f: (
            f"You cannot post in <#{f['channel_id']}> yourself, so you cannot post a drop there: you lack "
            f"{listed([f'**{name}**' for name in f['missing']])}. Nothing has been posted."
        ),
        "permissions_missing": lambda f: (
            f"I cannot post in <#{f['channel_id']}>: I lack {listed([f'**{name}**' for name in f['missing']])} there. "
            "Give me that in the channel's settings, then try again; nothing has been posted."
        ),
        "message_not_replyable": lambda _: (
            "Discord takes no answers to messages of that kind. Choose one that somebody wrote, or use `/drop create`."
        ),
        "drop_not_posted": lambda f: (
            f"Discord did not let me post in <#{f['channel_id']}>: {f['problem']}. "
            "The drop is closed and has paid nothing."
        ),
    }
)
