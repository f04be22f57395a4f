"""claim_reactions at once with itself, with clicks and with the end of the drop."""

import itertools
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.reactions import add_reaction_drop, claim_page, members, paid_members, read_list
from tests.sql import NOON, Caller, Database


def test_two_runs_that_read_the_same_list_pay_each_once(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    pages = [members(100, first=20_000 + 100 * place) for place in range(6)]
    calls: list[Callable[[Database], Any]] = [
        partial(claim_page, drop=drop, reactors=page, is_last=False) for page in pages * 3
    ]
    random.Random(7).shuffle(calls)
    told = seeded.race(calls, at_once=8)
    assert sum(each["paid"] for each in told) == 600
    assert seeded.drop(drop)["claims_count"] == 600
    seeded.assert_books_agree()


def test_two_drops_with_the_same_members_do_not_wait_for_each_other_in_circles(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_total_claims = 500")
    drops = [
        add_reaction_drop(seeded, message_id=str(90 + place), max_claims=limit)
        for place, limit in enumerate((None, 40, None, 60))
    ]
    backwards = members(60)[::-1]
    calls: list[Callable[[Database], Any]] = [
        partial(read_list, drop=drop, reactors=members(60) if place % 2 else backwards)
        for place, drop in enumerate(drops)
    ]
    assert sum(seeded.race(calls, at_once=4)) == 60 + 40 + 60 + 60
    seeded.assert_books_agree()


def test_members_who_click_elsewhere_meanwhile_are_paid_for_both(seeded: Database) -> None:
    button, drop = seeded.add_drop(message_id="97"), add_reaction_drop(seeded)
    clicks = [
        lambda db, user_id=user_id: db.call("claim_drop", Caller(user_id=user_id).again(), drop_id=button, now=NOON)
        for user_id in members(60)
    ]
    told = seeded.race([*clicks[:30], partial(read_list, drop=drop, reactors=members(60)), *clicks[30:]], at_once=10)
    assert 60 in told
    seeded.count_noted_claims()
    assert [seeded.drop(each)["claims_count"] for each in (button, drop)] == [60, 60]
    seeded.assert_books_agree()


def test_a_backend_that_is_killed_leaves_nothing_behind(seeded: Database) -> None:
    drop = add_reaction_drop(seeded)
    for _ in range(3):
        with psycopg.connect(seeded.url, row_factory=dict_row) as connection:
            connection.execute("select 1")  # begins the transaction, so that the call does not end it
            assert claim_page(Database(connection, seeded.url), drop, members(100))["paid"] == 100
            seeded.run("select pg_terminate_backend(%s)", connection.info.backend_pid)
            with suppress(psycopg.OperationalError):
                connection.commit()
    assert paid_members(seeded, drop) == []
    assert claim_page(seeded, drop, members(100))["paid"] == 100
    seeded.assert_books_agree()


def test_an_end_or_a_lower_limit_at_the_same_moment(seeded: Database) -> None:
    for number, change in enumerate(
        itertools.islice(
            itertools.cycle(
                [
                    "update discord_drops set max_claims = greatest(claims_count, 5)",
                    "update discord_drops set ended_at = now(), end_reason = 'cancelled' where ended_at is null",
                ]
            ),
            6,
        )
    ):
        drop = add_reaction_drop(seeded, message_id=str(200 + number), max_claims=80)
        go = threading.Event()

        def disturb(db: Database, drop: str = drop, change: str = change, go: threading.Event = go) -> Any:
            go.wait()
            return db.run(f"{change}{' and' if 'where' in change else ' where'} drop_id = %s", drop)

        def pay(db: Database, drop: str = drop, go: threading.Event = go) -> Any:
            go.set()
            return read_list(db, drop, members(100))

        seeded.race([disturb, pay], at_once=2)
        row = seeded.drop(drop)
        assert row["claims_count"] == len(paid_members(seeded, drop)) <= 80
    seeded.assert_books_agree()
