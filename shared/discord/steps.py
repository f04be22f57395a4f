"""Work that is a chain of requests, written straight down: a generator that yields each request and gets its answer.

`yield` raises DiscordError where Discord refuses; `yield from` does a part of the work and gives its result.
"""

from collections.abc import Generator
from concurrent.futures import Future
from typing import Any, TypeVar

from shared.discord.rest import Request

Result = TypeVar("Result")
Steps = Generator[Request, Any, Result]


def go_on(steps: Steps[Any], answer: Future[Any] | None = None) -> Request | None:
    """Hand over the answer to the last request and return the next one, None at the end. Raises what the steps do."""
    error = answer.exception() if answer else None
    try:
        if error is not None:
            return steps.throw(error)
        return steps.send(answer.result() if answer else None)
    except StopIteration:
        return None
