"""Keep the ids that Discord gave to the slash commands, so that /help can name each as a mention that opens it."""

from typing import Any

import psycopg

CONNECT_SECONDS = 10
GLOBAL = "*"  # as registered_commands has them
SLASH = 1  # the type of a command; a menu entry cannot be mentioned


def keep(database_url: str, guild_id: str | None, commands: list[dict[str, Any]]) -> None:
    """Replace what is kept of the global commands, or of those of one server. Raises psycopg.Error."""
    server_id = guild_id or GLOBAL
    rows = [(server_id, command["name"], command["id"]) for command in commands if command.get("type", SLASH) == SLASH]
    with psycopg.connect(database_url, connect_timeout=CONNECT_SECONDS) as connection, connection.cursor() as cursor:
        cursor.execute("delete from public.registered_commands where server_id = %s", [server_id])
        cursor.executemany("insert into public.registered_commands values (%s, %s, %s)", rows)
