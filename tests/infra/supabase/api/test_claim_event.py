"""claim_event: what members may take themselves, what it pays, and that its limits hold at every moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from tests.infra.conftest import Rest
from tests.sql import BOB, DAY, HOUR, NOON, Caller, Database, Row

LIMITS = [
    "label = 'Quest!'",
    "cooldown_hours = 1",
    "max_claims_per_user = 1",
    "max_claims_per_user = 3",
    "max_total_claims = 1",
]


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server with a quest that members may take, and a raid that they may not."""
    db.connect_server()
    db.add_event("quest", 10, claimable=True)
    db.add_event("raid", 20)
    return db


def claim(db: Database, at: datetime = NOON, member: Caller = BOB, event_type: str = "quest") -> Row:
    """A new /claim."""
    return db.call("claim_event", member.again(), event_type=event_type, now=at)


def limit(db: Database, change: str) -> None:
    """Change the quest."""
    db.run(f"update monitoring_rules set {change} where event_type = 'quest'")


def delivery(member: Caller) -> Callable[[Database], Row]:
    """A /claim for Database.race."""
    return lambda db: db.call("claim_event", member, event_type="quest", now=NOON)


def test_a_claim_pays_and_says_how_it_came_about(seeded: Database) -> None:
    assert seeded.call("claim_event", BOB, event_type="quest", now=NOON) == {
        "outcome": "event_claimed",
        "event": "quest",
        "base": 10,
        "streak": 0,
        "streak_multiplier": 1,
        "role_multiplier": 1,
        "flat": 0,
        "amount": 10,
        "balance": 10,
        "is_shared": False,
        "retry_at": None,
    }
    ledger = seeded.one("select discord_user_id, amount, source, reference, event_type, brand_id from reward_ledger")
    assert list(ledger.values()) == ["1002", Decimal("10.00"), "claim", None, "quest", "brand"]
    seeded.assert_books_agree()


def test_streak_and_roles_count(db: Database) -> None:
    db.connect_server(settings={"role_bonuses": {"1": {"multiplier": 2, "flat": 0.5}}})
    db.add_event("quest", 10, claimable=True)
    db.add_streak(BOB.user_id, 7)
    result = claim(db, member=replace(BOB, role_ids=("1",)))
    assert (result["streak"], result["streak_multiplier"], result["role_multiplier"]) == (7, 1.25, 2)
    assert (result["flat"], result["amount"], result["balance"]) == (0.5, 25.5, 25.5)
    db.assert_books_agree()


def test_an_event_is_told_by_its_label(seeded: Database) -> None:
    limit(seeded, "label = 'Quest!'")
    assert claim(seeded)["event"] == "Quest!"


def test_an_event_without_a_reward_pays_nothing_and_counts(seeded: Database) -> None:
    limit(seeded, "reward_amount = null, max_claims_per_user = 1")
    assert (claim(seeded)["amount"], claim(seeded)["outcome"]) == (0, "limit_reached")
    seeded.assert_books_agree()


