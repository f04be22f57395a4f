"""What a bot asks about itself and other members: its user, its application, roles in a server."""

from starlette.requests import Request

from infra.fake_discord.resources.application import GRANTED, application
from infra.fake_discord.resources.members import member_of_server
from infra.fake_discord.resources.servers import role
from infra.fake_discord.rest.bot import Answer, Bot, Operations


def get_user(bot: Bot, _: Request, __: None) -> Answer:
    """Get the bot's user."""
    return 200, {**bot.user(), "mfa_enabled": True, "locale": "en-US"}


def get_application(bot: Bot, _: Request, __: None) -> Answer:
    """Get the bot's application."""
    return 200, application(bot.application_id, bot.endpoint.public_key, bot.endpoint.url)


def list_roles(bot: Bot, request: Request, _: None) -> Answer:
    """List a server's roles: @everyone, the bot's, and those that were made known."""
    guild_id = request.path_params["guild_id"]
    own = {**role(_bot_role(guild_id)), "permissions": str(GRANTED)}
    return 200, [role(guild_id, "@everyone"), own, *bot.store.roles.all(guild_id)]


def get_member(bot: Bot, request: Request, _: None) -> Answer:
    """Get a member of a server: the bot, or one who was made known."""
    guild_id, user_id = request.path_params["guild_id"], request.path_params["user_id"]
    if user_id != bot.application_id:
        return 200, bot.store.members.get(guild_id, user_id)
    return 200, member_of_server(bot.user(), [_bot_role(guild_id)], bot.clock())


def _bot_role(guild_id: str) -> str:
    """The role that Discord makes in a server for the bot; @everyone has the server's own id."""
    return str(int(guild_id) + 1)


OPERATIONS: Operations = {
    ("GET", "/users/@me"): get_user,
    ("GET", "/applications/@me"): get_application,
    ("GET", "/guilds/{guild_id}/roles"): list_roles,
    ("GET", "/guilds/{guild_id}/members/{user_id}"): get_member,
}
