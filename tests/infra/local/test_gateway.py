import base64
import http.client
import json
import logging
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
import pytest

from infra.fake_discord.fake import FakeDiscord
from infra.local.environment import Environments
from infra.local.gateway import BODY_LIMIT, Gateway
from infra.local.ports import listen
from infra.local.server import HttpServer
from infra.local.template import Function

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def environments() -> Iterator[Environments]:
    with Environments(2, {}) as environments:
        yield environments


def serve(gateway: Gateway) -> Iterator[httpx.Client]:
    server = HttpServer(gateway.app)
    server.start()
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client
    server.stop()


def gateway(environments: Environments, name: str) -> Gateway:
    return Gateway(environments, Function(f"tests.infra.local.handlers.{name}", timeout=10))


@pytest.fixture(scope="module")
def echo(environments: Environments) -> Iterator[httpx.Client]:
    """A handler that answers with the event it got."""
    yield from serve(gateway(environments, "echo"))


@pytest.fixture(scope="module")
def reply(environments: Environments) -> Iterator[httpx.Client]:
    """A handler that returns what the body of the request says."""
    yield from serve(gateway(environments, "reply"))


def answer(client: httpx.Client, result: Any) -> httpx.Response:
    return client.post("/interactions", json=result)


def test_a_request_becomes_a_payload_2_0_event(echo: httpx.Client) -> None:
    event = echo.post(
        "/interactions?a=1&a=2&b=", content=b'{"type":1}', headers={**JSON, "User-Agent": "discord"}
    ).json()
    assert (event["version"], event["routeKey"]) == ("2.0", "$default")
    assert (event["rawPath"], event["rawQueryString"]) == ("/interactions", "a=1&a=2&b=")
    assert event["queryStringParameters"] == {"a": "1,2", "b": ""}
    assert (event["body"], event["isBase64Encoded"]) == ('{"type":1}', False)
    context = event["requestContext"]
    assert context["http"] == {
        "method": "POST",
        "path": "/interactions",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "discord",
    }
    assert (context["routeKey"], context["stage"], context["accountId"]) == (
        "$default",
        "$default",
        "anonymous",
    )
    assert context["timeEpoch"] > 1_700_000_000_000
    assert context["time"].endswith(" +0000")


