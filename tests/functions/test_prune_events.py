"""prune_events: forgets what was remembered of items that are older than a week, until it is done or its time is up."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.runtime import Context
from shared import database
from tests.clock import Watch
from tests.proxy import Proxy, broken
from tests.sql import Database

Run = Callable[[], dict[str, int]]


@pytest.fixture
def run(functions: Any) -> Run:
    """One run with plenty of time."""
    return lambda: dict(functions.prune_events.handler({}, Context("prune_events", "test", 60)))


@pytest.fixture
def remembered(db: Database) -> Database:
    """Items and reactions of a month ago, and an item of today."""
    db.run(
        """
        insert into recorded_items (slot, server_id, item_id, received_at)
        select internal.item_slot(at), '77', at::text, at
        from unnest(array[now(), now() - interval '26 days', now() - interval '27 days']) as at
        """
    )
    db.run(
        """
        insert into message_reactions
            (server_id, message_id, discord_user_id, emoji, is_there, is_received, changed_at)
        select '77', n::text, '1002', 'x', true, false, now() - interval '1 month' from generate_series(1, 3) as n
        """
    )
    return db


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call deletes two reactions."""
    rpc = database.rpc
    monkeypatch.setattr(database, "rpc", lambda name, **arguments: rpc(name, batch=2, **arguments))


@pytest.mark.usefixtures("small_batches")
def test_what_is_old_is_forgotten(
    remembered: Database, run: Run, rpc_calls: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert run() == {"emptied": 2, "deleted": 3}
    assert remembered.value("select count(*) from recorded_items") == 1
    assert remembered.value("select count(*) from message_reactions") == 0
    assert len(rpc_calls) == 3
    (line,) = [record.__dict__ for record in caplog.records if record.name == "resonance"]
    assert (line["emptied"], line["deleted"]) == (2, 3)
    assert run() == {"emptied": 0, "deleted": 0}


@pytest.mark.usefixtures("small_batches")
def test_it_stops_in_time_and_the_next_run_goes_on(remembered: Database, functions: Any, run: Run) -> None:
    assert functions.prune_events.handler({}, Watch(60_000, 60_000, 1_000))["deleted"] == 2
    assert run()["deleted"] == 1


@pytest.mark.usefixtures("small_batches")
def test_what_was_done_before_an_error_is_in_the_log(
    remembered: Database, run: Run, rest_proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    rest_proxy.next(None, broken(500))
    with caplog.at_level(logging.INFO), pytest.raises(database.DatabaseError):
        run()
    assert [record.__dict__["deleted"] for record in caplog.records if record.name == "resonance"] == [2]
