"""The figures of a server that must agree: what the ledger says, and what the other tables say."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from infra.local.contract import Json

# One statement sees one moment: these agree at every moment, also in the middle of a rush.
BOOKS = """
select
    (select coalesce(sum(amount), 0) from reward_ledger where server_id = s.id) as ledger,
    (select coalesce(sum(rsnc_total), 0) from discord_user_stats where server_id = s.id) as stats,
    (select count(*) from discord_user_stats as u where server_id = s.id and (rsnc_earned, rsnc_total)
        is distinct from (select (floor(coalesce(sum(amount), 0))::bigint, coalesce(sum(amount), 0))
            from reward_ledger as l
            where l.server_id = u.server_id and l.discord_user_id = u.discord_user_id)) as wrong_stats,
    (select count(*) from reward_ledger where server_id = s.id and source = 'drop') as drop_rows,
    (select count(*) from discord_drop_claims join discord_drops using (drop_id) where server_id = s.id) as claims,
    (select coalesce(sum(claims_count), 0) from discord_drops where server_id = s.id) as counters,
    (select count(*) from reward_ledger where server_id = s.id and source <> 'reversal') as earnings,
    (select coalesce(sum(claims), 0) from event_claims where server_id = s.id) as event_claims,
    (select coalesce(sum(claims), 0) from event_totals where server_id = s.id) as event_totals
from (select %s::text as id) as s
"""
COUNTER = "select claims_count as counter, max_claims from discord_drops where message_id = %s"

Connection = psycopg.Connection[dict[str, Any]]


def connect(url: str) -> Connection:
    """A connection for several looks."""
    return psycopg.connect(url, autocommit=True, row_factory=dict_row)


def books(connection: Connection, server_id: str) -> Json:
    """The figures of a server, and whether they agree."""
    found = _row(connection, BOOKS, server_id)
    agree = (
        found["ledger"] == found["stats"]
        and found["wrong_stats"] == 0
        and found["drop_rows"] == found["claims"] == found["counters"]
        and found["earnings"] == found["event_claims"] == found["event_totals"]
    )
    shown = {name: float(found[name]) for name in ("ledger", "stats")}
    counts = {name: int(found[name]) for name in ("claims", "drop_rows", "counters")}
    return {**shown, **counts, "agree": agree}


def counter(connection: Connection, message_id: str) -> Json:
    """How many claims the drop of a message counts, of how many."""
    return _row(connection, COUNTER, message_id) or {"counter": None, "max_claims": None}


def _row(connection: Connection, query: str, value: str) -> Json:
    return connection.execute(query, [value]).fetchone() or {}
