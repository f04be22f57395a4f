"""A server with something to export."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from shared import database
from tests.shared.features.rows import earned
from tests.sql import HOUR, NOON, Database


@pytest.fixture
def rich(server: Client, db: Database, at_noon: None) -> Client:
    """A server in which five members have earned."""
    for number in range(5):
        earned(db, server, f"32000000000000000{number}", number + 0.5, NOON + number * HOUR, reason=f"no. {number}")
    return server


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch, rich: Client) -> list[Callable[[], None]]:
    """Parts have two rows; what is in the list is done after each of them."""
    rpc, between = database.rpc, list[Callable[[], None]]()

    def parted(name: str, **arguments: Any) -> Any:
        result = rpc(name, **arguments | ({"rows": 2} if name == "export_rows" else {}))
        for action in between:
            action()
        return result

    monkeypatch.setattr(database, "rpc", parted)
    return between


@pytest.fixture
def calls(local_discord: FakeDiscord) -> Callable[[], list[tuple[str, int]]]:
    """What was called at Discord since, and how it was answered."""
    before = len(local_discord.requests)

    def since() -> list[tuple[str, int]]:
        return [(request.method, request.status) for request in list(local_discord.requests)[before:]]

    return since
