"""Channels over REST: those that `FakeDiscord.add_channel` has made known."""

from starlette.requests import Request

from infra.fake_discord.rest.bot import Answer, Bot, Operations


def get_channel(bot: Bot, request: Request, _: None) -> Answer:
    """Get a channel."""
    return 200, bot.store.channel(request.path_params["channel_id"])


OPERATIONS: Operations = {("GET", "/channels/{channel_id}"): get_channel}
