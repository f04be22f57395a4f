"""Reactions over REST."""

from starlette.requests import Request

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.resources.messages import is_system_message
from infra.fake_discord.resources.reactions import emoji_name
from infra.fake_discord.resources.users import user
from infra.fake_discord.rest import parse
from infra.fake_discord.rest.bot import Answer, Bot, Operations
from infra.fake_discord.rest.routes import OWN_REACTION, REACTIONS

MOST_EMOJI = 20


def add_own_reaction(bot: Bot, request: Request, _: None) -> Answer:
    """React as the bot; an emoji that others have reacted with asks for no permission, nor for being known."""
    bot.check_permission(request, "READ_MESSAGE_HISTORY")
    message, emoji = _open_message(bot, request), parse.emoji(request)
    if is_system_message(message):
        raise api_error(50021)
    if bot.store.members.blocks(message["author"]["id"]):
        raise api_error(90001)
    if not _has(message, emoji):
        _check_new(bot, request, message, emoji)
    bot.store.add_reaction(message["channel_id"], message["id"], emoji, bot.application_id, bot=True)
    return 204, None


def _has(message: Json, emoji: str) -> bool:
    """Has a message reactions with an emoji? One of a server is told by its id."""
    names = [emoji_name(reaction["emoji"]) for reaction in message.get("reactions", ())]
    _, _, emoji_id = emoji.partition(":")
    return emoji in names or any(emoji_id and name.endswith(f":{emoji_id}") for name in names)


def _check_new(bot: Bot, request: Request, message: Json, emoji: str) -> None:
    """Raise DiscordError where the bot may not be the first to react to a message with an emoji."""
    bot.check_permission(request, "ADD_REACTIONS")
    if ":" in emoji and not bot.store.emojis.knows(emoji, bot.store.channels.place(message["channel_id"]).guild_id):
        raise api_error(10014)
    if len(message.get("reactions", ())) >= MOST_EMOJI:
        raise api_error(30010)


def delete_own_reaction(bot: Bot, request: Request, _: None) -> Answer:
    """Take the bot's reaction back, if there is one."""
    message, emoji = _open_message(bot, request), parse.emoji(request)
    bot.store.delete_reaction(message["channel_id"], message["id"], emoji, bot.application_id)
    return 204, None


def list_reactions(bot: Bot, request: Request, _: None) -> Answer:
    """List who reacted with an emoji, by id: with normal reactions (type 0) or super ones (1)."""
    bot.check_permission(request, "READ_MESSAGE_HISTORY")
    channel_id, message_id = request.path_params["channel_id"], request.path_params["message_id"]
    bot.store.check_message(channel_id, message_id)
    emoji, burst = parse.emoji(request), parse.number(request, "type", 0, range(2)) == 1
    after, limit = parse.cursor(request, "after") or 0, parse.limit(request, 25)
    reactors = bot.store.reactions.users(message_id, emoji, after, limit, burst=burst)
    return 200, [bot.user() if each.id == bot.application_id else user(each.id, bot=each.bot) for each in reactors]


def _open_message(bot: Bot, request: Request) -> Json:
    """The message in the path; DiscordError where its thread is archived."""
    message = bot.message(request)
    if bot.store.channels.archived(message["channel_id"]):
        raise api_error(50083)
    return message


OPERATIONS: Operations = {
    ("PUT", OWN_REACTION): add_own_reaction,
    ("DELETE", OWN_REACTION): delete_own_reaction,
    ("GET", REACTIONS): list_reactions,
}
