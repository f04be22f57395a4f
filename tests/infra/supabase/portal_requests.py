"""Requests of the portal's people, and what they may see."""

import json
from typing import Any

import httpx

from tests.infra.supabase.portal import OURS, SEEN
from tests.sql import Database, Row

FORBIDDEN = httpx.codes.FORBIDDEN


def seen_in_sql(db: Database, table: str, condition: str | None = None) -> list[str]:
    """The rows that a person of our brand may see, as JSON."""
    rows = db.rows(f"select to_jsonb(t)::text as row from {table} as t where {condition or SEEN[table]}")
    return sorted(json.dumps(json.loads(row["row"]), sort_keys=True) for row in rows)


def seen(client: httpx.Client, path: str) -> list[str]:
    """The rows that a request answers with, as JSON."""
    answer = client.get(path)
    assert answer.is_success, answer.text
    return sorted(json.dumps(row, sort_keys=True) for row in answer.json())


def rule(**columns: Any) -> Row:
    """A new event of our brand."""
    return {"brand_id": OURS, "server_id": None, "event_type": "survey", "reward_amount": 15} | columns
