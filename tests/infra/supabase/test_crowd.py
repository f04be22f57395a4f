"""A crowd at one button: every place once and none lost, whatever happens to those who are taking them."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests import ROOT
from tests.sql import ADMIN, BOB, NOON, SECOND, Caller, Database, Row

WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


def member(number: int) -> Caller:
    """A member with an interaction of their own."""
    return Caller(user_id=f"{20_000 + number}").again()


def clicks(drop: str, number: int, first: int = 0) -> list[Callable[[Database], Row]]:
    """Clicks of so many members, for Database.race."""
    return [partial(click, drop, member(first + n)) for n in range(number)]


def click(drop: str, caller: Caller, db: Database) -> Row:
    """A click."""
    return db.call("claim_drop", caller, drop_id=drop, now=NOON)


def claim_in_turn(db: Database, drop: str, number: int) -> None:
    """Claims of so many members one after the other: each has the drop's row, so that places are issued ahead."""
    told = db.race(clicks(drop, number), at_once=1)
    assert outcomes(told) == {"claimed": number}


def outcomes(told: list[Row]) -> Counter[str]:
    """How often each outcome was told."""
    return Counter(each["outcome"] for each in told)


def places(db: Database, drop: str) -> list[int]:
    """The places of a drop's claims, in order."""
    return [
        row["place"] for row in db.rows("select place from discord_drop_claims where drop_id = %s order by 1", drop)
    ]


def assert_sold_out(db: Database, drop: str, number: int) -> None:
    """Every place was given once, the drop is closed, and nothing is left over."""
    row = db.drop(drop)
    assert places(db, drop) == list(range(1, number + 1))
    assert (row["claims_count"], row["end_reason"]) == (number, "sold_out")
    assert db.rows("select from drop_places") == []
    db.assert_books_agree()


@contextmanager
def under_way(db: Database, drop: str, *, has_row: bool = True) -> Iterator[psycopg.Connection[Row]]:
    """A click whose transaction has not ended, with the drop's row or without; commit it, or it is rolled back."""
    with psycopg.connect(db.url, row_factory=dict_row) as connection, psycopg.connect(db.url) as busy:
        connection.execute("select 1")  # begins the transaction, so that the call does not end it
        if not has_row:
            busy.execute("select from discord_drops where drop_id = %s for no key update", [drop])
        told = Database(connection, db.url).call("claim_drop", member(9000), drop_id=drop, now=NOON)
        assert told["outcome"] == "claimed"
        busy.rollback()
        yield connection
        if not connection.broken:
            connection.rollback()


class Waiter:
    """A call in another session that waits for a lock."""

    def __init__(self, db: Database, call: Callable[[Database], Any]) -> None:
        self._told: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._told.extend(db.race([call])))
        self._thread.start()
        while not db.value(WAITING):
            assert self._thread.is_alive(), self._told
            time.sleep(0.005)

    def result(self) -> Any:
        """What the call gave."""
        self._thread.join()
        return self._told[0]


# --- Places


def test_of_two_thousand_pressers_at_250_places_250_are_paid(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=250)
    told = seeded.race(clicks(drop, 2000), at_once=16)
    assert outcomes(told) == {"claimed": 250, "drop_full": 1750}
    assert sorted(each["place"] for each in told if "place" in each) == list(range(1, 251))
    assert_sold_out(seeded, drop, 250)


def test_without_a_limit_there_are_no_gaps_and_the_counter_follows_within_a_minute(seeded: Database) -> None:
    drop = seeded.add_drop()
    told = seeded.race(clicks(drop, 600), at_once=16)
    assert outcomes(told) == {"claimed": 600}
    assert places(seeded, drop) == list(range(1, 601))
    assert seeded.drop(drop)["claims_count"] <= 600
    assert seeded.differences("drops") == []  # what is not counted is noted
    seeded.leased_drops()
    assert seeded.drop(drop)["claims_count"] == 600
    assert seeded.rows("select from uncounted_claims") == []
    seeded.assert_books_agree()


