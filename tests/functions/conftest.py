"""What the tests of the entry points share."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from tests import drops
from tests.functions.due_drops import Json, Post, Run, is_due
from tests.sql import Database


@pytest.fixture
def run(functions: Any) -> Run:
    """Runs of the schedule."""
    return Run(functions)


@pytest.fixture
def post(server: Client, local_discord: FakeDiscord) -> Post:
    """Create a drop; gives its message."""

    def create(**options: Any) -> Json:
        drops.create(server, **options)
        return local_discord.messages(options.get("channel", server.channel_id))[-1]

    return create


@pytest.fixture
def due(post: Post, db: Database) -> Json:
    """The message of a drop whose time is up."""
    message = post()
    is_due(db)
    return message
