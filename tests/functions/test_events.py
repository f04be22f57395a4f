"""The events endpoint: what is refused before anything is read, what is no batch, and what comes of a batch."""

import base64
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.fake_discord.delivery import sign
from infra.local.delivery import lambda_sender
from infra.local.keys import Keys
from infra.local.program import PATH, Answer, Program
from infra.local.runtime import Context
from shared.discord.signature import WINDOW_SECONDS
from tests.conftest import Surroundings
from tests.functions.log_lines import lines
from tests.proxy import Proxy, broken, dropped, lost, nobody
from tests.sql import Database

STRANGER = "07" * 32
UNAUTHORIZED = (401, {"error": "invalid request signature"})
Json = dict[str, Any]
Make = Callable[[str], Program]


@pytest.fixture
def program(functions: Any, db: Database) -> Make:
    """A program with this private key; there is a connected server 77."""
    db.add_brand()
    db.connect_server()
    send = lambda_sender(functions.events.handler, lambda: Context("events", "test", 20), PATH)
    return lambda key: Program.of(key, send)


@pytest.fixture
def operator(program: Make, keys: Keys) -> Program:
    """A program of the operator's."""
    return program(keys.events_signing_key)


@pytest.fixture
def stranger(program: Make) -> Program:
    """A program whose key nobody knows."""
    return program(STRANGER)


