"""New drops: /drop create with options or by a form, and the message menu "Make this a drop"."""

from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from shared import database
from shared.discord import payload
from shared.discord.error import DiscordError
from shared.discord.payload import Snowflake
from shared.discord.permissions import missing
from shared.discord.reply import Reply
from shared.features.drops import reaction
from shared.features.drops.emoji import PARTY, ReactionEmoji
from shared.features.drops.message import Drop, mark_rendered, post
from shared.features.drops.options import (
    Description,
    EventCalled,
    Label,
    Lifespan,
    MaxClaims,
    Reward,
    write_lifespan,
)
from shared.features.drops.posting import not_posted, refused_before
from shared.features.drops.saving import TO_ADMIN, save
from shared.interactions.interaction import Interaction
from shared.interactions.options import Channel, Event
from shared.interactions.outcomes import declare_refusals, outcome_reply
from shared.interactions.registry import InvalidOptionsError, Level, command, form, group, message_menu

group("drop", "Post drops: messages that pay whoever presses the button, or reacts")

DropType = Annotated[
    Literal["button", "reaction"], Field(description="What members do for it; default: press a button")
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
    type: DropType = "button",  # noqa: A002
    emoji: ReactionEmoji | None = None,
    message: reaction.MessageNamed | None = None,
) -> Reply:
    """Post a drop: a message that pays for a click or a reaction. Without an event, a form asks for it."""
    _require_applicable(type, label=label, description=description, emoji=emoji, message=message)
    if event is None and channel is not None:  # a form posts where it is sent
        raise InvalidOptionsError([("event", "is missing: a drop for another channel needs it here")])
    place = interaction.payload.named_channel(channel) if channel else interaction.payload.here
    message_id = reaction.message_in(place, interaction.payload.guild_id, message) if message else None
    if event is None:
        filled_in = {
            "lifespan": write_lifespan(lifespan),
            "max_claims": str(max_claims or ""),
            "description": description or "",
        }
        if type == "reaction":
            return reaction.open_form(message_id, reward, emoji=emoji or PARTY, **filled_in)
        return drop_form.open(None, reward, label=label or "", **filled_in)
    given: dict[str, Any] = {"max_claims": max_claims, "description": description, "reward": reward}
    given |= {"event_type": event, "lifespan": lifespan}
    if type == "reaction":
        return reaction.create(interaction, place, emoji or PARTY, message_id, **given)
    return _create(interaction, place, label=label, **given)


def _require_applicable(kind: str, **given: str | None) -> None:
    """Name the options that a drop of the kind does not have. Raises InvalidOptionsError."""
    if kind == "button":
        refused = dict.fromkeys(("emoji", "message"), "needs `type:reaction`")
    else:
        refused = {"label": "does not apply: a drop for reactions has no button"}
        if given["message"] is not None:
            refused["description"] = "does not apply: that message stays as it is"
    if problems := [(name, problem) for name, problem in refused.items() if given[name] is not None]:
        raise InvalidOptionsError(problems)


@message_menu("Make this a drop", requires=Level.EVENT_MANAGER)
def make_drop(interaction: Interaction, message_id: Snowflake) -> Reply:
    """Answer a message with a drop."""
    message = interaction.payload.data.resolved.messages.get(message_id)
    if message and message.type not in REPLYABLE:
        return outcome_reply(interaction.conclude("message_not_replyable"))
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


def _create(interaction: Interaction, channel: payload.Channel, **arguments: Any) -> Reply:
    lacking = missing(int(channel.app_permissions), channel.type) if channel.app_permissions else []
    result = save(interaction, channel, missing_permissions=lacking, **arguments)
    if result["outcome"] != "drop_created":
        return outcome_reply(result, instead=TO_ADMIN)
    return _post(interaction, result["drop"])


def _post(interaction: Interaction, drop: Drop) -> Reply:
    """Post the message of a new drop and store its id; expire_drops repeats what fails here."""
    if drop["message_id"] is None:  # else this is a redelivery, and the message is posted
        if drop["end_reason"] is not None:
            return refused_before(interaction, drop)
        try:
            drop["message_id"] = post(drop, timeout=interaction.seconds_left())
        except DiscordError as error:
            return not_posted(interaction, drop, error)
        with suppress(database.DatabaseError):  # posting again with the same nonce gives the same message
            mark_rendered(drop, timeout=interaction.seconds_left())
    return outcome_reply(interaction.conclude("drop_posted", **drop))


# --- Words

declare_refusals(
    {
        "message_not_replyable": lambda _: (
            "Discord takes no answers to messages of that kind. Choose one that somebody wrote, or use `/drop create`."
        ),
    }
)
