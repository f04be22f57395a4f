"""record_events: what each item adds to the counters of members."""

import itertools
import random
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.infra.supabase.api.recorded import COUNTED, again, day
from tests.infra.supabase.batches import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    add_trigger,
    counters,
    event,
    item,
    message,
    paid,
    reaction,
    record,
    refused,
    removal,
    voice,
)
from tests.sql import MINUTE, NOON, SECOND, Database, Row

# What is counted -------------------------------------------------------------------------------------------------


def test_messages_are_counted(seeded: Database) -> None:
    assert record(seeded, message(), message(CAROL), message()) == [COUNTED] * 3
    assert record(seeded, message()) == [COUNTED]
    assert counters(seeded) == {BOB: [3, 0, 0, 0], CAROL: [1, 0, 0, 0]}


def test_seconds_add_up_to_minutes(seeded: Database) -> None:
    assert record(seeded, voice(59)) == [COUNTED]
    assert counters(seeded) == {}
    record(seeded, voice(1), voice(59), voice(61), voice(30, CAROL))
    record(seeded, voice(30, CAROL), voice(86_400, DAVE))
    assert counters(seeded) == {BOB: [0, 3, 0, 0], CAROL: [0, 1, 0, 0], DAVE: [0, 1440, 0, 0]}


def test_no_second_is_lost(seeded: Database) -> None:
    lengths = [random.Random(7).randrange(1, 400) for _ in range(300)]
    for start in range(0, 300, 50):
        record(seeded, *(voice(each) for each in lengths[start : start + 50]))
    assert counters(seeded) == {BOB: [0, sum(lengths) // 60, 0, 0]}


def test_reactions_are_counted_for_both(seeded: Database) -> None:
    record(seeded, reaction(), reaction(emoji="a"), reaction(CAROL))
    assert counters(seeded) == {ALICE: [0, 0, 0, 3], BOB: [0, 0, 2, 0], CAROL: [0, 0, 1, 0]}
    record(seeded, removal(at=NOON + SECOND), now=NOON + MINUTE)
    assert counters(seeded) == {ALICE: [0, 0, 0, 2], BOB: [0, 0, 1, 0], CAROL: [0, 0, 1, 0]}


def test_a_reaction_that_comes_and_goes_counts_as_long_as_it_is_there(seeded: Database) -> None:
    steps = [reaction, removal, reaction, reaction, removal, removal, reaction]
    found = []
    for number, step in enumerate(steps):
        record(seeded, step(at=NOON + number * SECOND), now=NOON + MINUTE)
        found.append(counters(seeded).get(ALICE, [0])[-1])
    assert found == [1, 0, 1, 1, 0, 0, 1]


@pytest.mark.parametrize("together", [True, False])
def test_reactions_count_by_their_time_in_whatever_order_they_come(seeded: Database, together: bool) -> None:
    def moments(server: str, history: str) -> list[Row]:
        step = {"+": partial(reaction, server=server), "-": partial(removal, server=server)}
        return [step[sign](at=NOON + number * SECOND) for number, sign in enumerate(history)]

    number = 100
    for length in (2, 3):
        for history in itertools.product("+-", repeat=length):
            for order in itertools.permutations(range(length)):
                seeded.connect_server(str(number := number + 1))
                items = moments(str(number), "".join(history))
                batches = [[items[place] for place in order]] if together else [[items[place]] for place in order]
                for batch in batches:
                    record(seeded, *batch, now=NOON + MINUTE, server=str(number))
                there = history[-1] == "+"
                expected = {ALICE: [0, 0, 0, 1], BOB: [0, 0, 1, 0]} if there else {}
                assert counters(seeded, str(number)) == expected, (history, order)


def test_at_one_moment_a_removal_comes_after_its_reaction(seeded: Database) -> None:
    for first, second in ((reaction(), removal()), (removal(CAROL), reaction(CAROL))):
        record(seeded, first)
        record(seeded, second)
    assert counters(seeded) == {}


@pytest.mark.parametrize("together", [True, False])
def test_a_clock_that_is_ahead_does_not_change_what_came_last(seeded: Database, together: bool) -> None:
    items = [step(at=NOON + n * MINUTE) for n, step in enumerate((reaction, removal, reaction))]
    for batch in [items] if together else [[each] for each in items]:
        record(seeded, *batch)
    assert counters(seeded) == {ALICE: [0, 0, 0, 1], BOB: [0, 0, 1, 0]}


def test_a_removal_of_what_nobody_has_reported_takes_nothing_away(seeded: Database) -> None:
    record(seeded, reaction())
    assert record(seeded, removal(CAROL), removal(emoji="other"), removal(message_id="98")) == [COUNTED] * 3
    assert counters(seeded) == {ALICE: [0, 0, 0, 1], BOB: [0, 0, 1, 0]}


def test_the_author_is_known_from_another_item(seeded: Database) -> None:
    record(seeded, reaction(author_id=None), reaction(CAROL))  # from the same batch
    record(seeded, reaction(DAVE, author_id=None))  # from an earlier one
    assert counters(seeded)[ALICE] == [0, 0, 0, 3]
    assert record(seeded, reaction(ALICE, author_id=None)) == [{"result": "ignored", "reason": "own_reaction"}]


def test_an_author_whom_nobody_knows_is_counted_once_somebody_tells(seeded: Database) -> None:
    assert record(seeded, reaction(author_id=None)) == [COUNTED]
    assert counters(seeded) == {BOB: [0, 0, 1, 0]}
    record(seeded, reaction(at=NOON + SECOND), now=NOON + MINUTE)
    assert counters(seeded) == {ALICE: [0, 0, 0, 1], BOB: [0, 0, 1, 0]}


def test_who_told_the_author_first_is_believed(seeded: Database) -> None:
    record(seeded, reaction())
    record(seeded, reaction(CAROL, author_id=DAVE), removal(at=NOON + SECOND, author_id=DAVE), now=NOON + MINUTE)
    assert counters(seeded) == {ALICE: [0, 0, 0, 1], CAROL: [0, 0, 1, 0]}


def test_an_item_that_is_wrong_tells_no_author(seeded: Database) -> None:
    assert record(seeded, reaction(author_id=BOB, emoji=None), reaction())[1] == COUNTED
    assert counters(seeded) == {ALICE: [0, 0, 0, 1], BOB: [0, 0, 1, 0]}


def test_a_counter_never_falls_below_zero(seeded: Database) -> None:
    record(seeded, reaction())
    seeded.run("update discord_user_stats set reactions_count = 0, reactions_received = 0")
    record(seeded, removal(at=NOON + SECOND), now=NOON + MINUTE)
    assert counters(seeded) == {}


def test_what_other_programs_have_counted_stays(seeded: Database) -> None:
    seeded.run("insert into discord_user_stats (server_id, discord_user_id, messages_count) values ('77', '1002', 40)")
    record(seeded, message())
    assert counters(seeded) == {BOB: [41, 0, 0, 0]}


@pytest.mark.parametrize(
    "make", [message, reaction, partial(voice, 600), partial(item, "join"), partial(event, "quest")]
)
def test_bots_count_for_nothing(seeded: Database, make: Any) -> None:
    assert record(seeded, make(is_bot=True)) == [{"result": "ignored", "reason": "bot"}]
    assert seeded.rows("select from discord_user_stats") == []


def test_reactions_to_a_bots_message_count_for_nobody_and_pay_nobody(seeded: Database) -> None:
    add_trigger(seeded, "liked", 3, trigger="reactions", min_reactions=3)
    crowd = [reaction(str(2000 + n), author_is_bot=True) for n in range(3)]
    ignored = {"result": "ignored", "reason": "bot"}
    assert record(seeded, *crowd, removal(author_is_bot=True)) == [ignored] * 4
    assert record(seeded, crowd[0]) == [again(ignored)]
    assert seeded.rows("select from discord_user_stats") == seeded.rows("select from message_reactions") == []
    assert record(seeded, reaction(author_is_bot=False), message(author_is_bot=True)) == [COUNTED] * 2


def test_own_reactions_count_for_nothing(seeded: Database) -> None:
    ignored = {"result": "ignored", "reason": "own_reaction"}
    assert record(seeded, reaction(ALICE), reaction(), removal(ALICE)) == [ignored, COUNTED, ignored]
    assert counters(seeded) == {ALICE: [0, 0, 0, 1], BOB: [0, 0, 1, 0]}


@pytest.mark.parametrize(
    "place",
    [{"channel_id": "5"}, {"channel_id": "6", "parent_ids": ["5"]}, {"channel_id": "6", "parent_ids": ["7", "5"]}],
)
def test_excluded_channels_count_for_nothing(seeded: Database, place: Row) -> None:
    seeded.set_settings({"excluded_channels": ["4", "5"]})
    add_trigger(seeded, "hello", trigger="message")
    ignored = {"result": "ignored", "reason": "channel_excluded"}
    assert record(seeded, message(**place), voice(60, **place), reaction(**place)) == [ignored] * 3
    assert refused(*record(seeded, event("quest", **place))) == [("quest", "channel_excluded")]
    assert counters(seeded) == {}
    (result,) = record(seeded, message(channel_id="6", parent_ids=["8"]))
    assert paid(result) == [("hello", 10)]


def test_disabled_members_and_brands_that_are_off_are_counted_and_not_paid(seeded: Database) -> None:
    add_trigger(seeded, "hello", trigger="message")
    seeded.run("insert into disabled_members values ('77', '1002', 'spam', '9001')")
    (result,) = record(seeded, message())
    assert (result["result"], refused(result)) == ("counted", [("hello", "member_disabled")])
    seeded.run("update brands set is_active = false")
    (result,) = record(seeded, message(CAROL))
    assert (result["result"], refused(result)) == ("counted", [("hello", "brand_disabled")])
    assert counters(seeded) == {BOB: [1, 0, 0, 0], CAROL: [1, 0, 0, 0]}
    assert seeded.rows("select from reward_ledger") == []


# Figures ---------------------------------------------------------------------------------------------------------


def test_the_counters_are_what_was_sent(busy: Database) -> None:
    items = [each for seed in range(5) for each in day(80, seed)]
    for start in range(0, len(items), 33):
        record(busy, *items[start : start + 40])
    kept = [each for each in items if each.get("channel_id") != "5"]
    messages = Counter(each["user_id"] for each in kept if each["type"] == "message")
    seconds = Counter[str]()
    for each in kept:
        seconds[each["user_id"]] += each.get("seconds", 0)
    newest: dict[tuple[str, ...], tuple[str, bool]] = {}
    for each in kept:
        if each["type"].startswith("reaction"):
            key = (each["user_id"], each["message_id"], each["emoji"])
            newest[key] = max(newest.get(key, ("", False)), (each["at"], each["type"] == "reaction_removed"))
    there = [key for key, (_, is_removed) in newest.items() if not is_removed]
    given = Counter(user for user, *_ in there)
    expected = {
        user: [messages[user], seconds[user] // 60, given[user], len(there) if user == "1009" else 0]
        for user in {*messages, *seconds, *given, "1009"}
    }
    assert counters(busy) == {user: row for user, row in expected.items() if any(row)}
    busy.assert_books_agree()


def test_a_full_batch(busy: Database) -> None:
    items = [message(str(5000 + n % 200), words=3) for n in range(500)]
    assert {each["result"] for each in record(busy, *items)} == {"paid"}
    assert sum(row[0] for row in counters(busy).values()) == len(busy.rows("select from reward_ledger")) == 500
    assert timedelta() == NOON - busy.value("select max(created_at) from reward_ledger")
    busy.assert_books_agree()
