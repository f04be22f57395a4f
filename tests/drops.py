"""Drops as tests make and look at them."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN
from shared import database
from tests.sql import Database

Json = dict[str, Any]
Run = Callable[[], Json]


PNG = b"\x89PNG\r\n\x1a\n and the rest of a picture"


class Killed(BaseException):
    """Simulates SIGKILL."""


def kill_at_call(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    """Kill the process before it calls this function of the database."""
    rpc = database.rpc

    def killed(name: str, **arguments: Any) -> Any:
        if name == function:
            raise Killed
        return rpc(name, **arguments)

    monkeypatch.setattr(database, "rpc", killed)


def create(client: Client, **options: Any) -> Reply:
    """An admin's /drop create."""
    return client.slash("drop create", user=ADMIN, **{"event": "news_tracker"} | options)


def admin(client: Client, command: str, /, **options: Any) -> Reply:
    """An admin's /drop command."""
    return client.slash(f"drop {command}", user=ADMIN, **options)


def the_drop(db: Database) -> Json:
    """The one drop there is."""
    return db.one("select * from discord_drops")


def retry_now(db: Database) -> None:
    """Let the next run take the drops that were postponed or leased."""
    db.run("update discord_drops set render_after = now() - interval '1 second'")


def shown(discord: FakeDiscord, message: Json) -> str:
    """What a message says now, with its button."""
    now = discord.message(message["id"])
    (row,) = now["components"]
    return f"{now['embeds'][0]['description']}\n{row['components'][0]['label']}"


def edits(discord: FakeDiscord, channel_id: str) -> list[int]:
    """The answers to the edits of a channel's messages."""
    prefix = f"/channels/{channel_id}/messages/"
    return [r.status for r in discord.requests if r.method == "PATCH" and r.path.startswith(prefix)]
