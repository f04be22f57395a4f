"""give_reward: an admin pays a member by the event's rule, once an interaction, and it is in the log."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.infra.supabase.internal.problems import PROBLEMS, setting
from tests.sql import ADMIN, BOB, DAY, HOUR, NOON, Caller, Database, Row

TESTERS, VIEWERS, MANAGERS, ROLE, OTHER_ROLE = "421", "422", "423", "424", "425"
MANAGER = Caller(user_id="9002", role_ids=(MANAGERS,), required_level=3)
WHOEVER = {"member_id": BOB.user_id, "event_type": "quest", "role_ids": ()}


@pytest.fixture
def seeded(db: Database) -> Database:
    """Two connected servers with a quest each, and members of both who have earned something."""
    for server in ("77", "78"):
        db.connect_server(server)
        db.add_event("quest", 10, server_id=server)
        db.call("claim_drop", Caller("1003", server).again(), drop_id=db.add_drop(server_id=server), now=NOON - DAY)
    return db


def give(db: Database, admin: Caller = ADMIN, **arguments: Any) -> Row:
    """A new /reward give."""
    return db.call("give_reward", admin.again(), **WHOEVER | {"now": NOON} | arguments)


def delivery(admin: Caller, **arguments: Any) -> Callable[[Database], Row]:
    """A /reward give for Database.race."""
    return lambda db: db.call("give_reward", admin, **WHOEVER | {"now": NOON} | arguments)


def test_a_reward_pays_the_member_and_names_the_admin(seeded: Database) -> None:
    assert seeded.call("give_reward", ADMIN, **WHOEVER, reason="Well done", now=NOON) == {
        "outcome": "reward_given",
        "member_id": "1002",
        "event": "quest",
        "base": 10,
        "streak": 0,
        "streak_multiplier": 1,
        "role_multiplier": 1,
        "flat": 0,
        "amount": 10,
        "balance": 10,
    }
    row = seeded.one("select * from reward_ledger where source = 'grant'")
    assert (row["discord_user_id"], row["actor_id"], row["interaction_id"]) == ("1002", "9001", "5900")
    assert (row["amount"], row["reason"], row["created_at"]) == (Decimal("10.00"), "Well done", NOON)
    seeded.assert_books_agree()


def test_it_is_in_the_log_with_before_and_after(seeded: Database) -> None:
    give(seeded)
    give(seeded, reason="Once more")
    first, second = seeded.rows("select * from discord_audit_log where action = 'reward.given' order by id")
    assert (first["actor_type"], first["actor_id"], first["target_user_id"]) == ("admin", "9001", "1002")
    assert (first["before_state"], first["after_state"]["total"]) == ({"total": 0}, 10)
    assert (second["before_state"], second["after_state"]["total"]) == ({"total": 10}, 20)
    assert (second["after_state"]["reason"], second["brand_id"], second["created_at"]) == ("Once more", "brand", NOON)


def test_other_members_and_servers_are_untouched(seeded: Database) -> None:
    query = "select * from {} where (server_id, discord_user_id) <> ('77', '1002') order by t::text"
    tables = ("reward_ledger as t", "discord_user_stats as t", "event_claims as t", "member_earnings as t")
    before = [seeded.rows(query.format(table)) for table in tables]
    give(seeded)
    assert [seeded.rows(query.format(table)) for table in tables] == before
    seeded.assert_books_agree("78")


def test_the_members_own_bonuses_count_and_not_the_admins(seeded: Database) -> None:
    setting("role_bonuses", {ROLE: {"multiplier": 2, "flat": 0.5}, OTHER_ROLE: {"multiplier": 5}})(seeded)
    seeded.add_streak(BOB.user_id, 7)
    seeded.add_streak(ADMIN.user_id, 30)
    result = give(seeded, replace(ADMIN, role_ids=(OTHER_ROLE,)), role_ids=(ROLE,))
    assert (result["streak_multiplier"], result["role_multiplier"], result["amount"]) == (1.25, 2, 25.5)


# What refuses ---------------------------------------------------------------------------------------------------


# Of the admin, who decides: in which channel they are, and what holds them back in Discord.
OF_THE_ADMIN = ("member_pending", "member_timed_out", "channel_excluded", "category_needed")


@pytest.mark.parametrize("problem", [name for name in PROBLEMS if name not in OF_THE_ADMIN])
def test_what_refuses_a_member_refuses_the_grant(seeded: Database, problem: str) -> None:
    PROBLEMS[problem](seeded)
    before = seeded.contents()
    result = give(seeded)
    assert result["outcome"] == problem
    assert result.get("member_id", "1002") == "1002"
    assert seeded.contents() == before


@pytest.mark.parametrize("problem", OF_THE_ADMIN)
def test_where_and_how_an_admin_is_does_not_matter(seeded: Database, problem: str) -> None:
    admin = PROBLEMS[problem](seeded, ADMIN)
    assert give(seeded, admin)["outcome"] == "reward_given"


def test_in_test_mode_testers_and_admins_can_be_given_something(seeded: Database) -> None:
    PROBLEMS["test_mode"](seeded)
    assert give(seeded)["outcome"] == "test_mode"
    assert give(seeded, role_ids=(TESTERS,))["outcome"] == "reward_given"
    assert give(seeded, manages_server=True)["outcome"] == "reward_given"


@pytest.mark.parametrize(
    ("arguments", "outcome"), [({"role_ids": None}, "member_not_here"), ({"is_bot": True}, "bot_not_paid")]
)
def test_who_is_never_paid(seeded: Database, arguments: Row, outcome: str) -> None:
    before = seeded.contents()
    assert give(seeded, **arguments) == {"outcome": outcome, "member_id": "1002"}
    assert seeded.contents() == before


def test_a_manager_of_events_may_and_a_viewer_may_not(seeded: Database) -> None:
    setting("admin_roles", {MANAGERS: 3, VIEWERS: 1})(seeded)
    assert give(seeded, MANAGER)["outcome"] == "reward_given"
    refused = {"outcome": "not_allowed", "required_level": 3}
    assert give(seeded, replace(MANAGER, role_ids=(VIEWERS,))) == refused
    assert give(seeded, replace(MANAGER, role_ids=())) == refused


@pytest.mark.parametrize("limit", [None, -1, 5])
def test_the_welcome_bonus_is_for_once_also_by_hand(seeded: Database, limit: int | None) -> None:
    seeded.add_event("welcome_bonus", 50, max_claims_per_user=limit)
    assert give(seeded, event_type="welcome_bonus")["amount"] == 50
    again = give(seeded, event_type="welcome_bonus")
    assert (again["outcome"], again["limit"]) == ("limit_reached", 1)
    assert seeded.call("claim_welcome_bonus", BOB.again(), now=NOON)["outcome"] == "already_welcomed"


def test_limits_and_cooldown_are_shared_with_what_the_member_earns(seeded: Database) -> None:
    seeded.run("update monitoring_rules set cooldown_hours = 2, claimable = true")
    give(seeded)
    assert seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON + HOUR)["outcome"] == "cooldown"
    assert give(seeded, now=NOON + HOUR)["retry_at"] == "2026-03-10T14:00:00+00:00"
    assert give(seeded, now=NOON + 2 * HOUR)["outcome"] == "reward_given"


# At the same moment, and again ----------------------------------------------------------------------------------


def test_of_twenty_grants_at_once_with_a_limit_one_pays(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = 1")
    results = seeded.race([delivery(replace(ADMIN, interaction_id=str(n))) for n in range(20)])
    assert sorted(r["outcome"] for r in results) == [*["limit_reached"] * 19, "reward_given"]
    assert seeded.value("select count(*) from discord_audit_log where action = 'reward.given'") == 1
    seeded.assert_books_agree()


def test_a_grant_and_a_claim_at_once_share_the_members_limit(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = 3, claimable = true")
    grants = [delivery(replace(ADMIN, interaction_id=f"71{n}")) for n in range(10)]
    claims = [replace(BOB, interaction_id=f"72{n}") for n in range(10)]
    clicks = [lambda db, by=by: db.call("claim_event", by, event_type="quest", now=NOON) for by in claims]
    results = seeded.race([*grants, *clicks])
    assert sorted(r["balance"] for r in results if "balance" in r) == [10, 20, 30]
    assert [r["outcome"] for r in results].count("limit_reached") == 17
    seeded.assert_books_agree()


@pytest.mark.parametrize("limit", [None, 1, 3])
def test_one_grant_delivered_twenty_times_at_once_gets_one_answer(seeded: Database, limit: int | None) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = %s", limit)
    answers = seeded.race([delivery(ADMIN)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["outcome"] == "reward_given"
    assert seeded.value("select count(*) from reward_ledger where source = 'grant'") == 1
    assert seeded.value("select count(*) from discord_audit_log where action = 'reward.given'") == 1
    seeded.assert_books_agree()


def test_a_redelivery_gets_the_same_answer_whatever_has_changed(seeded: Database) -> None:
    first = delivery(ADMIN)(seeded)
    give(seeded)
    seeded.run("update monitoring_rules set label = 'Other', reward_amount = 99")
    before = seeded.contents("reward_ledger", "event_claims", "discord_user_stats")
    assert delivery(ADMIN, now=NOON + DAY)(seeded) == first
    assert delivery(ADMIN, role_ids=None)(seeded) == first
    seeded.run("update discord_server_configs set is_active = false")
    assert delivery(ADMIN)(seeded) == first
    assert seeded.contents("reward_ledger", "event_claims", "discord_user_stats") == before
