"""/config channels: where nobody earns, and where notices to admins go."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.discord.payload import Snowflake
from shared.discord.reply import Reply
from shared.features.names import channel_names
from shared.features.settings.pages import section_reply
from shared.features.settings.sections import CHANNELS
from shared.format import channel_mention, is_id
from shared.interactions.interaction import Interaction
from shared.interactions.options import TEXT_CHANNELS, filter_choices, mentioned, not_mentioned
from shared.interactions.outcomes import declare
from shared.interactions.registry import CHANNEL, Level, OptionKind, command, group

group("config channels", "Where nobody earns, and where notices to admins go")


def excluded_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The excluded channels that match what was typed."""
    excluded = interaction.rpc("get_settings").get("after", {}).get("excluded_channels", [])
    names = channel_names(interaction) if excluded else {}
    return filter_choices([(names.get(channel, channel), channel) for channel in excluded], typed)


# Every type: what is in a category, a forum or a media channel counts as that does.
AnyChannel = Annotated[
    Snowflake,
    OptionKind(CHANNEL),
    Field(description="Which channel or category"),
]
ExcludedChannel = Annotated[
    str,
    Field(description="Which channel: choose it from the list, or type # and its name", min_length=1, max_length=100),
    AfterValidator(mentioned),
    OptionKind(complete=excluded_choices),
]
AdminChannel = Annotated[
    Snowflake, OptionKind(CHANNEL, channel_types=TEXT_CHANNELS), Field(description="Which channel; default: none")
]


@command("config channels exclude", requires=Level.FULL_ADMIN)
def exclude(interaction: Interaction, channel: AnyChannel) -> Reply:
    """Switch rewards off in a channel and its threads, or in a category."""
    return section_reply(CHANNELS, interaction.rpc("exclude_channel", channel_id=channel))


@command("config channels include", requires=Level.FULL_ADMIN)
def include(interaction: Interaction, channel: ExcludedChannel) -> Reply:
    """Switch rewards on again in a channel."""
    return section_reply(CHANNELS, interaction.rpc("include_channel", channel_id=channel))


@command("config channels admin", requires=Level.FULL_ADMIN)
def set_admin_channel(interaction: Interaction, channel: AdminChannel | None = None) -> Reply:
    """Set the channel for notices to admins, or none."""
    return section_reply(CHANNELS, interaction.rpc("set_admin_channel", channel_id=channel))


NO_CHANNEL = (
    "Nothing has changed: {typed} does not say which channel. "
    "Choose one from the list, or type # and choose the channel by its name."
)

declare(
    {
        "channel_not_excluded": lambda f: (
            f"Nothing has changed: {channel_mention(f['channel_id'])} is not excluded."
            if is_id(f["channel_id"])
            else not_mentioned(NO_CHANNEL, f["channel_id"])
        ),
    }
)
