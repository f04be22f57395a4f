"""What the tests of the commands share."""

from typing import Any

import pytest

from shared import database
from tests.sql import NOON


@pytest.fixture
def at_noon(functions: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call tells the database that it is NOON, so that no midnight of this machine's clock comes between two."""
    rpc = database.rpc

    def timed(name: str, **arguments: Any) -> Any:
        return rpc(name, **{"now": NOON.isoformat()} | arguments)

    monkeypatch.setattr(database, "rpc", timed)
