"""A client of a bundle that answers what it is told."""

import pytest

from infra.fake_discord.client import Client
from tests.infra.fake_discord.client.bundle import APPLICATION, CHANNEL, COMMANDS, GUILD, KEY, NOW, Bundle


@pytest.fixture
def bundle() -> Bundle:
    return Bundle()


@pytest.fixture
def discord(bundle: Bundle) -> Client:
    return Client(bundle, KEY, APPLICATION, GUILD, CHANNEL, COMMANDS, clock=lambda: NOW)
