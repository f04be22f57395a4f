"""The figures of a server that must agree: the sums of the ledger and those of the other tables."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from infra.fake_discord.contract import Json
from infra.reconcile.books import agree, figures

COUNTER = "select claims_count as counter, max_claims from discord_drops where message_id = %s"

Connection = psycopg.Connection[dict[str, Any]]


def connect(url: str) -> Connection:
    """A connection for several readings."""
    return psycopg.connect(url, autocommit=True, row_factory=dict_row)


def books(connection: Connection, server_id: str) -> Json:
    """The figures of a server, and whether they agree."""
    found = figures(connection, server_id)
    shown = {name: float(found[name]) for name in ("ledger", "stats")}
    counts = {name: int(found[name]) for name in ("claims", "drop_rows", "counters")}
    return {**shown, **counts, "agree": agree(found)}


def counter(connection: Connection, message_id: str) -> Json:
    """The claims counter of a message's drop and its limit; None for both when there is no drop."""
    return connection.execute(COUNTER, [message_id]).fetchone() or {"counter": None, "max_claims": None}
