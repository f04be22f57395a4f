"""The edges of the product as text: the schema, who may do what with it, and the commands that Discord is told.

`make snapshots` writes them anew; the difference is read before it is committed.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra.deploy.database import MARK
from infra.doctor.surface import surface

__all__ = ["commands", "read", "schema", "surface"]

DIRECTORY = Path(__file__).parent
RENEW = "If the change is meant, run `make snapshots` and read the difference."

# pg_dump puts this before every object.
_ENTRY = re.compile(r"^-- Name: (?P<name>.+?); Type: (?P<type>[A-Z ]+); Schema: (?P<schema>\S+); Owner: .*$", re.M)


def read(name: str) -> str:
    """A snapshot as it was committed."""
    return (DIRECTORY / name).read_text()


def schema(url: str, pg_dump: Path) -> str:
    """What the migrations make, without the functions that every deploy loads anew (they are files themselves)."""
    dump = subprocess.run(
        [pg_dump, "--schema-only", "--no-owner", "--no-privileges", "--schema=public", "--schema=internal", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    entries = list(_entries(dump))
    reloaded = {name for name, kind, text in entries if kind == "COMMENT" and MARK in text}
    kept = [text for name, kind, text in entries if kind != "COMMENT" and f"FUNCTION {_bare(name)}" not in reloaded]
    # Postgres 18 names what NULL breaks in the parts of a table.
    return re.sub(r" CONSTRAINT \w+_not_null NOT NULL", " NOT NULL", "\n\n".join(kept)) + "\n"


def commands() -> str:
    """What is registered with Discord."""
    from shared import features  # noqa: PLC0415
    from shared.interactions.registration import registration  # noqa: PLC0415

    features.declare_all()
    return json.dumps(registration(), indent=2, ensure_ascii=False) + "\n"


def _entries(dump: str) -> Iterator[tuple[str, str, str]]:
    """Name, type and SQL of each object in a dump."""
    heads = list(_ENTRY.finditer(dump))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        text = dump[head.end() : following.start() if following else len(dump)]
        lines = (
            line for line in text.splitlines() if not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog.set_"))
        )
        name = _bare(head["name"]) if head["type"] == "FUNCTION" else head["name"]
        if head["type"] == "COMMENT":
            name = _bare(name)
        yield name, head["type"], re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _bare(name: str) -> str:
    """A function's name without its arguments: there are no overloads."""
    return name.partition("(")[0]
