"""reset_streaks: writes down what has lapsed, batch by batch, until it is done or its time is up."""

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
    return lambda: dict(functions.reset_streaks.handler({}, Context("reset_streaks", "test", 300)))


@pytest.fixture
def streaks(db: Database) -> Database:
    """Three members whose streak is over, and one whose streak lives."""
    db.run(
        """
        insert into discord_user_streaks (server_id, discord_user_id, current_streak, longest_streak, last_checkin)
        select '77', n::text, 5, 9, now() - case n when 4 then interval '1 minute' else interval '4 days' end
        from generate_series(1, 4) as n
        """
    )
    return db


def current(db: Database) -> list[int]:
    """Everybody's streak as the table has it."""
    return [row["current_streak"] for row in db.rows("select current_streak from discord_user_streaks order by 1")]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch, functions: Any) -> None:
    """Each call resets one streak."""
    rpc = database.rpc
    monkeypatch.setattr(database, "rpc", lambda name, **arguments: rpc(name, batch=1, **arguments))


def test_what_has_lapsed_is_written_down_once(
    streaks: Database, run: Run, rpc_calls: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert run() == {"reset": 3}
    assert current(streaks) == [0, 0, 0, 5]
    assert streaks.value("select min(longest_streak) from discord_user_streaks") == 9
    assert rpc_calls == ["reset_streaks", "reset_streaks"]
    assert [record.__dict__["reset"] for record in caplog.records if record.name == "resonance"] == [3]
    assert run() == {"reset": 0}


@pytest.mark.usefixtures("small_batches")
def test_it_goes_on_until_nothing_is_left(streaks: Database, run: Run, rpc_calls: list[str]) -> None:
    assert run() == {"reset": 3}
    assert len(rpc_calls) == 4
    assert current(streaks) == [0, 0, 0, 5]


@pytest.mark.usefixtures("small_batches")
def test_it_stops_in_time_and_the_next_run_goes_on(streaks: Database, functions: Any, run: Run) -> None:
    assert functions.reset_streaks.handler({}, Watch(60_000, 60_000, 60_000, 60_000, 1_000)) == {"reset": 2}
    assert current(streaks) == [0, 0, 5, 5]
    assert run() == {"reset": 1}


def test_it_begins_nothing_without_time(streaks: Database, functions: Any, rpc_calls: list[str]) -> None:
    assert functions.reset_streaks.handler({}, Watch(1_000)) == {"reset": 0}
    assert rpc_calls == []


@pytest.mark.usefixtures("small_batches")
def test_what_was_done_before_an_error_is_counted_in_the_log(
    streaks: Database, run: Run, rest_proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    rest_proxy.next(None, broken(500))
    with caplog.at_level(logging.INFO), pytest.raises(database.DatabaseError):
        run()
    assert [record.__dict__["reset"] for record in caplog.records if record.name == "resonance"] == [1]
    assert current(streaks) == [0, 5, 5, 5]
