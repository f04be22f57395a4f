"""`python -m infra.local`, which is `make run`: the whole bundle on this machine, until Ctrl-C.

A part that is real is left out here: with SUPABASE_URL and SUPABASE_SECRET_KEY in the environment there is no
local Postgres and no PostgREST; with DISCORD_APPLICATION_ID, DISCORD_PUBLIC_KEY and DISCORD_BOT_TOKEN
there is no local Discord.

Ports are free ones unless the environment names them: RESONANCE_GATEWAY_PORT (where interactions go),
RESONANCE_DISCORD_PORT, RESONANCE_REST_PORT (PostgREST), RESONANCE_DATABASE_PORT (Postgres).
RESONANCE_STATE is the folder that keeps the data.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from infra.local import state
from infra.local.child import StackError
from infra.local.stack import Ports, Stack


def main() -> int:
    """Serve until SIGINT or SIGTERM; 1 when the stack cannot run."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.local",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = Path(os.environ.get("RESONANCE_STATE", state.DEFAULT))
    parser.add_argument("--state", type=Path, default=default, help="where the data are (%(default)s)")
    directory: Path = parser.parse_args().state
    logging.basicConfig(format="%(message)s")
    logging.getLogger("infra.local").setLevel(logging.INFO)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return serve(Stack(directory, ports=_ports(os.environ), durable=True, outside=os.environ))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


def serve(stack: Stack) -> int:
    """Run the stack until somebody interrupts it."""
    try:
        print(f"Starting, with the data in {stack.directory}", flush=True)
        with stack:
            print(_table(stack), flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        print(f"Stopped, nothing is left running. The data stay in {stack.directory}.", flush=True)
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End once: a second signal, such as the one that make passes on, must not cut the clearing up short."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping", flush=True)
    raise KeyboardInterrupt


def _ports(environment: Mapping[str, str]) -> Ports:
    names = {name: f"RESONANCE_{name.upper()}_PORT" for name in Ports.__dataclass_fields__}
    try:
        return Ports(**{name: int(environment.get(variable, "0")) for name, variable in names.items()})
    except ValueError as error:
        raise StackError(f"One of {', '.join(names.values())} is not a number.") from error


def _table(stack: Stack) -> str:
    here = stack.description
    addresses = {
        "interactions": here.interactions_url,
        "Discord": here.discord_url,
        "PostgREST": here.rest_url,
        "Postgres": here.database_url or "not here, Supabase is real",
        "for programs": stack.description_file,
    }
    lines = [f"  {name:<14}{address}" for name, address in addresses.items()]
    return "\n".join(["", *lines, "", "Ctrl-C stops it."])


if __name__ == "__main__":
    sys.exit(main())
