"""Reactions over REST."""

from starlette.requests import Request

from infra.fake_discord.errors import api_error
from infra.fake_discord.resources.reactions import emoji_name
from infra.fake_discord.resources.users import user
from infra.fake_discord.rest import parse
from infra.fake_discord.rest.bot import Answer, Bot, Operations
from infra.fake_discord.rest.messages import MESSAGE

REACTIONS = MESSAGE + "/reactions/{emoji_name}"
OWN_REACTION = REACTIONS + "/@me"
MOST_EMOJI = 20


def add_own_reaction(bot: Bot, request: Request, _: None) -> Answer:
    """React as the bot."""
    message, emoji = bot.message(request), parse.emoji(request)
    names = {emoji_name(reaction["emoji"]) for reaction in message.get("reactions", ())}
    if emoji not in names and len(names) >= MOST_EMOJI:
        raise api_error(30010)
    bot.store.add_reaction(message["channel_id"], message["id"], emoji, bot.application_id, bot=True)
    return 204, None


def list_reactions(bot: Bot, request: Request, _: None) -> Answer:
    """List who reacted with an emoji, by id."""
    message, emoji = bot.message(request), parse.emoji(request)
    after, limit = parse.cursor(request, "after") or 0, parse.limit(request, 25)
    reactors = bot.store.reactors(message["id"], emoji, after, limit)
    return 200, [
        bot.user() if user_id == bot.application_id else user(user_id, bot=is_bot) for user_id, is_bot in reactors
    ]


OPERATIONS: Operations = {
    ("PUT", OWN_REACTION): add_own_reaction,
    ("GET", REACTIONS): list_reactions,
}