def test_header_names_are_lower_case_and_repeated_ones_joined(echo: httpx.Client) -> None:
    headers = [("X-Signature-Ed25519", "ab"), ("X-Many", "1"), ("x-mANY", "2"), ("Cookie", "a=1; b=2")]
    event = echo.request("GET", "/interactions", headers=headers).json()
    assert event["headers"]["x-signature-ed25519"] == "ab"
    assert event["headers"]["x-many"] == "1,2"
    assert event["cookies"] == ["a=1", "b=2"]
    assert all(name == name.lower() for name in event["headers"])
    assert "cookie" not in event["headers"]


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json", b"{}", False),
        ("Application/JSON; charset=utf-8", '{"name":"Zoë"}'.encode(), False),
        ("text/plain", b"hello", False),
        ("application/xml", b"<a/>", False),
        ("application/javascript", b"1", False),
        ("application/json", b"\xff\xfe", True),
        ("application/octet-stream", b"{}", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        (None, b"{}", True),
    ],
)
def test_what_aws_encodes_arrives_as_base64(
    echo: httpx.Client, content_type: str | None, body: bytes, encoded: bool
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    event = echo.post("/interactions", content=body, headers=headers).json()
    assert event["isBase64Encoded"] is encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == body


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_every_method_reaches_the_handler_and_no_body_is_no_body(echo: httpx.Client, method: str) -> None:
    event = echo.request(method, "/interactions").json()
    assert event["requestContext"]["http"]["method"] == method
    assert "body" not in event
    assert event["isBase64Encoded"] is False


def test_the_index_says_what_this_is(echo: httpx.Client) -> None:
    assert "POST /interactions" in echo.get("/").text


def test_a_result_becomes_a_response(reply: httpx.Client) -> None:
    response = answer(reply, {"statusCode": 401, "headers": {"X-Reason": "signature"}, "body": "no"})
    assert (response.status_code, response.text, response.headers["x-reason"]) == (401, "no", "signature")
    assert response.headers["content-type"] == "application/json"


def test_a_base64_body_is_decoded(reply: httpx.Client) -> None:
    headers = {"Content-Type": "image/png"}
    result = {
        "statusCode": 202,
        "headers": headers,
        "body": base64.b64encode(b"\x89PNG").decode(),
        "isBase64Encoded": True,
    }
    response = answer(reply, result)
    assert (response.content, response.headers["content-type"]) == (b"\x89PNG", "image/png")


def test_an_empty_202_stays_empty(reply: httpx.Client) -> None:
    response = answer(reply, {"statusCode": 202})
    assert (response.status_code, response.content) == (202, b"")


def test_the_local_discord_gets_to_know_the_tokens_that_come(environments: Environments) -> None:
    with closing(FakeDiscord(":memory:", "a-token", "1")) as discord:
        for client in serve(Gateway(environments, Function("tests.infra.local.handlers.reply", timeout=10), discord)):
            for body in ('{"token": "one"}', '{"token": {"not": "a token"}}', "[]", '{"type": 1}', '{"token": null}'):
                assert client.post("/interactions", content=body, headers=JSON).status_code == 200
            client.post("/interactions", content=b"\xff{")
            client.post("/interactions", content=b"[" * 100_000)
        assert discord._store.delivered("one")
        assert discord._store.delivered("two") is None


def test_a_result_without_status_code_is_the_body(reply: httpx.Client) -> None:
    response = answer(reply, {"type": 1})
    assert (response.status_code, response.json()) == (200, {"type": 1})


@pytest.mark.parametrize(
    "result", [{"statusCode": "many"}, {"statusCode": 200, "body": 7}, {"statusCode": 200, "headers": [1]}]
)
def test_a_malformed_result_is_a_502(reply: httpx.Client, result: Any) -> None:
    response = answer(reply, result)
    assert (response.status_code, response.json()) == (502, {"message": "Internal Server Error"})


@pytest.mark.parametrize("name", ["fail", "die", "unspeakable"])
def test_a_failed_invocation_is_a_502_that_tells_nothing(
    environments: Environments, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    for client in serve(gateway(environments, name)):
        response = client.post("/interactions", content=b"{}", headers=JSON)
    assert (response.status_code, response.json()) == (502, {"message": "Internal Server Error"})
    assert "handlers failed" in caplog.text


def test_a_response_says_what_the_invocation_took(environments: Environments, echo: httpx.Client) -> None:
    timing = r"handler;dur=\d+\.\d(, cold)?"
    assert re.fullmatch(timing, echo.get("/interactions").headers["server-timing"])
    for client in serve(gateway(environments, "call_database")):
        client.post("/interactions", content=b"{}", headers=JSON)
        header = client.post("/interactions", content=b"{}", headers=JSON).headers["server-timing"]
        assert re.fullmatch(timing + ', database;desc="first", database;desc="second"', header)
    for client in serve(gateway(environments, "leave")):
        failed = client.get("/interactions")
        assert (failed.status_code, failed.headers["server-timing"].partition(";")[0]) == (502, "handler")


def test_small_answers_are_sent_at_once() -> None:
    with listen() as listener:
        assert listener.proto == socket.IPPROTO_TCP  # what asyncio looks at before it sets TCP_NODELAY


def test_a_body_over_the_limit_is_a_413(echo: httpx.Client) -> None:
    assert echo.post("/interactions", content=b"x" * BODY_LIMIT, headers=JSON).status_code == 200
    assert echo.post("/interactions", content=b"x" * (BODY_LIMIT + 1), headers=JSON).status_code == 413


def test_a_reply_that_discord_would_refuse_is_reported_and_sent_unchanged(
    reply: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    refused = {"type": 4, "data": {"content": "x" * 2001}}
    response = answer(reply, {"statusCode": 200, "body": json.dumps(refused)})
    assert (response.status_code, response.json()) == (200, refused)
    assert [record.levelno for record in caplog.records if "WOULD REFUSE" in record.message] == [logging.ERROR]
    caplog.clear()
    answer(reply, {"statusCode": 200, "body": json.dumps({"type": 4, "data": {"content": "fine"}})})
    assert "WOULD REFUSE" not in caplog.text


@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_events_reach_the_other_function_by_any_method_and_path(echo: httpx.Client, method: str) -> None:
    for path in ("/v1/events", "/v1/events/", "/v1/other/thing"):
        event = echo.request(method, path, content=b"{}", headers=JSON).json()
        assert (event["rawPath"], event["requestContext"]["http"]["method"]) == (path, method)
        assert (event["body"], event["isBase64Encoded"]) == ("{}", False)


def test_what_events_are_answered_with_is_no_reply_to_discord(
    reply: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    sent = {"statusCode": 200, "headers": {"Retry-After": "5"}, "body": '{"results":[]}'}
    response = reply.post("/v1/events", json=sent)
    assert (response.status_code, response.headers["retry-after"], response.json()) == (200, "5", {"results": []})
    assert "WOULD REFUSE" not in caplog.text


def test_the_clock_offset_moves_every_invocation(environments: Environments) -> None:
    served = gateway(environments, "moved_clock")
    for client in serve(served):
        assert client.get("/interactions").json() == {}
        served.clock_offset = 3600
        assert set(client.get("/interactions").json()) == {"now"}


def test_a_hundred_keep_alive_connections_at_once_are_all_answered(echo: httpx.Client) -> None:
    connections = [http.client.HTTPConnection(echo.base_url.host, echo.base_url.port, timeout=30) for _ in range(100)]
    with ThreadPoolExecutor(100) as pool:
        for _ in range(3):
            assert set(pool.map(_post, connections)) == {(200, False)}
    for connection in connections:
        connection.close()


def _post(connection: http.client.HTTPConnection) -> tuple[int, bool]:
    connection.request("POST", "/interactions", body=b'{"type":1}', headers=JSON)
    response = connection.getresponse()
    response.read()
    return response.status, response.will_close
