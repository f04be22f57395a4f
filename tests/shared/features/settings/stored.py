"""The settings of a server as another program writes them, as they are stored and as a reply shows them."""

from typing import Any

from psycopg.types.json import Jsonb

from infra.fake_discord.client import Reply
from tests.sql import Database


def written(db: Database, settings: Any) -> None:
    """Settings that another program has written."""
    db.run("update discord_server_configs set config_metadata = %s", None if settings is None else Jsonb(settings))


def stored(db: Database) -> Any:
    """The settings as they are."""
    return db.value("select config_metadata from discord_server_configs")


def shown(reply: Reply) -> str:
    """What stands in the one embed of a private reply."""
    assert reply.ephemeral
    (embed,) = reply.embeds
    return str(embed["description"])