def test_a_claim_of_another_member_waits_for_nobody(seeded: Database) -> None:
    drop = seeded.add_drop()
    claim_in_turn(seeded, drop, 3)
    with under_way(seeded, drop):
        seeded.run("set lock_timeout = '1s'")
        told = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
        seeded.run("reset lock_timeout")
        assert (told["outcome"], told["place"]) == ("claimed", 5)
    assert seeded.drop(drop)["claims_count"] <= 3
    assert seeded.call("claim_drop", member(7), drop_id=drop, now=NOON)["place"] == 4  # given back
    assert seeded.drop(drop)["claims_count"] == 5
    seeded.leased_drops()
    seeded.assert_books_agree()


def test_a_backend_that_is_killed_loses_no_place(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=30)
    claim_in_turn(seeded, drop, 3)
    with under_way(seeded, drop) as killed:
        seeded.run("select pg_terminate_backend(%s)", killed.info.backend_pid)
        with pytest.raises(psycopg.OperationalError):
            killed.execute("select 1")
    told_after = seeded.race(clicks(drop, 60, first=100))
    assert outcomes(told_after) == {"claimed": 27, "drop_full": 33}
    assert_sold_out(seeded, drop, 30)


@pytest.mark.parametrize(("end", "left"), [("commit", 0), ("rollback", 1)])
def test_whoever_takes_the_last_free_place_waits_for_those_under_way(seeded: Database, end: str, left: int) -> None:
    drop = seeded.add_drop(max_claims=20)
    claim_in_turn(seeded, drop, 8)
    with under_way(seeded, drop, has_row=False) as holder:
        assert outcomes(seeded.race(clicks(drop, 10, first=100))) == {"claimed": 10}
        last = Waiter(seeded, clicks(drop, 1, first=200)[0])
        getattr(holder, end)()
        assert last.result()["place"] == 20
    told = seeded.race(clicks(drop, 3, first=300))
    assert outcomes(told)["claimed"] == left
    assert_sold_out(seeded, drop, 20)


@pytest.mark.parametrize(("end", "outcome"), [("commit", "drop_full"), ("rollback", "claimed")])
def test_the_last_place_is_refused_only_when_it_is_taken(seeded: Database, end: str, outcome: str) -> None:
    drop = seeded.add_drop(max_claims=3)
    seeded.race(clicks(drop, 2))
    with under_way(seeded, drop) as holder:
        waiter = Waiter(seeded, clicks(drop, 1, first=100)[0])
        getattr(holder, end)()
        assert waiter.result()["outcome"] == outcome
    assert_sold_out(seeded, drop, 3)


def test_the_schedule_closes_a_drop_whose_last_claims_nobody_has_counted(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=20)
    claim_in_turn(seeded, drop, 8)
    with under_way(seeded, drop) as holder:  # it has the drop's row: nobody counts the other claim
        told = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
        assert told["outcome"] == "claimed"
        holder.commit()
    assert seeded.drop(drop)["claims_count"] == 9
    with seeded.without_triggers():  # as if the others had been taken in the same way
        seeded.run("delete from drop_places")
        seeded.run("update discord_drops set max_claims = 10, places_issued = 10")
    seeded.leased_drops()
    assert (seeded.drop(drop)["claims_count"], seeded.drop(drop)["end_reason"]) == (10, "sold_out")


# --- Changes meanwhile


@pytest.mark.parametrize(("limit", "new"), [(100, 40), (None, 40), (20, 60), (100, 300), (40, None)])
def test_a_limit_that_changes_in_the_crowd_is_kept(seeded: Database, limit: int | None, new: int | None) -> None:
    drop = seeded.add_drop(max_claims=limit)
    calls = clicks(drop, 200)
    calls.insert(
        20,
        lambda db: db.call("edit_drop", ADMIN.again(), drop_id=drop, max_claims=-1 if new is None else new, now=NOON),
    )
    told = seeded.race(calls, at_once=12)
    edited = told[20]["outcome"]
    held = new if edited == "drop_edited" else limit
    assert edited in {"drop_edited", "max_claims_too_low", "drop_over"}
    paid = outcomes(told)["claimed"]
    assert paid == min(200, held or 200)
    assert places(seeded, drop) == list(range(1, paid + 1))
    seeded.leased_drops()
    assert seeded.drop(drop)["claims_count"] == paid
    seeded.assert_books_agree()


