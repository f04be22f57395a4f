"""record_events: items that cannot be read are told by their field, and harm no other."""

from datetime import datetime
from typing import Any

import pytest

from tests.infra.supabase.api.recorded import COUNTED
from tests.infra.supabase.batches import (
    ALICE,
    BOB,
    counters,
    event,
    item,
    message,
    record,
)
from tests.sql import NOON, Database, Row

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
