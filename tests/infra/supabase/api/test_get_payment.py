"""get_payment: what an interaction has paid, for whoever got no answer."""

from dataclasses import replace

import pytest

from tests.sql import ADMIN, BOB, NOON, Caller, Database

NOT_PAID = {"outcome": "not_paid"}


@pytest.fixture
def paid(seeded: Database) -> Database:
    """BOB's interaction was paid by a drop."""
    seeded.run("update monitoring_rules set label = 'Quest!'")
    assert seeded.call("claim_drop", BOB, drop_id=seeded.add_drop(), now=NOON)["outcome"] == "claimed"
    return seeded


def test_what_was_paid_with_the_balance_of_then(paid: Database) -> None:
    paid.add_reward(5)
    found = paid.call("get_payment", BOB)
    assert found == {
        "outcome": "paid",
        "entry": paid.value("select min(id) from reward_ledger"),
        "amount": 10,
        "source": "drop",
        "event": "Quest!",
        "reason": None,
        "at": "2026-03-10T12:00:00+00:00",
        "balance": 10,
    }


@pytest.mark.parametrize(
    "caller",
    [BOB.again(), replace(BOB, user_id="1003"), replace(BOB, server_id="78"), replace(BOB, interaction_id=None)],
)
def test_nothing_of_another_interaction_member_or_server(paid: Database, caller: Caller) -> None:
    before = paid.contents()
    assert paid.call("get_payment", caller) == NOT_PAID
    assert paid.contents() == before


def test_what_an_admin_gave_to_another_is_not_the_admins(paid: Database) -> None:
    paid.call("give_reward", ADMIN, member_id="1003", event_type="quest", role_ids=(), now=NOON)
    assert paid.call("get_payment", ADMIN) == NOT_PAID


def test_nothing_while_the_payment_is_under_way(seeded: Database) -> None:
    drop = seeded.add_drop()
    with seeded.connection.transaction(force_rollback=True):
        seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
        assert seeded.race([lambda db: db.call("get_payment", BOB)]) == [NOT_PAID]
