"""The values of audited states in words.

Other programs may write rows with anything in them: a value in another shape than our own functions write is shown as
it is.
"""

import json
from collections.abc import Mapping
from typing import Any

from shared.discord.emoji import Emoji
from shared.format import amount, channel_mention, count, cut, is_id, line, moment, number, role_mention
from shared.interactions.registry import Level

VALUE_LIMIT, STEPS_LIMIT = 28, 60  # characters
_ADMIN_LEVELS = [level for level in Level if level]

State = Any  # JSON


def at(state: State, *path: str) -> State:
    """The value at a path of a state; None if the state has no such path."""
    for key in path:
        state = state.get(key) if isinstance(state, Mapping) else None
    return state


def is_number(value: State) -> bool:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def colour(value: State) -> str:
    """A colour: #57f287."""
    return f"#{value:06x}" if isinstance(value, int) else plain(value)


def plain(value: State) -> str:
    """Any value, cut to a few characters."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    written = number(value) if is_number(value) else value
    shown = written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)
    return line(shown, VALUE_LIMIT) or "empty"


def rsnc(value: State) -> str:
    """An amount of RSNC."""
    return cut(amount(value), VALUE_LIMIT) if is_number(value) else plain(value)


def limit(value: State) -> str:
    """A number of claims; a negative one is no limit."""
    return "none" if is_number(value) and value < 0 else plain(value)


def hours(value: State) -> str:
    """A cooldown; 0 or less is none."""
    if not is_number(value):
        return plain(value)
    return cut(count(value, "hour"), VALUE_LIMIT) if value > 0 else "none"


def setting(value: State) -> str:
    """A setting; a server that sets none has the default."""
    return "default" if value is None else plain(value)


def switch(value: State) -> str:
    """A switch that is off by default."""
    return "on" if value is True else "off" if value in (None, False) else plain(value)


def enabled(value: State) -> str:
    """A switch that is on by default."""
    return "on" if value is None else switch(value)


def claimable(value: State) -> str:
    """Whether members may claim an event; no by default."""
    return "no" if value is None else plain(value)


def connected(value: State) -> str:
    """Whether a server is connected; yes by default."""
    return "disconnected" if value is False else "connected"


def instant(value: State) -> str:
    """A time; None is written as 'never'."""
    return moment(value) if isinstance(value, str) else "never"


def channel(value: State) -> str:
    """A channel."""
    return channel_mention(value) if is_id(value) else plain(value)


def role(value: State) -> str:
    """A role."""
    return role_mention(value) if is_id(value) else plain(value)


def emoji(value: State) -> str:
    """An emoji."""
    found = Emoji.parse(value) if isinstance(value, str) else None
    return str(found) if found and found.id else plain(value)


def level(value: State) -> str:
    """The level of an admin role."""
    return Level(value).label if is_number(value) and value in _ADMIN_LEVELS else plain(value)


def channels(value: State) -> str:
    """Up to two channels, else how many there are."""
    if not isinstance(value, list) or len(value) > 2:
        return count(len(value), "channel") if isinstance(value, list) else plain(value)
    return ", ".join(map(channel, value)) or "none"


def steps(value: State) -> str:
    """Tiers or milestones of a streak: 3 days ×1.1, 7 days ×1.25."""
    if not isinstance(value, list):
        return setting(value)
    return cut(", ".join(map(_step, value)), STEPS_LIMIT) or "none"


def _step(step: State) -> str:
    days, multiplier, reward = (at(step, key) for key in ("days", "multiplier", "reward"))
    if not is_number(days):
        return plain(step)
    worth = f"×{number(multiplier)}" if is_number(multiplier) else plain(reward)
    return f"{count(days, 'day')} {worth}"
