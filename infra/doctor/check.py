"""What a check is and what it finds; how one is run so that it can neither hide nor hold up the others."""

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

SECONDS = 20.0  # for one check; what it asks gives up earlier

T = TypeVar("T")


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"  # worth a look, or not to be seen from here
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What a check has found, and what to do about it."""

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
    """What a check asks for cannot be had; carries what to say of it."""

    def __init__(self, said: str, do: str) -> None:
        super().__init__(said)
        self.finding = failed(said, do)


@dataclass(frozen=True)
class Check:
    """One question about a deployment."""

    area: str
    name: str
    ask: Callable[[], Finding]

    def run(self, seconds: float = SECONDS) -> Finding:
        """The finding, also where the check raises or does not end (its thread is then left behind)."""
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
            return self.ask()
        except CheckError as error:
            return error.finding
        except SettingsError as error:
            return failed(f"{error}.", "Set these variables as the functions have them, see Deploy in the README.")
        except BaseException as error:  # whatever it is, the other checks go on
            return failed(f"The check itself broke: {_place(error)}.", "This is a bug of the doctor: please report it.")


def _place(error: BaseException) -> str:
    """The kind of an error and where it came from; its message may hold anything, also a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


def once(ask: Callable[[], T]) -> Callable[[], T]:
    """Ask only once, however many checks want to know; a failure is remembered as well."""

    @cache
    def attempt() -> T | Exception:
        try:
            return ask()
        except Exception as error:  # raised again for each check
            return error

    def answer() -> T:
        found = attempt()
        if isinstance(found, Exception):
            raise found
        return found

    return answer
