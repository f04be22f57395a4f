"""Options of drops: their event, what they pay, how long one is open, its button and its text."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from shared.discord.reply import Choice
from shared.format import count
from shared.interactions.interaction import Interaction
from shared.interactions.options import EVENT_NAME_LIMIT, event_offer
from shared.interactions.problems import WrongValueError
from shared.interactions.registry import OptionKind

PERMANENT = {"permanent", "unlimited", "forever", "0"}
LONGEST = timedelta(hours=168)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
USUAL = ("5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "48h", "72h", "168h", "permanent")


def parse_lifespan(typed: str) -> timedelta | None:
    """Read `90s`, `5m`, `24h`, `7d` or `permanent` (None). Raises ValueError."""
    typed = str(typed).strip().lower()
    if typed in PERMANENT:
        return None
    match = re.fullmatch(r"([0-9]{1,6}) ?([smhd])", typed, re.ASCII)
    if match is None:
        raise WrongValueError("{name} must look like 90s, 5m, 24h, 7d or permanent.")
    lifespan = timedelta(**{UNITS[match[2]]: int(match[1])})
    if not timedelta(0) < lifespan <= LONGEST:
        raise WrongValueError("{name} must be from 1s to 168h, or permanent.")
    return lifespan


def write_lifespan(lifespan: timedelta | None) -> str:
    """A lifespan as `parse_lifespan` reads it."""
    if lifespan is None:
        return "permanent"
    seconds = int(lifespan.total_seconds())
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("m", 60), ("s", 1)) if seconds % size == 0)
    return f"{seconds // size}{unit}"


def lifespan_offer(_: Interaction, filled_in: str) -> list[Choice]:
    """The usual lifespans, and the one that is filled in."""
    try:
        own = [write_lifespan(parse_lifespan(filled_in))]
    except WrongValueError:
        own = []
    offered = dict.fromkeys([*own, *USUAL]) if own and own[0] not in USUAL else USUAL
    return [Choice(lifespan_name(parse_lifespan(written)), written) for written in offered]


def lifespan_name(lifespan: timedelta | None) -> str:
    """A lifespan as people read it: 3 days, 90 minutes, Permanent."""
    if lifespan is None:
        return "Permanent"
    seconds = int(lifespan.total_seconds())
    sizes = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((size, unit) for size, unit in sizes if seconds % size == 0)
    return count(seconds // size, unit)


Lifespan = Annotated[
    timedelta | None,
    BeforeValidator(parse_lifespan),
    OptionKind(
        offer=lifespan_offer, offer_description="How long it is open. For any other time use /drop create lifespan"
    ),
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
    OptionKind(offer=event_offer, offer_description="What the drop pays for"),
    Field(description="Its name or its label, such as news_tracker", min_length=1, max_length=EVENT_NAME_LIMIT),
]


@dataclass(frozen=True)
class Terms:
    """How long a drop is open, for how many members, and what it pays them."""

    lifespan: Lifespan = timedelta(hours=24)
    max_claims: MaxClaims | None = None
    reward: Reward | None = None
