"""How figures, times and what somebody typed are written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Facts = Mapping[str, Any]
CURRENCY = "RSNC"
APOSTROPHE = "'"
CHOICE_LIMIT = 100  # what Discord shows of a suggestion
PAGE_LIMIT = 3_500  # what a reply shows of a page


def number(value: float) -> str:
    """A figure with thousands separators and only the decimals it needs: 1,234.5."""
    if isinstance(value, int):
        return f"{value:,}"  # also beyond what a float can tell apart
    written = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def amount(value: float) -> str:
    """RSNC, the one way they are written: 1,234.5 RSNC."""
    return f"{number(value)} {CURRENCY}"


def change(value: float) -> str:
    """RSNC that came or went: +27.5 RSNC."""
    return f"+{amount(value)}" if value >= 0 else amount(value)


def moment(iso: str) -> str:
    """An instant as a Discord timestamp, which everybody sees relative to now: "in 3 hours"."""
    try:
        return f"<t:{int(datetime.fromisoformat(iso).timestamp())}:R>"
    except (ValueError, OverflowError):  # infinity, or after the year 9999: somebody wrote it into the table
        return "in the far future"


def count(value: float, noun: str) -> str:
    """A figure with its noun: 1 claim, 2 claims."""
    return f"{number(value)} {noun}" if value == 1 else f"{number(value)} {noun}s"


def span(seconds: int) -> str:
    """How long something takes, in the largest unit that it fills: 2 hours."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return count(seconds // size, unit)
    return "less than a minute"


def cut(text: str, limit: int) -> str:
    """Text that Discord takes: names and labels may come from other programs, which know no limits."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def escape(text: str) -> str:
    """Text that somebody typed, so that it cannot format what we write."""
    return "".join(f"\\{char}" if char in "\\*_~`|>[]<#" else char for char in text)


def code(text: str) -> str:
    """What somebody typed as a name, between backticks that it cannot close."""
    sendable = text.encode(errors="replace").decode()  # half of a surrogate pair has no bytes
    return f"`{' '.join(sendable.replace('`', APOSTROPHE).split()) or ' '}`"


def line(text: str, limit: int) -> str:
    """What somebody typed, as a part of a line: no longer than it may be, and it formats nothing."""
    return escape(cut(" ".join(text.split()), limit))


def is_id(value: object) -> bool:
    """Is it an id of Discord's? Other programs may have written anything in its place."""
    return isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20


def listed(parts: list[str]) -> str:
    """Parts of a sentence in a row: A, B and C."""
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def event_name(event: str) -> str:
    """An event of the ledger as plain text: its label or name, or which streak bonus it is."""
    kind, _, rest = " ".join(event.split()).partition(":")
    return f"{cut(rest, 20)}-day streak bonus" if kind == "streak_milestone" else cut(" ".join(event.split()), 80)


def called(event: Facts) -> str:
    """What members read for an event: its label, or else its name."""
    return line(event["label"], 80) if event.get("label") else code(cut(event["event"], 100))


def fitting(lines: list[str], limit: int, total: int = 0) -> list[str]:
    """The lines that there is room for, and how many more there are, also of those that are not at hand."""
    left = limit
    for place, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            return [*lines[:place], f"… and {number(max(len(lines), total) - place)} more"]
    return lines
