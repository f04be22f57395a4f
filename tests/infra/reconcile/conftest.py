"""What the tests of the books share: servers whose members were paid, and ways to break the books."""

from typing import Any

import pytest

from infra.reconcile.differences import prove
from tests.sql import ADMIN, NOON, Caller, Database

MEMBER = Caller(user_id="1001", interaction_id="1")


BROKEN = {
    "a total": ("stats", "update discord_user_stats set rsnc_total = rsnc_total + 5 where discord_user_id = '1001'"),
    "a floor": ("stats", "update discord_user_stats set rsnc_earned = 0 where discord_user_id = '1000'"),
    "no stats": ("stats", "delete from discord_user_stats where discord_user_id = '1001'"),
    "stats of nobody": ("stats", "insert into discord_user_stats values ('77', '5', 0, 0, 0, 3, 3)"),
    "a sum": ("earnings", "update member_earnings set rsnc = rsnc - 1 where discord_user_id = '1001'"),
    "a count": ("earnings", "update member_earnings set claims = 9 where period = 'all'"),
    "a time": ("earnings", "update member_earnings set rsnc_since = now() where period = '2026-03'"),
    "no earnings": ("earnings", "delete from member_earnings where discord_user_id = '1000'"),
    "earnings of nobody": ("earnings", "insert into member_earnings values ('77', '2020-01', '5', 3, 1)"),
    "earnings of a month": ("earnings", "insert into member_earnings values ('77', '2020-01', '1001', 3, 1)"),
    "a counter": ("drops", "update discord_drops set claims_count = 7 where server_id = '77'"),
    "a low counter": ("drops", "update discord_drops set claims_count = 0"),
}
UNREPAIRED = {
    "no claim": ("claims", "delete from discord_drop_claims where discord_user_id = '1001'"),
    "another amount": ("claims", "update discord_drop_claims set reward_amount = 11"),
    "a balance": ("balances", "update reward_ledger set balance_after = 7 where discord_user_id = '1001'"),
    "another member": ("claims", "update discord_drop_claims set discord_user_id = '7' where discord_user_id = '1000'"),
}


@pytest.fixture
def paid(seeded: Database) -> Database:
    """Two servers whose members were paid by drops and claims, and one of whom was taken back."""
    drop = seeded.add_drop(max_claims=50)
    for number in range(3):
        seeded.call("claim_drop", Caller(user_id=f"100{number}", interaction_id=f"1{number}"), drop_id=drop, now=NOON)
    seeded.call("give_reward", ADMIN, member_id="1001", event_type="quest", role_ids=(), now=NOON)
    seeded.connect_server("78")
    seeded.add_event("quest", 10, server_id="78")
    other = seeded.add_drop(server_id="78")
    seeded.call("claim_drop", Caller(user_id="1001", server_id="78", interaction_id="2"), drop_id=other, now=NOON)
    entry = seeded.value("select min(id) from reward_ledger where discord_user_id = '1002'")
    seeded.call("revoke_reward", ADMIN.again(), member_id="1002", entry=entry, now=NOON)
    for server in ("77", "78"):
        seeded.assert_books_agree(server)
    return seeded


def count_differences(db: Database, server: str | None = None) -> dict[str, int]:
    """How many differ, of each kind that has differences."""
    return {one.kind.name: one.total for one in prove(db.url, server) if one.total}


def break_(db: Database, statement: str, *values: Any) -> None:
    """Change what no program may, past the triggers."""
    with db.connection.transaction():
        db.run("set local session_replication_role = replica")
        assert db.run(statement, *values) > 0
