"""Exported files as the tests read them."""

import csv
import io

from infra.fake_discord.client import Reply


def table(reply: Reply) -> list[dict[str, str]]:
    """The file of a reply, read as spreadsheets do."""
    (content,) = reply.files.values()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
