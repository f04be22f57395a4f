"""What the tests of reaction drops type and look at."""

from typing import Any

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from tests.drops import create
from tests.sql import Database

Json = dict[str, Any]


def reaction(client: Client, **options: Any) -> Reply:
    """An admin's /drop create for reactions."""
    return create(client, type="reaction", **options)


def link(client: Client, message: Json) -> str:
    """The link of a message in the client's channel."""
    return f"https://discord.com/channels/{client.guild_id}/{client.channel_id}/{message['id']}"


def reacted(discord: FakeDiscord, message: Json) -> list[str]:
    """The emoji with which the bot has reacted to a message."""
    shown = discord.message(message["id"]).get("reactions", [])
    return [each["emoji"]["name"] for each in shown if each["me"]]


def no_drop(db: Database) -> bool:
    """Is there none?"""
    return db.rows("select * from discord_drops") == []
