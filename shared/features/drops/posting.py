"""What an admin is told where Discord did not take the message of a new drop."""

from contextlib import suppress

from shared import database
from shared.discord.error import DiscordError
from shared.discord.reply import Reply
from shared.features.drops.message import Drop, discord_problem, message_link
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import declare, declare_refusals, outcome_reply
from shared.log import logger


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
            "a few minutes; there is no need to create it again."
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
