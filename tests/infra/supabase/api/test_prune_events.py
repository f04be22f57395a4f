"""prune_events: what is older than a week goes, as whole parts, and nothing else does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.infra.supabase.batches import KEY, message, reaction, record, recording, voice
from tests.sql import DAY, HOUR, NOON, Database

PARTS = "select count(*) from pg_inherits where inhparent = 'recorded_items'::regclass"


def kept(db: Database) -> tuple[int, int]:
    """How many items and reactions are remembered."""
    return db.value("select count(*) from recorded_items"), db.value("select count(*) from message_reactions")


def test_what_is_old_goes_and_what_is_not_stays(seeded: Database) -> None:
    for days in range(10):
        now = NOON + days * DAY
        record(seeded, message(at=now), reaction(at=now, message_id=str(days)), voice(5, at=now), now=now)
    assert seeded.value(PARTS) == 12
    before = seeded.contents("discord_user_stats", "voice_remainders", "reward_ledger", "monitoring_rules")
    assert kept(seeded) == (30, 10)
    assert seeded.call("prune_events", now=NOON + 9 * DAY) == {"emptied": 2, "deleted": 1}
    assert kept(seeded) == (24, 9)
    assert seeded.value("select min(received_at) from recorded_items") == NOON + 2 * DAY
    assert seeded.call("prune_events", now=NOON + 9 * DAY) == {"emptied": 0, "deleted": 0}
    assert seeded.call("prune_events", now=NOON + 30 * DAY) == {"emptied": 8, "deleted": 9}
    assert kept(seeded) == (0, 0)
    assert before == seeded.contents("discord_user_stats", "voice_remainders", "reward_ledger", "monitoring_rules")


def test_reactions_go_batch_by_batch(seeded: Database) -> None:
    record(seeded, *(reaction(str(2000 + n)) for n in range(25)))
    calls = [seeded.call("prune_events", batch=10, now=NOON + 9 * DAY)["deleted"] for _ in range(4)]
    assert calls == [10, 10, 5, 0]


def test_a_part_that_is_used_again_before_it_was_emptied_goes_when_all_in_it_is_old(seeded: Database) -> None:
    record(seeded, message())
    twelve = NOON + 12 * DAY  # the same part
    record(seeded, message(at=twelve), now=twelve)
    assert seeded.value("select count(distinct tableoid) from recorded_items") == 1
    assert seeded.call("prune_events", now=twelve)["emptied"] == 0
    assert seeded.call("prune_events", now=twelve + 9 * DAY)["emptied"] == 1


def test_an_item_that_comes_into_an_old_part_meanwhile_stays(seeded: Database) -> None:
    record(seeded, message())
    twelve = NOON + 12 * DAY  # the same part
    late = message(at=twelve)
    with psycopg.connect(seeded.url) as batch, ThreadPoolExecutor(1) as pool:
        batch.execute("select record_events(%s, true, '77', %s, %s)", (KEY, Jsonb([late]), twelve))
        told = pool.submit(seeded.race, [lambda db: db.call("prune_events", now=twelve)])
        while not seeded.rows("select from pg_locks where not granted and mode = 'AccessExclusiveLock'"):
            pass
        batch.commit()
        assert told.result() == [{"emptied": 0, "deleted": 0}]
    assert record(seeded, late, now=twelve)[0]["result"] == "duplicate"


@pytest.mark.parametrize("pruners", [1, 4])
def test_beside_batches_it_waits_and_loses_nothing(seeded: Database, pruners: int) -> None:
    old = [reaction(str(2000 + n), NOON - 9 * DAY, message_id="5") for n in range(20)]
    record(seeded, *old, message(at=NOON - 9 * DAY), now=NOON - 9 * DAY)
    prunes: list[Callable[[Database], Any]] = [lambda db: db.call("prune_events", now=NOON)] * pruners
    batches = [recording(message(), reaction(str(2000 + n), message_id="5"), now=NOON + HOUR) for n in range(20)]
    told = seeded.race([call for pair in zip(batches, prunes * 20, strict=False) for call in pair])
    assert {each["result"] for each in told[::2] for each in each} == {"counted"}
    assert kept(seeded) == (40, 20)
