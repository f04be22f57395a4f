"""What activity pays an event (`detection_config`): the options that say it, and how people read it.

The database checks what is written, whoever writes it (internal.detection_problem).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from shared.discord.payload import Snowflake
from shared.format import alternatives, channel_mention, code, count, cut, listed, number
from shared.interactions.options import CHAT_CHANNELS
from shared.interactions.outcomes import Facts
from shared.interactions.problems import InvalidOptionsError, Problem, WrongValueError
from shared.interactions.registry import CHANNEL, OptionKind

MOST_KEYWORDS, LONGEST_KEYWORD = 50, 100
NONE = "none"

# What belongs to each trigger: what it needs, and what it may have besides.
_TAKES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "message": ((), ("min_characters", "min_words", "channel")),
    "keyword": (("keywords",), ("match", "min_characters", "min_words", "channel")),
    "reactions": (("min_reactions",), ("channel",)),
    "voice": (("minutes",), ("channel",)),
    "join": ((), ()),
    "boost": ((), ()),
    NONE: ((), ()),
}
_TRIGGERS = {
    "message": "somebody writes a message",
    "keyword": "somebody writes a keyword",
    "reactions": "a message gets reactions",
    "voice": "somebody sits in a voice channel",
    "join": "somebody joins the server",
    "boost": "somebody boosts the server",
    NONE: "no activity pays it",
}
_MATCHES = {"contains": "anywhere", "starts": "at the beginning", "whole": "as whole words"}


def _keywords(typed: object) -> list[str]:
    """Keywords by commas."""
    keywords = [part.strip() for part in str(typed).split(",") if part.strip()]
    if not 1 <= len(keywords) <= MOST_KEYWORDS:
        raise WrongValueError(
            "{name} must be 1 to {most} words or phrases, with commas between.", most=number(MOST_KEYWORDS)
        )
    if any(len(keyword) > LONGEST_KEYWORD for keyword in keywords):
        raise WrongValueError("{name} may have no more than {most} characters each.", most=number(LONGEST_KEYWORD))
    return keywords


Trigger = Annotated[
    Literal["message", "keyword", "reactions", "voice", "join", "boost", "none"],
    OptionKind(choice_name=_TRIGGERS.__getitem__),
    Field(description="What activity pays it"),
]
Keywords = Annotated[
    list[str], BeforeValidator(_keywords), OptionKind(), Field(description="Words or phrases, with commas between")
]
Match = Annotated[
    Literal["contains", "starts", "whole"],
    OptionKind(choice_name=_MATCHES.__getitem__),
    Field(description="Where a keyword must stand; default: anywhere"),
]
MinCharacters = Annotated[int, Field(description="How long a message must be at least", ge=1, le=4_000)]
MinWords = Annotated[int, Field(description="How many words a message must have at least", ge=1, le=2_000)]
MinReactions = Annotated[
    Literal["3", "5", "7", "10", "15", "20", "25"], Field(description="How many others must react to a message")
]
Minutes = Annotated[int, Field(description="For how many minutes it pays once, 1 to 1,440", ge=1, le=1_440)]
OnlyChannel = Annotated[
    Snowflake, OptionKind(CHANNEL, channel_types=CHAT_CHANNELS), Field(description="Only there; default: everywhere")
]


@dataclass(frozen=True)
class TriggerOptions:
    """What activity pays an event."""

    trigger: Trigger | None = None
    keywords: Keywords | None = None
    match: Match | None = None
    min_characters: MinCharacters | None = None
    min_words: MinWords | None = None
    min_reactions: MinReactions | None = None
    minutes: Minutes | None = None
    channel: OnlyChannel | None = None


def detection(options: TriggerOptions) -> dict[str, Any] | None:
    """The detection_config of the options that were given; None where there are none, empty for no trigger.

    Raises InvalidOptionsError with all that is wrong.
    """
    given: dict[str, Any] = {name: value for name, value in vars(options).items() if value is not None}
    trigger: str | None = given.pop("trigger", None)
    if problems := _problems(trigger, set(given)):
        raise InvalidOptionsError(problems)
    if trigger is None or trigger == NONE:
        return None if trigger is None else {}
    if channel := given.pop("channel", None):
        given["channels"] = [channel]
    if reactions := given.pop("min_reactions", None):
        given["min_reactions"] = int(reactions)
    return {"trigger": trigger, **given}


def _problems(trigger: str | None, given: set[str]) -> list[Problem]:
    if trigger is None:
        return [Problem(name, "{name} belongs to a `trigger`: choose one too.") for name in sorted(given)]
    needed, possible = _TAKES[trigger]
    missing = [name for name in needed if name not in given]
    others = sorted(given.difference(needed, possible))
    facts = {"trigger": _TRIGGERS[trigger]}
    return [
        *(Problem(name, "{name} is missing: “{trigger}” needs it.", facts) for name in missing),
        *(Problem(name, "{name} does not go with “{trigger}”.", facts) for name in others),
    ]


# --- Words

KEYWORDS_SHOWN, CHANNELS_SHOWN = 5, 3

# By where a keyword must stand: for any message, and for one of some length.
_KEYWORD_MESSAGES = {
    "contains": ("for messages containing {keywords}", "for messages of {lengths} containing {keywords}"),
    "starts": ("for messages beginning with {keywords}", "for messages of {lengths} beginning with {keywords}"),
    "whole": ("for messages with the word {keywords}", "for messages of {lengths} with the word {keywords}"),
}


def fires(config: Any) -> str:
    """What activity pays an event: for messages of 100 characters and 20 words, only in #talk. Empty where none does.

    A config that another program wrote before migration 021 may be anything.
    """
    try:
        return ", ".join([_ACTIVITIES[config["trigger"]](config), *_places(config.get("channels", []))])
    except (AttributeError, LookupError, TypeError, ValueError):
        return ""


def _lengths(config: Facts) -> str:
    """How long a message must be: 100 characters and 20 words. Empty for any length."""
    nouns = {"min_characters": "character", "min_words": "word"}
    lengths = [count(config[name], noun) for name, noun in nouns.items() if name in config]
    return listed(lengths) if lengths else ""


def _messages(config: Facts) -> str:
    lengths = _lengths(config)
    return f"for messages of {lengths}" if lengths else "for messages"


def _keyword_messages(config: Facts) -> str:
    keywords = alternatives([code(cut(word, 40)) for word in config["keywords"]], KEYWORDS_SHOWN)
    of_any_length, of_some_length = _KEYWORD_MESSAGES[config.get("match", "contains")]
    lengths = _lengths(config)
    return (of_some_length if lengths else of_any_length).format(lengths=lengths, keywords=keywords)


_ACTIVITIES: dict[str, Callable[[Facts], str]] = {
    "message": _messages,
    "keyword": _keyword_messages,
    "reactions": lambda config: f"for messages with {count(config['min_reactions'], 'reaction')}",
    "voice": lambda config: f"for every {count(config['minutes'], 'minute')} in a voice channel",
    "join": lambda _: "for joining the server",
    "boost": lambda _: "for boosting the server",
}


def _places(channels: list[str]) -> list[str]:
    return (
        [f"only in {alternatives([channel_mention(channel) for channel in channels], CHANNELS_SHOWN)}"]
        if channels
        else []
    )
