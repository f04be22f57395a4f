"""New drops that pay whoever reacts: to a message of ours, or to one that is there."""

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from shared import database
from shared.discord import payload, rest
from shared.discord.emoji import Emoji
from shared.discord.error import DiscordError
from shared.discord.payload import WRITTEN, Snowflake
from shared.discord.permissions import missing, missing_to_react
from shared.discord.reply import Reply
from shared.discord.rest import File
from shared.features.drops.discord_problems import reaction_problem
from shared.features.drops.emoji import PARTY, ReactionEmoji, is_foreign, shown
from shared.features.drops.look import PLAIN, Look, fetch, files
from shared.features.drops.message import Drop, mark_rendered, message_link
from shared.features.drops.options import Description, EventCalled, Terms
from shared.features.drops.posting import post_new
from shared.features.drops.saving import TO_ADMIN, permission_names, save
from shared.format import amount
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Sentences, declare, declare_refusals, outcome_reply
from shared.interactions.registry import Level, form, message_menu
from shared.log import logger

# --- Commands


@message_menu("Reward reactions", requires=Level.EVENT_MANAGER)
def reward_reactions(interaction: Interaction, message_id: Snowflake) -> Reply:
    """Pay whoever reacts to a message."""
    message = interaction.payload.data.resolved.messages.get(message_id)
    if message and message.type not in WRITTEN:
        return outcome_reply(interaction.conclude("message_not_reactable"))
    return existing_form.open(interaction, message_id, None, emoji=PARTY, lifespan="24h")


@form("reactions_to", "Reward reactions", requires=Level.EVENT_MANAGER, carries=("message_id", "reward"))
def existing_form(
    interaction: Interaction,
    message_id: Snowflake,
    event: EventCalled,
    emoji: ReactionEmoji = PARTY,
    *,
    terms: Terms,
) -> Reply:
    """Reward reactions to a message that is here."""
    return create(interaction, interaction.payload.here, emoji, message_id, event_type=event, **asdict(terms))


@form("reaction_drop", "Post a drop for reactions", requires=Level.EVENT_MANAGER, carries=("reward",))
def own_form(
    interaction: Interaction,
    event: EventCalled,
    emoji: ReactionEmoji = PARTY,
    *,
    terms: Terms,
    description: Description | None = None,
) -> Reply:
    """Post a message here whose reactions pay."""
    given = asdict(terms) | {"event_type": event, "description": description}
    return create(interaction, interaction.payload.here, emoji, None, **given)


def open_form(interaction: Interaction, message_id: str | None, reward: int | None, **filled_in: str) -> Reply:
    """Ask for the event of a reaction drop."""
    if message_id is not None:
        return existing_form.open(interaction, message_id, reward, **filled_in)
    return own_form.open(interaction, reward, **filled_in)


# --- Creation


def create(
    interaction: Interaction,
    channel: payload.Channel,
    emoji: str,
    message_id: str | None,
    look: Look = PLAIN,
    **arguments: Any,
) -> Reply:
    """Save a reaction drop and add its emoji to a message, or to a new one of ours."""
    if is_foreign(interaction, emoji):
        return outcome_reply(interaction.conclude("emoji_foreign", emoji=emoji))
    contents = fetch(interaction, look.addresses)
    result = save(
        interaction,
        channel,
        missing_permissions=lacking(channel, posts=message_id is None),
        drop_type="reaction",
        emoji=emoji,
        message_id=message_id,
        look=look.kept,
        **arguments,
    )
    if result["outcome"] != "drop_created":
        return outcome_reply(result, instead=TO_ADMIN if message_id is None else TO_REWARD)
    return publish(interaction, result["drop"], files(look.kept, contents))


def lacking(channel: payload.Channel, *, posts: bool) -> list[str]:
    """The names of the permissions that the bot lacks to react in a channel, and to post there."""
    if channel.app_permissions is None:
        return []
    granted = int(channel.app_permissions)
    to_post = missing(granted, channel.type) if posts else []
    return [*to_post, *(name for name in missing_to_react(granted, channel.type) if name not in to_post)]


def publish(interaction: Interaction, drop: Drop, files: tuple[File, ...] = ()) -> Reply:
    """Post the message if it is to be ours, and react; the schedules repeat what Discord is slow to take."""
    is_new = drop["message_id"] is None
    if is_new and (refused := post_new(interaction, drop, files)):
        return refused
    return _react(interaction, drop, is_new=is_new)


