"""record_events: who may report, what each item does, that it does it once, and what is kept of it."""

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from infra.local.supabase import LocalSupabase
from tests.infra.conftest import Rest
from tests.infra.supabase.batches import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    KEY,
    add_trigger,
    counters,
    event,
    item,
    message,
    paid,
    reaction,
    record,
    recording,
    refused,
    removal,
    said,
    voice,
)
from tests.sql import DAY, HOUR, MINUTE, NOON, SECOND, TABLES, Caller, Database, Row

COUNTED = {"result": "counted"}
WEEK = 7 * DAY
PROGRAM = "cd" * 32


def again(first: Row) -> Row:
    """What is told of an item that was recorded before."""
    return {"result": "duplicate", "first": first}


# Who may report --------------------------------------------------------------------------------------------------


def told(db: Database, key: str, *, is_operator: bool = False, server: str = "77") -> str:
    """The outcome of a batch of one message."""
    answer = db.call("record_events", key=key, is_operator=is_operator, server_id=server, items=[message()], now=NOON)
    return str(answer["outcome"])


def test_an_operator_reports_for_every_server(seeded: Database) -> None:
    assert told(seeded, KEY, is_operator=True) == "recorded"
    assert counters(seeded) == {BOB: [1, 0, 0, 0]}


def test_a_program_reports_for_the_servers_of_its_brand_alone(seeded: Database) -> None:
    seeded.add_brand("theirs", "another connect key")
    seeded.connect_server("80", "theirs")
    seeded.call("add_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    assert told(seeded, PROGRAM) == "recorded"
    before = seeded.contents()
    strangers = [told(seeded, PROGRAM, server="80"), told(seeded, PROGRAM, server="404"), told(seeded, KEY)]
    assert strangers == ["unknown_key"] * 3
    seeded.run("update discord_server_configs set is_active = false where server_id = '77'")
    assert told(seeded, PROGRAM) == "unknown_key"
    assert counters(seeded) == {BOB: [1, 0, 0, 0]}
    assert before["recorded_items"] == seeded.contents()["recorded_items"]


def test_a_connect_key_is_no_program_key(seeded: Database) -> None:
    kept = seeded.value("select key from brand_keys where kind = 'connect'")
    assert told(seeded, kept) == "unknown_key"


def test_a_key_that_is_taken_away_reports_no_more(seeded: Database) -> None:
    seeded.call("add_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    seeded.call("remove_program_key", brand_id="brand", public_key=PROGRAM, now=NOON)
    assert told(seeded, PROGRAM) == "unknown_key"


def test_a_server_that_is_not_connected_is_refused_and_nothing_remembered(db: Database) -> None:
    items = [message(), event("quest"), 5]
    assert record(db, *items) == [{"result": "refused", "refused": [{"outcome": "server_not_connected"}]}] * 3
    db.connect_server()
    db.add_event("quest", 10)
    assert [each["result"] for each in record(db, *items)] == ["counted", "paid", "invalid"]
    db.run("update discord_server_configs set is_active = false")
    assert record(db, message()) == [{"result": "refused", "refused": [{"outcome": "server_not_connected"}]}]


def test_over_postgrest(seeded: Database, rest: Rest) -> None:
    body = {
        "p_key": KEY,
        "p_is_operator": True,
        "p_server_id": "77",
        "p_items": [message(at=datetime.now().astimezone())],
    }
    answer = rest(role="service_role").post("/rpc/record_events", json=body).json()
    assert (answer["outcome"], answer["results"][0]["result"]) == ("recorded", "counted")
    for role in ("anon", "authenticated"):
        assert rest(role=role).post("/rpc/record_events", json=body).is_error


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


# What cannot be read ---------------------------------------------------------------------------------------------

WRONG: list[tuple[str, Row, str]] = [
    ("message", {"id": None}, "id missing"),
    ("message", {"id": ""}, "id malformed"),
    ("message", {"id": "x" * 101}, "id malformed"),
    ("message", {"id": 5}, "id malformed"),
    ("message", {"type": None}, "type missing"),
    ("message", {"type": "sticker"}, "type malformed"),
    ("message", {"type": ["message"]}, "type malformed"),
    ("message", {"at": None}, "at missing"),
    *(
        ("message", {"at": wrong}, "at malformed")
        for wrong in ("", "now", "2026-03-10", "2026-03-10T12:00:00", "2026-03-10 12:00:00Z", "2026-02-29T12:00:00Z")
    ),
    *(
        ("message", {"at": wrong}, "at malformed")
        for wrong in ("2026-04-31T12:00:00Z", "2026-13-01T12:00:00Z", "2026-03-10T24:00:00Z", "0000-03-10T12:00:00Z")
    ),
    *(
        ("message", {"at": wrong}, "at malformed")
        for wrong in (
            "2026-03-10T12:00:00+99:00",
            "2026-03-10T12:00:60Z",
            "infinity",
            "2\u0660\u0662\u0666-03-10T12:00:00Z",
            "2026-03-10T12:00:00Z\n",
            1773144000,
            ["2026-03-10T12:00:00Z"],
        )
    ),
    ("message", {"at": "2026-03-03T11:59:59Z"}, "at too_old"),
    ("message", {"at": "1000-01-31T00:00:00Z"}, "at too_old"),
    ("message", {"at": "2026-03-10T12:05:01Z"}, "at in_the_future"),
    ("message", {"at": "9999-12-31T23:59:59-14:00"}, "at in_the_future"),
    ("message", {"user_id": None}, "user_id missing"),
    *(
        ("message", {"user_id": wrong}, "user_id malformed")
        for wrong in ("", "bob", "1" * 21, 1002, ["1002"], "1\n", "\u0661")
    ),
    ("message", {"is_bot": "no"}, "is_bot malformed"),
    ("message", {"channel_id": 5}, "channel_id malformed"),
    *(("message", {"parent_ids": wrong}, "parent_ids malformed") for wrong in ("5", [5], ["x"], [["5"]], ["5"] * 11)),
    *(("message", {"role_ids": wrong}, "role_ids malformed") for wrong in ("{}", [None], ["5", "x"], ["5"] * 301)),
    ("message", {"role_ids": {}}, "role_ids malformed"),
    ("message", {"message_id": "x"}, "message_id malformed"),
    ("message", {"characters": None}, "characters missing"),
    ("message", {"words": None}, "words missing"),
    *(("message", {"characters": wrong}, "characters malformed") for wrong in ("9", -1, 1.5, 1_000_001, 10**30, [9])),
    *(("message", {"words": wrong}, "words malformed") for wrong in ("9", -1, 1.5, True)),
    ("message", {"text": 5}, "text malformed"),
    ("message", {"text": "x" * 4001}, "text malformed"),
    ("reaction", {"message_id": None}, "message_id missing"),
    ("reaction", {"emoji": None}, "emoji missing"),
    ("reaction", {"emoji": "x" * 101}, "emoji malformed"),
    ("reaction", {"author_id": "x"}, "author_id malformed"),
    ("reaction", {"author_is_bot": "no"}, "author_is_bot malformed"),
    ("reaction_removed", {"message_id": "x"}, "message_id malformed"),
    ("reaction_removed", {"emoji": ""}, "emoji malformed"),
    ("voice", {"seconds": None}, "seconds missing"),
    *(("voice", {"seconds": wrong}, "seconds malformed") for wrong in (0, -1, 86_401, "60", 1.5, 10**30)),
    ("event", {"event": None}, "event missing"),
    ("event", {"event": "x" * 101}, "event malformed"),
    ("event", {"event": ["quest"]}, "event malformed"),
    ("event", {"reason": "x" * 201}, "reason malformed"),
    ("event", {"reason": ["x"]}, "reason malformed"),
    ("join", {"user_id": "x"}, "user_id malformed"),
    ("boost", {"user_id": None}, "user_id missing"),
]
FIELDS: dict[str, Row] = {
    "message": {"characters": 9, "words": 2},
    "reaction": {"message_id": "99", "emoji": "x", "author_id": ALICE},
    "reaction_removed": {"message_id": "99", "emoji": "x"},
    "voice": {"seconds": 60},
    "event": {"event": "quest"},
}


@pytest.mark.parametrize(("kind", "fields", "problem"), WRONG, ids=str)
def test_what_cannot_be_read_is_told_by_its_field_and_harms_nothing_else(
    seeded: Database, kind: str, fields: Row, problem: str
) -> None:
    field, _, expected = problem.partition(" ")
    wrong = item(kind, **FIELDS.get(kind, {})) | fields
    assert record(seeded, message(), wrong, message()) == [
        COUNTED,
        {"result": "invalid", "field": field, "problem": expected},
        COUNTED,
    ]
    assert counters(seeded) == {BOB: [2, 0, 0, 0]}
    assert len(seeded.rows("select from recorded_items")) == 2


@pytest.mark.parametrize("wrong", [None, 5, "message", [], [message()], True])
def test_an_item_that_is_no_object(seeded: Database, wrong: Any) -> None:
    assert record(seeded, wrong, message()) == [{"result": "invalid", "field": "item", "problem": "malformed"}, COUNTED]


@pytest.mark.parametrize(
    "at",
    [
        *("2026-03-10T12:00:00Z", "2026-03-10T12:00Z", "2026-03-10T12:00:00.123456789Z", "2026-03-10T13:00:00+01:00"),
        *("2026-03-03T12:00:00Z", "2026-03-10T12:05:00Z", "2026-03-09T22:00:00-14:00", "2026-02-28T23:59:59-00:00"),
    ],
)
def test_times_that_are_read(seeded: Database, at: str) -> None:
    now = NOON if "02-28" not in at else datetime.fromisoformat("2026-03-01T00:00:00Z")
    assert record(seeded, message() | {"at": at}, now=now) == [COUNTED]


def test_what_is_null_is_not_there(seeded: Database) -> None:
    nothing: Row = dict.fromkeys(("is_bot", "channel_id", "parent_ids", "role_ids", "message_id", "text", "more"))
    assert record(seeded, message(**nothing), event("quest", reason=None))[0] == COUNTED


def test_an_item_that_was_wrong_may_come_again_under_its_id(seeded: Database) -> None:
    right = message()
    assert record(seeded, right | {"characters": -1})[0]["result"] == "invalid"
    assert record(seeded, right) == [COUNTED]


@pytest.mark.parametrize("field", ["answer", "repeats", "is_new", "place", "fires", "counts", "payments"])
def test_a_field_that_means_nothing_changes_nothing(seeded: Database, field: str) -> None:
    values: list[Any] = [True, 7, {"result": "paid"}, ["quest"]]
    for value in values:
        assert record(seeded, message() | {field: value}) == [COUNTED]
    assert counters(seeded) == {BOB: [4, 0, 0, 0]}
    seeded.assert_books_agree()


def test_an_empty_batch(seeded: Database) -> None:
    assert record(seeded) == []


# Once ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(seeded: Database) -> Database:
    """A server whose events pay everything that can fire."""
    seeded.set_settings({"excluded_channels": ["5"]})
    add_trigger(seeded, "hello", 1, trigger="message", min_words=3)
    add_trigger(seeded, "gm", 2, trigger="keyword", keywords=["gm"], columns={"cooldown_hours": 1})
    add_trigger(seeded, "liked", 3, trigger="reactions", min_reactions=3)
    add_trigger(seeded, "talk", 4, trigger="voice", minutes=2)
    add_trigger(seeded, "boost", 5, trigger="boost")
    add_trigger(seeded, "welcome_bonus", 50, trigger="join")
    return seeded


def day(count: int = 60, seed: int = 1) -> list[Row]:
    """Items of every kind by a few members within an hour."""
    dice = random.Random(seed)
    items = []
    for number in range(count):
        who, at = str(dice.randrange(1001, 1007)), NOON - HOUR + number * MINUTE / 2
        target = {"message_id": str(dice.randrange(3)), "emoji": dice.choice("ab"), "author_id": "1009"}
        items.append(
            dice.choice(
                [
                    message(who, at, words=dice.randrange(6)),
                    said("gm everybody", who, at),
                    item("reaction", who, at, **target),
                    item("reaction_removed", who, at, **target | {"author_id": None}),
                    voice(dice.randrange(1, 200), who, at),
                    item(dice.choice(["join", "boost"]), who, at),
                    event(dice.choice(["quest", "unknown"]), who, at, channel_id=dice.choice(["5", "6"])),
                    message(who, at, channel_id="5"),
                ]
            )
        )
    return items


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


# What pays -------------------------------------------------------------------------------------------------------


def test_a_message_pays_what_its_length_fires(seeded: Database) -> None:
    add_trigger(seeded, "every", 1, trigger="message")
    add_trigger(seeded, "long", 2, trigger="message", min_characters=100, min_words=20)
    lengths = [(99, 20), (100, 19), (100, 20)]
    told = record(seeded, *(message(str(1002 + n), characters=c, words=w) for n, (c, w) in enumerate(lengths)))
    assert [paid(each) for each in told] == [[("every", 1)], [("every", 1)], [("every", 1), ("long", 2)]]
    row = seeded.one("select * from reward_ledger where event_type = 'long'")
    assert (row["source"], row["brand_id"], row["actor_id"], row["reason"]) == ("activity", "brand", "1004", None)
    assert row["reference"].startswith("item:item ")
    assert told[2]["paid"][1] == {"event": "long", "amount": 2, "balance": 3}
    seeded.assert_books_agree()


def test_the_length_is_that_of_the_text_where_nobody_says_it(seeded: Database) -> None:
    add_trigger(seeded, "long", 2, trigger="message", min_characters=10, min_words=3)
    texts = ["one two three", "one twothree", "1 2 3", "  eins\n\nzwei\tdrei  ", "日本語 日本語 日本語", "    ", ""]
    told = record(seeded, *(said(text, str(1002 + n)) for n, text in enumerate(texts)))
    assert [bool(paid(each)) for each in told] == [True, False, False, True, True, False, False]


def test_what_is_said_of_the_length_holds(seeded: Database) -> None:
    add_trigger(seeded, "long", 2, trigger="message", min_characters=10, min_words=3)
    assert paid(*record(seeded, said("x", characters=10, words=3))) == [("long", 2)]
    assert paid(*record(seeded, said("one two three four", CAROL, characters=3))) == []


def test_regular_engagement_lives_from_the_connection_on(db: Database) -> None:
    db.add_brand()
    connected = db.call(
        "connect_server", Caller(user_id="9001", manages_server=True, required_level=4).again(), brand_id="brand",
        key_hash=db.value("select key from brand_keys"), now=NOON,
    )  # fmt: skip
    assert connected["outcome"] == "connected"
    hour = [message(at=NOON + n * 10 * MINUTE, characters=100, words=20) for n in range(8)]
    told = record(db, *hour, now=NOON + 2 * HOUR)
    assert [paid(each) for each in told] == [[("regular_engagement", 10)], *[[]] * 5, [("regular_engagement", 10)], []]
    assert told[1] == {
        "result": "counted",
        "refused": [{"event": "regular_engagement", "outcome": "cooldown", "retry_at": "2026-03-10T13:00:00+00:00"}],
    }
    assert record(db, message(CAROL)) == [COUNTED]
    db.assert_books_agree()


def test_cooldowns_go_by_the_time_of_the_items(seeded: Database) -> None:
    add_trigger(seeded, "hello", 1, trigger="message", columns={"cooldown_hours": 1})
    backwards = [message(at=NOON - n * 90 * MINUTE) for n in range(3)]
    assert [bool(paid(each)) for each in record(seeded, *backwards)] == [True] * 3
    (late,) = record(seeded, message(at=NOON - 4 * HOUR))
    assert refused(late) == [("hello", "cooldown")]
    assert late["refused"][0]["retry_at"] == "2026-03-10T13:00:00+00:00"
    assert seeded.value("select max(created_at) from reward_ledger") == NOON
    seeded.assert_books_agree()


def test_who_waits_is_told_what_comes_before_the_cooldown(seeded: Database) -> None:
    seeded.set_settings({"excluded_channels": ["5"], "test_mode": {"enabled": True, "role": "1"}})
    seeded.run("update monitoring_rules set cooldown_hours = 1")
    tester: Row = {"role_ids": ["1"]}
    told = record(
        seeded,
        *(event("quest", **tester), event("quest", **tester), event("quest"), event("quest", **tester)),
        *(event("quest", channel_id="5", **tester), event("quest", channel_id="6", parent_ids=["5"], **tester)),
    )
    outcomes = ["cooldown", "test_mode", "cooldown", "channel_excluded", "channel_excluded"]
    assert [refused(each) for each in told] == [[], *([("quest", outcome)] for outcome in outcomes)]


def test_a_clock_that_is_ahead_pays_as_of_now(seeded: Database) -> None:
    add_trigger(seeded, "hello", 1, trigger="message", columns={"cooldown_hours": 1})
    record(seeded, message(at=NOON + 4 * MINUTE))
    assert seeded.value("select created_at from reward_ledger") == NOON


def test_of_a_limited_event_the_earlier_items_take_what_is_left(seeded: Database) -> None:
    add_trigger(seeded, "hello", 1, trigger="message", columns={"max_total_claims": 2})
    late = [message(str(1010 + n), NOON - n * MINUTE) for n in range(4)]
    assert [bool(paid(each)) for each in record(seeded, *late)] == [False, False, True, True]
    seeded.assert_books_agree()


def test_streak_and_roles_count(seeded: Database) -> None:
    seeded.set_settings({"role_bonuses": {"1": {"multiplier": 2, "flat": 0.5}}})
    seeded.add_streak(BOB, 7)
    assert paid(*record(seeded, event("quest", role_ids=["2", "1"]))) == [("quest", 25.5)]
    seeded.assert_books_agree()


def test_test_mode_pays_testers_alone(seeded: Database) -> None:
    seeded.set_settings({"test_mode": {"enabled": True, "role": "5"}})
    told = record(seeded, event("quest"), event("quest", role_ids=["5"]))
    assert [each["result"] for each in told] == ["refused", "paid"]
    assert refused(told[0]) == [("quest", "test_mode")]


def test_the_servers_own_rule_wins_and_what_is_off_fires_nothing(seeded: Database) -> None:
    add_trigger(seeded, "hello", 1, trigger="message", columns={"server_id": None})
    add_trigger(seeded, "off", 1, trigger="message", columns={"is_enabled": False})
    add_trigger(seeded, "theirs", 1, trigger="message", columns={"brand_id": "theirs", "server_id": None})
    assert paid(*record(seeded, message())) == [("hello", 1)]
    add_trigger(seeded, "hello", 7, trigger="message", min_words=100)
    assert record(seeded, message()) == [COUNTED]
    seeded.run("update monitoring_rules set is_enabled = false where server_id = '77' and event_type = 'hello'")
    assert record(seeded, message(words=100)) == [COUNTED]


@pytest.mark.parametrize(
    "config",
    [{"trigger": "keyword"}, {"trigger": "message", "min_words": "x"}, {"trigger": 5}, [], "message", {}, None],
)
def test_what_stands_there_from_before_and_is_wrong_fires_nothing(seeded: Database, config: Any) -> None:
    with seeded.without_triggers():
        seeded.add_event("old", 5, id="22222222-2222-4222-8222-222222222222", detection_config=Jsonb(config))
    assert record(seeded, said("hello"), reaction(), voice(600)) == [COUNTED] * 3


def test_the_check_in_is_paid_by_nothing_here(seeded: Database) -> None:
    add_trigger(seeded, "daily_checkin", 25, trigger="message")
    told = record(seeded, message(), event("daily_checkin"))
    assert told[0] == COUNTED
    refusal = {"event": "daily_checkin", "outcome": "event_not_claimable", "command": "/daily"}
    assert told[1] == {"result": "refused", "refused": [refusal]}


def test_the_welcome_bonus_is_paid_once_by_every_way(busy: Database) -> None:
    assert paid(*record(busy, item("join"))) == [("welcome_bonus", 50)]
    told = record(busy, item("join"), event("welcome_bonus"))
    assert [refused(each) for each in told] == [[("welcome_bonus", "limit_reached")]] * 2
    assert [each["result"] for each in told] == ["refused"] * 2
    assert busy.call("claim_welcome_bonus", Caller(user_id=BOB).again(), now=NOON)["outcome"] == "already_welcomed"
    busy.call("claim_welcome_bonus", Caller(user_id=CAROL).again(), now=NOON)
    assert refused(*record(busy, item("join", CAROL))) == [("welcome_bonus", "limit_reached")]
    busy.assert_books_agree()


def test_joins_and_boosts_pay_their_events_and_count_nothing(busy: Database) -> None:
    assert paid(*record(busy, item("boost"))) == [("boost", 5)]
    busy.run("delete from monitoring_rules where event_type = 'boost'")
    assert record(busy, item("boost")) == [{"result": "ignored", "reason": "no_rule"}]
    assert counters(busy) == {}


def test_an_event_by_name_is_paid_within_its_rule(seeded: Database) -> None:
    seeded.run("update monitoring_rules set cooldown_hours = 1, max_claims_per_user = 2, label = 'A quest'")
    told = record(
        seeded,
        event("quest", at=NOON - 2 * HOUR, reason="level 5"),
        event("quest", at=NOON - 90 * MINUTE),
        event("quest"),
        event("unknown"),
        now=NOON + HOUR,
    )
    assert [each["result"] for each in told] == ["paid", "refused", "paid", "refused"]
    assert told[3]["refused"] == [{"event": "unknown", "outcome": "event_not_found"}]
    assert refused(*record(seeded, event("quest", at=NOON + HOUR), now=NOON + HOUR)) == [("quest", "limit_reached")]
    assert seeded.value("select reason from reward_ledger order by id limit 1") == "level 5"
    assert counters(seeded) == {}
    seeded.assert_books_agree()


def test_an_event_by_name_is_paid_whatever_its_trigger(busy: Database) -> None:
    assert paid(*record(busy, event("liked"))) == [("liked", 3)]
    busy.run("update monitoring_rules set is_enabled = false where event_type = 'liked'")
    assert refused(*record(busy, event("liked"))) == [("liked", "event_disabled")]


def test_reactions_pay_the_author_once_a_message(busy: Database) -> None:
    crowd = [reaction(str(2000 + n), NOON + n * SECOND) for n in range(6)]
    told = record(busy, *crowd[:2], reaction(ALICE), reaction("2000", emoji="other"), now=NOON + MINUTE)
    assert [paid(each) for each in told] == [[]] * 4
    told = record(busy, *crowd[2:], now=NOON + MINUTE)
    assert [paid(each) for each in told] == [[("liked", 3)], [], [], []]
    row = busy.one("select discord_user_id, reference from reward_ledger")
    assert row == {"discord_user_id": ALICE, "reference": "message:99"}
    week = NOON + 20 * DAY
    busy.call("prune_events", now=week)
    again_later = [reaction(str(3000 + n), week) for n in range(5)]
    assert [paid(each) for each in record(busy, *again_later, now=week)] == [[]] * 5
    assert paid(record(busy, *(reaction(str(n), week, message_id="98") for n in range(3)), now=week)[2]) == [
        ("liked", 3)
    ]
    busy.assert_books_agree()


def test_a_reaction_that_was_taken_back_does_not_help_the_author(busy: Database) -> None:
    later = NOON + SECOND
    record(busy, reaction("2000"), removal("2000"), reaction("2001", later), reaction("2002", later), now=NOON + MINUTE)
    assert busy.rows("select from reward_ledger") == []
    record(busy, reaction("2000", NOON + 2 * SECOND), now=NOON + MINUTE)
    assert busy.value("select discord_user_id from reward_ledger") == ALICE


def test_an_author_who_is_refused_may_be_paid_by_a_later_reaction(busy: Database) -> None:
    busy.run("update monitoring_rules set cooldown_hours = 1 where event_type = 'liked'")
    record(busy, *(reaction(str(2000 + n)) for n in range(3)))
    told = record(busy, *(reaction(str(2000 + n), message_id="98") for n in range(3)))
    assert refused(told[2]) == [("liked", "cooldown")]
    later = reaction("2009", NOON + 2 * HOUR, message_id="98")
    assert paid(*record(busy, later, now=NOON + 2 * HOUR)) == [("liked", 3)]


@pytest.mark.parametrize("number", [3, 5, 7, 10, 15, 20, 25])
def test_as_many_reactions_as_the_rule_says(seeded: Database, number: int) -> None:
    add_trigger(seeded, "liked", 3, trigger="reactions", min_reactions=number)
    told = record(seeded, *(reaction(str(2000 + n)) for n in range(number + 1)))
    assert [bool(paid(each)) for each in told] == [*[False] * (number - 1), True, False]


def test_voice_pays_every_full_period(seeded: Database) -> None:
    add_trigger(seeded, "talk", 4, trigger="voice", minutes=2)
    add_trigger(seeded, "stage", 9, trigger="voice", minutes=3, channels=["6"])
    lengths = [119, 1, 120, 60, 600]
    told = record(seeded, *(voice(each, at=NOON + n * SECOND) for n, each in enumerate(lengths)), now=NOON + MINUTE)
    assert [paid(each) for each in told] == [[], [("talk", 4)], [("talk", 4)], [], [("talk", 4)]]
    assert paid(*record(seeded, voice(179, channel_id="6"))) == [("talk", 4)]
    assert paid(*record(seeded, voice(1, channel_id="7", parent_ids=["6"]))) == [("stage", 9), ("talk", 4)]
    assert counters(seeded) == {BOB: [0, 18, 0, 0]}


@pytest.mark.parametrize(
    ("place", "fires"),
    [
        ({"channel_id": "6"}, True),
        ({"channel_id": "8", "parent_ids": ["7", "6"]}, True),
        ({"channel_id": "7"}, False),
        ({}, False),
    ],
)
def test_a_rule_may_have_channels(seeded: Database, place: Row, fires: bool) -> None:
    add_trigger(seeded, "hello", 1, trigger="message", channels=["5", "6"])
    add_trigger(seeded, "gm", 1, trigger="keyword", keywords=["gm"], channels=["5", "6"])
    add_trigger(seeded, "liked", 1, trigger="reactions", min_reactions=3, channels=["6"])
    told = record(seeded, said("gm", **place), *(reaction(str(2000 + n), **place) for n in range(3)))
    assert (len(paid(told[0])), bool(paid(told[3]))) == ((2, True) if fires else (0, False))


def test_one_item_may_fire_several_rules_and_be_refused_by_some(busy: Database) -> None:
    record(busy, event("gm"))
    (result,) = record(busy, said("gm my friends"))
    assert (result["result"], paid(result), refused(result)) == ("paid", [("hello", 1)], [("gm", "cooldown")])


def test_what_the_ledger_has_paid_is_not_paid_again_where_the_item_is_forgotten(seeded: Database) -> None:
    items = [event("quest"), event("quest", CAROL, NOON + MINUTE), message()]
    record(seeded, *items)
    seeded.call("prune_events", now=NOON + 9 * DAY)
    told = record(seeded, *items, event("quest", DAVE))
    assert [refused(each) for each in told] == [*[[("quest", "already_paid")]] * 2, [], []]
    assert paid(told[3]) == [("quest", 10)]
    seeded.assert_books_agree()


@pytest.mark.parametrize("odd", ["%", "_", "'", "\\", "\n", " ", "\u2028", "\u0301", "👍", "item:", "message:99"])
def test_any_text_is_an_id(seeded: Database, odd: str) -> None:
    record(seeded, event("quest") | {"id": "x"}, event("quest", CAROL) | {"id": "message:9"})
    sent = event("quest", DAVE) | {"id": odd}
    assert paid(*record(seeded, sent)) == [("quest", 10)]
    assert record(seeded, sent)[0]["result"] == "duplicate"
    seeded.assert_books_agree()


def test_the_ledger_refuses_to_pay_an_item_twice(busy: Database) -> None:
    record(busy, event("quest"))
    row = busy.one("select * from reward_ledger")
    for reference in (row["reference"], "message:1", "message:1"):
        busy.run("delete from recorded_items")
        if reference == row["reference"]:
            with pytest.raises(psycopg.errors.UniqueViolation, match="ledger_pays_an_item_once"):
                busy.add_reward(5, at=NOON, source="activity", event_type="quest", reference=reference)
    busy.add_reward(5, source="activity", event_type="quest", reference="message:1")
    with pytest.raises(psycopg.errors.UniqueViolation, match="ledger_pays_an_item_once"):
        busy.add_reward(5, NOON + 90 * DAY, source="activity", event_type="quest", reference="message:1")


# What somebody wrote ---------------------------------------------------------------------------------------------

MARK = "Xyzzy-what-somebody-wrote"


def everything(db: Database) -> str:
    """All that is kept in the tables."""
    return json.dumps(db.contents(*TABLES), default=str)


def test_what_somebody_wrote_is_kept_nowhere_and_told_to_nobody(
    busy: Database, supabase: LocalSupabase, rest: Rest
) -> None:
    add_trigger(busy, "spoken", 1, trigger="keyword", keywords=["somebody"], columns={"cooldown_hours": 1})
    wrong: list[Row] = [
        *({name: MARK} for name in ("at", "user_id", "is_bot", "channel_id", "parent_ids", "role_ids", "message_id")),
        *({name: MARK} for name in ("characters", "words", "type")),
        {"parent_ids": [MARK]},
        {"is_bot": True},
        {"channel_id": "5"},
        {"content": MARK, "answer": {"result": MARK}},
        {"text": MARK * 400},
    ]
    items: list[Any] = [said(f"gm {MARK} {n}") | fields for n, fields in enumerate(wrong)]
    items += [said(MARK), said(MARK, BOB), reaction(emoji=MARK * 10), voice(5) | {"seconds": MARK}, MARK, [MARK]]
    items += [event("quest", text=MARK), item("join", text=MARK), reaction(CAROL, text=MARK)]
    answers = [record(busy, *items), record(busy, *items), record(busy, *items, server="404")]
    now = datetime.now().astimezone()
    fresh = [
        each | {"at": now.isoformat()} if isinstance(each, dict) and each.get("at") != MARK else each for each in items
    ]
    body = {"p_key": KEY, "p_is_operator": True, "p_server_id": "77", "p_items": fresh}
    answers += [rest(role="service_role").post("/rpc/record_events", json=body).json()]
    with pytest.raises(psycopg.Error) as failed, failing(busy):
        record(busy, *[said(f"{MARK} gm") for _ in range(5)])
    assert "Xyzzy" not in f"{failed.value} {failed.value.diag.message_detail} {failed.value.diag.context}"
    assert "Xyzzy" not in json.dumps(answers)
    assert "Xyzzy" not in everything(busy)
    for log in supabase.postgres.directory.rglob("*.log"):
        assert "Xyzzy" not in log.read_text(errors="replace"), log


@contextmanager
def failing(db: Database) -> Iterator[None]:
    """The last table that a batch writes refuses everything."""
    db.run("alter table recorded_items add constraint nothing_more check (server_id <> '77') not valid")
    try:
        yield
    finally:
        db.run("alter table recorded_items drop constraint nothing_more")


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
