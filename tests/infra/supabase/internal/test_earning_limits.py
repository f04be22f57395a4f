"""Limits, cooldowns, and which rule holds, by every way to earn."""

import pytest

from tests.infra.supabase.internal.problems import claim, rule
from tests.sql import BOB, HOUR, NOON, SECOND, Caller, Database, Row

# Limits and cooldowns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, 0, -1])
def test_no_cooldown(earnable: Database, value: int | None) -> None:
    rule("cooldown_hours", value)(earnable)
    assert [claim(earnable, earnable.add_drop())["outcome"] for _ in range(3)] == ["claimed"] * 3


@pytest.mark.parametrize("column", ["max_claims_per_user", "max_total_claims"])
@pytest.mark.parametrize("value", [None, -1])
def test_no_limit(earnable: Database, column: str, value: int | None) -> None:
    rule(column, value)(earnable)
    assert [claim(earnable, earnable.add_drop())["outcome"] for _ in range(3)] == ["claimed"] * 3


@pytest.mark.parametrize(
    ("column", "outcome"),
    [("max_claims_per_user", "limit_reached"), ("max_total_claims", "total_limit_reached")],
)
@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_limit(earnable: Database, column: str, outcome: str, limit: int) -> None:
    rule(column, limit)(earnable)
    outcomes = [claim(earnable, earnable.add_drop())["outcome"] for _ in range(3)]
    assert outcomes == ["claimed"] * limit + [outcome] * (3 - limit)
    earnable.assert_books_agree()


def test_the_members_limit_is_each_members_own_and_each_servers(earnable: Database) -> None:
    rule("max_claims_per_user", 1)(earnable)
    earnable.connect_server("78")
    earnable.add_event("quest", 10, server_id="78", max_claims_per_user=1)
    here, there = earnable.add_drop(), earnable.add_drop(server_id="78")
    for server, drop in (("77", here), ("78", there)):
        for member in ("1002", "1003"):
            assert claim(earnable, drop, Caller(user_id=member, server_id=server))["outcome"] == "claimed"
    assert claim(earnable, earnable.add_drop())["outcome"] == "limit_reached"


def test_a_cooldown_ends_to_the_second(earnable: Database) -> None:
    rule("cooldown_hours", 2)(earnable)
    claim(earnable, earnable.add_drop())
    drop = earnable.add_drop()
    soon = earnable.call("claim_drop", BOB.again(), drop_id=drop, now=NOON + 2 * HOUR - SECOND)
    assert soon == {"outcome": "cooldown", "event": "quest", "retry_at": "2026-03-10T14:00:00+00:00"}
    assert earnable.call("claim_drop", BOB.again(), drop_id=drop, now=NOON + 2 * HOUR)["outcome"] == "claimed"


def test_a_limit_that_comes_later_counts_what_was_earned_before(earnable: Database) -> None:
    for _ in range(3):
        claim(earnable, earnable.add_drop())
    rule("max_total_claims", 3)(earnable)
    assert claim(earnable, earnable.add_drop(), Caller(user_id="1003"))["outcome"] == "total_limit_reached"


# Which rule holds -----------------------------------------------------------------------------------------------


def test_the_servers_own_rule_wins_over_the_brand_wide_one(earnable: Database) -> None:
    earnable.add_event("quest", 5, server_id=None)
    assert claim(earnable, earnable.add_drop())["amount"] == 10
    earnable.run("update monitoring_rules set is_enabled = false where server_id = '77'")
    assert claim(earnable, earnable.add_drop())["outcome"] == "event_disabled"
    earnable.run("delete from monitoring_rules where server_id = '77'")
    assert claim(earnable, earnable.add_drop())["amount"] == 5


@pytest.mark.parametrize("columns", [{"brand_id": "another", "server_id": None}, {"server_id": "78"}])
def test_a_rule_of_another_brand_or_server_does_not_hold(earnable: Database, columns: Row) -> None:
    earnable.add_event("raid", 99, **columns)
    assert claim(earnable, earnable.add_drop(event_id="raid"))["outcome"] == "event_not_found"
