"""Answers of record_events, and a day of items."""

import random

from tests.infra.supabase.batches import (
    event,
    item,
    message,
    said,
    voice,
)
from tests.sql import HOUR, MINUTE, NOON, Row

COUNTED = {"result": "counted"}


def again(first: Row) -> Row:
    """What is told of an item that was recorded before."""
    return {"result": "duplicate", "first": first}


def day(count: int = 60, seed: int = 1) -> list[Row]:
    """Items of every kind by a few members within an hour."""
    dice = random.Random(seed)
    items = []
    for number in range(count):
        who, at = str(dice.randrange(1001, 1007)), NOON - HOUR + number * MINUTE / 2
        target = {"message_id": str(dice.randrange(3)), "emoji": dice.choice("ab"), "author_id": "1009"}
        items.append(
            dice.choice(
                [
                    message(who, at, words=dice.randrange(6)),
                    said("gm everybody", who, at),
                    item("reaction", who, at, **target),
                    item("reaction_removed", who, at, **target | {"author_id": None}),
                    voice(dice.randrange(1, 200), who, at),
                    item(dice.choice(["join", "boost"]), who, at),
                    event(dice.choice(["quest", "unknown"]), who, at, channel_id=dice.choice(["5", "6"])),
                    message(who, at, channel_id="5"),
                ]
            )
        )
    return items
