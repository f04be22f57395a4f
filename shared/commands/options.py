"""Options that more than one command takes."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.interaction import Interaction, Snowflake
from shared.registry import CHANNEL, OptionKind


def event_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The server's events whose name or label contains what was typed, those that start with it first."""
    result = interaction.rpc("list_events")
    typed = typed.casefold()
    named = [(e["event"], f"{e['event']} {e['label'] or ''}".casefold()) for e in result.get("events", [])]
    found = [(name, shown) for name, shown in named if typed in shown]
    return [(name, name) for name, shown in sorted(found, key=lambda pair: not pair[1].startswith(typed))]


def _event_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,50}", name, re.ASCII):
        raise ValueError("may have only a to z, 0 to 9 and _, and at most 50 of them")
    return name


EventName = Annotated[
    str,
    AfterValidator(_event_name),
    Field(description="Name of the event, such as quest_complete", min_length=1, max_length=50),
]
Event = Annotated[
    str, OptionKind(complete=event_choices), Field(description="Which event", min_length=1, max_length=50)
]

TEXT_CHANNELS = (0, 5, 10, 11, 12)  # text, announcement, the three kinds of thread
Channel = Annotated[
    Snowflake, OptionKind(CHANNEL, channel_types=TEXT_CHANNELS), Field(description="Default: this channel")
]
