"""A check finds, whatever happens to it; it never hides or holds up the others."""

import itertools
import threading
import time

import pytest

from infra.doctor.check import Check, CheckError, Finding, Status, failed, ok, once
from shared.settings import SettingsError


def run(ask: object, seconds: float = 5) -> Finding:
    """What a check with that question finds."""
    return Check("Area", "name", ask).run(seconds)  # type: ignore[arg-type]


def raising(error: BaseException) -> object:
    def ask() -> Finding:
        raise error

    return ask


def test_what_a_check_finds_is_its_finding() -> None:
    assert run(lambda: ok("Fine.")) == Finding(Status.OK, "Fine.")


def test_what_cannot_be_had_says_what_to_do() -> None:
    assert run(raising(CheckError("Not there.", "Put it there."))) == failed("Not there.", "Put it there.")


def test_missing_settings_are_named() -> None:
    found = run(raising(SettingsError("Wrong or missing in the environment: X (missing)")))
    assert (found.status, found.said) == (Status.FAILED, "Wrong or missing in the environment: X (missing).")


@pytest.mark.parametrize("error", [RuntimeError("a-marked-secret"), SystemExit("a-marked-secret"), KeyError("x")])
def test_a_check_that_breaks_is_a_finding_without_the_message(error: BaseException) -> None:
    found = run(raising(error))
    assert found.status is Status.FAILED
    assert type(error).__name__ in found.said
    assert "test_check.py, line " in found.said
    assert "marked" not in found.said + found.do


def test_a_check_that_does_not_end_is_left_behind() -> None:
    over = threading.Event()
    start = time.monotonic()
    found = run(lambda: over.wait(30) and ok(""), seconds=0.1)
    over.set()
    assert found.said == "No answer within 0.1 seconds."
    assert time.monotonic() - start < 10


def test_what_several_checks_need_is_asked_once() -> None:
    numbers = itertools.count(1)
    answer = once(lambda: next(numbers))
    assert (answer(), answer()) == (1, 1)


def test_a_failure_is_remembered_as_well() -> None:
    asked: list[int] = []

    def ask() -> int:
        asked.append(1)
        raise CheckError("No.", "Wait.")

    answer = once(ask)
    for _ in range(2):
        with pytest.raises(CheckError, match="No"):
            answer()
    assert asked == [1]