def test_a_brand_wide_event_can_be_taken_on_each_server(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_event("art", 3, server_id=None, claimable=True, max_claims_per_user=1)
    elsewhere = Caller(user_id=BOB.user_id, server_id="78")
    assert [claim(seeded, member=who, event_type="art")["amount"] for who in (BOB, elsewhere)] == [3, 3]
    assert claim(seeded, event_type="art")["outcome"] == "limit_reached"


def test_the_servers_own_rule_says_whether_members_may_take_it(seeded: Database) -> None:
    seeded.add_event("raid", 99, server_id=None, claimable=True)
    assert claim(seeded, event_type="raid")["outcome"] == "event_not_claimable"


# What is left of it ---------------------------------------------------------------------------------------------


def test_a_claim_tells_when_the_next_is_possible(seeded: Database) -> None:
    limit(seeded, "cooldown_hours = 2")
    told = claim(seeded)["retry_at"]
    assert told == "2026-03-10T14:00:00+00:00"
    assert claim(seeded, NOON + HOUR) == {"outcome": "cooldown", "event": "quest", "retry_at": told}
    assert claim(seeded, datetime.fromisoformat(told))["outcome"] == "event_claimed"


@pytest.mark.parametrize("hours", [0, -1])
def test_without_a_cooldown_there_is_no_time_to_tell(seeded: Database, hours: int) -> None:
    limit(seeded, f"cooldown_hours = {hours}")
    assert [claim(seeded)["retry_at"] for _ in range(2)] == [None, None]


def test_a_claim_tells_how_many_are_left(seeded: Database) -> None:
    limit(seeded, "max_claims_per_user = 3")
    assert [claim(seeded)["claims_left"] for _ in range(3)] == [2, 1, 0]
    assert claim(seeded) == {"outcome": "limit_reached", "event": "quest", "limit": 3}
    assert claim(seeded, member=Caller("1003"))["claims_left"] == 2
    seeded.assert_books_agree()


def test_whoever_can_never_again_is_not_told_to_wait(seeded: Database) -> None:
    limit(seeded, "max_claims_per_user = 2, cooldown_hours = 5")
    first = seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON - 6 * HOUR)
    second = claim(seeded)
    assert (first["claims_left"], second["claims_left"]) == (1, 0)
    refused = claim(seeded)
    assert (refused["outcome"], refused["limit"]) == ("cooldown", 2)


def test_nor_when_the_last_claim_of_all_is_taken(seeded: Database) -> None:
    limit(seeded, "max_total_claims = 1, cooldown_hours = 5")
    assert claim(seeded)["is_shared"] is True
    refused = claim(seeded)
    assert (refused["outcome"], refused["total_limit"]) == ("cooldown", 1)


def test_what_a_drop_has_paid_counts(seeded: Database) -> None:
    limit(seeded, "max_claims_per_user = 2")
    seeded.call("claim_drop", BOB.again(), drop_id=seeded.add_drop(), now=NOON)
    assert claim(seeded)["claims_left"] == 0
    seeded.assert_books_agree()


# What cannot be taken -------------------------------------------------------------------------------------------


def test_an_event_that_members_may_not_take(seeded: Database) -> None:
    before = seeded.contents()
    assert claim(seeded, event_type="raid") == {"outcome": "event_not_claimable", "event": "raid", "command": None}
    assert seeded.contents() == before


@pytest.mark.parametrize("claimable", [True, False])
@pytest.mark.parametrize(("event_type", "command"), [("daily_checkin", "/daily"), ("welcome_bonus", "/join")])
def test_an_event_with_a_command_of_its_own(seeded: Database, event_type: str, command: str, claimable: bool) -> None:
    seeded.add_event(event_type, 25, label="Hello", claimable=claimable)
    before = seeded.contents()
    refused = claim(seeded, event_type=event_type)
    assert refused == {"outcome": "event_not_claimable", "event": "Hello", "command": command}
    assert seeded.contents() == before


@pytest.mark.parametrize("name", ["", "Quest", " quest", "x" * 5_000, "'; drop table reward_ledger; --", "%", "🎉"])
def test_a_name_that_is_not_there(seeded: Database, name: str) -> None:
    assert claim(seeded, event_type=name) == {"outcome": "event_not_found", "event": name}


def test_a_change_made_by_another_program_holds_for_the_next_claim(seeded: Database, rest: Rest) -> None:
    api = rest(role="service_role")

    def again() -> tuple[str, float | None]:
        interaction_id = BOB.again().interaction_id
        caller: Row = {"server_id": "77", "user_id": "1002", "interaction_id": interaction_id, "role_ids": []}
        result = api.post("/rpc/claim_event", json={"p_caller": caller, "p_event_type": "quest"}).json()
        return result["outcome"], result.get("amount")

    assert again() == ("event_claimed", 10)
    limit(seeded, "reward_amount = 20")
    assert again() == ("event_claimed", 20)
    limit(seeded, "claimable = false")
    assert again() == ("event_not_claimable", None)
    limit(seeded, "claimable = true, is_enabled = false")
    assert again() == ("event_disabled", None)
    limit(seeded, "is_enabled = true, max_claims_per_user = 2")
    assert again() == ("limit_reached", None)
    limit(seeded, "max_claims_per_user = 3")
    assert again() == ("event_claimed", 20)
    seeded.assert_books_agree()


