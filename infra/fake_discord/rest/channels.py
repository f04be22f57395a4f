"""Channels over REST: those that were made known."""

from starlette.requests import Request

from infra.fake_discord.rest.bot import Answer, Bot, Operations


def get_channel(bot: Bot, request: Request, _: None) -> Answer:
    """Get a channel, a forum or a thread."""
    return 200, bot.store.channels.get(request.path_params["channel_id"])


def list_channels(bot: Bot, request: Request, _: None) -> Answer:
    """List the channels of a server, without threads."""
    return 200, bot.store.channels.all(request.path_params["guild_id"])


OPERATIONS: Operations = {
    ("GET", "/channels/{channel_id}"): get_channel,
    ("GET", "/guilds/{guild_id}/channels"): list_channels,
}
