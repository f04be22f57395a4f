"""Messages over REST."""

from starlette.requests import Request

from infra.fake_discord.contract import Json, Problem
from infra.fake_discord.errors import DiscordError, api_error, invalid_form
from infra.fake_discord.resources.messages import edited, is_empty, new_message, with_reference, without_content
from infra.fake_discord.rest import parse
from infra.fake_discord.rest.bot import Answer, Bot, Operations
from infra.fake_discord.rest.routes import MESSAGE, MESSAGES
from infra.fake_discord.rest.uploads import Uploads, kept

NONCE_SECONDS = 300
NO_ID = 2**63 - 1  # above every id


def create_message(bot: Bot, request: Request, body: Json) -> Answer:
    """Post a message; an enforced nonce that was used already returns the message that has it.

    A message opens the thread that it is posted in, unless that is locked.
    """
    channel_id = request.path_params["channel_id"]
    if bot.store.channels.archived(channel_id) == "locked":
        raise api_error(160005)
    bot.store.channels.open(channel_id)
    now = bot.clock()
    nonce = str(body["nonce"]) if body.get("enforce_nonce") and body.get("nonce") is not None else None
    if nonce is not None and (sent := bot.store.sent_with(nonce, since=now - NONCE_SECONDS)):
        return 200, sent
    message = new_message(channel_id, bot.user(), body, now)
    if reference := body.get("message_reference"):
        message = _with_reference(bot, message, reference)
    uploads = Uploads(bot, request, message)
    uploads.check_named(body.get("attachments"), [])
    bot.store.add_message({**message, "files": uploads.described} if uploads.described else message, nonce)
    uploads.store(message)
    return 200, bot.store.message(message["id"])


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
    """List a channel's messages, the newest first; none, where the bot may not read its history."""
    limit, cursor = parse.limit(request, 50), parse.one_cursor(request, "around", "before", "after")
    channel_id = request.path_params["channel_id"]
    if not bot.store.channels.allows(channel_id, "READ_MESSAGE_HISTORY"):
        return 200, []
    return 200, [_seen(bot, message) for message in _page(bot, channel_id, cursor, limit)]


def _page(bot: Bot, channel_id: str, cursor: tuple[str, int] | None, limit: int) -> list[Json]:
    name, message_id = cursor or ("before", NO_ID)
    if name == "before":
        return bot.store.messages_before(channel_id, message_id, limit)
    if name == "after":
        return bot.store.messages_after(channel_id, message_id, limit)
    older = bot.store.messages_before(channel_id, message_id + 1, limit // 2 + 1)
    newer = bot.store.messages_after(channel_id, message_id, limit - len(older)) if limit > len(older) else []
    return [*newer, *older][:limit]


def _seen(bot: Bot, message: Json) -> Json:
    """A message as the bot sees it, which lacks the MESSAGE_CONTENT intent."""
    if original := message.get("referenced_message"):
        message = {**message, "referenced_message": _seen(bot, original)}
    return message if message["author"]["id"] == bot.application_id else without_content(message)


def get_message(bot: Bot, request: Request, _: None) -> Answer:
    """Get one message."""
    bot.check_permission(request, "READ_MESSAGE_HISTORY")
    return 200, _seen(bot, bot.message(request))


def update_message(bot: Bot, request: Request, body: Json) -> Answer:
    """Edit one of the bot's own messages; `attachments` names the files that stay, all where it is not there."""
    message = _own(bot, request, refusal=50005)
    uploads, old = Uploads(bot, request, message), bot.store.files(message["id"])
    uploads.check_named(body.get("attachments"), old)
    files = [*kept(old, body.get("attachments")), *uploads.described]
    if is_empty({**edited(message, body, 0), "attachments": files}):
        raise api_error(50006)
    changed = bot.store.edit_message(message["channel_id"], message["id"], {**body, "files": files}, bot.clock())
    uploads.store(changed)
    return 200, changed


def delete_message(bot: Bot, request: Request, _: None) -> Answer:
    """Delete one of the bot's own messages."""
    message = _own(bot, request, refusal=50013)
    bot.store.delete_message(message["channel_id"], message["id"])
    return 204, None


def _own(bot: Bot, request: Request, *, refusal: int) -> Json:
    """The message, if it is the bot's own and in no archived thread; `refusal` is the code for somebody else's."""
    message = bot.message(request)
    if bot.store.channels.archived(message["channel_id"]):
        raise api_error(50083)
    if message["author"]["id"] != bot.application_id:
        raise api_error(refusal)
    return message


OPERATIONS: Operations = {
    ("POST", MESSAGES): create_message,
    ("GET", MESSAGES): list_messages,
    ("GET", MESSAGE): get_message,
    ("PATCH", MESSAGE): update_message,
    ("DELETE", MESSAGE): delete_message,
}
