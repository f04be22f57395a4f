"""record_events: what each item pays, and that nothing is kept of what somebody wrote."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from infra.local.supabase import LocalSupabase
from tests.infra.conftest import Rest
from tests.infra.supabase.api.recorded import COUNTED
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
    refused,
    removal,
    said,
    voice,
)
from tests.sql import DAY, HOUR, MINUTE, NOON, SECOND, TABLES, Caller, Database, Row

WEEK = 7 * DAY


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
