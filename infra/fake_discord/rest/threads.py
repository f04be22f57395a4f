"""Threads over REST."""

from starlette.requests import Request

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.resources.threads import thread
from infra.fake_discord.rest.bot import Answer, Bot, Operations

CHANNEL = "/channels/{channel_id}"


def update_thread(bot: Bot, request: Request, body: Json) -> Answer:
    """Open a thread that was archived; a locked one needs a permission that the bot does not have."""
    thread_id = request.path_params["channel_id"]
    state = bot.store.archived(thread_id)
    if state is None:
        raise api_error(10003)
    if state == "locked":
        raise api_error(50013)
    if body.get("archived") is False:
        bot.store.open_thread(thread_id)
    return 200, thread(thread_id, bot.application_id, bot.clock(), archived=bot.store.archived(thread_id) is not None)


OPERATIONS: Operations = {("PATCH", CHANNEL): update_thread}
