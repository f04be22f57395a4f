"""`python -m infra.local`, which is `make run`: the whole bundle on this machine, until Ctrl-C.

The playground is a page that behaves like a Discord channel; its address is printed first.

Parts that are real are not started here: with SUPABASE_URL and SUPABASE_SECRET_KEY in the environment there is no
local Postgres and no PostgREST; with DISCORD_APPLICATION_ID, DISCORD_PUBLIC_KEY and DISCORD_BOT_TOKEN
there is no local Discord and no playground.

The playground keeps the port of its last start, so that an open page finds it again. The other ports are free ones.
The environment can name any of them: RESONANCE_GATEWAY_PORT (where interactions and events go),
RESONANCE_PLAYGROUND_PORT, RESONANCE_DISCORD_PORT, RESONANCE_REST_PORT (PostgREST), RESONANCE_DATABASE_PORT (Postgres).
RESONANCE_STATE is the folder that keeps the data and how far the clock is ahead.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from infra.deploy.redaction import split_password
from infra.local import state
from infra.local.child import StackError
from infra.local.stack import Ports, Stack
from infra.playground.server.app import Playground


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
        ports, port = _ports(os.environ)
        return serve(Stack(directory, ports=ports, durable=True, environment=os.environ), port)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


def serve(stack: Stack, port: int) -> int:
    """Run the stack, and its playground on `port`, until SIGINT or SIGTERM; returns the exit code."""
    try:
        print(f"Starting, with the data in {stack.directory}", flush=True)
        with stack, ExitStack() as cleanup:
            playground = cleanup.enter_context(_playground(stack, port)) if stack.discord else None
            print(_table(stack, playground), flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        print(f"Stopped, nothing is left running. The data stay in {stack.directory}.", flush=True)
    return 0


def _playground(stack: Stack, port: int) -> Playground:
    """The playground, on the port that it had the last time unless that is taken: an open page finds it again."""
    last = state.remembered(stack.directory).get("playground_port", 0)
    try:
        playground = Playground(stack, port or last)
    except StackError:
        if port or not last:
            raise
        playground = Playground(stack)
    state.remember(stack.directory, playground_port=playground.port)
    return playground


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Stop, and ignore a second signal, such as the one that make passes on: it would interrupt the cleanup."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping", flush=True)
    raise KeyboardInterrupt


def _ports(environment: Mapping[str, str]) -> tuple[Ports, int]:
    """The ports of the stack's parts, and the playground's."""
    names = {name: f"RESONANCE_{name.upper()}_PORT" for name in [*Ports.__dataclass_fields__, "playground"]}
    try:
        ports = {name: int(environment.get(variable, "0")) for name, variable in names.items()}
        return Ports(**{name: ports[name] for name in Ports.__dataclass_fields__}), ports["playground"]
    except ValueError as error:
        raise StackError(f"One of {', '.join(names.values())} is not a number.") from error


def _table(stack: Stack, playground: Playground | None) -> str:
    here = stack.description
    addresses = {
        "playground": playground.url if playground else "not here, Discord is real",
        "interactions": here.interactions_url,
        "events": here.events_url,
        "their key": f"{here.events_public_key} (the operator's)",
        "Discord": here.discord_url,
        "Supabase": here.supabase_url,
        "PostgREST": here.rest_url,
        "Postgres": split_password(here.database_url)[0] if here.database_url else "not here, Supabase is real",
        "for programs": stack.description_file,
    }
    lines = [f"  {name:<14}{address}" for name, address in addresses.items()]
    return "\n".join(["", *lines, "", "Ctrl-C stops it."])


if __name__ == "__main__":
    sys.exit(main())
