"""Handlers that do what real ones should not; they run in execution environments only."""

import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from infra.local.runtime import Context

Event = dict[str, Any]


def rpc(name: str, *, timeout: float, **arguments: Any) -> Any:
    return arguments


# Stands where shared/database.py stands for the real handlers, so that these need no database.
database: Any = ModuleType("shared.database")
database.rpc = rpc
sys.modules["shared.database"] = database


def echo(event: Event, context: Context) -> Any:
    return event


def reply(event: Event, context: Context) -> Any:
    """Answer a Function URL event with whatever the test put into the body."""
    return json.loads(event["body"])


def describe(event: Event, context: Context) -> Any:
    return {
        "pid": os.getpid(),
        "variables": dict(os.environ),
        "function_name": context.function_name,
        "request_id": context.aws_request_id,
        "memory": context.memory_limit_in_mb,
        "remaining": context.get_remaining_time_in_millis(),
    }


def pid(event: Event, context: Context) -> Any:
    time.sleep(event.get("seconds", 0))
    return os.getpid()


def log(event: Event, context: Context) -> Any:
    print("printed")
    logging.getLogger("resonance").info("claimed %s", "drop", extra={"outcome": "paid", "milliseconds": 3})


def call_database(event: Event, context: Context) -> Any:
    database.rpc("first", timeout=1.0)
    return database.rpc("second", timeout=1.0, **event)


def fail(event: Event, context: Context) -> Any:
    raise LookupError("no such drop")


def leave(event: Event, context: Context) -> Any:
    sys.exit(3)


def die(event: Event, context: Context) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def unspeakable(event: Event, context: Context) -> Any:
    return {1, 2}


def moved_clock(event: Event, context: Context) -> Any:
    return database.rpc("now", timeout=1.0)


def record(event: Event, context: Context) -> Any:
    """Note in the file RUNS when a run began and ended."""
    began = time.time()
    time.sleep(0.05)
    with Path(os.environ["RUNS"]).open("a") as runs:
        runs.write(f"{began} {time.time()}\n")
