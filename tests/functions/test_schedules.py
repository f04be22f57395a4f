"""What holds for every scheduled function."""

from typing import Any

import pytest

from infra.local.runtime import Context
from shared import database, scheduled
from tests.conftest import Surroundings
from tests.proxy import nobody


@pytest.mark.parametrize("name", ["collect_reactions", "expire_drops", "prune_events", "reset_streaks"])
def test_the_alarm_sees_that_the_database_is_away(
    functions: Any, surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(scheduled, "CALL_SECONDS", 0.2)
    surroundings.set(SUPABASE_REST_URL=nobody())
    with pytest.raises(database.DatabaseUnavailableError):
        getattr(functions, name).handler({}, Context(name, "test", 60))
