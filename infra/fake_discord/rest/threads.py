"""Threads over REST."""

from starlette.requests import Request

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.resources.threads import thread
from infra.fake_discord.rest.bot import Answer, Bot, Operations

CHANNEL = "/channels/{channel_id}"


def update_thread(bot: Bot, request: Request, body: Json) -> Answer:
    """Open a thread that was archived; a locked one needs a permission that the bot does not have."""
    thread_id, channels = request.path_params["channel_id"], bot.store.channels
    state = channels.archived(thread_id)
    if state is None and channels.place(thread_id).parent_id is None:
        raise api_error(10003)
    if state == "locked":
        raise api_error(50013)
    if body.get("archived") is False:
        channels.open(thread_id)
    return 200, _described(bot, thread_id)


def _described(bot: Bot, thread_id: str) -> Json:
    """A thread, also one that is known only because it was archived."""
    channels = bot.store.channels
    if channels.place(thread_id).parent_id:
        return channels.get(thread_id)
    return thread(thread_id, bot.application_id, bot.clock(), archived=channels.archived(thread_id) is not None)


def list_active_threads(bot: Bot, request: Request, _: None) -> Answer:
    """List a server's threads that are not archived, of the channels that the bot may see."""
    threads = bot.store.channels.active_threads(request.path_params["guild_id"])
    seen = [each for each in threads if not bot.faults.hides(bot.store.channels.place(each["id"]))]
    return 200, {"threads": seen, "members": [], "has_more": False}


OPERATIONS: Operations = {
    ("PATCH", CHANNEL): update_thread,
    ("GET", "/guilds/{guild_id}/threads/active"): list_active_threads,
}