@pytest.fixture
def log(functions: Any, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged at Lambda's level."""
    caplog.set_level(logging.INFO)
    return caplog


def message(number: int = 1, **fields: Any) -> Json:
    """An item that is counted and pays nothing."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    item = {"id": f"message-{number}", "type": "message", "at": at, "user_id": "1002", "characters": 5, "words": 1}
    return item | fields


def said(answer: Answer) -> tuple[int, Json]:
    """Status and body."""
    return answer.status, answer.body


def event(method: str = "POST", path: str = PATH, **fields: Any) -> Json:
    """A Function URL event."""
    return {"rawPath": path, "headers": {}, "requestContext": {"http": {"method": method}}} | fields


# --- Where


@pytest.mark.parametrize(
    "path", ["/", "", "/v1", "/v1/event", "/v2/events", "/v1/events//", "//v1/events", "/V1/EVENTS"]
)
def test_there_is_one_path(functions: Any, path: str, rpc_calls: list[str]) -> None:
    for method in ("POST", "GET"):
        assert functions.events.handler(event(method, path), None)["statusCode"] == 404
    assert rpc_calls == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_there_is_one_method(functions: Any, method: str) -> None:
    answer = functions.events.handler(event(method), None)
    assert (answer["statusCode"], answer["headers"]["allow"]) == (405, "POST")


def test_a_slash_at_the_end_does_no_harm(functions: Any, keys: Keys, operator: Program) -> None:
    body = json.dumps({"server_id": "77", "items": [message()]})
    sent = event(path=f"{PATH}/", body=body, headers=operator.sign(body.encode()))
    assert functions.events.handler(sent, None)["statusCode"] == 200


# --- Who


def test_without_a_signature_nothing_is_read(functions: Any, rpc_calls: list[str], log: Any) -> None:
    answer = functions.events.handler(event(body="{"), None)
    assert (answer["statusCode"], json.loads(answer["body"])) == UNAUTHORIZED
    assert [line["message"] for line in lines(log)] == ["bad signature"]
    assert rpc_calls == []


@pytest.mark.parametrize("name", ["x-resonance-key", "x-signature-ed25519", "x-signature-timestamp"])
@pytest.mark.parametrize("value", ["", "00" * 32, "00" * 64, "0", "zz", "٣" * 64, " ", "\ud800"])
def test_every_header_must_be_right(
    functions: Any, operator: Program, name: str, value: str, rpc_calls: list[str]
) -> None:
    body = json.dumps({"server_id": "77", "items": [message()]}).encode()
    headers = {**operator.sign(body), name: value}
    assert functions.events.handler(event(body=body.decode(), headers=headers), None)["statusCode"] == 401
    assert rpc_calls == []


def test_the_signature_is_over_the_bytes_and_by_the_key_that_is_named(operator: Program, stranger: Program) -> None:
    body = json.dumps({"server_id": "77", "items": [message()]}).encode()
    by_another = stranger.sign(body)["x-signature-ed25519"]
    assert said(operator.post_raw(body, **{"x-signature-ed25519": by_another})) == UNAUTHORIZED
    assert said(operator.post_raw(body, **{"x-resonance-key": stranger.public_key})) == UNAUTHORIZED
    assert said(operator.post_raw(body, **sign(body + b" ", operator.key, str(int(time.time()))))) == UNAUTHORIZED
    assert operator.post_raw(body).status == 200


def test_an_old_signature_is_none(operator: Program) -> None:
    body = json.dumps({"server_id": "77", "items": [message()]}).encode()
    for seconds, status in ((WINDOW_SECONDS + 5, 401), (-WINDOW_SECONDS - 5, 401), (WINDOW_SECONDS - 60, 200)):
        headers = sign(body, operator.key, str(int(time.time()) - seconds))
        assert operator.post_raw(body, **headers).status == status


def test_the_key_may_be_written_in_capitals_and_the_names_of_headers_too(functions: Any, operator: Program) -> None:
    body = json.dumps({"server_id": "77", "items": [message()]}).encode()
    headers = {name.title(): value.upper() for name, value in operator.sign(body).items()}
    sent = event(body=base64.b64encode(body).decode(), headers=headers, isBase64Encoded=True)
    assert functions.events.handler(sent, None)["statusCode"] == 200


def test_what_cannot_be_decoded_is_a_bad_signature(functions: Any, operator: Program) -> None:
    sent = event(body="!", headers=operator.sign(b"!"), isBase64Encoded=True)
    assert functions.events.handler(sent, None)["statusCode"] == 401


def test_a_key_that_nobody_knows_is_a_bad_signature_too(stranger: Program, db: Database, log: Any) -> None:
    before = db.contents()
    assert said(stranger.post("77", message())) == UNAUTHORIZED
    assert said(stranger.post("78", message())) == UNAUTHORIZED
    assert db.contents() == before
    (line, _) = lines(log)
    assert (line["outcome"], line["key"], line["items"]) == ("unknown_key", stranger.public_key[:8], 1)


def test_a_brands_key_speaks_for_its_servers_until_it_is_removed(stranger: Program, db: Database) -> None:
    db.add_brand("another")
    db.connect_server("78", "another")
    db.call("add_program_key", brand_id="brand", public_key=stranger.public_key.upper())
    assert stranger.post("77", message()).status == 200
    assert said(stranger.post("78", message())) == UNAUTHORIZED
    assert said(stranger.post("79", message())) == UNAUTHORIZED
    db.call("remove_program_key", brand_id="brand", public_key=stranger.public_key)
    assert said(stranger.post("77", message(2))) == UNAUTHORIZED


def test_the_operators_key_speaks_for_every_server(operator: Program, db: Database) -> None:
    db.add_brand("another")
    db.connect_server("78", "another")
    assert [operator.post(server, message()).status for server in ("77", "78")] == [200, 200]


def test_several_keys_may_be_the_operators(surroundings: Surroundings, functions: Any, stranger: Program) -> None:
    surroundings.set(EVENT_PUBLIC_KEYS=f"{'ab' * 32},{stranger.public_key}")
    before = functions.events.OPERATORS
    functions.events.OPERATORS = functions.events.EventSettings.load().public_keys
    try:
        assert stranger.post("77", message()).status == 200
    finally:
        functions.events.OPERATORS = before


# --- What is no batch


def test_a_body_may_have_a_million_bytes(operator: Program, rpc_calls: list[str]) -> None:
    body = json.dumps({"server_id": "77", "items": [message()]}).encode()
    assert operator.post_raw(body.ljust(1_000_000)).status == 200
    answer = operator.post_raw(body.ljust(1_000_001))
    assert answer.status == 413
    assert "1,000,000 bytes" in answer.body["error"]
    assert len(rpc_calls) == 1


MARK = "xyzzy-somebody-wrote-this"
NO_BATCHES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", ""),
    "no JSON": (MARK.encode(), ""),
    "two": (b"{}{}", ""),
    "cut off": (b'{"server_id": "77", "items": [', ""),
    "no UTF-8": (b'{"server_id": "77", "items": [{"id": "\xff"}]}', ""),
    "half of a pair": (b'{"server_id": "77", "items": [{"id": "\\ud800"}]}', ""),
    "the other half": (b'{"server_id": "77", "items": [{"id": "\\udc00"}]}', ""),
    "half of a pair in UTF-8": (b'{"server_id": "77", "items": [{"id": "\xed\xa0\x80"}]}', ""),
    "not a number": (b'{"server_id": "77", "items": [{"seconds": NaN}]}', ""),
    "infinity": (b'{"server_id": "77", "items": [{"seconds": -Infinity}]}', ""),
    "beyond a float": (b'{"server_id": "77", "items": [{"seconds": [1e999]}]}', "items.0"),
    "endless": (b'{"server_id": "77", "items": [{"seconds": ' + b"9" * 9_999 + b"}]}", ""),
    "deep": (b'{"server_id": "77", "items": [' + b"[" * 9_999 + b"]" * 9_999 + b"]}", ""),
    "deep objects": (b'{"a":' * 9_999, ""),
    "a list": (b"[]", ""),
    "null": (b"null", ""),
    "a text": (json.dumps(MARK).encode(), ""),
    "no server": (b'{"items": [{}]}', "server_id"),
    "a number for the server": (b'{"server_id": 77, "items": [{}]}', "server_id"),
    "no id for the server": (json.dumps({"server_id": MARK, "items": [{}]}).encode(), "server_id"),
    "a long id": (json.dumps({"server_id": "7" * 21, "items": [{}]}).encode(), "server_id"),
    "other digits": (json.dumps({"server_id": "٣", "items": [{}]}).encode(), "server_id"),
    "a line break": (json.dumps({"server_id": "77\n", "items": [{}]}).encode(), "server_id"),
    "no items": (b'{"server_id": "77"}', "items"),
    "null for items": (b'{"server_id": "77", "items": null}', "items"),
    "an object for items": (b'{"server_id": "77", "items": {"0": {}}}', "items"),
    "empty": (b'{"server_id": "77", "items": []}', "items"),
    "too many": (json.dumps({"server_id": "77", "items": [{}] * 501}).encode(), "items"),
    "a NUL": (json.dumps({"server_id": "77", "items": [{}, {"text": f"{MARK}\x00"}]}).encode(), "items.1"),
    "a NUL in a name": (json.dumps({"server_id": "77", "items": [{f"{MARK}\x00": 1}]}).encode(), "items.0"),
    "a NUL in a list": (json.dumps({"server_id": "77", "items": [{"role_ids": ["\x00"]}]}).encode(), "items.0"),
}


@pytest.mark.parametrize("name", NO_BATCHES)
def test_what_is_no_batch_is_refused_with_the_place_and_without_the_text(
    operator: Program, name: str, rpc_calls: list[str], log: Any
) -> None:
    body, field = NO_BATCHES[name]
    answer = operator.post_raw(body)
    assert (answer.status, answer.body["error"]) == (422, "this is no batch")
    (problem,) = answer.body["problems"]
    assert problem["field"] == field
    assert problem["problem"]
    (line,) = lines(log)
    assert (line["message"], line["bytes"]) == ("unreadable batch", len(body))
    assert MARK not in str(answer) + str(line)
    assert rpc_calls == []


def test_every_problem_of_the_envelope_is_named(operator: Program) -> None:
    problems = operator.post_raw(b'{"server_id": 7, "items": {}}').body["problems"]
    assert [problem["field"] for problem in problems] == ["server_id", "items"]


@pytest.mark.parametrize(
    "item",
    [
        {},
        None,
        "text",
        [[]],
        {"id": 1},
        {"id": {"a": [None]}},
        {"id": ""},
        {"id": "x" * 10_000},
        {"type": "message", "characters": 10**4_000},
        {"type": "message", "characters": 10**4_299},
        {"type": "voice", "seconds": 1e308},
        {"type": "message", "x": json.loads("[" * 150 + "]" * 150), "id": 7},
        {"type": "voice", "seconds": -(2**63)},
        {"type": "message", "at": "infinity"},
        {"at": "2026-02-30T25:61:61+99:99"},
        {"at": "epoch"},
        {"user_id": "' or 1=1; --"},
        {"role_ids": {}},
        {"role_ids": [[[]]]},
        {"parent_ids": [1, None, {}]},
        {"is_bot": "yes"},
        {"type": "event", "event": ["quest"]},
        {"type": ["message"]},
    ],
)
def test_an_item_that_is_none_has_an_answer_of_its_own(operator: Program, item: Any) -> None:
    answer = operator.post("77", message(1) | item if item and isinstance(item, dict) else item, message(2))
    assert answer.status == 200
    assert [result["result"] for result in answer.results] == ["invalid", "counted"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=json_values, field=st.sampled_from(["id", "type", "at", "user_id", "text", "role_ids", "seconds", "x"]))
def test_whatever_is_in_an_item_is_no_fault_of_ours(operator: Program, value: Any, field: str) -> None:
    body = json.dumps({"server_id": "77", "items": [message() | {field: value}]}).encode("utf-8", "surrogatepass")
    assert operator.post_raw(body).status in (200, 422)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=json_values | st.binary())
def test_whatever_is_in_a_body_is_no_fault_of_ours(operator: Program, value: Any) -> None:
    body = value if isinstance(value, bytes) else json.dumps(value).encode("utf-8", "surrogatepass")
    assert operator.post_raw(body).status in (200, 422)


# --- When the database is away


def test_a_database_that_is_away_is_asked_again_later(
    operator: Program, surroundings: Surroundings, functions: Any, monkeypatch: pytest.MonkeyPatch, log: Any
) -> None:
    monkeypatch.setattr(functions.events, "CALL_SECONDS", 0.2)
    surroundings.set(SUPABASE_REST_URL=nobody())
    answer = operator.post("77", message())
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "send the same batch again" in answer.body["error"]
    (line,) = lines(log)
    assert (line["level"], line["message"], line["server_id"]) == ("ERROR", "batch not recorded", "77")


def test_a_function_that_the_database_lacks_comes_later(operator: Program, rest_proxy: Proxy, functions: Any) -> None:
    rest_proxy.next(broken(404, '{"code": "PGRST202", "message": "no"}', content_type="application/json"))
    assert operator.post("77", message()).status == 503


def test_a_fault_of_ours_is_said_to_be_one(operator: Program, rest_proxy: Proxy, log: Any) -> None:
    rest_proxy.next(broken(400, '{"code": "22P02", "message": "no"}', content_type="application/json"))
    assert operator.post("77", message()).status == 500
    assert [line["code"] for line in lines(log)] == ["22P02"]


@pytest.mark.parametrize("trouble", [lost, dropped])
def test_an_answer_that_is_lost_is_asked_for_again(operator: Program, rest_proxy: Proxy, trouble: Any) -> None:
    rest_proxy.next(trouble)
    assert operator.post("77", message()).status == 200
    assert len(rest_proxy.requests) == 2


def test_the_call_ends_before_the_function_does(
    functions: Any, keys: Keys, operator: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts: list[float] = []

    def rpc(_name: str, timeout: float, **_: Any) -> Json:
        timeouts.append(timeout)
        return {"outcome": "recorded", "results": []}

    monkeypatch.setattr(functions.events.database, "rpc", rpc)
    send = lambda_sender(functions.events.handler, lambda: Context("events", "test", 5), PATH)
    Program.of(keys.events_signing_key, send).post("77", message())
    operator.post("77", message())
    assert 3 < timeouts[0] <= 4
    assert timeouts[1] == functions.events.CALL_SECONDS


# --- What is logged


def test_one_line_a_batch_with_its_figures(operator: Program, log: Any) -> None:
    operator.post("77", message(1), message(2), {"id": "x"})
    (line,) = lines(log)
    assert (line["message"], line["server_id"], line["outcome"], line["items"]) == ("batch", "77", "recorded", 3)
    assert (line["counted"], line["invalid"], line["cold"]) == (2, 1, False)
    assert line["key"] == operator.public_key[:8]
    assert 0 < line["milliseconds"] < 10_000
