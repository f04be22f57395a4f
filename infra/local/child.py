"""A child process that is restarted when it ends, and that never outlives us."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
RESTART_SECONDS = 0.2  # before a restart: short enough for a caller that retries, long enough not to spin

log = logging.getLogger(__name__)


class StackError(Exception):
    """A part of the local stack cannot run. The message is a sentence for the person who started it."""


class Child:
    """A program that is started again, with the same arguments, whenever it ends without stop() or kill().

    A thread supervises it and lives as long: the program ends with the thread that started it (die_with_parent.py).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        output: Path,
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.output = output
        python: list[str | Path] = [sys.executable, "-I", "-S", DIE_WITH_PARENT]
        self._command = [*python, str(os.getpid()), str(int(stop_signal)), user or "", *command]
        self._stop_signal = stop_signal
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # so that nothing is started after a stop
        self._process: subprocess.Popen[bytes] | None = None
        self._supervisor: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs at this moment."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The id of its process, or of the last one it had."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the program; the caller finds out whether it got ready. Raises OSError."""
        started: Future[None] = Future()
        self._stopping.clear()
        self.output.write_bytes(b"")  # keep the output of this run only
        self._supervisor = threading.Thread(target=self._supervise, args=[started], name=self.name, daemon=True)
        self._supervisor.start()
        started.result()

    def stop(self, timeout: float = 10.0) -> None:
        """Send the stop signal, wait, and kill it if it does not end in time."""
        self._end(self._stop_signal, timeout)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would; do not start it again."""
        self._end(signal.SIGKILL, timeout=None)

    def output_tail(self) -> str:
        """The last lines that it wrote since start(), for an error message."""
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-8:])

    def _supervise(self, started: "Future[None]") -> None:
        try:
            process = self._spawn()
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(None)
        while process:
            code = process.wait()
            if self._stopping.wait(RESTART_SECONDS):
                return
            log.warning("%s ended (%s), starting it again", self.name, code)
            process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._lock, self.output.open("ab") as output:
            if self._stopping.is_set():
                return None
            # Start it in a group of its own: then Ctrl-C reaches only us, and we stop the parts in order.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
            )
            return self._process

    def _end(self, with_signal: signal.Signals, timeout: float | None) -> None:
        with self._lock:
            self._stopping.set()
            if self._process and self.alive:
                self._process.send_signal(with_signal)
        if self._supervisor:
            self._supervisor.join(timeout)
