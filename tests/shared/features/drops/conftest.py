"""What the tests of drops share."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE
from infra.local.runtime import Context
from shared.discord import rate_limits
from tests.drops import PNG, Json, Run, admin, retry_now
from tests.sql import Database


@pytest.fixture
def run_schedule(functions: Any, db: Database) -> Run:
    """One run of expire_drops, when the drops that were left half done or leased are due."""

    def run() -> Json:
        rate_limits.reset()  # another environment than the one that met a rate limit
        retry_now(db)
        return dict(functions.expire_drops.handler({}, Context("expire_drops", "test", 55)))

    return run


Attach = Callable[..., Json]


@pytest.fixture
def attach(served_discord: tuple[FakeDiscord, str], local_discord: FakeDiscord) -> Attach:
    """A file as a member attaches it to an option of a command."""
    folder = served_discord[1].replace("/api/v10", "/attachments/1")

    def attached(content: bytes = PNG, content_type: str = "image/png", filename: str = "My cat.png") -> Json:
        return local_discord.upload(filename, content, content_type, folder)

    return attached


@pytest.fixture
def message(server: Client, local_discord: FakeDiscord) -> Json:
    """The message of a drop with room for ten."""
    admin(server, "create", event="news_tracker", max_claims=10, lifespan="2h")
    (posted,) = local_discord.messages(server.channel_id)
    return posted


@pytest.fixture
def drop(message: Json, db: Database) -> str:
    """The id of the drop that the message shows."""
    return str(db.value("select drop_id from discord_drops"))


@pytest.fixture
def said(server: Client, local_discord: FakeDiscord) -> Json:
    """A message that Alice wrote."""
    return local_discord.say(server.channel_id, "We are live!", ALICE.id)
