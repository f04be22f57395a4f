"""A check and what it finds. One that raises or hangs neither hides nor delays the others."""

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from shared.settings import SettingsError

SECONDS = 20.0  # for one check; the requests that it makes time out earlier

T = TypeVar("T")


class Status(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"  # worth a look, or it cannot be seen from here
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What a check found, and what to do about it; both are sentences."""

    status: Status
    said: str
    do: str = ""


def ok(said: str) -> Finding:
    """All is well."""
    return Finding(Status.OK, said)


def warning(said: str, do: str) -> Finding:
    """Nothing is broken, but an operator should know."""
    return Finding(Status.WARNING, said, do)


def failed(said: str, do: str) -> Finding:
    """Something is broken."""
    return Finding(Status.FAILED, said, do)


class CheckError(Exception):
    """A check cannot read what it needs; `finding` says why and what to do."""

    def __init__(self, said: str, do: str) -> None:
        super().__init__(said)
        self.finding = failed(said, do)


@dataclass(frozen=True)
class Check:
    """One thing to look at in a deployment."""

    area: str
    name: str
    look: Callable[[], Finding]

    def run(self, seconds: float = SECONDS) -> Finding:
        """The finding, also if the check raises or does not end (its daemon thread is then abandoned)."""
        answer: Future[Finding] = Future()
        threading.Thread(target=lambda: answer.set_result(self._find()), name=self.name, daemon=True).start()
        try:
            return answer.result(seconds)
        except TimeoutError:
            return failed(
                f"No answer within {seconds:g} seconds.", "Try again; look at the network, then at the service."
            )

    def _find(self) -> Finding:
        try:
            return self.look()
        except CheckError as error:
            return error.finding
        except SettingsError as error:
            return failed(f"{error}.", "Set these variables as the functions have them, see docs/deploy.md.")
        except BaseException as error:  # also SystemExit: the other checks must run
            return failed(f"The check itself broke: {_place(error)}.", "This is a bug of the doctor: please report it.")


def _place(error: BaseException) -> str:
    """The type of an error and where it was raised, without its message, which may contain a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


def once(fetch: Callable[[], T]) -> Callable[[], T]:
    """Fetch only once, however many checks need the result; remember a failure as well."""

    @cache
    def attempt() -> T | Exception:
        try:
            return fetch()
        except Exception as error:  # raised again for each check
            return error

    def result() -> T:
        found = attempt()
        if isinstance(found, Exception):
            raise found
        return found

    return result
