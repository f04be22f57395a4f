"""cancel_drop: what it has beside end_drop (test_end_drop.py has what they share)."""

from tests.sql import ADMIN, BOB, NOON, Database


def test_what_was_paid_stays_paid(seeded: Database) -> None:
    drop = seeded.add_drop(reward_amount=12.5)
    seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    result = seeded.call("cancel_drop", ADMIN, drop_id=drop, now=NOON)
    assert result["paid"] == {"claims": 1, "amount": 12.5}
    assert seeded.value("select rsnc_total from discord_user_stats where discord_user_id = '1002'") == 12.5
    seeded.assert_books_agree()


def test_an_interaction_is_one_command(seeded: Database) -> None:
    ended, other = seeded.add_drop(), seeded.add_drop()
    first = seeded.call("end_drop", ADMIN, drop_id=ended, now=NOON)
    assert seeded.call("cancel_drop", ADMIN, drop_id=other, now=NOON)["drop"] == first["drop"]
    assert seeded.drop(other)["ended_at"] is None
