"""docs/events.openapi.json: what it calls an item is recorded, what it does not is not, and answers are as it says."""

import json
import time
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
import pytest

from infra.fake_discord.delivery import http_sender
from infra.local.delivery import lambda_sender
from infra.local.keys import Keys
from infra.local.program import PATH, Answer, Program
from infra.local.runtime import Context
from tests import ROOT
from tests.conftest import Surroundings
from tests.proxy import Proxy, broken, nobody
from tests.sql import Database

DOCUMENT = json.loads((ROOT / "docs" / "events.openapi.json").read_text())
POST = DOCUMENT["paths"][PATH]["post"]
Json = dict[str, Any]


@cache
def validator(schema: str) -> Any:
    """A validator of a schema, given as JSON, that may refer to the others."""
    return jsonschema_rs.Draft202012Validator(
        json.loads(schema) | {"components": DOCUMENT["components"]}, validate_formats=True
    )


def is_valid(name: str, value: Any) -> bool:
    """Is a value what the schema of this name says?"""
    return bool(validator(json.dumps({"$ref": f"#/components/schemas/{name}"})).is_valid(value))


def checked(answer: Answer) -> Answer:
    """An answer that is as the document says for its status."""
    described = POST["responses"][str(answer.status)]
    validator(json.dumps(described["content"]["application/json"]["schema"])).validate(answer.body)
    for name, header in described.get("headers", {}).items():
        validator(json.dumps(header["schema"])).validate(answer.headers[name.lower()])
    return answer


@pytest.fixture
def world(db: Database) -> Database:
    """A connected server with events."""
    db.add_brand()
    db.connect_server()
    db.add_event("quest", 10, cooldown_hours=1)
    db.add_event("engagement", 5, detection_config='{"trigger": "message", "min_words": 20}')
    db.add_event("shout", 5, cooldown_hours=1, detection_config='{"trigger": "message", "min_words": 20}')
    return db


@pytest.fixture
def program(world: Database, events_url: str, keys: Keys) -> Program:
    """A program of the operator's, that sends over HTTP."""
    return Program.of(keys.events_signing_key, http_sender(events_url))


def at(seconds: float = 0) -> str:
    """A moment, so many seconds ahead of now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def item(kind: str, **fields: Any) -> Json:
    """An item; a field that is None is left out."""
    given = {"id": "1", "type": kind, "at": at(), "user_id": "1002"} | fields
    return {name: value for name, value in given.items() if value is not None}


def message(**fields: Any) -> Json:
    """A short message."""
    return item("message", **{"characters": 5, "words": 1} | fields)


def reaction(**fields: Any) -> Json:
    """A reaction to somebody's message."""
    return item("reaction", **{"message_id": "99", "emoji": "🎉", "author_id": "1003"} | fields)


VALID: list[Json] = [
    message(),
    message(id="x" * 100, user_id="9" * 20, characters=0, words=0),
    message(characters=1_000_000, words=1_000_000, text="", message_id="1"),
    message(characters=None, words=None, text="é" * 4_000),
    message(is_bot=True, channel_id="88", parent_ids=["89", "90"], role_ids=["1"] * 300),
    message(parent_ids=[], role_ids=[], is_bot=False, another_field={"of": ["somebody's"]}),
    message(at="2026-11-28T22:00:00.123456+05:30".replace("2026-11-28T22:00:00", at(-3 * 86_400)[:-1])),
    message(at=at(240)),
    reaction(),
    reaction(author_id=None),
    reaction(author_is_bot=True),
    item("reaction_removed", message_id="99", emoji="x", author_is_bot=False),
    item("reaction_removed", message_id="99", emoji="name:123"),
    item("voice", seconds=1),
    item("voice", seconds=86_400, channel_id="88"),
    item("join"),
    item("boost"),
    item("event", event="quest"),
    item("event", event="x" * 100, reason="x" * 200),
]

