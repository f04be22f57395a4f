"""What somebody wrote is looked at and goes nowhere: no row, no log, no answer and no error holds it."""

import json
import logging
import time
from typing import Any

import pytest
from psycopg import sql

from infra.local.delivery import lambda_sender
from infra.local.keys import Keys
from infra.local.program import PATH, Answer, Program
from infra.local.runtime import Context
from infra.local.supabase import LocalSupabase
from tests.conftest import Surroundings
from tests.functions.log_lines import echoed, everything
from tests.proxy import Proxy, broken, dropped, lost, moved, nobody
from tests.sql import Database

MARK = "xyzzy"  # a word, so that keywords find it
TEXT = f"{MARK} is what somebody wrote, and nobody else is to read it: " + "word " * 30
Json = dict[str, Any]


@pytest.fixture
def program(functions: Any, db: Database, keys: Keys) -> Program:
    """A program of the operator's, and events with every trigger that looks at messages."""
    db.add_brand()
    db.connect_server()
    for event, detection in {
        "keyword": {"trigger": "keyword", "keywords": [MARK[:3]], "match": "contains"},
        "limited": {"trigger": "keyword", "keywords": ["somebody wrote"], "match": "whole"},
        "message": {"trigger": "message", "min_characters": 100, "min_words": 20},
    }.items():
        rule = {"cooldown_hours": 1, "detection_config": json.dumps(detection)}
        db.add_event(event, 5, **rule | ({"max_total_claims": 0} if event == "limited" else {}))
    send = lambda_sender(functions.events.handler, lambda: Context("events", "test", 20), PATH)
    return Program.of(keys.events_signing_key, send)


