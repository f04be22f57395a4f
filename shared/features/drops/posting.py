"""The message of a new drop, and what an admin is told where Discord does not take it."""

from contextlib import suppress

from shared import database
from shared.discord.error import DiscordError
from shared.discord.reply import Reply
from shared.discord.rest import File
from shared.features.drops.message import Drop, discord_problem, mark_rendered, message_link, pictures_of, post
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import declare, declare_refusals, outcome_reply
from shared.log import logger


def publish(interaction: Interaction, drop: Drop, files: tuple[File, ...] = ()) -> Reply:
    """Post the message of a new drop and store its id; expire_drops repeats what fails here."""
    if drop["message_id"] is None:  # else this is a redelivery, and the message is posted
        if drop["end_reason"] is not None:
            return refused_before(interaction, drop)
        try:
            drop["message_id"] = post(drop, files, timeout=interaction.seconds_left())
        except DiscordError as error:
            return not_posted(interaction, drop, error)
        with suppress(database.DatabaseError):  # posting again with the same nonce gives the same message
            mark_rendered(drop, timeout=interaction.seconds_left())
    return outcome_reply(interaction.conclude("drop_posted", **drop))


def not_posted(interaction: Interaction, drop: Drop, error: DiscordError) -> Reply:
    """Leave a drop to expire_drops where Discord is slow, else close it."""
    logger.warning("drop not posted", extra={"drop_id": drop["drop_id"], "problem": str(error)})
    if error.is_retryable:
        return outcome_reply(interaction.conclude("drop_delayed", **drop))
    with suppress(database.DatabaseError):  # expire_drops gives up posting after some minutes
        interaction.rpc("cancel_drop_post", drop_id=drop["drop_id"])
    return outcome_reply(interaction.conclude("drop_not_posted", **drop, problem=discord_problem(error.code)))


def refused_before(interaction: Interaction, drop: Drop) -> Reply:
    """Answer the redelivery of a command whose drop was closed then."""
    return outcome_reply(interaction.conclude("drop_not_posted", **drop, problem="it refused the message before"))


# --- Words

declare(
    {
        "drop_posted": lambda f: f"The drop is in <#{f['channel_id']}>: {message_link(f)}",
        "drop_delayed": lambda f: (
            f"Discord is slow to take the message. The drop is saved and will appear in <#{f['channel_id']}> within "
            f"a few minutes{' without its picture' if pictures_of(f) else ''}; there is no need to create it again."
        ),
    }
)
declare_refusals(
    {
        "drop_not_posted": lambda f: (
            f"Discord did not let me post in <#{f['channel_id']}>: {f['problem']}. "
            "The drop is closed and has paid nothing."
        ),
    }
)
