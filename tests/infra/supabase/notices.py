"""What the tests of the admins' notices share."""

from typing import Any

from tests.sql import NOON, Database

CHANNEL = "500"


def with_admin_channel(db: Database) -> Database:
    """Its server's admins have a channel, and nothing is left to tell them."""
    db.set_settings({"admin_channel": CHANNEL})
    db.run("delete from admin_notices")
    return db


def lease(db: Database, now: Any = NOON, **arguments: Any) -> Any:
    """What a run leases."""
    return db.call("lease_notices", now=now, **arguments)["servers"]
