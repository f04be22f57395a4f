import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from infra.local.environment import Environments, Error
from infra.local.schedules import Schedules
from infra.local.template import Function

HANDLERS = "tests.infra.local.handlers"


@contextmanager
def scheduled(name: str, runs: Path, interval: float | None = None) -> Iterator[Schedules]:
    functions = {
        "test": Function(f"{HANDLERS}.{name}", 5, 60),
        "unscheduled": Function(f"{HANDLERS}.fail", 5),
    }
    with Environments(2, {"RUNS": str(runs)}) as environments:
        schedules = Schedules(environments, functions, interval)
        yield schedules
        schedules.stop()


def times(runs: Path) -> list[list[float]]:
    if not runs.exists():
        return []
    return [[float(moment) for moment in line.split()] for line in runs.read_text().splitlines()]


def wait(condition: Callable[[], Any]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


def test_a_run_gets_the_event_that_scheduler_sends(tmp_path: Path) -> None:
    with scheduled("echo", tmp_path / "runs") as schedules:
        event = schedules.run("test").result
    assert {
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "detail": "{}",
    }.items() <= event.items()
    assert event["resources"] == ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/test"]


def test_runs_repeat_one_after_the_other_and_end_with_stop(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with scheduled("record", runs, interval=0.01) as schedules:
        schedules.start()
        assert wait(lambda: len(times(runs)) >= 4)
        schedules.stop()
        schedules.run("test")  # waits for the run that was under way
        before = len(times(runs))
        time.sleep(0.1)
        assert len(times(runs)) == before
    assert all(ended <= began for (_, ended), (began, _) in pairwise(times(runs)))


def test_the_first_run_comes_after_one_interval(tmp_path: Path) -> None:
    runs, start = tmp_path / "runs", time.time()
    with scheduled("record", runs, interval=0.3) as schedules:
        schedules.start()
        assert wait(lambda: times(runs))
    assert times(runs)[0][0] >= start + 0.3


def test_two_runs_that_are_asked_for_at_once_follow_each_other(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with scheduled("record", runs) as schedules, ThreadPoolExecutor(3) as pool:
        list(pool.map(schedules.run, ["test"] * 3))
    assert len(times(runs)) == 3
    assert all(ended <= began for (_, ended), (began, _) in pairwise(times(runs)))


def test_a_failed_run_is_reported_and_the_next_one_comes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with scheduled("fail", tmp_path / "runs", interval=0.01) as schedules:
        assert schedules.run("test").error == Error("LookupError", "no such drop")
        schedules.start()
        assert wait(lambda: caplog.text.count("test failed: LookupError: no such drop") >= 3)


def test_the_clock_offset_moves_a_run(tmp_path: Path) -> None:
    with scheduled("moved_clock", tmp_path / "runs") as schedules:
        assert schedules.run("test").result == {}
        schedules.clock_offset = -3600
        assert set(schedules.run("test").result) == {"now"}


def test_functions_without_a_schedule_do_not_run(tmp_path: Path) -> None:
    with scheduled("echo", tmp_path / "runs") as schedules, pytest.raises(KeyError):
        schedules.run("unscheduled")
