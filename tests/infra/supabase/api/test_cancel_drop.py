"""cancel_drop: what it has beside end_drop (test_end_drop.py has what they share)."""

from tests.sql import ADMIN, BOB, NOON, Database


def test_what_was_paid_stays_paid(seeded: Database) -> None:
    drop = seeded.add_drop(reward_amount=12.5)
    seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    result = seeded.call("cancel_drop", ADMIN, drop_id=drop, now=NOON)
    assert result["paid"] == {"claims": 1, "amount": 12.5}
    assert seeded.value("select rsnc_total from discord_user_stats where discord_user_id = '1002'") == 12.5
    seeded.assert_books_agree()


def test_an_end_and_a_cancellation_of_one_interaction_are_two_things(seeded: Database) -> None:
    ended, cancelled = seeded.add_drop(), seeded.add_drop()
    assert seeded.call("end_drop", ADMIN, drop_id=ended, now=NOON)["outcome"] == "drop_closed"
    assert seeded.call("cancel_drop", ADMIN, drop_id=cancelled, now=NOON)["outcome"] == "drop_cancelled"
