"""mark_notices: what was told is forgotten, what failed comes again."""

import pytest
from psycopg.types.json import Jsonb

from tests.infra.supabase.notices import lease, with_admin_channel
from tests.sql import ADMIN, MINUTE, NOON, SECOND, Database


@pytest.fixture
def told(seeded: Database) -> Database:
    """A server whose admins have a channel, with nothing left to tell."""
    return with_admin_channel(seeded)


def test_what_was_told_is_forgotten_and_nothing_else(told: Database) -> None:
    told.call("edit_event", ADMIN, event_type="quest", reward=7, now=NOON)
    (leased,) = lease(told)
    told.call("edit_event", ADMIN.again(), event_type="quest", reward=8, now=NOON)  # meanwhile
    told.call("mark_notices", told=Jsonb([leased]), now=NOON)
    told.call("mark_notices", told=Jsonb([leased]), now=NOON)  # twice is once
    (left,) = told.rows("select notice_id from admin_notices")
    assert left["notice_id"] > leased["notices"][0]["notice"]


def test_what_failed_comes_again_and_a_run_that_died_loses_nothing(told: Database) -> None:
    told.call("edit_event", ADMIN, event_type="quest", reward=7, now=NOON)
    (leased,) = lease(told)
    told.call("mark_notices", failed=Jsonb([leased]), now=NOON)
    assert lease(told, NOON + MINUTE) == [leased]
    assert lease(told, NOON + MINUTE + 119 * SECOND) == []
    assert lease(told, NOON + 3 * MINUTE) == [leased]
