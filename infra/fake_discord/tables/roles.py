"""The roles of servers that were made known, beside those that every server has."""

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.servers import role
from infra.fake_discord.tables.database import Database


class Roles:
    """Roles by their servers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, guild_id: str, role_id: str, name: str) -> None:
        """Make a role of a server known, or rename it."""
        self._db.rows("insert or replace into roles values (?, ?, ?)", role_id, guild_id, name)

    def all(self, guild_id: str) -> list[Json]:
        """The roles of a server."""
        query = "select id, name from roles where guild_id = ?"
        return [role(role_id, name) for role_id, name in self._db.rows(query, guild_id)]
