"""A channel's messages, found by as few pages of them as there must be."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from shared.discord import rest
from shared.discord.error import MISSING_ACCESS, MISSING_PERMISSIONS, UNKNOWN_MESSAGE, DiscordError
from shared.discord.steps import Steps

Message = dict[str, Any]

MOST_PAGES = 20  # at one look; messages further back have their turn at another one


@dataclass
class Found:
    """Messages by id, the newest page, and the ids that should have stood on a page and did not."""

    messages: dict[str, Message] = field(default_factory=dict)
    newest: list[Message] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)


def find(channel_id: str, wanted: Collection[str], first: Collection[str], *, newest: bool) -> Steps[Found]:
    """Look for messages, those of `first` first; with `newest` begin with the newest page.

    Where Discord shows nothing at all, find out whether that is true. Raises DiscordError.
    """
    found, left, pages = Found(), set(wanted), 0
    # Where there may be too many pages, begin anywhere, so that each has its turn in the end.
    place = random.choice(list(left)) if len(left) > MOST_PAGES else max(left, key=int, default="0")  # noqa: S311
    before = None if newest else _next(left, first, place)
    while (left or (newest and not pages)) and pages < MOST_PAGES:
        page: list[Message] = yield rest.messages(channel_id, before=before)
        pages += 1
        if not page and not found.messages:
            break
        if before is None:
            found.newest = page
        shown = {each["id"]: each for each in page}
        found.messages |= shown
        oldest = int(page[-1]["id"]) if len(page) == rest.PAGE else 0
        covered = {each for each in left if oldest <= int(each) and (before is None or int(each) < int(before))}
        found.missing |= covered - shown.keys()
        left -= covered
        before = _next(left, first, place)
    if not found.messages:
        yield from _look_closer(channel_id, left, found)
    return found


def _next(left: Collection[str], first: Collection[str], place: str) -> str | None:
    """The id before which the next page ends: that of the newest message that is left, from a place on downwards."""
    candidates = [int(each) for each in left if each in first] or [int(each) for each in left]
    below = [each for each in candidates if each <= int(place)]
    return str(max(below or candidates) + 1) if candidates else None


def _look_closer(channel_id: str, left: set[str], found: Found) -> Steps[None]:
    """Ask for one message: the list is also empty where the bot may not read the history. Raises DiscordError."""
    asked = max(left, key=int, default=channel_id)  # any id will do
    try:
        message = yield rest.message(channel_id, asked)
        found.messages[asked] = message
    except DiscordError as error:
        if error.code in (MISSING_ACCESS, MISSING_PERMISSIONS):
            raise ClosedHistoryError(error.status, error.code) from None
        if error.code != UNKNOWN_MESSAGE:
            raise
        found.missing |= {asked} & left


class ClosedHistoryError(DiscordError):
    """The bot sees the channel and may not read its history."""
