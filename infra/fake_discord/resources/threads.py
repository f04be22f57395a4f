"""Threads as Discord describes them."""

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.snowflakes import timestamp


def thread(thread_id: str, owner_id: str, at: float, *, archived: bool) -> Json:
    """A public thread that is not locked."""
    return {
        "id": thread_id,
        "type": 11,
        "flags": 0,
        "guild_id": thread_id,
        "parent_id": thread_id,
        "name": "thread",
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
