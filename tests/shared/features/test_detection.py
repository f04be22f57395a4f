"""What activity pays an event: set by /config events, refused with all that is wrong, and told in words."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN
from shared.features import detection
from shared.features.detection import fires
from tests.sql import Database

Json = dict[str, Any]


def config(client: Client, command: str, /, **options: Any) -> str:
    """An admin's /config events command."""
    return str(client.slash(f"config events {command}", user=ADMIN, **options).text)


def kept(db: Database, event: str = "quest") -> Json | None:
    """The config of an event, as the table has it."""
    found: Json | None = db.value("select detection_config from monitoring_rules where event_type = %s", event)
    return found


# --- What is set

SET: list[tuple[Json, Json, str]] = [
    ({"trigger": "message"}, {"trigger": "message"}, "messages"),
    (
        {"trigger": "message", "min_characters": 100, "min_words": 20},
        {"trigger": "message", "min_characters": 100, "min_words": 20},
        "messages of 100 characters and 20 words",
    ),
    (
        {"trigger": "keyword", "keywords": " gm, good morning ,", "match": "starts", "min_words": 1},
        {"trigger": "keyword", "keywords": ["gm", "good morning"], "match": "starts", "min_words": 1},
        "messages of 1 word beginning with `gm` or `good morning`",
    ),
    (
        {"trigger": "keyword", "keywords": "gm", "channel": "88"},
        {"trigger": "keyword", "keywords": ["gm"], "channels": ["88"]},
        "messages containing `gm`, only in <#88>",
    ),
    (
        {"trigger": "reactions", "min_reactions": "5"},
        {"trigger": "reactions", "min_reactions": 5},
        "messages with 5 reactions",
    ),
    ({"trigger": "voice", "minutes": 30}, {"trigger": "voice", "minutes": 30}, "every 30 minutes in a voice channel"),
    ({"trigger": "join"}, {"trigger": "join"}, "joining the server"),
    ({"trigger": "boost"}, {"trigger": "boost"}, "boosting the server"),
]


@pytest.mark.parametrize(("options", "expected", "words"), SET)
def test_a_trigger_is_set_and_told(server: Client, db: Database, options: Json, expected: Json, words: str) -> None:
    said = config(server, "create", name="quest", reward=5, **options)
    assert f"`quest`: **5 RSNC**, for {words}" in said
    assert kept(db) == expected
    assert f", for {words}" in config(server, "list")


@pytest.mark.parametrize(("options", "expected", "words"), SET)
def test_an_edit_replaces_it_as_a_whole(
    server: Client, db: Database, options: Json, expected: Json, words: str
) -> None:
    config(server, "create", name="quest", reward=5, trigger="message", min_characters=7, channel="89")
    assert words in config(server, "edit", name="quest", **options)
    assert kept(db) == expected


def test_an_edit_without_one_keeps_it_and_none_takes_it_away(server: Client, db: Database) -> None:
    config(server, "create", name="quest", reward=5, trigger="join")
    config(server, "edit", name="quest", reward=6)
    assert kept(db) == {"trigger": "join"}
    assert ", for " not in config(server, "edit", name="quest", trigger="none")
    assert kept(db) is None
    config(server, "create", name="other", reward=5, trigger="none")
    assert kept(db, "other") is None


def test_the_usual_events_are_there(server: Client) -> None:
    assert "**10 RSNC**, for messages of 100 characters and 20 words, once in 1 hour" in config(server, "list")


