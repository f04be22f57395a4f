"""Replies to interactions over REST, by the interaction's token: messages, at once or deferred, and their edits."""

from starlette.requests import Request

from infra.fake_discord.callback_type import CallbackType
from infra.fake_discord.contract import Json, Problem
from infra.fake_discord.errors import api_error, invalid_form
from infra.fake_discord.resources.messages import EPHEMERAL, LOADING, edited, is_empty, new_reply
from infra.fake_discord.rest.bot import Answer, Bot, Operations
from infra.fake_discord.rest.uploads import FILE_BYTES, Uploads, kept
from infra.fake_discord.store import Delivered

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
# For how long a token takes the first reply, and for how long its edits.
REPLY_SECONDS, TOKEN_SECONDS = 3, 900


def reply(bot: Bot, request: Request, body: Json) -> Answer:
    """Answer an interaction."""
    token, now = request.path_params["interaction_token"], bot.clock()
    delivered = bot.store.delivered(token)
    if delivered is None or delivered.interaction["id"] != request.path_params["interaction_id"]:
        raise api_error(10062)
    if delivered.reply_id:
        raise api_error(40060)
    if now > delivered.at + REPLY_SECONDS:
        raise api_error(10062)
    message = new_reply({"application_id": bot.application_id, **delivered.interaction}, _message_data(body), now)
    bot.store.add_message(message)
    bot.store.set_reply(token, message["id"])
    return 204, None


def _message_data(body: Json) -> Json:
    data = body.get("data") or {}
    if body["type"] == CallbackType.DEFERRED_MESSAGE:
        return {"flags": (data.get("flags") or 0) & EPHEMERAL | LOADING}
    if body["type"] == CallbackType.MESSAGE:
        return dict(data)
    raise invalid_form([Problem(("type",), "the fake Discord takes only messages here: 4 and 5")])


def get_reply(bot: Bot, request: Request, _: None) -> Answer:
    """Get the reply to an interaction."""
    return 200, bot.store.message(_replied(bot, request)[1])


def update_reply(bot: Bot, request: Request, body: Json) -> Answer:
    """Edit the reply to an interaction, also with files; `attachments` names the files that stay."""
    delivered, reply_id = _replied(bot, request)
    message = bot.store.message(reply_id)
    uploads = Uploads(bot, request, message, delivered.interaction.get("attachment_size_limit", FILE_BYTES))
    fresh = {**edited(message, body, bot.clock()), "flags": message["flags"] & ~LOADING}
    fresh["attachments"] = [*kept(message["attachments"], body.get("attachments")), *uploads.described]
    if is_empty(fresh):
        raise api_error(50006)
    bot.store.replace_message(fresh)
    uploads.store(fresh)
    return 200, fresh


def _replied(bot: Bot, request: Request) -> tuple[Delivered, str]:
    """The interaction whose token is in the path, and the id of the reply to it."""
    if request.path_params["webhook_id"] != bot.application_id:
        raise api_error(10015)
    delivered = bot.store.delivered(request.path_params["webhook_token"])
    if delivered is None or bot.clock() >= delivered.at + TOKEN_SECONDS:
        raise api_error(50027)
    if delivered.reply_id is None:
        raise api_error(10015)
    return delivered, delivered.reply_id


OPERATIONS: Operations = {
    ("POST", CALLBACK): reply,
    ("GET", ORIGINAL): get_reply,
    ("PATCH", ORIGINAL): update_reply,
}
