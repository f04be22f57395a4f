"""claim_welcome_bonus: once in a lifetime on a server, whatever the rule and however it was earned."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.sql import DAY, HOUR, NOON, Caller, Database, Row

BOB = Caller(user_id="1002", interaction_id="5001")
LIMITS = [
    "max_claims_per_user = null",
    "max_claims_per_user = -1",
    "max_claims_per_user = 5",
    "max_claims_per_user = 1",
    "max_claims_per_user = null, cooldown_hours = 1",
    "max_total_claims = 1",
]


@pytest.fixture
def room(db: Database) -> Database:
    """A connected server with a welcome bonus of 50 as the usual events have it."""
    db.connect_server()
    db.add_event("welcome_bonus", 50, max_claims_per_user=1)
    return db


def join(db: Database, member: Caller = BOB) -> Row:
    """A new /join."""
    return db.call("claim_welcome_bonus", member.again(), now=NOON + DAY)


def delivery(member: Caller) -> Callable[[Database], Row]:
    """A /join for Database.race."""
    return lambda db: db.call("claim_welcome_bonus", member, now=NOON)


def test_the_bonus_pays_and_says_how_it_came_about(room: Database) -> None:
    assert room.call("claim_welcome_bonus", BOB, now=NOON) == {
        "outcome": "welcomed",
        "base": 50,
        "streak": 0,
        "streak_multiplier": 1,
        "role_multiplier": 1,
        "flat": 0,
        "amount": 50,
        "balance": 50,
        "claims_left": 0,
    }
    ledger = room.one("select discord_user_id, amount, source, reference, event_type, brand_id from reward_ledger")
    assert list(ledger.values()) == ["1002", Decimal("50.00"), "claim", None, "welcome_bonus", "brand"]
    room.assert_books_agree()


@pytest.mark.parametrize("change", LIMITS)
def test_once_whatever_the_rule_allows(room: Database, change: str) -> None:
    room.run(f"update monitoring_rules set {change}")
    room.call("claim_welcome_bonus", BOB, now=NOON)
    before = room.contents()
    assert join(room) == {"outcome": "already_welcomed", "claimed_at": "2026-03-10T12:00:00+00:00", "amount": 50}
    assert room.contents() == before
    room.assert_books_agree()


def test_what_was_paid_is_told_also_when_the_rule_pays_something_else_by_now(room: Database) -> None:
    room.call("claim_welcome_bonus", BOB, now=NOON)
    room.run("update monitoring_rules set reward_amount = 99, max_claims_per_user = 9")
    assert join(room)["amount"] == 50


def test_a_welcome_bonus_from_a_drop_was_the_one(room: Database) -> None:
    drop = room.add_drop(event_id="welcome_bonus", reward_amount=5)
    room.call("claim_drop", BOB.again(), drop_id=drop, now=NOON - HOUR)
    assert join(room) == {"outcome": "already_welcomed", "claimed_at": "2026-03-10T11:00:00+00:00", "amount": 5}


def test_of_several_payments_the_first_is_told(room: Database) -> None:
    room.run("update monitoring_rules set max_claims_per_user = null")
    for hours in (0, 1):
        drop = room.add_drop(event_id="welcome_bonus")
        room.call("claim_drop", BOB.again(), drop_id=drop, now=NOON + hours * HOUR)
    assert join(room)["claimed_at"] == "2026-03-10T12:00:00+00:00"
    room.assert_books_agree()


def test_a_claim_that_another_program_has_counted_is_a_claim(room: Database) -> None:
    room.run("update monitoring_rules set max_claims_per_user = null")
    room.run("insert into event_claims values ('77', '1002', 'welcome_bonus', 1, %s)", NOON)
    assert join(room) == {"outcome": "already_welcomed", "claimed_at": "2026-03-10T12:00:00+00:00", "amount": 0}
    assert room.rows("select from reward_ledger") == []


def test_each_member_and_each_server_welcomes_once(room: Database) -> None:
    room.connect_server("78")
    room.add_event("welcome_bonus", 7, server_id="78")
    members = [BOB, Caller("1003"), replace(BOB, server_id="78")]
    assert [join(room, member)["amount"] for member in members] == [50, 50, 7]
    assert [join(room, member)["outcome"] for member in members] == ["already_welcomed"] * 3


def test_a_limit_of_zero_welcomes_nobody(room: Database) -> None:
    room.run("update monitoring_rules set max_claims_per_user = 0")
    assert join(room) == {"outcome": "limit_reached", "event": "welcome_bonus", "limit": 0}


@pytest.mark.parametrize("change", LIMITS)
def test_of_twenty_at_once_one_is_welcomed(room: Database, change: str) -> None:
    room.run(f"update monitoring_rules set {change}")
    results = room.race([delivery(replace(BOB, interaction_id=str(n))) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == [*["already_welcomed"] * 19, "welcomed"]
    assert {r["amount"] for r in results} == {50}
    room.assert_books_agree()


def test_the_limit_of_all_members_holds_at_once(room: Database) -> None:
    room.run("update monitoring_rules set max_total_claims = 7")
    results = room.race([delivery(Caller(user_id=str(n), interaction_id=str(n))) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == ["total_limit_reached"] * 13 + ["welcomed"] * 7
    room.assert_books_agree()


@pytest.mark.parametrize("change", LIMITS)
def test_one_join_delivered_twenty_times_at_once_gets_one_answer(room: Database, change: str) -> None:
    room.run(f"update monitoring_rules set {change}")
    answers = room.race([delivery(BOB)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "welcomed"
    room.assert_books_agree()


@pytest.mark.parametrize(
    "change", ["is_enabled = false", "reward_amount = 1", "max_claims_per_user = 0", "label = 'Hi'"]
)
def test_a_redelivery_gets_the_same_answer(room: Database, change: str) -> None:
    first = room.call("claim_welcome_bonus", BOB, now=NOON)
    room.run(f"update monitoring_rules set {change}")
    before = room.contents()
    assert room.call("claim_welcome_bonus", BOB, now=NOON + DAY) == first
    assert room.contents() == before
