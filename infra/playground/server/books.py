"""The books of a server: what the ledger and the tables that follow it say, and whether they agree."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from infra.fake_discord.contract import Json
from infra.reconcile import differences

# One statement, because it reads one snapshot: the sums also agree while payments go on.
FIGURES = """
    select
        (select coalesce(sum(amount), 0) from public.reward_ledger where server_id = s.id) as ledger,
        (select coalesce(sum(rsnc_total), 0) from public.discord_user_stats where server_id = s.id) as stats,
        (select count(*) from public.reward_ledger where server_id = s.id and source = 'drop') as drop_rows,
        (select count(*) from public.discord_drop_claims join public.discord_drops using (drop_id)
            where server_id = s.id) as claims,
        (select coalesce(sum(claims_count), 0)::bigint from public.discord_drops where server_id = s.id) as counters
    from (select %s::text as id) as s
"""
COUNTER = "select claims_count as counter, max_claims from discord_drops where message_id = %s"

Connection = psycopg.Connection[dict[str, Any]]


def connect(url: str) -> Connection:
    """A connection for several readings."""
    return psycopg.connect(url, autocommit=True, row_factory=dict_row)


def figures(connection: Connection, server_id: str) -> dict[str, Any]:
    """The sums of a server that people compare."""
    found = connection.execute(FIGURES.encode(), [server_id]).fetchone()
    assert found is not None
    return found


def agree(connection: Connection, server_id: str) -> bool:
    """Does no row of a server differ from what it must be?"""
    return not any(differences.rows(connection, kind, server_id) for kind in differences.KINDS)


def books(connection: Connection, server_id: str) -> Json:
    """The figures of a server, and whether its books agree."""
    found = figures(connection, server_id)
    shown = {name: float(found[name]) for name in ("ledger", "stats")}
    return {**found, **shown, "agree": agree(connection, server_id)}


def counter(connection: Connection, message_id: str) -> Json:
    """The claims counter of a message's drop and its limit; None for both when there is no drop."""
    return connection.execute(COUNTER, [message_id]).fetchone() or {"counter": None, "max_claims": None}
