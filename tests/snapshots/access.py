"""Who may do what with each table, as docs/integrate.md tells it: the surface that the doctor compares, for people."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from infra.doctor.surface import surface
from tests import ROOT

DOCUMENT = ROOT / "docs" / "integrate.md"
BEFORE, AFTER = "<!-- made by `make snapshots` -->\n", "<!-- end -->"

_TABLE = re.compile(r"^table (\w+): anon (.+), authenticated (.+), service_role (.+)$", re.M)
_FUNCTION = re.compile(r"^function (?!internal\.)\w+\(.*\): anon (.+), authenticated (.+), service_role (.+)$", re.M)
_PRIVILEGE = re.compile(r"([A-Z]+)(?:\(([^)]*)\))?")
_VERBS = {"SELECT": "read", "INSERT": "insert", "UPDATE": "update", "DELETE": "delete", "EXECUTE": "call"}
_COLUMNS = """
    select attrelid::regclass::text, array_agg(attname::text order by attname) from pg_attribute
    where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p'))
        and attnum > 0 and not attisdropped
    group by attrelid
"""


def document(connection: psycopg.Connection[Any]) -> str:
    """docs/integrate.md with the table as it is now."""
    head, _, rest = DOCUMENT.read_text().partition(BEFORE)
    return head + BEFORE + access(connection) + AFTER + rest.partition(AFTER)[2]


def access(connection: psycopg.Connection[Any]) -> str:
    """The table; a dash means that the answer is 401 or 403, whatever is asked."""
    text = surface(connection)
    with connection.cursor(row_factory=tuple_row) as cursor:
        columns: dict[str, list[str]] = dict(cursor.execute(_COLUMNS).fetchall())
    rows = [
        [f"`{table}`", *(_told(each, columns[table]) for each in granted)] for table, *granted in _TABLE.findall(text)
    ]
    (functions,) = set(_FUNCTION.findall(text))  # one row says it as long as all are alike
    rows.append(["every function", *(_told(each, []) for each in functions)])
    head = [["", "publishable key", "token", "secret key"], ["---"] * 4]
    return "".join(f"| {' | '.join(row)} |\n" for row in head + rows)


def _told(granted: str, columns: list[str]) -> str:
    """Privileges as people read them: read, delete, insert and update all but `rsnc_total`."""
    return ", ".join(_parts(_PRIVILEGE.findall(granted), columns)) or "-"


def _parts(privileges: list[tuple[str, str]], columns: list[str]) -> Iterator[str]:
    yield from (_VERBS[name] for name, some in privileges if not some)
    for some in dict.fromkeys(some for _, some in privileges if some):
        verbs = " and ".join(_VERBS[name] for name, its in privileges if its == some)
        closed = [f"`{column}`" for column in columns if column not in some.split(", ")]
        yield f"{verbs} all but {', '.join(closed)}"
