import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.environment import ROOT, ClosedError, Environments, Error, Invocation


@pytest.fixture
def environments() -> Iterator[Environments]:
    with Environments(1, {"SUPABASE_URL": "http://database"}) as environments:
        yield environments


def invoke(environments: Environments, name: str, timeout: float = 5, **event: Any) -> Invocation:
    return environments.invoke(f"tests.infra.local.handlers.{name}", event, timeout)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return gone(pid)


def test_a_process_answers_many_events_and_only_the_first_is_cold(environments: Environments) -> None:
    first, second = invoke(environments, "pid"), invoke(environments, "pid")
    assert (first.error, first.result) == (None, second.result)
    assert (first.cold, second.cold) == (True, False)
    assert first.milliseconds > second.milliseconds > 0
    assert first.result != os.getpid()


def test_a_handler_sees_the_given_variables_and_none_of_ours(
    environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_BOT_TOKEN", "of this process")
    variables = invoke(environments, "describe").result["variables"]
    assert variables["SUPABASE_URL"] == "http://database"
    assert "DISCORD_BOT_TOKEN" not in variables


def test_the_context_tells_name_memory_request_and_remaining_time(environments: Environments) -> None:
    first, second = (invoke(environments, "describe", timeout=2).result for _ in range(2))
    assert (first["function_name"], first["memory"]) == ("handlers", "512")
    assert first["request_id"] != second["request_id"]
    assert 1000 < first["remaining"] <= 2000


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("fail", Error("LookupError", "no such drop")),
        (
            "missing",
            Error("Runtime.HandlerNotFound", "Handler 'missing' missing on module 'tests.infra.local.handlers'"),
        ),
        (
            "unspeakable",
            Error(
                "Runtime.MarshalError",
                "Unable to marshal response: Object of type set is not JSON serializable",
            ),
        ),
    ],
)
def test_a_failure_is_reported_as_lambda_reports_it(environments: Environments, name: str, error: Error) -> None:
    assert invoke(environments, name).error == error
    assert invoke(environments, "pid").error is None


def test_a_module_that_is_not_there_is_an_import_error(environments: Environments) -> None:
    error = environments.invoke("functions.nothing.handler", {}, 5).error
    assert error
    assert error.type == "Runtime.ImportModuleError"
    assert "functions.nothing" in error.message


@pytest.mark.parametrize(("name", "end"), [("leave", "exit status 3"), ("die", "signal: SIGKILL")])
def test_a_process_that_ends_in_the_middle_of_an_event_is_replaced(
    environments: Environments, name: str, end: str
) -> None:
    before = invoke(environments, "pid").result
    error = invoke(environments, name).error
    assert error
    assert error.type == "Runtime.ExitError"
    assert error.message.endswith(f"Error: Runtime exited with error: {end}")
    after = invoke(environments, "pid")
    assert after.cold
    assert after.result != before
    assert gone(before)


def test_a_process_that_is_killed_from_outside_in_the_middle_of_an_event_is_replaced(
    environments: Environments,
) -> None:
    victim = invoke(environments, "pid").result
    killer = threading.Timer(0.1, os.kill, (victim, signal.SIGKILL))
    killer.start()
    error = invoke(environments, "pid", seconds=5).error
    killer.join()
    assert error
    assert error.type == "Runtime.ExitError"
    assert invoke(environments, "pid").error is None


def test_a_process_that_is_killed_between_two_events_is_replaced(environments: Environments) -> None:
    victim = invoke(environments, "pid").result
    os.kill(victim, signal.SIGKILL)
    os.waitid(os.P_PID, victim, os.WEXITED | os.WNOWAIT)
    after = invoke(environments, "pid")
    assert (after.error, after.cold) == (None, True)


def test_a_process_that_is_late_is_killed_and_replaced(environments: Environments) -> None:
    late = invoke(environments, "pid").result
    error = invoke(environments, "pid", timeout=0.1, seconds=5).error
    assert error
    assert error.type == "Sandbox.Timedout"
    assert error.message.endswith("Error: Task timed out after 0.10 seconds")
    assert gone(late)
    assert invoke(environments, "pid").result != late


def test_calls_of_the_database_are_counted(environments: Environments) -> None:
    assert invoke(environments, "call_database").database_calls == ["first", "second"]
    assert invoke(environments, "call_database").database_calls == ["first", "second"]
    assert invoke(environments, "pid").database_calls == []


def test_a_moved_clock_is_passed_to_the_database(environments: Environments) -> None:
    handler = "tests.infra.local.handlers.call_database"
    assert environments.invoke(handler, {}, 5).result == {}
    moved = environments.invoke(handler, {}, 5, clock_offset=86400).result["now"]
    expected = datetime.now(UTC) + timedelta(days=1)
    assert abs(datetime.fromisoformat(moved) - expected) < timedelta(seconds=5)
    assert environments.invoke(handler, {"now": "given"}, 5, clock_offset=86400).result == {"now": "given"}


def test_logs_are_json_lines_and_prints_do_not_disturb(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w") as log, Environments(1, {}, log) as environments:
        assert invoke(environments, "log").error is None
        assert invoke(environments, "fail").error
    printed, logged, failed = sorted(path.read_text().splitlines(), key=lambda line: line.startswith("{"))
    assert printed == "printed"
    assert {"level": "INFO", "message": "claimed drop", "logger": "resonance"}.items() <= json.loads(logged).items()
    assert {"outcome": "paid", "milliseconds": 3}.items() <= json.loads(logged).items()
    assert set(json.loads(logged)) >= {"timestamp", "requestId"}
    assert {"level": "ERROR", "errorType": "LookupError"}.items() <= json.loads(failed).items()
    assert "in fail" in "".join(json.loads(failed)["stackTrace"])


def test_events_are_answered_side_by_side_and_wait_when_there_are_more_than_environments() -> None:
    with Environments(2, {}) as environments, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: invoke(environments, "pid", seconds=0.02), range(20)))
        assert {answer.error for answer in answers} == {None}
        assert {answer.result for answer in answers} == set(environments.pids)
        assert sum(answer.cold for answer in answers) == 2


def test_warm_environments_have_no_cold_start() -> None:
    with Environments(2, {}) as environments, ThreadPoolExecutor(2) as pool:
        environments.warm("tests.infra.local.handlers.pid")
        answers = list(pool.map(lambda _: invoke(environments, "pid", seconds=0.1), range(2)))
        assert [answer.cold for answer in answers] == [False, False]


def test_a_handler_that_cannot_be_imported_cannot_be_warmed(environments: Environments) -> None:
    with pytest.raises(RuntimeError, match=r"Runtime\.HandlerNotFound"):
        environments.warm("tests.infra.local.handlers.missing")


def test_close_leaves_no_process_and_ends_what_is_under_way() -> None:
    environments = Environments(1, {})
    pid = invoke(environments, "pid").result
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(invoke, environments, "pid", seconds=30) for _ in range(2)]
        time.sleep(0.1)
        environments.close()
        errors = [answer.exception() or answer.result().error for answer in answers]
    assert gone(pid)
    assert environments.pids == []
    assert {type(error) for error in errors} == {Error, ClosedError}


def test_environments_end_when_their_parent_is_killed() -> None:
    program = (
        "from infra.local.environment import Environments\n"
        "environments = Environments(1, {})\n"
        "print(environments.invoke('tests.infra.local.handlers.pid', {}, 5).result, flush=True)\n"
        "environments.invoke('tests.infra.local.handlers.pid', {'seconds': 60}, 90)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
    assert wait_until_gone(pid)