# At the same moment ---------------------------------------------------------------------------------------------


def test_of_twenty_claims_at_once_with_a_cooldown_one_pays_and_the_others_hear_when(seeded: Database) -> None:
    limit(seeded, "cooldown_hours = 1")
    results = seeded.race([delivery(replace(BOB, interaction_id=str(n))) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == [*["cooldown"] * 19, "event_claimed"]
    assert {r["retry_at"] for r in results} == {"2026-03-10T13:00:00+00:00"}
    seeded.assert_books_agree()


def test_a_members_limit_holds_at_once_and_each_claim_tells_another_rest(seeded: Database) -> None:
    limit(seeded, "max_claims_per_user = 7")
    results = seeded.race([delivery(replace(BOB, interaction_id=str(n))) for n in range(20)])
    left = [r["claims_left"] for r in results if r["outcome"] == "event_claimed"]
    assert sorted(left) == [0, 1, 2, 3, 4, 5, 6]
    assert [r["outcome"] for r in results].count("limit_reached") == 13
    seeded.assert_books_agree()


def test_the_limit_of_all_members_holds_at_once(seeded: Database) -> None:
    limit(seeded, "max_total_claims = 7")
    results = seeded.race([delivery(Caller(user_id=str(n), interaction_id=str(n))) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == ["event_claimed"] * 7 + ["total_limit_reached"] * 13
    seeded.assert_books_agree()


def test_twenty_claims_without_a_limit_are_all_paid(seeded: Database) -> None:
    results = seeded.race([delivery(replace(BOB, interaction_id=str(n))) for n in range(20)])
    assert sorted(r["balance"] for r in results) == [10 * n for n in range(1, 21)]
    seeded.assert_books_agree()


def test_a_drop_and_a_claim_of_one_event_at_once_share_its_cooldown(seeded: Database) -> None:
    limit(seeded, "cooldown_hours = 1")
    drop = seeded.add_drop()
    claims = [delivery(replace(BOB, interaction_id=str(n))) for n in range(10)]
    click = BOB.again()
    results = seeded.race([*claims, lambda db: db.call("claim_drop", click, drop_id=drop, now=NOON)])
    assert sum("amount" in r for r in results) == 1
    assert seeded.value("select count(*) from reward_ledger") == 1
    seeded.assert_books_agree()


@pytest.mark.parametrize("change", LIMITS)
def test_one_claim_delivered_twenty_times_at_once_gets_one_answer(seeded: Database, change: str) -> None:
    limit(seeded, change)
    answers = seeded.race([delivery(BOB)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "event_claimed"
    assert seeded.value("select count(*) from reward_ledger") == 1
    seeded.assert_books_agree()


@pytest.mark.parametrize("change", LIMITS)
def test_a_redelivery_gets_the_same_answer_whatever_has_changed(seeded: Database, change: str) -> None:
    limit(seeded, change)
    first = seeded.call("claim_event", BOB, event_type="quest", now=NOON)
    claim(seeded, NOON + HOUR)
    limit(
        seeded, "label = 'Other', reward_amount = 1, cooldown_hours = 9, max_claims_per_user = 8, max_total_claims = 9"
    )
    before = seeded.contents()
    assert seeded.call("claim_event", BOB, event_type="quest", now=NOON + DAY) == first
    limit(seeded, "claimable = false, is_enabled = false")
    assert seeded.call("claim_event", BOB, event_type="quest", now=NOON + DAY) == first
    assert seeded.contents("reward_ledger", "event_claims") == {n: before[n] for n in ("reward_ledger", "event_claims")}
