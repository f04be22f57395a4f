"""The channels and roles of servers over REST."""

from starlette.requests import Request

from infra.fake_discord.rest.bot import Answer, Bot, Operations


def get_channels(bot: Bot, request: Request, _: None) -> Answer:
    """Get the channels of a server, without threads."""
    return 200, bot.store.channels.all(request.path_params["guild_id"])


def get_roles(bot: Bot, request: Request, _: None) -> Answer:
    """Get the roles of a server."""
    return 200, bot.store.roles.all(request.path_params["guild_id"])


OPERATIONS: Operations = {
    ("GET", "/guilds/{guild_id}/channels"): get_channels,
    ("GET", "/guilds/{guild_id}/roles"): get_roles,
}
