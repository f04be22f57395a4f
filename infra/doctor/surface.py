"""The surface of the database as text: which role may do what with which table, sequence, function and schema.

A privilege on some columns of a table alone names them: `UPDATE(messages_count, voice_minutes)`. The policies of a
table are named, without what they say: Postgres writes that in another way from version to version.
"""

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
# The columns of a table on which a role has a privilege that it lacks on the whole table; NULL for none.
COLUMNS = """
    case when not has_table_privilege(role, %(oid)s::oid, p)
        and p in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') then (
        select '(' || string_agg(attname, ', ' order by attname) || ')' from pg_attribute
        where attrelid = %(oid)s::oid and attnum > 0 and not attisdropped
            and has_column_privilege(role, attrelid, attnum, p)
    ) end
"""
POLICIES = """
    select format('policies %s: %s', tablename, string_agg(
        format('%s %s to %s', policyname, cmd, array_to_string(roles, ' ')), ', ' order by policyname
    ))
    from pg_policies where schemaname in ('public', 'internal') group by schemaname, tablename
"""


def surface(connection: psycopg.Connection[Any]) -> str:
    """A line for each object, sorted: what each role may do with it; and for each table, its policies."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        objects = cursor.execute(OBJECTS).fetchall()
        lines = [f"{kind} {name}: {_granted(cursor, kind, oid)}" for kind, oid, name in objects]
        lines += [line for (line,) in cursor.execute(POLICIES)]
    return "\n".join(sorted(lines)) + "\n"


def _granted(cursor: psycopg.Cursor[tuple[Any, ...]], kind: str, oid: int) -> str:
    """The privileges of the roles on an object, a dash for none."""
    columns = COLUMNS if kind == "table" else "null"
    query = f"""
        select role, string_agg(p || coalesce(columns, ''), ' ' order by place)
            filter (where has_{kind}_privilege(role, %(oid)s::oid, p) or columns is not null)
        from unnest(%(roles)s::text[]) with ordinality as roles (role, rank)
        cross join unnest(%(privileges)s::text[]) with ordinality as privileges (p, place)
        cross join lateral (select {columns}) as of_columns (columns)
        group by role, rank order by rank
    """  # noqa: S608 (kind comes from OBJECTS)
    given = {"oid": oid, "roles": list(ROLES), "privileges": list(PRIVILEGES[kind])}
    rows = cursor.execute(query.encode(), given).fetchall()
    return ", ".join(f"{role} {granted or '-'}" for role, granted in rows)


def tables_without_row_security(connection: psycopg.Connection[Any]) -> list[str]:
    """The tables of the schema `public` that row level security does not guard."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "select relname::text from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'p') and not relrowsecurity order by 1"
        )
        return [name for (name,) in rows]