# --- What is refused


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({"min_words": 3, "keywords": "gm"}, ["`keywords` belongs to a `trigger`", "`min-words` belongs to a"]),
        ({"trigger": "keyword"}, ["`keywords` is missing: “somebody writes a keyword” needs it."]),
        (
            {"trigger": "reactions", "minutes": 5, "match": "whole"},
            [
                "`min-reactions` is missing",
                "`match` does not go with “a message gets reactions”",
                "`minutes` does not go",
            ],
        ),
        ({"trigger": "voice"}, ["`minutes` is missing"]),
        ({"trigger": "join", "channel": "88"}, ["`channel` does not go with “somebody joins the server”"]),
        ({"trigger": "none", "minutes": 5}, ["`minutes` does not go with “no activity pays it”"]),
        ({"trigger": "keyword", "keywords": " , "}, ["`keywords` must be 1 to 50 words or phrases"]),
        ({"trigger": "keyword", "keywords": ",".join("ab" * 26)}, ["`keywords` must be 1 to 50 words or phrases"]),
        ({"trigger": "keyword", "keywords": "x" * 101}, ["`keywords` may have no more than 100 characters each."]),
        ({"trigger": "message", "min_characters": 0, "min_words": 2_001}, ["`min-characters`", "`min-words`"]),
        ({"trigger": "voice", "minutes": 1_441}, ["`minutes`"]),
    ],
)
def test_all_that_is_wrong_is_named_and_nothing_changes(
    server: Client, db: Database, rpc_calls: list[str], options: Json, problems: list[str]
) -> None:
    for command in (("create", {"reward": 5}), ("edit", {})):
        said = config(server, command[0], name="regular_engagement", **command[1], **options)
        assert said.startswith("Nothing has changed")
        assert [problem for problem in problems if problem not in said] == []
        assert len(said.splitlines()) == 1 + len(problems)
    assert kept(db, "regular_engagement") == {"trigger": "message", "min_characters": 100, "min_words": 20}
    assert rpc_calls == []


def test_the_check_in_takes_no_trigger(server: Client, db: Database) -> None:
    said = config(server, "edit", name="daily_checkin", trigger="message")
    assert said == "Nothing has changed: no activity pays `daily_checkin`. It is earned once a day, by `/daily`."
    assert kept(db, "daily_checkin") is None


def test_what_only_the_database_refuses_is_said(server: Client, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.features.events.detection", lambda *_, **__: {"trigger": "voice", "minutes": 0})
    assert config(server, "edit", name="news_tracker", reward=9).startswith(
        "Nothing has changed: the database does not take `minutes`"
    )
    assert db.value("select reward_amount from monitoring_rules where event_type = 'news_tracker'") == 5


def test_every_trigger_has_a_choice_and_words() -> None:
    assert set(detection._TRIGGERS) == set(detection._TAKES) == {*detection._ACTIVITIES, detection.NONE}


# --- Words

NOTHING: list[Any] = [None, {}, [], "message", 7, {"trigger": None}, {"trigger": []}, {"of": "another"}]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            {"trigger": "keyword", "keywords": list("abcdefg")},
            "for messages containing `a`, `b`, `c`, `d`, `e` or 2 more",
        ),
        ({"trigger": "keyword", "keywords": ["`x`\n"], "match": "whole"}, "for messages with the word `'x'`"),
        (
            {"trigger": "message", "min_words": 3, "channels": ["1", "2", "3", "4"]},
            "for messages of 3 words, only in <#1>, <#2>, <#3> or 1 more",
        ),
        *[(value, "") for value in NOTHING],
        *[({"trigger": trigger}, "") for trigger in ("keyword", "reactions", "voice", "none", "telepathy")],
        ({"trigger": "message", "min_words": "many"}, ""),
        ({"trigger": "message", "channels": 7}, ""),
        ({"trigger": "message", "channels": [7]}, ""),
        ({"trigger": "keyword", "keywords": []}, ""),
        ({"trigger": "keyword", "keywords": [7]}, ""),
        ({"trigger": "keyword", "keywords": ["x"], "match": "regex"}, ""),
    ],
)
def test_whatever_another_program_has_written_can_be_told(written: Any, expected: str) -> None:
    assert fires(written) == expected


def test_a_list_of_events_with_a_config_from_before_can_be_read(server: Client, db: Database) -> None:
    with db.without_triggers():
        db.run("update monitoring_rules set detection_config = %s", Jsonb({"trigger": "keyword", "keywords": 7}))
    assert "`news_tracker`" in config(server, "list")
