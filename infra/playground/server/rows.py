"""The rows of the local database: those that a call changed, and the newest of the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from infra.fake_discord.contract import Json

Connection = psycopg.Connection[Any]
Key = tuple[Any, ...]

_BY_MEMBER = ("server_id", "discord_user_id")
# The primary key of each table.
TABLES: dict[str, tuple[str, ...]] = {
    "reward_ledger": ("id",),
    "discord_drop_claims": ("claim_id",),
    "discord_drops": ("drop_id",),
    "drop_places": ("drop_id", "place"),
    "discord_user_stats": _BY_MEMBER,
    "discord_user_streaks": _BY_MEMBER,
    "event_claims": (*_BY_MEMBER, "event_type"),
    "event_totals": ("server_id", "event_type"),
    "event_total_shards": ("server_id", "event_type", "shard"),
    "member_earnings": (*_BY_MEMBER, "period"),
    "channel_watches": ("watch_id",),
    "reaction_channels": ("channel_id",),
    "reaction_looks": ("drop_id",),
    "drop_reactors": ("drop_id", "discord_user_id"),
    "reaction_refusals": (*_BY_MEMBER, "drop_id"),
    "admin_notices": ("notice_id",),
    "notified_servers": ("server_id",),
    "drop_previews": ("preview_id",),
    "message_reactions": ("server_id", "message_id", "discord_user_id", "emoji"),
    "voice_remainders": (*_BY_MEMBER, "event_type"),
    "disabled_members": _BY_MEMBER,
    "discord_server_configs": ("server_id",),
    "monitoring_rules": ("id",),
    "discord_audit_log": ("id",),
}
# How to find the rows of one server, where there is more to it than server_id.
_OF_A_DROP = "drop_id in (select drop_id from discord_drops where server_id = %(server)s)"
_OF_A_SERVER = {
    "discord_drop_claims": _OF_A_DROP,
    "drop_places": _OF_A_DROP,
    "reaction_looks": _OF_A_DROP,
    "drop_reactors": _OF_A_DROP,
    "reaction_channels": "channel_id in (select channel_id from discord_drops where server_id = %(server)s"
    " union all select channel_id from channel_watches where server_id = %(server)s)",
    "monitoring_rules": "(server_id = %(server)s or server_id is null)",
    "discord_audit_log": "server_id in (%(server)s, '*')",
}
# Rows that came after the snapshot. The age is a cheap, inexact test: it comes first.
_NEW = "age(xmin) <= age(%(oldest)s::xid) and not pg_visible_in_snapshot(xmin::text::xid8, %(snapshot)s::pg_snapshot)"
# Rows that have gone. When several transactions lock a drop that claims refer to, its xmax is a multixact, which has no
# age: take every drop with an xmax.
_LEFT = {"discord_drops": "xmax <> 0"}
ENTRIES = 50  # of the audit log


@dataclass
class RowWatch:
    """The changes, once `watching` has ended; None when the database is a real one."""

    changes: list[Json] | None = None


@contextmanager
def watching(url: str | None, server_id: str | None = None) -> Iterator[RowWatch]:
    """Find the rows of a server (of all servers) that change meanwhile, whoever changes them.

    A snapshot that is taken before still sees the rows as they were. Without a `url`, the database is a real one and
    is not read.
    """
    watch = RowWatch()
    if url is None:
        yield watch
        return
    with psycopg.connect(url) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        snapshot = _value(connection, "select pg_current_snapshot()::text")
        yield watch
        before = _touched(connection, server_id, snapshot)
        connection.rollback()
        after = _touched(connection, server_id, snapshot)
    watch.changes = [change for table in TABLES for change in _changes(table, before[table], after[table])]


def _touched(connection: Connection, server_id: str | None, snapshot: str) -> dict[str, dict[Key, Json]]:
    """The rows that may have changed since the snapshot, by table and key: more than did, and never fewer.

    The old snapshot finds those that were replaced, deleted or locked since; a new one finds those that are new.
    """
    values = {"snapshot": snapshot, "oldest": snapshot.partition(":")[0], "server": server_id}
    found = {}
    for table, key in TABLES.items():
        query = sql.SQL("select to_jsonb(t) from {} as t where ({} or {})").format(
            sql.Identifier(table), sql.SQL(_LEFT.get(table, "age(xmax) <= age(%(oldest)s::xid)")), sql.SQL(_NEW)
        )
        if server_id:
            query += sql.SQL(" and " + _OF_A_SERVER.get(table, "server_id = %(server)s"))
        rows = connection.execute(query, values).fetchall()
        found[table] = {tuple(row[name] for name in key): row for (row,) in rows}
    return found


def _changes(table: str, before: dict[Key, Json], after: dict[Key, Json]) -> Iterator[Json]:
    for key, row in after.items():
        if key not in before:
            yield {"table": table, "what": "insert", "row": row}
        elif row != before[key]:
            yield {"table": table, "what": "update", "row": row, "before": before[key]}
    for key, row in before.items():
        if key not in after:
            yield {"table": table, "what": "delete", "row": row}


def audit(url: str, server_id: str) -> list[Json]:
    """The newest entries of a server's audit log, the newest first."""
    query = "select to_jsonb(t) from discord_audit_log as t where server_id in (%s, '*') order by id desc limit %s"
    with psycopg.connect(url) as connection:
        return [row for (row,) in connection.execute(query, [server_id, ENTRIES]).fetchall()]


def _value(connection: Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]
