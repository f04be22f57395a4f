"""How amounts, times, names and lists are written and escaped."""

import re
from collections.abc import Mapping
from datetime import date as calendar_date
from datetime import datetime
from typing import Any

CURRENCY = "RSNC"
APOSTROPHE = "'"
CHOICE_LIMIT = 100  # characters that Discord shows of a suggestion
PAGE_LIMIT = 3_500  # characters of an embed's description that we use
# Invisible characters that can reverse the text around them or hide the start of a word: controls, marks of direction,
# zero-width spaces, invisible fillers. Emoji and some scripts need the two joiners (U+200C, U+200D),
# variation selectors and tags, so these stay.
UNSEEN = (
    "\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
)
_UNSEEN = re.compile(f"[{UNSEEN}]")


def number(value: float) -> str:
    """A figure with thousands separators and only the decimals it needs: 1,234.5."""
    if isinstance(value, int):
        return f"{value:,}"  # exact beyond the precision of a float
    written = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def amount(value: float) -> str:
    """An amount of RSNC: 1,234.5 RSNC."""
    return f"{number(value)} {CURRENCY}"


def change(value: float) -> str:
    """A change of an amount, with its sign: +27.5 RSNC."""
    return f"+{amount(value)}" if value >= 0 else amount(value)


def moment(iso: str) -> str:
    """An instant relative to now, as everybody reads it on their own clock: "in 3 hours"."""
    return _timestamp(iso, "R")


def time_of_day(iso: str) -> str:
    """An instant of the next hours, as everybody reads it on their own clock: "14:30"."""
    return _timestamp(iso, "t")


def date(iso: str) -> str:
    """The day of an instant, as everybody reads it on their own clock: "10 March 2026"."""
    return _timestamp(iso, "D")


def last_minute(iso: str) -> str:
    """The minute before an instant: what ends with a Monday ends on "Monday, 9 March 2026 23:59", not on Tuesday."""
    return _timestamp(iso, "F", after=-60)


def _timestamp(iso: str, style: str, *, after: int = 0) -> str:
    """An instant, or some seconds after it, as a Discord timestamp."""
    try:
        return f"<t:{int(datetime.fromisoformat(iso).timestamp()) + after}:{style}>"
    except (ValueError, OverflowError):  # infinity, or after the year 9999, written by another program
        return "in the far future"


def weekday(day: str) -> str:
    """A calendar day by its weekday, in plain text: Tue."""
    return f"{calendar_date.fromisoformat(day):%a}"


def day_of_month(day: str) -> str:
    """A calendar day within its month, in plain text: 10 Tue."""
    return f"{calendar_date.fromisoformat(day):%d %a}"


def month(day: str) -> str:
    """The month of a calendar day, in plain text: Mar 2026."""
    return f"{calendar_date.fromisoformat(day):%b %Y}"


def count(value: float, noun: str) -> str:
    """A figure with its noun: 1 claim, 2 claims."""
    return f"{number(value)} {noun}" if value == 1 else f"{number(value)} {noun}s"


def span(seconds: int) -> str:
    """A duration in its largest whole unit: 2 hours."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return count(seconds // size, unit)
    return "less than a minute"


def visible(text: str) -> str:
    """What somebody typed, without invisible characters; every other function for such text calls this first."""
    return _UNSEEN.sub("", text)


def one_line(text: str) -> str:
    """What somebody typed as one line of plain text."""
    return " ".join(visible(text).split())


def paragraphs(text: str) -> str:
    """A text that an admin formats, in which a link shows where it leads: `[text](address)` is no link."""
    return visible(text).replace("](", "]\\(")


def cut(text: str, limit: int) -> str:
    """Text of at most `limit` characters: names and labels of other programs may have any length."""
    text = visible(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def escape(text: str) -> str:
    """What somebody typed, with its markup escaped."""
    return "".join(f"\\{char}" if char in "\\*_~`|>[]<#" else char for char in visible(text))


def code(text: str) -> str:
    """A name that somebody typed, in backticks that it cannot close."""
    sendable = text.encode(errors="replace").decode()  # half a surrogate pair cannot be encoded
    return f"`{one_line(sendable.replace('`', APOSTROPHE)) or ' '}`"


def line(text: str, limit: int) -> str:
    """What somebody typed as a part of a line: one line of at most `limit` characters, with its markup escaped."""
    return escape(cut(one_line(text), limit))


def clause(text: str, limit: int) -> str:
    """What somebody typed as the end of a sentence: a `line` without full stops at its end."""
    return line(text, limit).rstrip(".")


def is_id(value: object) -> bool:
    """Whether a value has the form of a Discord id; other programs may have written anything in its place."""
    return isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20


def role_mention(role_id: str) -> str:
    """A role as people see it; what is no id (other programs may write anything) is quoted."""
    return f"<@&{role_id}>" if is_id(role_id) else code(cut(role_id, 100))


def channel_mention(channel_id: str) -> str:
    """A channel as people see it; what is no id is quoted."""
    return f"<#{channel_id}>" if is_id(channel_id) else code(cut(channel_id, 100))


def member_mention(member_id: str) -> str:
    """A member as people see them; what is no id is quoted."""
    return f"<@{member_id}>" if is_id(member_id) else code(cut(member_id, 100))


def sentences(*parts: str) -> str:
    """Whole sentences in a row; empty ones are left out."""
    return " ".join(filter(None, parts))


def listed(parts: list[str]) -> str:
    """Parts of a sentence in a row: A, B and C."""
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def alternatives(parts: list[str], most: int) -> str:
    """The first of some alternatives in a row: A, B or 3 more."""
    *others, last = [*parts[:most], f"{number(len(parts) - most)} more"] if len(parts) > most else parts
    return f"{', '.join(others)} or {last}" if others else last


def event_name(event: str) -> str:
    """An event of the ledger as plain text: its label or name, or which streak bonus it is."""
    name = one_line(event)
    kind, _, rest = name.partition(":")
    return f"{cut(rest, 20)}-day streak bonus" if kind == "streak_milestone" else cut(name, 80)


def megabytes(size: float) -> str:
    """A size in bytes as Discord shows it: 10 MB."""
    return f"{number(size / 2**20)} MB"


def label_or_name(event: Mapping[str, Any]) -> str:
    """What members read for an event: its label if it has one, else its name."""
    return line(event.get("label") or "", 80) or code(cut(event["event"], 100))


def truncate_lines(lines: list[str], limit: int, total: int = 0) -> list[str]:
    """The first lines that fit into `limit` characters, then how many are missing.

    `total`: how many lines there are, if `lines` is not all of them.
    """
    left = limit
    for place, text in enumerate(lines):
        left -= len(text) + 1
        if left < 0:
            return [*lines[:place], f"… and {number(max(len(lines), total) - place)} more"]
    return lines