NO_IDS: list[Any] = ["", "x", "1" * 21, 1002, "10 02", "٣"]
NO_BOOLEANS: list[Any] = ["yes", 1]
NO_LISTS: list[Any] = ["1", [1], ["x"], {}]
WRONG: list[Json] = [
    *[message(**{name: None}) for name in ("id", "type", "at", "user_id")],
    *[message(id=wrong) for wrong in ("", "x" * 101, 1, ["1"])],
    *[message(type=wrong) for wrong in ("", "Message", "telepathy", ["message"])],
    *[message(at=wrong) for wrong in ("", "today", 1_700_000_000, "2026-11-28", "2026-02-30T00:00:00Z")],
    message(at="2026-11-28T22:00:00"),
    *[message(user_id=wrong) for wrong in NO_IDS],
    *[message(is_bot=wrong) for wrong in NO_BOOLEANS],
    *[message(channel_id=wrong) for wrong in ("", 88, ["88"])],
    *[message(role_ids=wrong) for wrong in [*NO_LISTS, ["1"] * 301]],
    *[message(parent_ids=wrong) for wrong in [*NO_LISTS, ["1"] * 11]],
    *[message(characters=wrong) for wrong in (-1, 1.5, "5", 1_000_001)],
    *[message(words=wrong) for wrong in (-1, 1.5, "5", 1_000_001)],
    message(characters=None),
    message(words=None),
    *[message(text=wrong) for wrong in (5, "x" * 4_001, ["x"])],
    message(message_id="x"),
    *[reaction(**{name: wrong}) for name in ("message_id", "emoji") for wrong in (None, "", 5)],
    reaction(author_id="x"),
    *[reaction(author_is_bot=wrong) for wrong in NO_BOOLEANS],
    reaction(emoji="x" * 101),
    *[item("voice", seconds=wrong) for wrong in (None, 0, -1, 1.5, 86_401, "60")],
    *[item("event", event=wrong) for wrong in (None, "", 5, "x" * 101)],
    *[item("event", event="quest", reason=wrong) for wrong in ("", 5, "x" * 201)],
]


@pytest.mark.parametrize("sent", VALID)
def test_what_the_document_calls_an_item_is_one(program: Program, sent: Json) -> None:
    assert is_valid("Item", sent)
    (result,) = checked(program.post("77", sent)).results
    assert result["result"] != "invalid", result


@pytest.mark.parametrize("sent", WRONG)
def test_what_it_does_not_is_none(program: Program, sent: Json) -> None:
    assert not is_valid("Item", sent)
    (result,) = checked(program.post("77", sent)).results
    assert result["result"] == "invalid"


FIELDS = [
    *["id", "type", "at", "user_id", "is_bot", "channel_id", "parent_ids", "role_ids", "message_id", "emoji"],
    *["author_id", "author_is_bot", "characters", "words", "text", "seconds", "event", "reason", "something_else"],
]
ODD: list[Any] = [
    *[True, False, 0, -1, 1.5, 1e308, 10**400, -(10**400), [], [None], [[]], ["1"] * 301, {}, {"a": {}}],
    *[
        "",
        " ",
        "x" * 5_000,
        "🎉" * 101,
        "\u2028",
        "٣",
        "1\n",
        "-1",
        "1e3",
        "NaN",
        "infinity",
        "'; drop table x",
        "\\u0000",
    ],
]


@pytest.mark.parametrize("kind", [message(), reaction(), item("voice", seconds=60), item("event", event="quest")])
def test_whatever_is_in_a_field_the_document_and_the_answer_agree(program: Program, kind: Json) -> None:
    sent = [kind | {"id": f"{field} {n}", field: odd} for field in FIELDS for n, odd in enumerate(ODD)]
    results = [
        result
        for start in range(0, len(sent), 500)
        for result in checked(program.post("77", *sent[start : start + 500])).results
    ]
    disagreeing = [
        (each, result)
        for each, result in zip(sent, results, strict=True)
        if is_valid("Item", each) != (result["result"] != "invalid")
    ]
    assert disagreeing == []


