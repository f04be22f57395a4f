"""What the tests of Discord's clients share."""

import pytest

from infra.fake_discord.fake import FakeDiscord
from tests.clock import Clock, discord_clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, local_discord: FakeDiscord) -> Clock:
    """A clock that waits without waiting."""
    return discord_clock(monkeypatch)
