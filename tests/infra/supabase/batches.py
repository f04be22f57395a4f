"""Batches of items as programs send them to record_events."""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from tests.sql import NOON, Database, Row

KEY = "ab" * 32  # of the operator
ALICE, BOB, CAROL, DAVE = "1001", "1002", "1003", "1004"

_ids = itertools.count(1)


def item(kind: str, user: str = BOB, at: datetime = NOON, **fields: Any) -> Row:
    """An item with an id of its own."""
    return {"id": f"item {next(_ids)}", "type": kind, "at": at.isoformat(), "user_id": user} | fields


def message(user: str = BOB, at: datetime = NOON, **fields: Any) -> Row:
    """A short message."""
    return item("message", user, at, **({"characters": 9, "words": 2} | fields))


def said(text: str, user: str = BOB, at: datetime = NOON, **fields: Any) -> Row:
    """A message with its text."""
    return item("message", user, at, text=text, **fields)


def reaction(user: str = BOB, at: datetime = NOON, kind: str = "reaction", **fields: Any) -> Row:
    """A reaction to Alice's message 99."""
    return item(kind, user, at, **({"message_id": "99", "emoji": "🎉", "author_id": ALICE} | fields))


def removal(user: str = BOB, at: datetime = NOON, **fields: Any) -> Row:
    """A reaction to the message 99 that is taken back; nobody says whose message that is."""
    return item("reaction_removed", user, at, **({"message_id": "99", "emoji": "🎉"} | fields))


def voice(seconds: int, user: str = BOB, at: datetime = NOON, **fields: Any) -> Row:
    """Time in a voice channel."""
    return item("voice", user, at, seconds=seconds, **fields)


def event(name: str, user: str = BOB, at: datetime = NOON, **fields: Any) -> Row:
    """An event of a brand's program."""
    return item("event", user, at, event=name, **fields)


def record(db: Database, *items: Any, now: datetime = NOON, server: str = "77") -> list[Row]:
    """What comes of a batch, item by item, without the ids."""
    told = db.call("record_events", key=KEY, is_operator=True, server_id=server, items=list(items), now=now)
    assert told.keys() == {"outcome", "results"}, told
    assert told["outcome"] == "recorded"
    ids = [each.get("id") if isinstance(each, dict) else None for each in items]
    assert [result["id"] for result in told["results"]] == [
        each if isinstance(each, str) and 0 < len(each) <= 100 else None for each in ids
    ]
    return [{name: value for name, value in result.items() if name != "id"} for result in told["results"]]


def recording(*items: Row, now: datetime = NOON) -> Callable[[Database], list[Row]]:
    """A batch for Database.race."""
    return lambda db: record(db, *items, now=now)


def counters(db: Database, server: str = "77") -> dict[str, list[int]]:
    """Messages, voice minutes, reactions given and received, by member; members with nothing are left out."""
    rows = db.rows(
        "select discord_user_id, array[messages_count, voice_minutes, reactions_count, reactions_received] as counted"
        " from discord_user_stats where server_id = %s",
        server,
    )
    return {row["discord_user_id"]: row["counted"] for row in rows if any(row["counted"])}


def paid(result: Row) -> list[tuple[str, float]]:
    """The events and amounts that an item was paid."""
    return [(each["event"], each["amount"]) for each in result.get("paid", [])]


def refused(result: Row) -> list[tuple[str, str]]:
    """The events that an item was refused, and why."""
    return [(each["event"], each["outcome"]) for each in result.get("refused", [])]


def add_trigger(db: Database, event_type: str, reward: float = 10, columns: Row | None = None, **config: Any) -> None:
    """An event of the server 77 that pays by itself."""
    db.add_event(event_type, reward, **{"detection_config": Jsonb(config)} | (columns or {}))
