"""cancel_drop: what it has beside end_drop (test_end_drop.py has what they share)."""

from tests.sql import ADMIN, NOON, Caller, Database

BOB = Caller(user_id="1002", interaction_id="5001")


def test_what_was_paid_stays_paid(room: Database) -> None:
    drop = room.add_drop(reward_amount=12.5)
    room.call("claim_drop", BOB, drop_id=drop, now=NOON)
    result = room.call("cancel_drop", ADMIN, drop_id=drop, now=NOON)
    assert result["paid"] == {"claims": 1, "amount": 12.5}
    assert room.value("select rsnc_total from discord_user_stats where discord_user_id = '1002'") == 12.5
    room.assert_books_agree()


def test_an_end_and_a_cancellation_of_one_interaction_are_two_things(room: Database) -> None:
    ended, cancelled = room.add_drop(), room.add_drop()
    assert room.call("end_drop", ADMIN, drop_id=ended, now=NOON)["outcome"] == "drop_closed"
    assert room.call("cancel_drop", ADMIN, drop_id=cancelled, now=NOON)["outcome"] == "drop_cancelled"
