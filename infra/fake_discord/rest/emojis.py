"""The emoji of servers over REST."""

from starlette.requests import Request

from infra.fake_discord.rest.bot import Answer, Bot, Operations


def get_emoji(bot: Bot, request: Request, _: None) -> Answer:
    """Get an emoji of a server."""
    return 200, bot.store.emojis.get(request.path_params["guild_id"], request.path_params["emoji_id"])


OPERATIONS: Operations = {("GET", "/guilds/{guild_id}/emojis/{emoji_id}"): get_emoji}
