"""Execution environments as on Lambda: processes that import a handler once and answer one event at a time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue
from typing import IO, Any, NamedTuple
from uuid import uuid4

ROOT = Path(__file__).parents[2]
INIT_SECONDS = 10  # Lambda's limit for the import of a handler, which the function's timeout does not include


class Error(NamedTuple):
    """What Lambda reports of a failed invocation, without the event and the environment variables."""

    type: str
    message: str


class ClosedError(RuntimeError):
    """The execution environments are closed."""


@dataclass(frozen=True)
class Invocation:
    """The result of one event; `milliseconds` includes a cold start, not the wait for a free environment."""

    result: Any = None
    error: Error | None = None
    milliseconds: float = 0
    cold: bool = False
    database_calls: list[str] = field(default_factory=list)


class Environments:
    """At most `size` processes, started when they are needed and replaced when they end or exceed their time.

    As on Lambda, a handler sees `variables` and not the environment of this process. What handlers print and log goes
    to `log`, by default to our stderr.
    """

    def __init__(self, size: int, variables: Mapping[str, str], log: IO[Any] | None = None) -> None:
        variables = {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", **variables}
        self._all = [_Environment(variables, log) for _ in range(size)]
        # Last in, first out: prefer a warm environment to a cold one, as Lambda does.
        self._idle: LifoQueue[_Environment] = LifoQueue()
        self._closed = False
        for environment in self._all:
            self._idle.put(environment)

    def invoke(self, handler: str, event: dict[str, Any], timeout: float, clock_offset: float = 0) -> Invocation:
        """Answer one event as soon as an environment is free; a failure is in the result. Raises ClosedError."""
        environment = self._idle.get()
        try:
            if self._closed:
                raise ClosedError
            return environment.invoke(handler, event, timeout, clock_offset)
        finally:
            self._idle.put(environment)

    def warm(self, handler: str) -> None:
        """Import the handler in every environment, so that no event waits for a cold start. Raises RuntimeError."""
        environments = [self._idle.get() for _ in self._all]
        try:
            with ThreadPoolExecutor(len(environments)) as pool:
                errors = list(pool.map(lambda environment: environment.load(handler), environments))
        finally:
            for environment in environments:
                self._idle.put(environment)
        for error in filter(None, errors):
            raise RuntimeError(f"{error.type}: {error.message}")

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [environment.process.pid for environment in self._all if environment.process]

    def close(self) -> None:
        """End every process: running events end as errors, waiting ones raise ClosedError."""
        self._closed = True
        for environment in self._all:
            environment.kill()
        environments = [self._idle.get() for _ in self._all]
        for environment in environments:
            environment.end()
            self._idle.put(environment)

    def __enter__(self) -> "Environments":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Environment:
    """One process, used by one thread at a time."""

    def __init__(self, variables: Mapping[str, str], log: IO[Any] | None) -> None:
        self._variables = variables
        self._log = log.fileno() if log else 2
        self._loaded: set[str] = set()
        self._connection: Connection | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def load(self, handler: str) -> Error | None:
        """Import the handler, unless this process has done so."""
        if self._has(handler):
            return None
        answer = self._send({"handler": handler}, INIT_SECONDS, "init")
        if answer["error"]:
            self.end()  # as on Lambda: the next event starts a new process
            return Error(*answer["error"])
        self._loaded.add(handler)
        return None

    def invoke(self, handler: str, event: dict[str, Any], timeout: float, clock_offset: float) -> Invocation:
        start, cold = time.perf_counter(), not self._has(handler)
        error = self.load(handler)
        answer: dict[str, Any] = {"error": error} if error else self._run(handler, event, timeout, clock_offset)
        return Invocation(
            result=answer.get("result"),
            error=Error(*answer["error"]) if answer["error"] else None,
            milliseconds=(time.perf_counter() - start) * 1000,
            cold=cold,
            database_calls=answer.get("calls", []),
        )

    def kill(self) -> None:
        """Kill the process; a thread that waits for its answer gets an error."""
        if self.process:
            self.process.kill()

    def end(self) -> None:
        """Kill the process and forget it."""
        if self.process and self._connection:
            self.process.kill()
            self.process.wait()
            self._connection.close()
        self.process = self._connection = None
        self._loaded.clear()

    def _has(self, handler: str) -> bool:
        if self.process and self.process.poll() is not None:  # it ended between two events
            self.end()
        return handler in self._loaded

    def _run(self, handler: str, event: dict[str, Any], timeout: float, clock_offset: float) -> dict[str, Any]:
        request_id = str(uuid4())
        request = {"handler": handler, "event": event, "request_id": request_id, "timeout": timeout}
        return self._send({**request, "clock_offset": clock_offset}, timeout, request_id)

    def _send(self, request: dict[str, Any], timeout: float, request_id: str) -> dict[str, Any]:
        """Send a request and wait for the answer; end a process that exits or is late."""
        connection = self._connection or self._start()
        try:
            connection.send_bytes(json.dumps(request).encode())
            if connection.poll(timeout):
                answer: dict[str, Any] = json.loads(connection.recv_bytes())
                return answer
        except (EOFError, OSError):
            return {"error": ("Runtime.ExitError", f"RequestId: {request_id} Error: {self._exit_message()}")}
        self.end()
        message = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
        return {"error": ("Sandbox.Timedout", message)}

    def _start(self) -> Connection:
        self._connection, other = Pipe()
        with other:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "infra.local.runtime", str(other.fileno())],
                cwd=ROOT,
                env=self._variables,
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,  # so that Ctrl-C reaches only us: we end the environments
            )
        return self._connection

    def _exit_message(self) -> str:
        assert self.process
        status = self.process.wait()
        self.end()
        if status >= 0:
            return f"Runtime exited with error: exit status {status}"
        return f"Runtime exited with error: signal: {signal.Signals(-status).name}"