def test_a_lower_limit_takes_the_highest_places_back_and_a_higher_one_goes_on_after_them(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=50)
    seeded.race(clicks(drop, 3))
    for limit in (5, 7):
        edited = seeded.call("edit_drop", ADMIN.again(), drop_id=drop, max_claims=limit, now=NOON)
        assert edited["outcome"] == "drop_edited"
    told = seeded.race(clicks(drop, 10, first=100))
    assert outcomes(told) == {"claimed": 4, "drop_full": 6}
    assert_sold_out(seeded, drop, 7)


def test_a_limit_below_what_is_claimed_and_not_counted_is_refused(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=50)
    claim_in_turn(seeded, drop, 3)
    with under_way(seeded, drop) as holder:
        told = seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)
        assert told["outcome"] == "claimed"
        holder.commit()
    with psycopg.connect(seeded.url) as busy:
        busy.execute("select from discord_drops where drop_id = %s for no key update", [drop])
        seeded.call("claim_drop", member(77), drop_id=drop, now=NOON)
        busy.rollback()
    assert seeded.drop(drop)["claims_count"] < 6
    refused = seeded.call("edit_drop", ADMIN.again(), drop_id=drop, max_claims=5, now=NOON)
    assert (refused["outcome"], refused["drop"]["claims_count"]) == ("max_claims_too_low", 6)


@pytest.mark.parametrize("function", ["end_drop", "cancel_drop"])
def test_ending_waits_for_the_claims_under_way_and_tells_exactly_what_was_paid(seeded: Database, function: str) -> None:
    drop = seeded.add_drop()
    claim_in_turn(seeded, drop, 3)
    with under_way(seeded, drop) as holder:
        ending = Waiter(seeded, lambda db: db.call(function, ADMIN.again(), drop_id=drop, now=NOON))
        holder.commit()
        told = ending.result()
    assert told["paid"] == {"claims": 4, "amount": 40}
    assert told["drop"]["claims_count"] == seeded.drop(drop)["claims_count"] == 4
    assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)["outcome"] == "drop_ended"
    assert seeded.rows("select from drop_places") == []
    seeded.assert_books_agree()


@pytest.mark.parametrize("function", ["end_drop", "cancel_drop", "disconnect_server"])
def test_a_drop_that_ends_in_the_crowd_keeps_exact_books(seeded: Database, function: str) -> None:
    drop = seeded.add_drop(max_claims=150)
    calls = clicks(drop, 160)
    arguments = {} if function == "disconnect_server" else {"drop_id": drop}
    calls.insert(40, lambda db: db.call(function, ADMIN.again(), **arguments, now=NOON))
    told = seeded.race(calls, at_once=12)
    paid = outcomes(told)["claimed"]
    assert outcomes(told)["drop_ended"] + outcomes(told)["server_not_connected"] == 160 - paid
    assert places(seeded, drop) == list(range(1, paid + 1))
    assert seeded.drop(drop)["claims_count"] == paid
    seeded.assert_books_agree()


def test_a_drop_that_expires_in_the_crowd_keeps_exact_books(seeded: Database) -> None:
    drop = seeded.add_drop(expires_at=NOON + SECOND)
    calls: list[Callable[[Database], Row]] = clicks(drop, 120)
    calls.insert(40, lambda db: {"outcome": "run", "run": db.call("expire_drops", now=NOON + SECOND)})
    paid = outcomes(seeded.race(calls, at_once=12))["claimed"]
    assert places(seeded, drop) == list(range(1, paid + 1))
    seeded.leased_drops(now=NOON + SECOND)
    assert (seeded.drop(drop)["claims_count"], seeded.drop(drop)["end_reason"]) == (paid, "expired")
    seeded.assert_books_agree()


