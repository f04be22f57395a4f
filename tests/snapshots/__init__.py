"""The edges of the product as text: the schema, who may do what with it, and the commands that Discord is told.

`make snapshots` writes them anew; the difference is read before it is committed.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from infra.database import MARK

DIRECTORY = Path(__file__).parent
RENEW = "If the change is meant, run `make snapshots` and read the difference."

ROLES = ("anon", "authenticated", "service_role")
PRIVILEGES = {
    "table": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
    "sequence": ("USAGE", "SELECT", "UPDATE"),
    "function": ("EXECUTE",),
    "schema": ("USAGE", "CREATE"),
}
OBJECTS = """
    select 'schema', oid, nspname::text from pg_namespace where nspname in ('public', 'internal')
    union all
    select case relkind when 'S' then 'sequence' else 'table' end, oid, oid::regclass::text
    from pg_class
    where relnamespace in ('public'::regnamespace, 'internal'::regnamespace)
        and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'function', oid, oid::regprocedure::text
    from pg_proc where pronamespace in ('public'::regnamespace, 'internal'::regnamespace)
"""

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
    return "\n\n".join(kept) + "\n"


def surface(connection: psycopg.Connection[object]) -> str:
    """Which role may do what with which table, sequence, function and schema, a line each."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        objects = cursor.execute(OBJECTS).fetchall()
        lines = sorted(f"{kind} {name}: {_granted(cursor, kind, oid)}" for kind, oid, name in objects)
    return "\n".join(lines) + "\n"


def _granted(cursor: psycopg.Cursor[tuple[Any, ...]], kind: str, oid: int) -> str:
    """What the roles may do with an object; nothing is a dash."""
    query = f"""
        select role, string_agg(p, ' ' order by place) filter (where has_{kind}_privilege(role, %s::oid, p))
        from unnest(%s::text[]) with ordinality as roles (role, rank),
            unnest(%s::text[]) with ordinality as privileges (p, place)
        group by role, rank order by rank
    """
    rows = cursor.execute(query, [oid, list(ROLES), list(PRIVILEGES[kind])]).fetchall()
    return ", ".join(f"{role} {granted or '-'}" for role, granted in rows)


def commands() -> str:
    """What is registered with Discord."""
    import shared.commands  # noqa: F401, PLC0415  (declares the commands)
    from shared.registration import registration  # noqa: PLC0415

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
