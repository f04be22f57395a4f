"""claim_drop: each outcome, what it changed and what it left alone; races and redeliveries."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.sql import BOB, DAY, HOUR, NOON, Caller, Database, Row


def click(drop_id: str, member: Caller) -> Callable[[Database], Row]:
    """A click for Database.race."""
    return lambda db: db.call("claim_drop", member, drop_id=drop_id, now=NOON)


def test_claimed_pays_and_counts(seeded: Database) -> None:
    drop, other = seeded.add_drop(max_claims=100), seeded.add_drop()
    result = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    assert result["outcome"] == "claimed"
    assert (result["amount"], result["balance"], result["place"], result["max_claims"]) == (10, 10, 1, 100)
    assert seeded.one("select discord_user_id, reward_amount, place, claimed_at from discord_drop_claims") == {
        "discord_user_id": "1002",
        "reward_amount": Decimal("10.00"),
        "place": 1,
        "claimed_at": NOON,
    }
    assert seeded.value("select claims_count from discord_drops where drop_id = %s", other) == 0
    seeded.assert_books_agree()


@pytest.mark.parametrize(
    ("columns", "outcome", "end_reason"),
    [
        ({"expires_at": NOON}, "drop_expired", "expired"),
        ({"expires_at": NOON - HOUR, "ended_at": NOON - HOUR, "end_reason": "expired"}, "drop_expired", "expired"),
        ({"max_claims": 2, "claims_count": 2}, "drop_full", "sold_out"),
        ({"ended_at": NOON, "end_reason": "sold_out"}, "drop_full", "sold_out"),
        ({"ended_at": NOON, "end_reason": "ended"}, "drop_ended", "ended"),
        ({"ended_at": NOON, "end_reason": "cancelled"}, "drop_ended", "cancelled"),
    ],
)
def test_a_drop_that_is_over_pays_nothing_and_says_what_its_message_should_show(
    seeded: Database, columns: dict[str, object], outcome: str, end_reason: str
) -> None:
    drop = seeded.add_drop(**columns)
    result = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    assert result["outcome"] == outcome
    assert result["drop"]["end_reason"] == end_reason
    assert seeded.rows("select from reward_ledger") == []


def test_drop_not_found(seeded: Database) -> None:
    foreign = seeded.add_drop(server_id="78")
    for drop in (str(uuid4()), foreign):
        assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON) == {"outcome": "drop_not_found"}


def test_already_claimed_tells_what_and_when(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    again = seeded.call("claim_drop", replace(BOB, interaction_id="5002"), drop_id=drop, now=NOON + HOUR)
    assert again == {
        "outcome": "already_claimed",
        "amount": 10,
        "claimed_at": "2026-03-10T12:00:00+00:00",
        "place": 1,
    }
    seeded.assert_books_agree()


def test_a_redelivery_gets_the_same_answer_even_when_the_drop_is_full(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=1)
    first = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON + DAY) == first
    assert seeded.value("select count(*) from reward_ledger") == 1


def test_the_last_claim_closes_the_drop(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=1)
    seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    row = seeded.one("select ended_at, end_reason, revision, rendered_revision from discord_drops")
    assert (row["ended_at"], row["end_reason"]) == (NOON, "sold_out")
    assert row["revision"] > row["rendered_revision"]


def test_a_click_tells_a_drop_which_message_shows_it(seeded: Database) -> None:
    drop = seeded.add_drop(message_id=None)
    seeded.call("claim_drop", BOB, drop_id=drop, message_id="4242", now=NOON)
    assert seeded.value("select message_id from discord_drops") == "4242"


def test_the_drops_own_reward_wins_over_the_rules(seeded: Database) -> None:
    drop = seeded.add_drop(reward_amount=77)
    assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)["amount"] == 77


def test_two_hundred_clicks_of_one_member_pay_once(seeded: Database) -> None:
    drop = seeded.add_drop()
    outcomes = [
        r["outcome"] for r in seeded.race([click(drop, replace(BOB, interaction_id=str(n))) for n in range(200)])
    ]
    assert outcomes.count("claimed") == 1
    assert outcomes.count("already_claimed") == 199
    seeded.assert_books_agree()


def test_one_interaction_delivered_twenty_times_at_once_gets_one_answer(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=5)
    answers = seeded.race([click(drop, BOB)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "claimed"
    seeded.assert_books_agree()


def test_never_more_than_max_claims(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=7)
    members = [Caller(user_id=str(n), interaction_id=str(n)) for n in range(100, 160)]
    results = seeded.race([click(drop, member) for member in members])
    claimed = [r for r in results if r["outcome"] == "claimed"]
    assert sorted(r["place"] for r in claimed) == [1, 2, 3, 4, 5, 6, 7]
    assert {r["outcome"] for r in results} == {"claimed", "drop_full"}
    seeded.assert_books_agree()
    assert seeded.value("select claims_count from discord_drops") == 7


def test_one_member_at_two_drops_of_an_event_with_a_cooldown_is_paid_once(seeded: Database) -> None:
    seeded.add_event("raid", 10, cooldown_hours=1)
    drops = [seeded.add_drop(event_id="raid") for _ in range(20)]
    results = seeded.race([click(drop, replace(BOB, interaction_id=str(n))) for n, drop in enumerate(drops)])
    assert sorted(r["outcome"] for r in results) == ["claimed", *["cooldown"] * 19]
    assert {r.get("retry_at") for r in results} == {None, "2026-03-10T13:00:00+00:00"}
    seeded.assert_books_agree()


def test_the_total_limit_of_an_event_holds_over_all_its_drops(seeded: Database) -> None:
    seeded.add_event("raid", 10, max_total_claims=5)
    drops = [seeded.add_drop(event_id="raid") for _ in range(4)]
    members = [Caller(user_id=str(n), interaction_id=str(n)) for n in range(100, 140)]
    results = seeded.race([click(drops[n % 4], member) for n, member in enumerate(members)])
    assert sorted(r["outcome"] for r in results) == ["claimed"] * 5 + ["total_limit_reached"] * 35
    seeded.assert_books_agree()


@pytest.mark.parametrize("limit", [{"cooldown_hours": 1}, {"max_claims_per_user": 1}, {"max_total_claims": 1}])
def test_one_interaction_delivered_twenty_times_at_once_is_not_told_of_the_limit_that_it_reached(
    seeded: Database, limit: dict[str, int]
) -> None:
    seeded.add_event("raid", 10, **limit)
    drop = seeded.add_drop(event_id="raid")
    answers = seeded.race([click(drop, BOB)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "claimed"
    assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON + DAY) == answers[0]
    seeded.assert_books_agree()
