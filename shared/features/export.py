"""/export: what the database has of a server, as a CSV file that only the one who asked sees.

Rows are read part by part, which takes longer than three seconds, so the reply is deferred. The first part is read
before that, so that a refusal is an ordinary reply.
"""

import csv
import re
import time
from io import BytesIO
from typing import Annotated, Any, Literal

from pydantic import Field

from shared import database
from shared.discord.error import DiscordError
from shared.discord.reply import ACKNOWLEDGED, Reply, ephemeral, message_payload
from shared.format import UNSEEN, count, megabytes, sentences
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, outcome_reply
from shared.interactions.registry import Level, OptionKind, command
from shared.log import logger

LARGEST_REQUEST = 25 * 2**20  # Discord's limit, whatever attachment_size_limit says; it fits into our memory
HEADROOM = 4 * 2**10  # for the rest of the request beside the file
PART_SECONDS = 3  # a part may take two seconds: begin none with less time left

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # spreadsheets need it to recognise UTF-8

# Where a spreadsheet may see a formula: at = + - @, in full width too, that begin a cell, behind whatever it skips. A
# cell also begins after ; tab and line breaks: a spreadsheet that separates by semicolons ignores our quotes. The
# pattern takes a whole run of all these and gives nothing back, so its time grows only with the text's length.
_SKIPPED = rf"\s\"{UNSEEN}\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e01ef"
_BEGINNING = re.compile(rf"(?:^|[;\t\r\n])[;{_SKIPPED}]*+(?=([=+\-@\uff1d\uff0b\uff0d\uff20])?)")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

DataSet = Annotated[
    Literal["rewards", "audit", "members", "config"],
    OptionKind(choice_name=lambda value: DATA_SETS[value]),
    Field(description="What the file has"),
]


@command("export", requires=Level.VIEWER)
def export(interaction: Interaction, type: DataSet) -> Reply:  # noqa: A002
    """Get rewards, audit log, members or settings as a CSV file."""
    first = interaction.rpc("export_rows", type=type)
    if first["outcome"] != "batch":
        return outcome_reply(first)
    try:
        interaction.defer()
    except DiscordError as error:
        return _not_deferred(interaction, error)
    return _send(interaction, type, first)


def _not_deferred(interaction: Interaction, error: DiscordError) -> Reply:
    logger.warning("reply not deferred", extra={"status": error.status, "code": error.code})
    return outcome_reply(interaction.conclude("not_deferred"))


def _send(interaction: Interaction, kind: str, first: dict[str, Any]) -> Reply:
    limit = min(interaction.payload.attachment_size_limit, LARGEST_REQUEST)
    file = CsvFile(first["columns"], limit - HEADROOM)
    try:
        result = _fill(file, interaction, kind, first)
    except database.DatabaseUnavailableError as error:
        logger.error("database unavailable", extra={"function": str(error)})
        interaction.outcome = "database_unavailable"
        return ephemeral(DATABASE_AWAY)
    if result["outcome"] != "exported":
        return outcome_reply(result)
    text = exported(result | {"type": kind, "rows": file.rows, "limit": limit})
    try:
        interaction.send(message_payload(text), (f"{kind}-{first['day']}.csv", file.content, "text/csv"))
    except DiscordError as error:
        logger.warning("file not sent", extra={"status": error.status, "code": error.code})
        return outcome_reply(interaction.conclude("file_not_taken", limit=limit))
    interaction.outcome = "exported"
    return ACKNOWLEDGED


def _fill(file: "CsvFile", interaction: Interaction, kind: str, part: dict[str, Any]) -> dict[str, Any]:
    """Add all parts to the file. Returns exported {left_out: why rows are missing}, or a refusal that came later."""
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
    """A CSV file in memory that refuses rows beyond its size limit.

    Ids are plain digits for other programs; a spreadsheet rounds them unless their columns are imported as text.
    """

    def __init__(self, columns: list[str], limit: int) -> None:
        self.content = BytesIO()
        self.rows = 0
        self._limit = limit  # bytes
        self._csv = csv.writer(_Bytes())
        self.content.write(BYTE_ORDER_MARK + self._csv.writerow(columns))

    def add(self, cells: list[str | None]) -> bool:
        """Add a row if it fits; returns whether it does."""
        line: bytes = self._csv.writerow([cell and without_formulas(cell) for cell in cells])
        fits = self.content.tell() + len(line) <= self._limit
        if fits:
            self.content.write(line)
            self.rows += 1
        return fits


class _Bytes:
    """A file for csv.writer, whose writerow then returns the line as bytes."""

    def write(self, line: str) -> bytes:
        return line.encode()


def without_formulas(cell: str) -> str:
    """Text that no spreadsheet takes for a formula; a number stays a number."""
    return cell if _NUMBER.fullmatch(cell) else _BEGINNING.sub(_defused, cell)


def _defused(beginning: re.Match[str]) -> str:
    """What begins a cell, with an apostrophe before a formula, and before a leading tab or line break."""
    text = beginning[0]
    if beginning[1]:
        cell = 1 + max(map(text.rfind, ";\t\r\n"))
        text = f"{text[:cell]}'{text[cell:]}"
    return f"'{text}" if beginning.start() == 0 and text.startswith(("\t", "\r", "\n")) else text


# --- Words

DATA_SETS = {"rewards": "Rewards", "audit": "Audit log", "members": "Members", "config": "Settings and events"}
_FILES = {
    "rewards": "Rewards of this server as a CSV file: {rows}.",
    "audit": "Audit log of this server as a CSV file: {rows}.",
    "members": "Members of this server as a CSV file: {rows}.",
    "config": "Settings and events of this server as a CSV file: {rows}.",
}
IDS_AS_TEXT = "In a spreadsheet, import the columns with ids as text: as numbers they would be rounded."
NOTHING_YET = {
    "rewards": "There is nothing to export yet: nobody has earned anything in this server.",
    "audit": "There is nothing to export yet: nobody has changed anything in this server.",
    "members": "There is nothing to export yet: nobody has done anything in this server.",
}
_LEFT_OUT = {
    "members": "The members after the last one in it are left out.",
    "config": "The settings after the last one in it are left out.",
}
DATABASE_AWAY = (
    "Resonance's database stopped answering before the file was complete, so there is no file. "
    "Please try again in a moment."
)


def exported(facts: Facts) -> str:
    """What is in a file, and what is not."""
    text = sentences(_FILES[facts["type"]].format(rows=count(facts["rows"], "row")), _left_out(facts))
    return text if facts["type"] == "config" else f"{text}\n{IDS_AS_TEXT}"


def _left_out(facts: Facts) -> str:
    """Why a file is not complete, and what it lacks; empty for one that is."""
    why = {
        None: "",
        "size": f"Discord takes files of up to {megabytes(facts['limit'])} here.",
        "time": "There was no time for more.",
    }[facts["left_out"]]
    return sentences(why, _LEFT_OUT.get(facts["type"], "Older rows are left out.") if why else "")


declare(
    {
        "nothing_to_export": lambda f: NOTHING_YET[f["type"]],
        "not_deferred": lambda _: (
            "Discord did not answer in time, so there is no file this time. Please try again in a moment."
        ),
        "file_not_taken": lambda f: (
            "The file was ready, but Discord did not take it. Please try again in a few minutes; "
            f"it should be no larger than the {megabytes(f['limit'])} that Discord allows here."
        ),
    }
)
