"""The channels of servers that were made known, threads among them, and what the bot may not do in them."""

import json
from typing import NamedTuple

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.resources.servers import THREADS
from infra.fake_discord.tables.database import Database

PERMISSIONS = ("READ_MESSAGE_HISTORY", "ADD_REACTIONS")  # those that can be denied in a channel


class Place(NamedTuple):
    """Where a channel is: the parent is that of a thread alone, whose permissions are those of its parent."""

    channel_id: str
    parent_id: str | None = None
    guild_id: str | None = None


class Channels:
    """Channels; messages can be posted in any, also in one that was never made known."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, channel: Json) -> None:
        """Store a channel or a thread."""
        self._db.rows("insert or replace into channels values (?, ?)", channel["id"], json.dumps(channel))

    def get(self, channel_id: str) -> Json:
        """One channel; DiscordError when there is none."""
        rows = self._db.rows("select body from channels where id = ?", channel_id)
        if not rows:
            raise api_error(10003)
        return self._present(json.loads(rows[0][0]))

    def all(self, guild_id: str) -> list[Json]:
        """The channels of a server, without threads."""
        query = (
            "select body from channels where json_extract(body, '$.guild_id') = ? "
            "and json_extract(body, '$.type') not in (10, 11, 12) order by cast(id as integer)"
        )
        return [json.loads(body) for (body,) in self._db.rows(query, guild_id)]

    def active_threads(self, guild_id: str) -> list[Json]:
        """The threads of a server that are not archived, the newest first."""
        query = (
            "select body from channels where json_extract(body, '$.guild_id') = ? "
            "and json_extract(body, '$.type') in (10, 11, 12) and id not in (select id from archived_threads) "
            "order by cast(id as integer) desc"
        )
        return [self._present(json.loads(body)) for (body,) in self._db.rows(query, guild_id)]

    def threads(self, parent_id: str) -> list[str]:
        """The ids of a channel's threads, the oldest first."""
        query = (
            "select id from channels where json_extract(body, '$.parent_id') = ? "
            "and json_extract(body, '$.type') in (10, 11, 12) order by cast(id as integer)"
        )
        return [thread_id for (thread_id,) in self._db.rows(query, parent_id)]

    def place(self, channel_id: str) -> Place:
        """Where a channel is, as far as that is known."""
        rows = self._db.rows("select body from channels where id = ?", channel_id)
        if not rows:
            return Place(channel_id)
        channel = json.loads(rows[0][0])
        parent_id = channel["parent_id"] if channel["type"] in THREADS else None
        return Place(channel_id, parent_id, channel["guild_id"])

    def archive(self, thread_id: str, *, locked: bool) -> None:
        """Archive a thread; a locked one can be opened by those who manage threads only."""
        self._db.rows("insert or replace into archived_threads values (?, ?)", thread_id, locked)

    def open(self, thread_id: str) -> None:
        """Undo that."""
        self._db.rows("delete from archived_threads where id = ?", thread_id)

    def archived(self, thread_id: str) -> str | None:
        """Is a thread "archived", is it "locked" as well, or neither (None)?"""
        rows = self._db.rows("select locked from archived_threads where id = ?", thread_id)
        return ("locked" if rows[0][0] else "archived") if rows else None

    def deny(self, channel_id: str, permission: str) -> None:
        """Take a permission of the bot away in a channel; ValueError for one that this knows nothing of."""
        if permission not in PERMISSIONS:
            raise ValueError(f"{permission} is none of {', '.join(PERMISSIONS)}")
        self._db.rows("insert or ignore into denied_permissions values (?, ?)", channel_id, permission)

    def grant(self, channel_id: str, permission: str) -> None:
        """Undo that."""
        query = "delete from denied_permissions where channel_id = ? and permission = ?"
        self._db.rows(query, channel_id, permission)

    def allows(self, channel_id: str, permission: str) -> bool:
        """Has the bot a permission in a channel?"""
        query = "select channel_id from denied_permissions where permission = ?"
        denied = {channel for (channel,) in self._db.rows(query, permission)}
        return not denied or not any(channel in self.place(channel_id) for channel in denied)

    def _present(self, channel: Json) -> Json:
        """A channel as it is now."""
        if channel["type"] not in THREADS:
            return channel
        state = self.archived(channel["id"])
        metadata = {**channel["thread_metadata"], "archived": state is not None, "locked": state == "locked"}
        return {**channel, "thread_metadata": metadata}
