"""claim_welcome_bonus: once in a lifetime on a server, whatever the rule and however it was earned."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.sql import BOB, DAY, HOUR, NOON, Caller, Database, Row

LIMITS = [
    "max_claims_per_user = null",
    "max_claims_per_user = -1",
    "max_claims_per_user = 5",
    "max_claims_per_user = 1",
    "max_claims_per_user = null, cooldown_hours = 1",
    "max_total_claims = 1",
]


@pytest.fixture
def seeded(db: Database) -> Database:
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


def test_the_bonus_pays_and_says_how_it_came_about(seeded: Database) -> None:
    assert seeded.call("claim_welcome_bonus", BOB, now=NOON) == {
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
    ledger = seeded.one("select discord_user_id, amount, source, reference, event_type, brand_id from reward_ledger")
    assert list(ledger.values()) == ["1002", Decimal("50.00"), "claim", None, "welcome_bonus", "brand"]
    seeded.assert_books_agree()


@pytest.mark.parametrize("change", LIMITS)
def test_once_whatever_the_rule_allows(seeded: Database, change: str) -> None:
    seeded.run(f"update monitoring_rules set {change}")
    seeded.call("claim_welcome_bonus", BOB, now=NOON)
    before = seeded.contents()
    assert join(seeded) == {"outcome": "already_welcomed", "claimed_at": "2026-03-10T12:00:00+00:00", "amount": 50}
    assert seeded.contents() == before
    seeded.assert_books_agree()


def test_what_was_paid_is_told_also_when_the_rule_pays_something_else_by_now(seeded: Database) -> None:
    seeded.call("claim_welcome_bonus", BOB, now=NOON)
    seeded.run("update monitoring_rules set reward_amount = 99, max_claims_per_user = 9")
    assert join(seeded)["amount"] == 50


def test_a_welcome_bonus_from_a_drop_was_the_one(seeded: Database) -> None:
    drop = seeded.add_drop(event_id="welcome_bonus", reward_amount=5)
    seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON - HOUR)
    assert join(seeded) == {"outcome": "already_welcomed", "claimed_at": "2026-03-10T11:00:00+00:00", "amount": 5}


def test_of_several_payments_the_first_is_told(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = null")
    for hours in (0, 1):
        drop = seeded.add_drop(event_id="welcome_bonus")
        seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON + hours * HOUR)
    assert join(seeded)["claimed_at"] == "2026-03-10T12:00:00+00:00"
    seeded.assert_books_agree()


def test_a_claim_that_another_program_has_counted_is_a_claim(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = null")
    seeded.run("insert into event_claims values ('77', '1002', 'welcome_bonus', 1, %s)", NOON)
    assert join(seeded) == {"outcome": "already_welcomed", "claimed_at": "2026-03-10T12:00:00+00:00", "amount": 0}
    assert seeded.rows("select from reward_ledger") == []


def test_each_member_and_each_server_welcomes_once(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_event("welcome_bonus", 7, server_id="78")
    members = [BOB, Caller("1003"), replace(BOB, server_id="78")]
    assert [join(seeded, member)["amount"] for member in members] == [50, 50, 7]
    assert [join(seeded, member)["outcome"] for member in members] == ["already_welcomed"] * 3


def test_a_limit_of_zero_welcomes_nobody(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = 0")
    assert join(seeded) == {"outcome": "limit_reached", "event": "welcome_bonus", "limit": 0}


@pytest.mark.parametrize("change", LIMITS)
def test_of_twenty_at_once_one_is_welcomed(seeded: Database, change: str) -> None:
    seeded.run(f"update monitoring_rules set {change}")
    results = seeded.race([delivery(replace(BOB, interaction_id=str(n))) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == [*["already_welcomed"] * 19, "welcomed"]
    assert {r["amount"] for r in results} == {50}
    seeded.assert_books_agree()


def test_the_limit_of_all_members_holds_at_once(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_total_claims = 7")
    results = seeded.race([delivery(Caller(user_id=str(n), interaction_id=str(n))) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == ["total_limit_reached"] * 13 + ["welcomed"] * 7
    seeded.assert_books_agree()


@pytest.mark.parametrize("change", LIMITS)
def test_one_join_delivered_twenty_times_at_once_gets_one_answer(seeded: Database, change: str) -> None:
    seeded.run(f"update monitoring_rules set {change}")
    answers = seeded.race([delivery(BOB)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "welcomed"
    seeded.assert_books_agree()


@pytest.mark.parametrize(
    "change", ["is_enabled = false", "reward_amount = 1", "max_claims_per_user = 0", "label = 'Hi'"]
)
def test_a_redelivery_gets_the_same_answer(seeded: Database, change: str) -> None:
    first = seeded.call("claim_welcome_bonus", BOB, now=NOON)
    seeded.run(f"update monitoring_rules set {change}")
    before = seeded.contents()
    assert seeded.call("claim_welcome_bonus", BOB, now=NOON + DAY) == first
    assert seeded.contents() == before
