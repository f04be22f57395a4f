"""What the tests of Discord's clients share."""

import pytest

from infra.fake_discord.discord import LocalDiscord
from tests.clock import Clock, discord_clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, local_discord: LocalDiscord) -> Clock:
    """A clock that waits without waiting."""
    return discord_clock(monkeypatch)
