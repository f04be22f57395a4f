"""The message of a new drop, and what an admin is told where Discord does not take it."""

from contextlib import suppress

from shared import database
from shared.discord.error import DiscordError
from shared.discord.reply import Reply
from shared.discord.rest import File
from shared.features.drops.discord_problems import discord_problem
from shared.features.drops.message import Drop, mark_rendered, message_link, pictures_of, post
from shared.format import channel_mention
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.log import logger


def publish(interaction: Interaction, drop: Drop, files: tuple[File, ...] = ()) -> Reply:
    """Post the message of a new drop and store its id; expire_drops repeats what fails here."""
    if drop["message_id"] is None:  # else this is a redelivery, and the message is posted
        if refused := post_new(interaction, drop, files):
            return refused
        with suppress(database.DatabaseError):  # posting again with the same nonce gives the same message
            mark_rendered(drop, timeout=interaction.seconds_left())
    return outcome_reply(interaction.conclude("drop_posted", **drop))


def post_new(interaction: Interaction, drop: Drop, files: tuple[File, ...]) -> Reply | None:
    """Post the message of a new drop, and put its id into the drop. The reply where Discord does not take it."""
    if drop["end_reason"] is not None:  # the redelivery of a command whose drop was closed then
        before = "It refused the message before."
        return outcome_reply(interaction.conclude("drop_not_posted", **drop, problem=before))
    try:
        drop["message_id"] = post(drop, files, timeout=interaction.seconds_left())
    except DiscordError as error:
        return _not_posted(interaction, drop, error)
    return None


def _not_posted(interaction: Interaction, drop: Drop, error: DiscordError) -> Reply:
    """Leave a drop to expire_drops where Discord is slow, else close it."""
    logger.warning("drop not posted", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    if error.is_retryable:
        return outcome_reply(interaction.conclude("drop_delayed", **drop))
    with suppress(database.DatabaseError):  # expire_drops gives up posting after some minutes
        interaction.rpc("cancel_drop_post", drop_id=drop["drop_id"])
    return outcome_reply(interaction.conclude("drop_not_posted", **drop, problem=discord_problem(error.code)))


# --- Words


def _delayed(facts: Facts) -> str:
    channel = channel_mention(facts["channel_id"])
    if pictures_of(facts):
        return (
            f"Discord is slow to take the message. The drop is saved and will appear in {channel} within a few minutes "
            "without its picture; there is no need to create it again."
        )
    return (
        f"Discord is slow to take the message. The drop is saved and will appear in {channel} within a few minutes; "
        "there is no need to create it again."
    )


declare(
    {
        "drop_posted": lambda f: f"The drop is in <#{f['channel_id']}>: {message_link(f)}",
        "drop_delayed": _delayed,
    }
)
declare_refusals(
    {
        "drop_not_posted": lambda f: (
            f"Discord did not let me post in <#{f['channel_id']}>. {f['problem']} "
            "The drop is closed and has paid nothing."
        ),
    }
)
