"""The emoji of servers."""

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import DiscordError
from infra.fake_discord.resources.emojis import emoji_of_server
from infra.fake_discord.tables.database import Database


class Emojis:
    """The emoji that the bot knows. Of a server of which none was made known it knows every one."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, guild_id: str, emoji_id: str, name: str, *, animated: bool) -> None:
        """Make an emoji of a server known, or rename it."""
        self._db.rows("insert or replace into emojis values (?, ?, ?, ?, 0)", emoji_id, guild_id, name, animated)

    def remove(self, emoji_id: str) -> None:
        """Delete an emoji; the reactions with it stay."""
        self._db.rows("update emojis set deleted = 1 where id = ?", emoji_id)

    def get(self, guild_id: str, emoji_id: str) -> Json:
        """One emoji of a server; DiscordError when there is none."""
        query = "select name, animated from emojis where id = ? and guild_id = ? and not deleted"
        rows = self._db.rows(query, emoji_id, guild_id)
        if not rows:
            raise DiscordError(404, 10014, "Unknown Emoji")  # where one reacts with it, it is a 400
        return emoji_of_server(emoji_id, rows[0][0], animated=bool(rows[0][1]))

    def knows(self, emoji: str, guild_id: str | None) -> bool:
        """Can the bot use an emoji `name:id` in a server?"""
        rows = self._db.rows("select deleted from emojis where id = ?", emoji.partition(":")[2])
        if rows:
            return not rows[0][0]
        return not self._db.rows("select 1 from emojis where guild_id = ?", guild_id)

    def named(self, emoji: str) -> str:
        """An emoji `name:id` with its present name."""
        emoji_id = emoji.partition(":")[2]
        rows = self._db.rows("select name from emojis where id = ?", emoji_id)
        return f"{rows[0][0]}:{emoji_id}" if rows else emoji

    def is_animated(self, emoji: str) -> bool:
        """Does an emoji move?"""
        emoji_id = emoji.partition(":")[2]
        return bool(emoji_id and self._db.rows("select 1 from emojis where id = ? and animated", emoji_id))
