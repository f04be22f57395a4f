"""The welcome bonus: once in a lifetime on a server, by every way, whatever its rule says."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest
from psycopg import errors

from tests.sql import ADMIN, BOB, HOUR, NOON, Caller, Database, Row


@pytest.fixture
def seeded(seeded: Database) -> Database:
    """A server whose welcome bonus has no limit of its own."""
    seeded.add_event("welcome_bonus", 50, max_claims_per_user=-1)
    return seeded


def join(db: Database, caller: Caller = BOB) -> Row:
    return db.call("claim_welcome_bonus", caller.again(), now=NOON)


def click(db: Database, caller: Caller = BOB) -> Row:
    return db.call("claim_drop", caller.again(), drop_id=db.add_drop(event_id="welcome_bonus"), now=NOON)


def give(db: Database, caller: Caller = BOB) -> Row:
    return db.call(
        "give_reward", ADMIN.again(), member_id=caller.user_id, event_type="welcome_bonus", role_ids=(), now=NOON
    )


WAYS = {"join": join, "drop": click, "reward": give}
PAID = {"welcomed", "claimed", "reward_given"}
REFUSED = {"already_welcomed", "limit_reached"}


def test_the_example(seeded: Database) -> None:
    seeded.call("edit_event", ADMIN, event_type="welcome_bonus", max_claims=-1)
    assert join(seeded)["amount"] == 50
    for _ in range(2):
        assert click(seeded) == {"outcome": "limit_reached", "event": "welcome_bonus", "limit": 1}
    assert seeded.value("select rsnc_total from discord_user_stats") == 50


@pytest.mark.parametrize("ways", list(permutations(WAYS)), ids="-".join)
@pytest.mark.parametrize("limit", [None, -1, 1, 5])
def test_of_all_ways_one_pays(seeded: Database, ways: tuple[str, ...], limit: int | None) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = %s where event_type = 'welcome_bonus'", limit)
    outcomes = [WAYS[way](seeded)["outcome"] for way in (*ways, *ways)]
    assert outcomes[0] in PAID
    assert set(outcomes[1:]) <= REFUSED
    seeded.assert_books_agree()


@pytest.mark.parametrize("way", WAYS)
def test_a_limit_of_zero_pays_nobody(seeded: Database, way: str) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = 0 where event_type = 'welcome_bonus'")
    assert WAYS[way](seeded)["outcome"] == "limit_reached"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("set_back", ["delete from event_claims", "update event_claims set claims = 0"])
def test_the_ledger_remembers_where_the_claims_were_set_back(seeded: Database, way: str, set_back: str) -> None:
    join(seeded)
    seeded.run(set_back)
    assert WAYS[way](seeded)["outcome"] in REFUSED
    assert seeded.value("select count(*) from reward_ledger") == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_claim_that_is_only_counted_is_one_too(seeded: Database, way: str) -> None:
    seeded.run("insert into event_claims values ('77', '1002', 'welcome_bonus', 1, %s)", NOON)
    assert WAYS[way](seeded)["outcome"] in REFUSED
    assert seeded.rows("select from reward_ledger") == []


@pytest.mark.parametrize("way", WAYS)
def test_another_server_welcomes_as_well(seeded: Database, way: str) -> None:
    seeded.connect_server("78")
    seeded.add_event("welcome_bonus", 7, server_id="78")
    join(seeded, replace(BOB, server_id="78"))
    assert WAYS[way](seeded)["amount"] == 50


def test_who_gave_it_back_is_not_welcomed_again(seeded: Database) -> None:
    join(seeded)
    entry = seeded.value("select id from reward_ledger")
    seeded.call("revoke_reward", ADMIN.again(), member_id="1002", entry=entry, now=NOON)
    assert {WAYS[way](seeded)["outcome"] for way in WAYS} <= REFUSED


def test_of_twenty_at_once_by_all_ways_one_is_welcomed(seeded: Database) -> None:
    ways: list[Callable[[Database], Row]] = [*WAYS.values()]
    answers = seeded.race([ways[number % 3] for number in range(21)])
    assert sum(answer["outcome"] in PAID for answer in answers) == 1
    assert {answer["outcome"] for answer in answers} <= PAID | REFUSED
    seeded.assert_books_agree()


def test_a_redelivery_is_answered_as_the_first_time(seeded: Database) -> None:
    drop = seeded.add_drop(event_id="welcome_bonus")
    first = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
    assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON + HOUR) == first


def test_the_ledger_itself_welcomes_once(seeded: Database) -> None:
    seeded.add_reward(50, event_type="welcome_bonus")
    with pytest.raises(errors.UniqueViolation) as caught:
        seeded.add_reward(50, event_type="welcome_bonus", source="grant")
    assert caught.value.diag.constraint_name == "ledger_welcomes_once"
    seeded.add_reward(50, event_type="welcome_bonus", member="1003")
    seeded.add_reward(50, event_type="welcome_bonus", server_id="78")
    assert seeded.value("select sum(rsnc_total) from discord_user_stats") == 150


def test_books_that_hold_two_stay_and_can_be_taken_back(seeded: Database) -> None:
    with seeded.without_triggers():
        for _ in range(2):
            seeded.add_reward(50, event_type="welcome_bonus")
        seeded.run("insert into discord_user_stats (server_id, discord_user_id, rsnc_total) values ('77', '1002', 100)")
    assert click(seeded)["outcome"] == "limit_reached"
    entry = seeded.value("select max(id) from reward_ledger")
    taken = seeded.call("revoke_reward", ADMIN.again(), member_id="1002", entry=entry, now=NOON)
    assert (taken["outcome"], taken["balance"]) == ("reward_revoked", 50)
