"""A program that runs beside us: started, watched, stopped, and never left behind."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
RESTART_AFTER = 0.2  # seconds: soon enough for a caller that retries, slow enough not to spin

log = logging.getLogger(__name__)


class StackError(Exception):
    """A part of the local stack cannot run. The message is a sentence for the person who started it."""


class Child:
    """A program that is started again, with the same arguments, whenever it ends without being asked to.

    A thread of ours keeps it, because its leash hangs on the thread that started it (see leash.py).
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
        leash: list[str | Path] = [
            sys.executable,
            "-I",
            "-S",
            LEASH,
            str(os.getpid()),
            str(int(stop_signal)),
            user or "",
        ]
        self._command: list[str | Path] = [*leash, *command]
        self._stop_signal = stop_signal
        self._unwanted = threading.Event()
        self._lock = threading.Lock()  # between the wish to stop and the next start
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs at this moment."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The id of its process, or of the last one it had."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the program; whether it got ready is for the caller to find out."""
        started: Future[None] = Future()
        self._unwanted.clear()
        self.output.write_bytes(b"")  # one run, one log
        self._keeper = threading.Thread(target=self._keep, args=[started], name=f"keeper of {self.name}", daemon=True)
        self._keeper.start()
        started.result()

    def stop(self, patience: float = 10.0) -> None:
        """Ask it to end, wait, and kill it when it does not."""
        self._end(self._stop_signal, patience)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would; it is not started again."""
        self._end(signal.SIGKILL, patience=None)

    def last_words(self) -> str:
        """The end of what it wrote since start(), for an error message."""
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-8:])

    def _keep(self, started: "Future[None]") -> None:
        try:
            process = self._spawn()
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(None)
        while process:
            code = process.wait()
            if self._unwanted.wait(RESTART_AFTER):
                return
            log.warning("%s ended (%s), starting it again", self.name, code)
            process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._lock, self.output.open("ab") as output:
            if self._unwanted.is_set():
                return None
            # A group of its own: Ctrl-C in a terminal reaches us alone, and we stop the parts in order.
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
            )
            return self._process

    def _end(self, with_signal: signal.Signals, patience: float | None) -> None:
        with self._lock:
            self._unwanted.set()
            if self._process and self.alive:
                self._process.send_signal(with_signal)
        if self._keeper:
            self._keeper.join(patience)
