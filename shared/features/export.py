"""/export: what the database has of a server, as a CSV file that only the one who asked sees.

Rows are read part by part and the file cannot be made within three seconds, so Discord is told to wait. The first part
comes before that: whatever refuses the export is an ordinary reply.
"""

import csv
import re
import time
from io import BytesIO
from typing import Annotated, Any, Literal

from pydantic import Field

from shared import database
from shared.discord.error import ALREADY_ACKNOWLEDGED, DiscordError
from shared.discord.reply import ACKNOWLEDGED, Reply, message_payload, private, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import Level, OptionKind, command
from shared.log import logger
from shared.text import export as words

LARGEST_REQUEST = 25 * 2**20  # Discord's, whatever attachment_size_limit says; and it fits into our memory
HEADROOM = 4 * 2**10  # for what a request has beside the file
PART_SECONDS = 3  # a part is not begun with less: it may take two

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it spreadsheets do not take a file for UTF-8

# Where a spreadsheet would begin to calculate: before = + - @, in full width too. Also behind what begins a new cell
# for one that separates by semicolons: the quotes of a cell then stand in the middle, where they protect nothing.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

DataSet = Annotated[
    Literal["rewards", "audit", "members", "config"],
    OptionKind(choice_name=lambda value: words.DATA_SETS[value]),
    Field(description="What the file has"),
]


@command("export", requires=Level.VIEWER)
def export(interaction: Interaction, type: DataSet) -> Reply:  # noqa: A002
    """Get rewards, audit log, members or settings as a CSV file."""
    first = interaction.rpc("export_rows", type=type)
    if first["outcome"] != "batch":
        return told(first)
    try:
        interaction.defer()
    except DiscordError as error:
        return _not_deferred(interaction, error)
    return _send(interaction, type, first)


def _not_deferred(interaction: Interaction, error: DiscordError) -> Reply:
    if error.code == ALREADY_ACKNOWLEDGED:  # delivered once more: the first one is at work, or done
        interaction.outcome = "already_acknowledged"
        return ACKNOWLEDGED
    logger.warning("reply not deferred", extra={"status": error.status, "code": error.code})
    interaction.outcome = "not_deferred"
    return private(words.NOT_DEFERRED)


def _send(interaction: Interaction, kind: str, first: dict[str, Any]) -> Reply:
    limit = min(interaction.payload.attachment_size_limit, LARGEST_REQUEST)
    file = CsvFile(first["columns"], limit - HEADROOM)
    try:
        result = _fill(file, interaction, kind, first)
    except database.DatabaseUnavailableError as error:
        logger.error("database unavailable", extra={"function": str(error)})
        interaction.outcome = "database_unavailable"
        return private(words.DATABASE_AWAY)
    if result["outcome"] != "exported":
        return told(result)
    said = words.exported(result | {"type": kind, "rows": file.rows, "limit": limit})
    try:
        interaction.send(message_payload(said), (f"{kind}-{first['day']}.csv", file.content, "text/csv"))
    except DiscordError as error:
        logger.warning("file not sent", extra={"status": error.status, "code": error.code})
        interaction.outcome = "file_not_taken"
        return private(words.not_taken(limit))
    interaction.outcome = "exported"
    return ACKNOWLEDGED


def _fill(file: "CsvFile", interaction: Interaction, kind: str, part: dict[str, Any]) -> dict[str, Any]:
    """Put part after part into the file: exported {left_out: why it lacks the rest}, or what refuses us by now."""
    while part["outcome"] == "batch":
        if not all(map(file.add, part["rows"])):
            return {"outcome": "exported", "left_out": "size"}
        if part["next"] is None:
            return {"outcome": "exported", "left_out": None}
        if time.monotonic() + PART_SECONDS > interaction.deadline:
            return {"outcome": "exported", "left_out": "time"}
        part = interaction.rpc("export_rows", type=kind, after=part["next"])
    return part


class CsvFile:
    """A CSV file in memory that takes no row that would make it larger than its limit.

    Ids are plain digits, as other programs read them; a spreadsheet that is not told that they are text rounds them.
    """

    def __init__(self, columns: list[str], limit: int) -> None:
        self.content = BytesIO()
        self.rows = 0
        self._limit = limit  # bytes
        self._csv = csv.writer(_Bytes())
        self.content.write(BYTE_ORDER_MARK + self._csv.writerow(columns))

    def add(self, cells: list[str | None]) -> bool:
        """Add a row and say whether it fitted."""
        line: bytes = self._csv.writerow([cell and defused(cell) for cell in cells])
        fits = self.content.tell() + len(line) <= self._limit
        if fits:
            self.content.write(line)
            self.rows += 1
        return fits


class _Bytes:
    """What csv writes to: it gets its lines back as bytes."""

    def write(self, line: str) -> bytes:
        return line.encode()


def defused(cell: str) -> str:
    """Text that no spreadsheet takes for a formula; a number stays one."""
    return cell if _NUMBER.fullmatch(cell) else _FORMULA.sub("'", cell)
