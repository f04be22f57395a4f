"""Members who press a button as fast as they can, each process as one Lambda environment does: by shared.database."""

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from typing import Any

from shared import database

CLICKS = 3  # of a member: one is paid, the others are refused
SECONDS = 20  # that a call may take with its retries: it is lost calls that are counted, not late ones

_over: list[Event] = []


@dataclass
class Load:
    """What the clicks of one process came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    members: int = 0
    requests: int = 0
    seconds: float = 0


def prepare(over: Event) -> None:
    """Store the stop event; multiprocessing cannot pass it as an argument."""
    _over.append(over)


def click(process: int, drop_id: str) -> Load:
    """Click until it is over; every member that began finishes."""
    load, start = Load(), time.monotonic()

    def count(_: Any) -> None:
        load.requests += 1

    database.client().session.event_hooks = {"request": [count]}
    for member in itertools.count():
        if _over[0].is_set():
            break
        load.members += 1
        for number in range(CLICKS):
            load.outcomes[_click(f"{process}{member:07}", number, drop_id)] += 1
    load.seconds = time.monotonic() - start
    return load


def _click(member: str, number: int, drop_id: str) -> str:
    caller = {"server_id": "77", "user_id": member, "role_ids": [], "interaction_id": f"{member}{number}"}
    try:
        return str(database.rpc("claim_drop", timeout=SECONDS, caller=caller, drop_id=drop_id)["outcome"])
    except database.DatabaseError as error:
        return f"lost: {error}"
