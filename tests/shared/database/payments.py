"""What was paid, as the tests of the connection read it."""

from tests.sql import Database


def earned(db: Database) -> list[int]:
    """What was paid, a figure for each payment."""
    return [row["amount"] for row in db.rows("select amount from reward_ledger order by created_at")]
