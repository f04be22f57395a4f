"""record_events: an item counts once, however and whenever it comes again, and batches at once do what one does."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.infra.supabase.api.recorded import COUNTED, again, day
from tests.infra.supabase.batches import (
    BOB,
    CAROL,
    counters,
    event,
    message,
    paid,
    record,
    recording,
    said,
)
from tests.sql import DAY, HOUR, NOON, Caller, Database, Row


def state(db: Database) -> dict[str, list[Row]]:
    """All that a batch changes."""
    return db.contents()


def test_sent_again_it_does_nothing_more(busy: Database) -> None:
    items = day()
    first = record(busy, *items)
    before = state(busy)
    assert {"counted", "paid", "refused", "ignored"} == {each["result"] for each in first}
    shuffled = items[::-1]
    for repeated in (items, items[10:30], shuffled):
        told = record(busy, *repeated, now=NOON + HOUR)
        assert {each["result"] for each in told} == {"duplicate"}
        for sent, each in zip(repeated, told, strict=True):
            was = first[items.index(sent)]
            expected = was | {"refused": [{n: r[n] for n in ("event", "outcome")} for r in was.get("refused", [])]}
            assert each["first"] == (expected if "refused" in was else was)
    assert state(busy) == before
    busy.assert_books_agree()


def test_in_parts_it_does_the_same(busy: Database) -> None:
    items = day()
    record(busy, *items)
    whole = [counters(busy), busy.books()]
    busy.connect_server("78", settings={"excluded_channels": ["5"]})
    for part in range(0, len(items), 7):
        overlapping = items[max(part - 3, 0) : part + 7]
        record(busy, *overlapping, server="78")
    assert counters(busy, "78") == whole[0]


def test_an_id_counts_once_in_a_batch(busy: Database) -> None:
    once = said("gm")
    told = record(busy, once, once, once | {"user_id": CAROL, "text": "something else"})
    assert paid(told[0]) == [("gm", 2)]
    assert told[1:] == [again(told[0])] * 2
    assert counters(busy) == {BOB: [1, 0, 0, 0]}


def test_an_id_counts_once_whatever_else_the_item_says(busy: Database) -> None:
    first = message()
    record(busy, first)
    other = event("quest", CAROL, NOON + DAY) | {"id": first["id"]}
    assert record(busy, other, now=NOON + DAY) == [again(COUNTED)]


def test_ids_belong_to_a_server(busy: Database) -> None:
    busy.connect_server("78")
    both = message()
    assert record(busy, both) == record(busy, both, server="78") == [COUNTED]


@pytest.mark.parametrize("days", range(8))
def test_an_id_is_remembered_for_a_week_whether_anything_is_pruned_or_not(seeded: Database, days: int) -> None:
    first = message()
    record(seeded, first)
    now = NOON + days * DAY
    seeded.call("prune_events", now=now)
    assert record(seeded, first | {"at": now.isoformat()}, now=now) == [again(COUNTED)]


@pytest.mark.parametrize("weeks", range(2, 8))
def test_an_id_may_come_again_later_also_where_nothing_was_pruned_for_weeks(seeded: Database, weeks: int) -> None:
    first = event("quest")
    record(seeded, first)
    for days in (weeks * 7, 12 * weeks):  # also into the part where the first one still is
        now = NOON + days * DAY
        later = first | {"at": now.isoformat()}
        assert record(seeded, later, now=now)[0]["result"] == "paid"
        assert record(seeded, later, now=now + DAY)[0]["result"] == "duplicate"
    seeded.assert_books_agree()


def test_only_what_came_of_an_item_is_kept_and_nothing_for_most(busy: Database) -> None:
    record(busy, message(), said("gm"), said("gm"))
    kept = [row["answer"] for row in busy.rows("select answer from recorded_items order by item_id")]
    assert kept[0] is None
    assert kept[2] == {"result": "counted", "refused": [{"event": "gm", "outcome": "cooldown"}]}


def test_two_batches_at_once_do_what_one_does(busy: Database) -> None:
    items = day()
    told = busy.race([recording(*items) for _ in range(8)], 8)
    results = Counter(each["result"] for each in itertools.chain(*told))
    assert results["duplicate"] == 7 * len(items)
    busy.assert_books_agree()


def test_many_batches_at_once_that_overlap(busy: Database) -> None:
    items = [message(str(1001 + number % 7), words=number % 6) for number in range(90)]
    overlapping = [items[start : start + 20][:: random.Random(start).choice((1, -1))] for start in range(0, 80, 10)]
    told = busy.race([recording(*each) for each in overlapping * 2], 16)
    firsts = [each for each in itertools.chain(*told) if each["result"] != "duplicate"]
    assert len(firsts) == len(items)
    assert sum(row[0] for row in counters(busy).values()) == len(items)
    assert len(busy.rows("select from reward_ledger")) == sum(each["words"] >= 3 for each in items)
    busy.assert_books_agree()


def test_a_batch_and_clicks_at_once_keep_the_limits(busy: Database) -> None:
    busy.run("update monitoring_rules set claimable = true, max_claims_per_user = 1 where event_type = 'gm'")
    busy.run("update monitoring_rules set claimable = true, max_total_claims = 7 where event_type = 'quest'")

    def click(db: Database, user: str = BOB, name: str = "gm") -> Any:
        return db.call("claim_event", Caller(user_id=user).again(), event_type=name, now=NOON)

    calls: list[Any] = [click] * 6 + [recording(said("gm"), said("gm", CAROL)) for _ in range(6)]
    calls += [partial(click, user=str(2000 + n), name="quest") for n in range(8)]
    calls += [recording(*(event("quest", str(3000 + 10 * n + m)) for m in range(3))) for n in range(3)]
    random.Random(3).shuffle(calls)
    busy.race(calls)
    paid_rows = Counter(row["event_type"] for row in busy.rows("select event_type from reward_ledger"))
    assert (paid_rows["gm"], paid_rows["quest"]) == (2, 7)
    busy.assert_books_agree()


@pytest.mark.parametrize("at_step", ["reward_ledger", "discord_user_stats", "recorded_items", "message_reactions"])
def test_a_batch_that_is_killed_in_the_middle_did_nothing(busy: Database, at_step: str) -> None:
    items = day()
    before = state(busy)
    with pytest.raises(psycopg.OperationalError), killing_at(busy, at_step) as doomed:
        record(doomed, *items)
    assert state(busy) == before
    assert {each["result"] for each in record(busy, *items)} == {"counted", "paid", "refused", "ignored"}
    busy.assert_books_agree()


@contextmanager
def killing_at(db: Database, table: str) -> Iterator[Database]:
    """A session that dies when it has written its fifth row of a table."""
    db.run(
        "create function public.die() returns trigger language plpgsql security definer as $$ begin"
        " if current_setting('tests.dies', true) = 'yes' and nextval('public.tests_rows') = 5 then"
        " perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); end if; return null; end $$;"
        " grant execute on function public.die() to public; create sequence public.tests_rows;"
        " grant usage on sequence public.tests_rows to public;"
        f" create trigger z_dies after insert or update on {table} for each row execute function public.die()"
    )
    try:
        with psycopg.connect(db.url, autocommit=True, row_factory=dict_row, options="-c tests.dies=yes") as connection:
            yield Database(connection, db.url)
    finally:
        db.run(f"drop trigger z_dies on {table}; drop function public.die(); drop sequence tests_rows")
