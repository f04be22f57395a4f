"""An emoji: a Unicode character, or one of a server's own, `<:name:id>`.

https://discord.com/developers/docs/resources/emoji
"""

import re
import unicodedata
from typing import NamedTuple, Self

_CUSTOM = re.compile(r"(?:<(a?):)?(\w{2,32}):([0-9]{1,20})>?", re.ASCII)
_STYLE = "\ufe0f"  # whether a character is drawn in colour; Discord adds it to some
_SYMBOLS = ("So", "Sk", "Me")  # categories of characters; each emoji has at least one of these


class Emoji(NamedTuple):
    """An emoji; one of a server's own has an `id`."""

    name: str
    id: str = ""
    is_animated: bool = False

    @classmethod
    def parse(cls, written: str) -> Self | None:
        """Read an emoji as people, Discord and other programs write it; None where it is none.

        🎉, <:party:123>, <a:party:123>, party:123.
        """
        text = written.strip()
        if custom := _CUSTOM.fullmatch(text):
            animated, name, emoji_id = custom.groups()
            return cls(name, emoji_id, bool(animated))
        return cls(text) if _is_unicode_emoji(text) else None

    def __str__(self) -> str:
        """As a message shows it."""
        return f"<{'a' * self.is_animated}:{self.name}:{self.id}>" if self.id else self.name

    @property
    def in_path(self) -> str:
        """As a request names it, before it is quoted."""
        return f"{self.name}:{self.id}" if self.id else self.name

    def is_same(self, reaction: dict[str, str | None]) -> bool:
        """Is it the emoji of a reaction as Discord describes it, `{id, name}`? An emoji can be renamed."""
        if self.id or reaction.get("id"):
            return self.id == reaction.get("id")
        return self.name.replace(_STYLE, "") == str(reaction.get("name")).replace(_STYLE, "")


def _is_unicode_emoji(text: str) -> bool:
    if not 0 < len(text) <= 32 or any(character.isspace() for character in text):
        return False
    return any(unicodedata.category(character) in _SYMBOLS or character == "\u20e3" for character in text)
