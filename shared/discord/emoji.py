"""An emoji: a Unicode character, or one of a server's own, `<:name:id>`.

https://discord.com/developers/docs/resources/emoji
"""

import re
from typing import Any, NamedTuple, Self

_CUSTOM = re.compile(r"(?:<(a?):)?(\w{2,32}):([0-9]{1,20})>?", re.ASCII)
_STYLE = "\ufe0f"  # whether a character is drawn in colour; Discord adds it to some
# https://unicode.org/reports/tr51/#EBNF_and_Regex
_SYMBOL = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    r"\u3030\u303d\u3297\u3299\U0001f004-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
_KEYCAP, _FLAG = r"[0-9#*]\ufe0f?\u20e3", r"[\U0001f1e6-\U0001f1ff]{2}"
_UNICODE = re.compile(rf"{_KEYCAP}|{_FLAG}|{_SYMBOL}(\u200d{_SYMBOL})*")


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
        return cls(text) if _UNICODE.fullmatch(text) else None

    def __str__(self) -> str:
        """As a message shows it."""
        return f"<{'a' * self.is_animated}:{self.name}:{self.id}>" if self.id else self.name

    @property
    def in_path(self) -> str:
        """As a request names it, before it is quoted."""
        return f"{self.name}:{self.id}" if self.id else self.name

    @property
    def in_component(self) -> dict[str, Any]:
        """As a button has it."""
        return {"id": self.id, "name": self.name, "animated": self.is_animated} if self.id else {"name": self.name}

    def is_same(self, reaction: dict[str, str | None]) -> bool:
        """Is it the emoji of a reaction as Discord describes it, `{id, name}`? An emoji can be renamed."""
        if self.id or reaction.get("id"):
            return self.id == reaction.get("id")
        return self.name.replace(_STYLE, "") == str(reaction.get("name")).replace(_STYLE, "")
