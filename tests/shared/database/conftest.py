"""A message to click."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN

Json = dict[str, Any]


@pytest.fixture
def message(server: Client, local_discord: FakeDiscord) -> Json:
    """The message of an open drop that pays 5."""
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (posted,) = local_discord.messages(server.channel_id)
    return posted
