"""Channels over REST: those that were made known."""

from starlette.requests import Request

from infra.fake_discord.rest.bot import Answer, Bot, Operations


def get_channel(bot: Bot, request: Request, _: None) -> Answer:
    """Get a channel, a forum or a thread."""
    return 200, bot.store.channels.get(request.path_params["channel_id"])


OPERATIONS: Operations = {("GET", "/channels/{channel_id}"): get_channel}
