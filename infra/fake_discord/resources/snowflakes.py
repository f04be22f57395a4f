"""Ids and timestamps as Discord writes them."""

import itertools
from datetime import UTC, datetime

EPOCH = 1_420_070_400_000  # Discord's: the first millisecond of 2015

_increment = itertools.count()


def snowflake(at: float) -> str:
    """Make an id that Discord could have made at that time (seconds since 1970)."""
    return str(int(first_snowflake(at)) | next(_increment) & 0xFFF)


def first_snowflake(at: float) -> str:
    """The lowest id of that time, the same whoever asks."""
    return str((int(at * 1000) - EPOCH) << 22)


def timestamp(at: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
