"""Which of the page's first steps are done in a server, as its rows tell."""

import psycopg

_DONE = """
select
    exists (select from discord_server_configs where server_id = %(server)s),
    exists (select from discord_drops where server_id = %(server)s),
    exists (select from discord_user_streaks where server_id = %(server)s)
"""
PATHS = ("setup connect", "drop create", "daily")  # the commands of the steps


def done(url: str, server_id: str) -> list[str]:
    """The commands of the steps that somebody has taken."""
    with psycopg.connect(url) as connection:
        row = connection.execute(_DONE, {"server": server_id}).fetchone()
    return [path for path, is_done in zip(PATHS, row or (), strict=True) if is_done]
