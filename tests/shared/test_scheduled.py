"""A run of a scheduled function: its time, its calls, its results."""

from typing import Any

import pytest

from shared import database, scheduled
from shared.scheduled import Results, Run
from tests.clock import Clock, Watch


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What is asked of a database that counts one thing in its first answer, and none in the next ones."""
    made: list[tuple[str, dict[str, Any]]] = []

    def rpc(name: str, **arguments: Any) -> dict[str, int]:
        made.append((name, arguments))
        return {"done": 1 if len(made) == 1 else 0}

    monkeypatch.setattr(database, "rpc", rpc)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the results."""
    clock = Clock()
    monkeypatch.setattr(scheduled, "time", clock)
    return clock


@pytest.mark.parametrize(("left", "timeout"), [(60_000, 10), (8_000, 8), (2_000, 2)])
def test_no_call_takes_longer_than_lambda_lets_the_run_live(
    left: int, timeout: float, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    Run(Watch(left)).rpc("reset_streaks", batch=7)
    assert calls == [("reset_streaks", {"timeout": timeout, "batch": 7})]


@pytest.mark.parametrize(("left", "begins"), [(60_000, True), (5_001, True), (5_000, False), (0, False)])
def test_nothing_begins_in_the_reserve(left: int, begins: bool) -> None:
    assert (Run(Watch(left)).seconds_left() > 0) is begins


def test_batches_go_on_until_one_counts_none(calls: list[tuple[str, dict[str, Any]]]) -> None:
    assert list(Run(Watch(60_000)).batches("reset_streaks", until_none="done")) == [{"done": 1}, {"done": 0}]
    assert len(calls) == 2


def test_batches_end_with_the_time(calls: list[tuple[str, dict[str, Any]]]) -> None:
    assert list(Run(Watch(60_000, 60_000, 5_000)).batches("reset_streaks", until_none="done")) == [{"done": 1}]
    assert list(Run(Watch(5_000)).batches("reset_streaks", until_none="done")) == []
    assert len(calls) == 1


def test_results_are_told_once_by_their_kind_and_what_the_database_says_is_added_up(
    calls: list[tuple[str, dict[str, Any]]],
) -> None:
    results = Results(Run(Watch(60_000)), "mark_looks", "done", "failed")
    results.add("looked", channel_id="1")
    results.add("gone", drop_id="2")
    results.add("looked", channel_id="3")
    results.mark()
    assert calls == [
        (
            "mark_looks",
            {"timeout": 10, "looked": [{"channel_id": "1"}, {"channel_id": "3"}], "gone": [{"drop_id": "2"}]},
        )
    ]
    assert results.counts == {"done": 1, "failed": 0}
    results.mark()
    assert len(calls) == 1


def test_results_must_be_marked_two_seconds_after_the_last_time(
    clock: Clock, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    results = Results(Run(Watch(60_000)), "mark_looks", "done")
    clock.advance(1.9)
    assert not results.must_be_marked
    clock.advance(0.1)
    assert results.must_be_marked
    results.mark()
    assert not results.must_be_marked
    assert calls == []
