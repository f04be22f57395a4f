"""The row of a new drop, before anything of it is seen in Discord."""

from datetime import timedelta
from typing import Any

from shared.discord import payload
from shared.discord.permissions import missing, missing_to_send
from shared.format import channel_mention, line, listed
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, Sentences, declare_refusals
from shared.interactions.problems import InvalidOptionsError, Problem


def missing_to_post(channel: payload.Channel) -> list[str]:
    """The names of the permissions that the bot lacks to post in a channel; none where Discord does not say."""
    return missing(int(channel.app_permissions), channel.type) if channel.app_permissions else []


def terms_of(
    channel: payload.Channel, lifespan: timedelta | None, missing_permissions: list[str], **arguments: Any
) -> dict[str, Any]:
    """The arguments of create_drop but the caller. Raises InvalidOptionsError."""
    return arguments | {
        "channel_id": known_id(channel),
        "lifespan_seconds": seconds(lifespan),
        "missing_permissions": missing_permissions,
        "missing_permissions_of_caller": missing_to_send(channel.permissions, channel.type),
    }


def save(
    interaction: Interaction, channel: payload.Channel, lifespan: timedelta | None, **arguments: Any
) -> dict[str, Any]:
    """Create the row of a drop in a channel where the bot lacks some permissions. Raises InvalidOptionsError."""
    return interaction.rpc("create_drop", channel, **terms_of(channel, lifespan, **arguments))


def known_id(channel: payload.Channel) -> str:
    """The id of a channel. Raises InvalidOptionsError where Discord did not tell it."""
    if channel.id is None:
        raise InvalidOptionsError([Problem("channel", "{name} is missing: Discord did not say which one this is.")])
    return channel.id


def seconds(lifespan: timedelta | None) -> int | None:
    """A lifespan as SQL takes it; None is permanent."""
    return None if lifespan is None else int(lifespan.total_seconds())


# --- Words


def permission_names(facts: Facts) -> str:
    """The permissions that somebody lacks: **Send Messages** and **Embed Links**."""
    return listed([f"**{name}**" for name in facts["missing"]])


def _channel_excluded(facts: Facts) -> str:
    channel, excluded = channel_mention(facts["channel_id"]), channel_mention(facts["excluded"])
    if channel == excluded:
        return (
            f"Rewards are off in {channel}, so a drop there would pay nobody. "
            "A full admin can switch them on with `/config channels include`."
        )
    return (  # excluded is what the channel belongs to
        f"Rewards are off in {channel}, because {excluded} is excluded, so a drop there would pay nobody. "
        "A full admin can switch them on with `/config channels include`."
    )


# A refusal of earning as the admin reads it, who can lift it.
TO_ADMIN: Sentences = {
    "event_disabled": lambda f: (
        f"**{line(f['event'], 80)}** is switched off, so a drop of it would pay nobody. "
        "A full admin can switch it on with `/config events toggle`."
    ),
    "channel_excluded": _channel_excluded,
}

declare_refusals(
    {
        "post_not_allowed": lambda f: (
            f"You cannot post in <#{f['channel_id']}> yourself, so you cannot post a drop there: you lack "
            f"{permission_names(f)}. Nothing has been posted."
        ),
        "permissions_missing": lambda f: (
            f"I cannot post in <#{f['channel_id']}>: I lack {permission_names(f)} there. "
            "Give me that in the channel's settings, then try again; nothing has been posted."
        ),
    }
)