def test_every_kind_of_answer_is_as_it_says(program: Program, db: Database) -> None:
    db.set_settings({"excluded_channels": ["66"]})
    long = {"characters": 200, "words": 30}
    first = checked(
        program.post("77", message(id="a", **long), message(id="b", **long), item("event", id="c", event="quest"))
    )
    again = checked(program.post("77", message(id="b", **long), item("event", id="d", event="quest"), message(id="a")))
    others = checked(
        program.post(
            "77",
            message(id="e", channel_id="66"),
            message(id="f", is_bot=True),
            reaction(id="g", author_id="1002"),
            item("join", id="h"),
            message(id="i", at=at(-8 * 86_400)),
            message(id="j", at=at(3_600)),
            None,
        )
    )
    kinds = [[result["result"] for result in answer.results] for answer in (first, again, others)]
    assert kinds == [["paid", "paid", "paid"], ["duplicate", "refused", "duplicate"], ["ignored"] * 4 + ["invalid"] * 3]
    assert "refused" in first.results[1]
    assert [result.get("reason") for result in others.results[:4]] == [
        *("channel_excluded", "bot", "own_reaction", "no_rule"),
    ]
    assert [(result["field"], result["problem"]) for result in others.results[4:]] == [
        *(("at", "too_old"), ("at", "in_the_future"), ("item", "malformed")),
    ]
    (elsewhere,) = checked(program.post("78", message())).results
    assert elsewhere["refused"] == [{"outcome": "server_not_connected"}]


def test_every_status_is_as_it_says(
    world: Database,
    functions: Any,
    keys: Keys,
    rest_proxy: Proxy,
    surroundings: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send = lambda_sender(functions.events.handler, lambda: Context("events", "test", 20), PATH)
    program = Program.of(keys.events_signing_key, send)
    body = json.dumps({"server_id": "77", "items": [message()]}).encode()
    statuses = [
        checked(program.post_raw(body)).status,
        checked(program.post_raw(body, **{"x-resonance-key": ""})).status,
    ]
    for path, method in (("/", "POST"), (PATH, "GET")):
        event = {"rawPath": path, "requestContext": {"http": {"method": method}}}
        answered = functions.events.handler(event, None)
        answer = Answer(answered["statusCode"], answered["headers"], json.loads(answered["body"]))
        statuses.append(checked(answer).status)
    statuses.append(checked(program.post_raw(b" " * 1_000_001)).status)
    statuses.append(checked(program.post_raw(b'{"items": 7}')).status)
    rest_proxy.next(broken(400, '{"code": "22P02"}', content_type="application/json"))
    statuses.append(checked(program.post_raw(body)).status)
    monkeypatch.setattr(functions.events, "CALL_SECONDS", 0.2)
    surroundings.set(SUPABASE_REST_URL=nobody())
    statuses.append(checked(program.post_raw(body)).status)
    assert statuses == sorted(map(int, POST["responses"])) == [200, 401, 404, 405, 413, 422, 500, 503]


def test_every_status_that_a_request_can_bring_about_is_so_over_http(program: Program, events_url: str) -> None:
    body = json.dumps({"server_id": "77", "items": [message()]}).encode()
    assert checked(program.post_raw(body, **{"x-signature-timestamp": "1"})).status == 401
    assert checked(program.post_raw(body.ljust(1_000_001))).status == 413
    assert checked(program.post_raw(b"[" * 100_000)).status == 422
    for path, method, status in (("/x", "POST", 404), ("", "OPTIONS", 405), ("", "PUT", 405)):
        asked = httpx.request(method, f"{events_url}{path}", content=body, headers=program.sign(body))
        assert checked(Answer(asked.status_code, dict(asked.headers), asked.json())).status == status


def test_the_headers_and_batches_are_as_it_says(program: Program) -> None:
    body = {"server_id": "77", "items": [message(), reaction(id="2")]}
    sent = program.sign(json.dumps(body).encode())
    for parameter in POST["parameters"]:
        validator(json.dumps(parameter["schema"])).validate(sent[parameter["name"].lower()])
    assert is_valid("Batch", body)
    assert not is_valid("Batch", body | {"items": []})
    assert not is_valid("Batch", body | {"items": [message()] * 501})
    assert not is_valid("Batch", body | {"server_id": 77})
