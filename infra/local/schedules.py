"""EventBridge Scheduler on this machine: run the scheduled functions of template.yaml at their rates."""

import logging
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Any
from uuid import uuid4

from infra.local import template
from infra.local.environment import ClosedError, Environments, Invocation

log = logging.getLogger(__name__)


class Schedules:
    """One thread a schedule; the first run after one interval, never two runs of one function at once.

    `interval` replaces the rates of the template, `clock_offset` moves the clock of every run; both are in seconds.
    """

    def __init__(
        self,
        environments: Environments,
        functions: dict[str, template.Function] | None = None,
        interval: float | None = None,
    ) -> None:
        self.clock_offset = 0.0
        self._environments = environments
        functions = template.functions() if functions is None else functions
        self._functions = {name: function for name, function in functions.items() if function.interval}
        self._running = {name: Lock() for name in self._functions}
        self._stopping = Event()
        self._threads = [
            Thread(target=self._repeat, args=(name, interval or function.interval), name=name, daemon=True)
            for name, function in self._functions.items()
        ]

    @property
    def names(self) -> list[str]:
        """The functions that have a schedule."""
        return list(self._functions)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Start no more runs; one that has begun ends with its environment."""
        self._stopping.set()

    def run(self, name: str) -> Invocation:
        """Run a function such as `expire_drops` now; wait for a run of it that has begun."""
        function = self._functions[name]
        with self._running[name]:
            invocation = self._environments.invoke(
                function.handler, scheduled_event(name), function.timeout, self.clock_offset
            )
        if invocation.error and not self._stopping.is_set():
            log.error("%s failed: %s: %s", name, *invocation.error)
        return invocation

    def _repeat(self, name: str, interval: float) -> None:
        with suppress(ClosedError):
            while not self._stopping.wait(interval):
                self.run(name)


def scheduled_event(name: str) -> dict[str, Any]:
    """The event that Scheduler sends to a Lambda function if the schedule has no Input."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [f"arn:aws:scheduler:us-east-1:123456789012:schedule/default/{name}"],
        "detail": "{}",  # a string, unlike the events of EventBridge rules
    }
