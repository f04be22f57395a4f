"""What channels and roles are called, for suggestions: Discord shows no mentions there."""

from collections.abc import Callable
from typing import Any

from shared.discord import rest
from shared.discord.error import DiscordError
from shared.format import one_line
from shared.interactions.interaction import Interaction
from shared.log import logger

ASKING_SECONDS = 1  # a suggestion that comes later is of no use


def channel_names(interaction: Interaction) -> dict[str, str]:
    """#general and the others by their ids, without threads; none where Discord does not say."""
    return _names(interaction, rest.get_channels, "#")


def role_names(interaction: Interaction) -> dict[str, str]:
    """@VIP and the others by their ids; none where Discord does not say."""
    return _names(interaction, rest.get_roles, "@")


def _names(interaction: Interaction, get: Callable[..., list[dict[str, Any]]], sign: str) -> dict[str, str]:
    server_id = interaction.payload.guild_id
    if server_id is None:
        return {}
    try:
        found = get(server_id, timeout=min(interaction.seconds_left(), ASKING_SECONDS))
    except DiscordError as error:
        logger.info("names not known", extra={"problem": str(error)})
        return {}
    return {each["id"]: sign + one_line(each["name"]).removeprefix(sign) for each in found}