@pytest.fixture
def loud(functions: Any, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs."""
    caplog.set_level(logging.DEBUG)
    return caplog


def message(number: int, **fields: Any) -> Json:
    """A marked message."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    item = {"id": f"message-{number}", "type": "message", "at": at, "user_id": "1002"}
    return item | {"characters": len(TEXT), "words": 40, "text": TEXT} | fields


BATCHES: list[list[Any]] = [
    [message(1)],  # paid
    [message(1), message(2)],  # a duplicate, and a cooldown
    [message(3, user_id="1003", is_bot=True), message(4, channel_id="66")],  # ignored
    [message(5, user_id=TEXT), message(6, at=TEXT), message(7, text=TEXT * 50), message(8, characters=TEXT)],
    [message(9, type=TEXT), message(10, role_ids=TEXT), message(11, parent_ids=[TEXT]), message(12, is_bot=TEXT)],
    [{"text": TEXT}, TEXT, [TEXT], {TEXT: TEXT}, message(13, **{TEXT: TEXT}), message(14, text=[TEXT])],
    [message(20, user_id="1005", reason=TEXT), message(21, type="voice", seconds=60, reason=[TEXT])],
    [message(15, type="event", event="quest"), message(16, type="reaction", message_id="9", emoji="x")],
    [message(17, type="voice", seconds=60), message(18, type="join"), message(19, type="boost")],
]


def bodies() -> list[bytes]:
    """Well-signed bodies of every kind."""
    batches = [json.dumps({"server_id": server, "items": items}) for items in BATCHES for server in ("77", "78")]
    wrong: list[Any] = [TEXT, [TEXT], {"server_id": TEXT, "items": [{}]}, {"server_id": "77", "items": TEXT}]
    wrong += [{"server_id": "77", "items": [{"text": f"{TEXT}\x00"}]}, {TEXT: TEXT}]
    cut_off = [f'{{"server_id": "77", "items": [{{"text": "{TEXT}"', TEXT, f'"{TEXT}\\ud800"']
    return [text.encode() for text in (*batches, *map(json.dumps, wrong), *cut_off)]


def rows(db: Database) -> str:
    """All that is in any table, whichever there are."""
    names = [row["tablename"] for row in db.rows("select tablename from pg_tables where schemaname = 'public'")]
    queries = [sql.SQL("select t::text from {} as t").format(sql.Identifier(name)) for name in names]
    return str([db.connection.execute(query).fetchall() for query in queries])


def told(answers: list[Answer]) -> str:
    """What was answered."""
    return str([(answer.status, answer.headers, answer.body) for answer in answers])


def feed(program: Program) -> list[Answer]:
    """Send every body, well signed, and again with another's signature."""
    good = [program.post_raw(body) for body in bodies()]
    bad = [program.post_raw(body, **{"x-signature-ed25519": "00" * 64}) for body in bodies()[:3]]
    return good + bad


def test_no_row_no_log_and_no_answer_holds_it(program: Program, db: Database, loud: pytest.LogCaptureFixture) -> None:
    db.set_settings({"excluded_channels": ["66"]})
    answers = feed(program)
    assert {answer.status for answer in answers} == {200, 401, 422}
    results = {result["result"] for answer in answers if answer.status == 200 for result in answer.results}
    assert results == {"paid", "counted", "duplicate", "ignored", "invalid", "refused"}
    paid = {row["event_type"] for row in db.rows("select event_type from reward_ledger")}
    assert paid == {"keyword", "message"}  # it was looked at
    for text in (rows(db), told(answers), everything(loud)):
        assert MARK not in text


def test_no_event_for_keywords_and_no_text_is_sent_back(program: Program, db: Database) -> None:
    answer = program.post("77", message(1), message(2))
    refusals = [refused for result in answer.results for refused in result.get("refused", [])]
    assert {refused["outcome"] for refused in refusals} >= {"cooldown", "total_limit_reached"}
    assert MARK not in told([answer])


TROUBLES: dict[str, Any] = {
    "echoed 500": echoed(500),
    "echoed 503": echoed(503),
    "echoed 400": echoed(400),
    "echoed 401": echoed(401),
    "echoed 200": echoed(200),
    "broken": broken(502),
    "no JSON": broken(200),
    "lost": lost,
    "dropped": dropped,
    "moved": moved("/rpc/nothing"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_failure_holds_it(
    program: Program,
    functions: Any,
    db: Database,
    rest_proxy: Proxy,
    loud: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
) -> None:
    monkeypatch.setattr(functions.events, "CALL_SECONDS", 0.3)
    rest_proxy.next(*[TROUBLES[trouble]] * 20)
    raised, answers = "", []
    for number in range(2):
        try:
            answers.append(program.post("77", message(number)))
        except Exception as error:  # Lambda's runtime writes it to the log
            raised += f"{error!r} {error.__cause__!r} {error.__context__!r}"
    for text in (rows(db), told(answers), everything(loud), raised):
        assert MARK not in text


def test_a_database_that_is_away_holds_it_nowhere(
    program: Program,
    functions: Any,
    surroundings: Surroundings,
    loud: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(functions.events, "CALL_SECONDS", 0.3)
    surroundings.set(SUPABASE_REST_URL=nobody())
    answer = program.post("77", message(1))
    assert answer.status == 503
    assert MARK not in told([answer]) + everything(loud)


def test_what_sql_raises_does_not_hold_it(
    program: Program, db: Database, loud: pytest.LogCaptureFixture, supabase: LocalSupabase
) -> None:
    """A constraint that fails in the middle: Postgres's message and its own log may hold a row, and no row has it."""
    db.run("alter table recorded_items add constraint nothing_passes check (item_id = '') not valid")
    try:
        answer = program.post("77", message(1))
    finally:
        db.run("alter table recorded_items drop constraint nothing_passes")
    assert answer.status == 500
    log = (supabase.postgres.directory / "postgres.log").read_text(errors="replace")
    assert "nothing_passes" in log
    assert db.value("select count(*) from reward_ledger") == 0
    for text in (rows(db), told([answer]), everything(loud), log):
        assert MARK not in text