def _react(interaction: Interaction, drop: Drop, *, is_new: bool) -> Reply:
    """React to the message; store its id if it is a new one of ours."""
    if drop["end_reason"] == "not_posted":  # a redelivery
        return outcome_reply(interaction.conclude("reaction_refused", **drop, problem="It refused that before."))
    is_own = drop["is_own_message"]
    outcome = "drop_posted" if is_own else "reactions_rewarded"
    try:
        # A redelivery finds a message of ours with its emoji; to react to another one twice is to react once.
        if drop["end_reason"] is None and (is_new or not is_own):
            rest.send(_reaction(drop), timeout=interaction.seconds_left())
    except DiscordError as error:
        if not error.is_retryable:
            return _not_reacted(interaction, drop, error, is_new=is_new)
        logger.warning("emoji not added", extra={"drop_id": drop["drop_id"], "problem": str(error)})
        outcome = "emoji_delayed"
    if is_new:
        with suppress(database.DatabaseError):  # posting again with the same nonce gives the same message
            mark_rendered(drop, timeout=interaction.seconds_left())
    return outcome_reply(interaction.conclude(outcome, **drop))


def _reaction(drop: Drop) -> rest.Request:
    emoji = Emoji.parse(drop["emoji"])
    assert emoji is not None  # noqa: S101  the option was one
    return rest.reaction(drop["channel_id"], drop["message_id"], emoji)


def _not_reacted(interaction: Interaction, drop: Drop, error: DiscordError, *, is_new: bool) -> Reply:
    """Undo a drop to whose message Discord lets nobody react with the emoji, or not us."""
    logger.warning("reaction refused", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    with suppress(database.DatabaseError):  # collect_reactions meets the same refusal
        interaction.rpc("cancel_drop_post", drop_id=drop["drop_id"])
    if is_new:
        _delete(interaction, drop)
    problem = reaction_problem(error.code)
    return outcome_reply(interaction.conclude("reaction_refused", **drop, problem=problem))


def _delete(interaction: Interaction, drop: Drop) -> None:
    """Delete our message; where that fails, let the schedule show on it that the drop is closed."""
    try:
        deletion = rest.message_deletion(drop["channel_id"], drop["message_id"])
        rest.send(deletion, timeout=interaction.seconds_left())
    except DiscordError:
        with suppress(database.DatabaseError):
            mark_rendered(drop, timeout=interaction.seconds_left())


# --- Words

TO_REWARD: Sentences = {
    **TO_ADMIN,
    "post_not_allowed": lambda f: (
        f"You cannot post in <#{f['channel_id']}> yourself, so you cannot reward reactions there: you lack "
        f"{permission_names(f)}. Nothing has changed."
    ),
    "permissions_missing": lambda f: (
        f"I cannot look after reactions in <#{f['channel_id']}>: I lack {permission_names(f)} there. "
        "Give me that in the channel's settings, then try again; nothing has changed."
    ),
}


declare(
    {
        "reactions_rewarded": lambda f: (
            f"Whoever reacts with {shown(f['emoji'])} to [that message]({message_link(f)}) in <#{f['channel_id']}> "
            f"gets **{amount(f['reward'])}** within a minute. The message stays as it is; `/drop list` has it."
        ),
        "emoji_delayed": lambda f: (
            f"The drop is saved, for [this message]({message_link(f)}) in <#{f['channel_id']}>. Discord is slow: my "
            f"{shown(f['emoji'])} follows within a few minutes; there is no need to create it again."
        ),
    }
)
declare_refusals(
    {
        "message_not_reactable": lambda _: (
            "Nobody can react to messages of that kind. Choose one that somebody wrote, or use `/drop create` with "
            "`type:reaction`."
        ),
        "reaction_drop_exists": lambda f: (
            f"Reactions with {shown(f['drop']['emoji'])} to [that message]({message_link(f['drop'])}) are rewarded "
            "already. Change that drop with `/drop edit`, or choose another emoji; nothing has changed."
        ),
        "reaction_refused": lambda f: (
            f"Discord did not let me react with {shown(f['emoji'])} in <#{f['channel_id']}>. {f['problem']} "
            "The drop is closed and has paid nothing."
        ),
    }
)
