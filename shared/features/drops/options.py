"""Options of drops: their event, what they pay, how long one is open, its button and its text."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from shared.interactions.options import EVENT_NAME_LIMIT
from shared.interactions.registry import OptionKind

PERMANENT = {"permanent", "unlimited", "forever", "0"}
LONGEST = timedelta(hours=168)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_lifespan(typed: str) -> timedelta | None:
    """Read `90s`, `5m`, `24h`, `7d` or `permanent` (None). Raises ValueError."""
    typed = str(typed).strip().lower()
    if typed in PERMANENT:
        return None
    match = re.fullmatch(r"([0-9]{1,6}) ?([smhd])", typed, re.ASCII)
    if match is None:
        raise ValueError("should look like 90s, 5m, 24h or permanent")
    lifespan = timedelta(**{UNITS[match[2]]: int(match[1])})
    if not timedelta(0) < lifespan <= LONGEST:
        raise ValueError("should be at least 1s and at most 168h, or permanent")
    return lifespan


def write_lifespan(lifespan: timedelta | None) -> str:
    """A lifespan as `parse_lifespan` reads it."""
    if lifespan is None:
        return "permanent"
    seconds = int(lifespan.total_seconds())
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("m", 60), ("s", 1)) if seconds % size == 0)
    return f"{seconds // size}{unit}"


Lifespan = Annotated[
    timedelta | None,
    BeforeValidator(parse_lifespan),
    OptionKind(),
    Field(description="How long it is open: 90s, 5m, 24h, at most 168h, or permanent; default 24h"),
]
Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="Text of the button; default: Claim", min_length=1, max_length=80),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="Text above the button", min_length=1, max_length=1_000),
]
MaxClaims = Annotated[int, Field(description="How many members can claim it; default: no limit", ge=1, le=1_000_000)]
Reward = Annotated[int, Field(description="RSNC it pays, 1 to 10,000; default: as the event", ge=1, le=10_000)]
EventCalled = Annotated[
    str,
    Field(description="Its name or its label, such as news_tracker", min_length=1, max_length=EVENT_NAME_LIMIT),
]
