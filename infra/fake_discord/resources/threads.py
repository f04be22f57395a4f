"""Threads as Discord describes them."""

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.servers import NEWS, NEWS_THREAD, THREAD
from infra.fake_discord.resources.snowflakes import timestamp


def thread(thread_id: str, owner_id: str, at: float, *, archived: bool, name: str = "thread") -> Json:
    """A public thread that is not locked, of a channel and a server that have its id."""
    return {
        "id": thread_id,
        "type": THREAD,
        "flags": 0,
        "guild_id": thread_id,
        "parent_id": thread_id,
        "name": name,
        "owner_id": owner_id,
        "message_count": 1,
        "member_count": 1,
        "total_message_sent": 1,
        "thread_metadata": {
            "archived": archived,
            "archive_timestamp": timestamp(at),
            "auto_archive_duration": 1440,
            "locked": False,
        },
    }


def thread_of(parent: Json, thread_id: str, name: str, owner_id: str, at: float) -> Json:
    """A new thread of a channel; a post, where the channel is a forum."""
    kind = NEWS_THREAD if parent["type"] == NEWS else THREAD
    where = {"type": kind, "guild_id": parent["guild_id"], "parent_id": parent["id"]}
    return {**thread(thread_id, owner_id, at, archived=False, name=name), **where, "last_message_id": None}
