"""Messages over REST."""

from starlette.requests import Request

from infra.fake_discord.contract import Json, Problem
from infra.fake_discord.errors import DiscordError, api_error, invalid_form
from infra.fake_discord.resources.messages import edited, is_empty, new_message, with_reference
from infra.fake_discord.rest import parse
from infra.fake_discord.rest.bot import Answer, Bot, Operations

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
NONCE_SECONDS = 300


def create_message(bot: Bot, request: Request, body: Json) -> Answer:
    """Post a message; an enforced nonce that was used already returns the message that has it.

    A message opens the thread that it is posted in, unless that is locked.
    """
    channel_id = request.path_params["channel_id"]
    if bot.store.archived(channel_id) == "locked":
        raise api_error(160005)
    bot.store.open_thread(channel_id)
    now = bot.clock()
    nonce = str(body["nonce"]) if body.get("enforce_nonce") and body.get("nonce") is not None else None
    if nonce is not None and (sent := bot.store.sent_with(nonce, since=now - NONCE_SECONDS)):
        return 200, sent
    message = new_message(channel_id, bot.user(), body, now)
    if reference := body.get("message_reference"):
        message = _with_reference(bot, message, reference)
    bot.store.add_message(message, nonce)
    return 200, message


def _with_reference(bot: Bot, message: Json, reference: Json) -> Json:
    """The message as an answer to another one; unchanged where that one is missing and may be."""
    try:
        original = bot.store.message_in(message["channel_id"], str(reference["message_id"]))
    except DiscordError:
        if reference.get("fail_if_not_exists") is False:
            return message
        unknown = Problem(("message_reference",), "Unknown message", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
        raise invalid_form([unknown]) from None
    return with_reference(message, original)


def list_messages(bot: Bot, request: Request, _: None) -> Answer:
    """List a channel's messages, the newest first."""
    limit, before, after = parse.limit(request, 50), parse.cursor(request, "before"), parse.cursor(request, "after")
    messages = [
        message
        for message in reversed(bot.store.messages(request.path_params["channel_id"]))
        if (before is None or int(message["id"]) < before) and (after is None or int(message["id"]) > after)
    ]
    return 200, messages[-limit:] if after is not None and before is None else messages[:limit]


def get_message(bot: Bot, request: Request, _: None) -> Answer:
    """Get one message."""
    return 200, bot.message(request)


def update_message(bot: Bot, request: Request, body: Json) -> Answer:
    """Edit one of the bot's own messages."""
    message = bot.message(request)
    if bot.store.archived(message["channel_id"]):
        raise api_error(50083)
    if message["author"]["id"] != bot.application_id:
        raise api_error(50005)
    if is_empty(edited(message, body, 0)):
        raise api_error(50006)
    return 200, bot.store.edit_message(message["channel_id"], message["id"], body, bot.clock())


def delete_message(bot: Bot, request: Request, _: None) -> Answer:
    """Delete a message."""
    message = bot.message(request)
    bot.store.delete_message(message["channel_id"], message["id"])
    return 204, None


OPERATIONS: Operations = {
    ("POST", MESSAGES): create_message,
    ("GET", MESSAGES): list_messages,
    ("GET", MESSAGE): get_message,
    ("PATCH", MESSAGE): update_message,
    ("DELETE", MESSAGE): delete_message,
}
