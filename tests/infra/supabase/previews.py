"""Previews of drops as tests make them."""

from typing import Any

from tests.sql import ADMIN, NOON, Caller, Database, Row

TERMS: Row = {"event_type": "quest", "channel_id": "88", "lifespan_seconds": 60, "max_claims": 3, "title": "Quick"}


def previewed(db: Database, caller: Caller = ADMIN, **terms: Any) -> str:
    """The id of a preview of the server 77, whose event quest is there."""
    return str(db.call("preview_drop", caller.again(), terms=TERMS | terms, now=NOON)["preview_id"])
