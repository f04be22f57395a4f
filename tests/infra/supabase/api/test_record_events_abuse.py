"""record_events and what nobody expects: fields that mean nothing, authors told late, and what would hold others up."""

import itertools
from typing import Any

import pytest

from tests.infra.supabase.batches import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    add_trigger,
    counters,
    item,
    message,
    paid,
    reaction,
    record,
    removal,
    voice,
)
from tests.sql import MINUTE, NOON, SECOND, Database

COUNTED = {"result": "counted"}


@pytest.mark.parametrize("reason", ["xyzzy", "x" * 5000, {"a": ["b"]}, 5])
def test_only_an_event_by_name_has_a_reason(seeded: Database, reason: Any) -> None:
    add_trigger(seeded, "hello", 1, trigger="message")
    add_trigger(seeded, "liked", 3, trigger="reactions", min_reactions=3)
    add_trigger(seeded, "talk", 4, trigger="voice", minutes=2)
    add_trigger(seeded, "boost", 5, trigger="boost")
    add_trigger(seeded, "welcome_bonus", 50, trigger="join")
    items = [message(), voice(120), item("boost"), item("join"), *(reaction(str(2000 + n)) for n in range(3))]
    assert sum(bool(paid(each)) for each in record(seeded, *(each | {"reason": reason} for each in items))) == 5
    assert {row["reason"] for row in seeded.rows("select reason from reward_ledger")} == {None}


@pytest.mark.parametrize("together", [True, False])
def test_it_does_not_matter_which_item_tells_the_author(seeded: Database, together: bool) -> None:
    number = 100
    for order in itertools.permutations(range(4)):
        server = str(number := number + 1)
        seeded.connect_server(server)
        items = [
            reaction(author_id=None),
            reaction(ALICE, author_id=None),  # to her own message
            reaction(CAROL),
            removal(at=NOON + SECOND),
            reaction(DAVE, author_id=None),
        ]
        sent = [*(items[place] for place in order), items[4]]
        for batch in [sent] if together else [[each] for each in sent]:
            record(seeded, *batch, now=NOON + MINUTE, server=server)
        expected = {ALICE: [0, 0, 0, 2], CAROL: [0, 0, 1, 0], DAVE: [0, 0, 1, 0]}
        assert counters(seeded, server) == expected, order
        assert record(seeded, *sent, now=NOON + MINUTE, server=server)[0]["result"] == "duplicate"


def test_a_counter_that_is_full_holds_nothing_up(seeded: Database) -> None:
    most = 2_147_483_647
    seeded.run(
        "insert into discord_user_stats (server_id, discord_user_id, messages_count, voice_minutes, reactions_count,"
        " reactions_received) select '77', who, %s, %s, %s, %s from unnest(array['1001', '1002']) as who",
        *[most] * 4,
    )
    assert record(seeded, message(), voice(600), reaction(), message(CAROL)) == [COUNTED] * 4
    assert counters(seeded) == {ALICE: [most] * 4, BOB: [most] * 4, CAROL: [1, 0, 0, 0]}


def test_a_message_that_everybody_has_reacted_to_makes_no_batch_slow(seeded: Database) -> None:
    add_trigger(seeded, "liked", 3, trigger="reactions", min_reactions=25)
    seeded.run(
        "insert into message_reactions select '77', '99', (1000000 + n)::text, 'a', '1001', true, true, %s"
        " from generate_series(1, 60000) as n",
        NOON,
    )
    with seeded.connection.transaction():
        seeded.run("set local statement_timeout = '2s'")
        told = record(seeded, *(reaction(str(5000 + n)) for n in range(400)))
    assert [bool(paid(each)) for each in told] == [True] + [False] * 399
