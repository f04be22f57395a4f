"""Options that more than one command takes."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from shared import database
from shared.discord.payload import Snowflake
from shared.discord.permissions import THREADS, VOICE_CHANNELS
from shared.discord.reply import Choice
from shared.format import amount, code, cut, one_line
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import RefusedError
from shared.interactions.problems import WrongValueError
from shared.interactions.registry import CHANNEL, ROLE, USER, OptionKind
from shared.log import logger

EVENT_NAME_LIMIT = 100  # Discord's for a choice; our own names are shorter, those of other programs may be longer


def event_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The server's events that match what was typed."""
    return event_suggestions(interaction.rpc("list_events"), typed)


def event_suggestions(result: dict[str, Any], typed: str) -> list[tuple[str, str]]:
    """The events whose name or label contains what was typed; first those where one begins with it."""
    typed = typed.strip().casefold()
    events = [(event, [name.casefold() for name in _names(event)]) for event in result.get("events", [])]
    found = [(event, names) for event, names in events if any(typed in name for name in names)]
    found.sort(key=lambda pair: not any(name.startswith(typed) for name in pair[1]))
    return [(_shown(event), event["event"]) for event, _ in found]


def event_offer(interaction: Interaction, _: str) -> list[Choice]:
    """The server's events that are on, for a form. Raises RefusedError.

    While the database is away offer nothing: the event is then typed, and looked for when the form is sent.
    """
    try:
        result = interaction.rpc("list_events")
    except database.DatabaseError as error:
        logger.warning("events not known", extra={"function": str(error)})
        return []
    if result["outcome"] != "events":
        raise RefusedError(result)
    return [
        Choice(_shown(event), event["event"], amount(event["reward"]))
        for event in result["events"]
        if event["enabled"] and len(event["event"]) <= EVENT_NAME_LIMIT
    ]


def _names(event: dict[str, Any]) -> list[str]:
    return [event["event"], *([event["label"]] if event["label"] else [])]


def _shown(event: dict[str, Any]) -> str:
    """The label with the name; only the label is cut."""
    *label, name = reversed(_names(event))
    return f"{cut(one_line(label[0]), max(97 - len(name), 1))} ({name})" if label else name


def limit_or_none(limit: int) -> int:
    """Refuse a limit of 0, by which nobody could earn anything; -1 is no limit."""
    if limit == 0:
        raise WrongValueError("{name} must be 1 or more, or -1 for no limit.")
    return limit


def _event_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,50}", name, re.ASCII):
        raise WrongValueError("{name} may have only a to z, 0 to 9 and _, and no more than 50 of them.")
    return name


EventName = Annotated[
    str,
    AfterValidator(_event_name),
    Field(description="Name of the event, such as quest_complete", min_length=1, max_length=50),
]
Event = Annotated[
    str, OptionKind(complete=event_choices), Field(description="Which event", min_length=1, max_length=EVENT_NAME_LIMIT)
]

TEXT_CHANNELS = (0, 5, *THREADS)  # text, announcement
CHAT_CHANNELS = (*TEXT_CHANNELS, *VOICE_CHANNELS)  # where messages can be posted
Channel = Annotated[
    Snowflake, OptionKind(CHANNEL, channel_types=CHAT_CHANNELS), Field(description="Default: this channel")
]

Role = Annotated[Snowflake, OptionKind(ROLE), Field(description="Which role")]


def mentioned(typed: str) -> str:
    """The id in a mention of a role or a channel, else what was typed."""
    mention = re.fullmatch(r"<(?:@&|#)([0-9]{1,20})>", typed.strip(), re.ASCII)
    return mention[1] if mention else typed.strip()


def not_mentioned(sentence: str, typed: str) -> str:
    """A sentence about a text that is no mention and no id: nobody can tell whether what it names is configured."""
    return sentence.format(typed=code(cut(typed, 100)))


def filter_choices(choices: list[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """Those of the choices whose name contains what was typed, or whose value it is."""
    sought = mentioned(typed).casefold()
    return [(name, value) for name, value in choices if sought in name.casefold() or sought == value]


Member = Annotated[Snowflake, OptionKind(USER), Field(description="Which member")]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="Why; the member can read it", min_length=1, max_length=300),
]
