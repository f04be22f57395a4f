"""The members of servers that were made known, and the users who have blocked the bot."""

import json

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.tables.database import Database


class Memberships:
    """Who is a member of which server, with which roles."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def set(self, guild_id: str, member: Json) -> None:
        """Store a member as they are now."""
        query = "insert or replace into members values (?, ?, ?)"
        self._db.rows(query, guild_id, member["user"]["id"], json.dumps(member))

    def remove(self, guild_id: str, user_id: str) -> None:
        """Let a member leave."""
        self._db.rows("delete from members where guild_id = ? and user_id = ?", guild_id, user_id)

    def get(self, guild_id: str, user_id: str) -> Json:
        """One member; DiscordError when there is none."""
        rows = self._db.rows("select body from members where guild_id = ? and user_id = ?", guild_id, user_id)
        if not rows:
            raise api_error(10007)
        return dict(json.loads(rows[0][0]))

    def block(self, user_id: str) -> None:
        """Let a user block the bot, which then cannot react to what they write."""
        self._db.rows("insert or ignore into blocking_users values (?)", user_id)

    def unblock(self, user_id: str) -> None:
        """Undo that."""
        self._db.rows("delete from blocking_users where id = ?", user_id)

    def blocks(self, user_id: str) -> bool:
        """Has a user blocked the bot?"""
        return bool(self._db.rows("select 1 from blocking_users where id = ?", user_id))
