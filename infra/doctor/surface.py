"""The surface of the database as text: which role may do what with which table, sequence, function and schema."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

SNAPSHOT = Path(__file__).with_name("surface.txt")  # of this release; `make snapshots` renews it
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


def surface(connection: psycopg.Connection[Any]) -> str:
    """A line for each object, sorted: what each role may do with it."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        objects = cursor.execute(OBJECTS).fetchall()
        lines = sorted(f"{kind} {name}: {_granted(cursor, kind, oid)}" for kind, oid, name in objects)
    return "\n".join(lines) + "\n"


def _granted(cursor: psycopg.Cursor[tuple[Any, ...]], kind: str, oid: int) -> str:
    """The privileges of the roles on an object, a dash for none."""
    query = f"""
        select role, string_agg(p, ' ' order by place) filter (where has_{kind}_privilege(role, %s::oid, p))
        from unnest(%s::text[]) with ordinality as roles (role, rank),
            unnest(%s::text[]) with ordinality as privileges (p, place)
        group by role, rank order by rank
    """  # noqa: S608 (kind comes from OBJECTS)
    rows = cursor.execute(query.encode(), [oid, list(ROLES), list(PRIVILEGES[kind])]).fetchall()
    return ", ".join(f"{role} {granted or '-'}" for role, granted in rows)


def tables_without_row_security(connection: psycopg.Connection[Any]) -> list[str]:
    """The tables of the schema `public` that row level security does not guard."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "select relname::text from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'p') and not relrowsecurity order by 1"
        )
        return [name for (name,) in rows]