def test_another_program_that_ends_a_drop_leaves_no_place(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.race(clicks(drop, 3))
    seeded.run("set role service_role")
    seeded.run("update discord_drops set ended_at = now(), end_reason = 'ended' where drop_id = %s", drop)
    seeded.run("reset role")
    assert seeded.rows("select from drop_places") == []
    assert seeded.drop(drop)["claims_count"] == 3


def test_a_drop_that_is_deleted_takes_its_places_along(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.race(clicks(drop, 1))
    with seeded.without_triggers():
        seeded.run("delete from discord_drop_claims")
    seeded.run("set role service_role")
    seeded.run("delete from discord_drops where drop_id = %s", drop)
    seeded.run("reset role")
    assert seeded.rows("select from drop_places") == []


def test_a_drop_that_another_program_opens_again_goes_on_where_it_was(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=10)
    seeded.race(clicks(drop, 3))
    for change in ("ended_at = now(), end_reason = 'ended'", "ended_at = null, end_reason = null"):
        seeded.run(f"update discord_drops set {change} where drop_id = '{drop}'")
    assert outcomes(seeded.race(clicks(drop, 9, first=100))) == {"claimed": 7, "drop_full": 2}
    assert_sold_out(seeded, drop, 10)


def test_another_program_that_upserts_the_drop_meanwhile_waits_and_is_waited_for(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=500)
    upsert = (
        "insert into discord_drops (drop_id, server_id, event_id, max_claims) values (%s, '77', 'quest', 400)"
        " on conflict (drop_id) do update set drop_id = excluded.drop_id, max_claims = excluded.max_claims"
    )
    calls: list[Callable[[Database], Any]] = clicks(drop, 200)
    for place in range(20, 200, 20):
        calls.insert(place, lambda db: {"outcome": "upserted", "rows": db.run(upsert, drop)})
    assert outcomes(seeded.race(calls, at_once=12)) == {"claimed": 200, "upserted": 9}
    assert places(seeded, drop) == list(range(1, 201))


# --- The total of an event


def test_there_are_about_as_many_shards_as_connections(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.race(clicks(drop, 400), at_once=8)
    assert seeded.value("select count(*) from event_total_shards") <= 80
    assert seeded.value("select sum(claims) from event_total_shards") == 400


def test_a_limit_that_is_set_later_counts_what_was_claimed_before(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.race(clicks(drop, 30), at_once=8)
    seeded.run("update monitoring_rules set max_total_claims = 32 where event_type = 'quest'")
    told = seeded.race(clicks(drop, 10, first=100), at_once=8)
    assert outcomes(told) == {"claimed": 2, "total_limit_reached": 8}
    assert seeded.differences("limits") == []


def test_the_last_claim_of_an_event_waits_for_one_under_way(seeded: Database) -> None:
    seeded.add_event("raid", 10, max_total_claims=1)
    first, second = seeded.add_drop(event_id="raid"), seeded.add_drop(event_id="raid")
    with under_way(seeded, first) as holder:
        waiter = Waiter(seeded, clicks(second, 1)[0])
        holder.rollback()
        assert waiter.result()["outcome"] == "claimed"
    assert seeded.call("claim_drop", BOB, drop_id=second, now=NOON)["outcome"] == "total_limit_reached"


# --- The deploy


def test_until_the_deploy_has_ended_claims_count_in_the_drops_row_and_then_go_on_from_there(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=40)
    seeded.run("revoke all on drop_places from resonance")
    try:
        assert outcomes(seeded.race(clicks(drop, 12), at_once=8)) == {"claimed": 12}
        assert (seeded.drop(drop)["claims_count"], seeded.drop(drop)["places_issued"]) == (12, None)
    finally:
        seeded.run("grant select, insert, update, delete on drop_places to resonance")
    told = seeded.race(clicks(drop, 40, first=100), at_once=8)
    assert outcomes(told) == {"claimed": 28, "drop_full": 12}
    assert_sold_out(seeded, drop, 40)


def test_what_the_rollback_puts_back_is_what_older_functions_count(seeded: Database) -> None:
    drop = seeded.add_drop(max_claims=40)
    assert outcomes(seeded.race(clicks(drop, 12), at_once=8)) == {"claimed": 12}
    (steps,) = re.findall(r"```sql\n(begin;.*?)```", (ROOT / "docs" / "upgrade.md").read_text(), re.DOTALL)
    try:
        seeded.run(steps)
        row = seeded.drop(drop)
        assert (row["claims_count"], row["places_issued"]) == (12, None)
        assert seeded.rows("select server_id, event_type, claims from event_totals") == [
            {"server_id": "77", "event_type": "quest", "claims": 12}
        ]
        assert seeded.rows("select from event_total_shards") == []
        assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)["place"] == 13
        seeded.assert_books_agree()
    finally:
        seeded.run("grant select, insert, update, delete on drop_places to resonance")
