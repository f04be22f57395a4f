"""What Postgres sends of a publication: the messages of its plugin pgoutput, as a subscriber reads them.

https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

Values = dict[str, str | None]


@dataclass
class Change:
    """One row that was inserted, updated or deleted; of a delete `old` is what is sent of it."""

    action: str
    table: str
    new: Values = field(default_factory=dict)
    old: Values = field(default_factory=dict)


def changes(messages: list[bytes]) -> Iterator[Change]:
    """The changes of rows among messages, in their order."""
    relations: dict[int, tuple[str, list[str]]] = {}
    for message in messages:
        reader = _Reader(message)
        kind = reader.char()
        if kind == "R":
            relation = reader.integer("!I")
            reader.text()  # the schema
            relations[relation] = reader.text(), list(reader.columns())
        elif kind in "IUD":
            name, columns = relations[reader.integer("!I")]
            change = Change({"I": "insert", "U": "update", "D": "delete"}[kind], name)
            while reader.is_left:
                mark = reader.char()
                values = dict(zip(columns, reader.values(), strict=True))
                if mark == "N":
                    change.new = values
                else:  # K: the key alone, O: the whole row
                    change.old = values
            yield change


class _Reader:
    def __init__(self, message: bytes) -> None:
        self._message, self._at = message, 0

    @property
    def is_left(self) -> bool:
        return self._at < len(self._message)

    def char(self) -> str:
        return self.bytes(1).decode()

    def bytes(self, length: int) -> bytes:
        self._at += length
        return self._message[self._at - length : self._at]

    def integer(self, form: str) -> int:
        (value,) = struct.unpack(form, self.bytes(struct.calcsize(form)))
        return int(value)

    def text(self) -> str:
        """A string that ends with a zero byte."""
        end = self._message.index(b"\0", self._at)
        return self.bytes(end + 1 - self._at)[:-1].decode()

    def columns(self) -> Iterator[str]:
        self.char()  # the replica identity
        for _ in range(self.integer("!H")):
            self.char()  # whether it is of the key
            yield self.text()
            self.bytes(8)  # the type and its modifier

    def values(self) -> Iterator[str | None]:
        for _ in range(self.integer("!H")):
            yield self.bytes(self.integer("!I")).decode() if self.char() == "t" else None
