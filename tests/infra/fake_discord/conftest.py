"""A fake Discord whose clock the test moves, its bot, and somebody who knows the token of an interaction."""

from collections.abc import Iterator

import httpx
import pytest

from infra.fake_discord.fake import FakeDiscord
from tests.infra.fake_discord.caller import INTERACTION, Clock, client, http, running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def discord(clock: Clock) -> Iterator[FakeDiscord]:
    with running(":memory:", clock) as local:
        yield local


@pytest.fixture
def bot(discord: FakeDiscord) -> httpx.Client:
    return http(discord)


@pytest.fixture
def anybody(discord: FakeDiscord) -> httpx.Client:
    """Somebody who has no bot token, and the token of an interaction."""
    discord.issue(INTERACTION)
    return client(discord, "/api/v10", {"User-Agent": "DiscordBot (https://example.org, 1.0)"})
