"""One claim click through the handler, compared with the same RPC sent by a bare http.client."""

import importlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlsplit

from infra.bench.report import Row, ratios
from infra.bench.testbed import Handler, Json, Testbed
from shared.features.drops.message import Drop

ROUNDS, CLICKS = 9, 40
WARM_UP = 20

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Compare with Postgres's own settings, and without waiting for the disk, which hides what Python costs."""
    yield _compare(testbed, "")
    with testbed.without_waiting_for_disk():
        yield _compare(testbed, ", with synchronous_commit=off")


def _compare(testbed: Testbed, settings: str) -> Row:
    log.info("click: %d rounds of %d clicks each way%s", ROUNDS, CLICKS, settings)
    drop = testbed.open_drop()
    address = urlsplit(testbed.supabase.postgrest.url)
    with closing(HTTPConnection(address.hostname or "", address.port)) as connection:
        click, send = _clicker(testbed, drop), _sender(testbed, drop, connection)
        _round(click, send, WARM_UP)
        rounds = [_round(click, send, CLICKS) for _ in range(ROUNDS)]
    assert testbed.claims_of(drop) == 2 * (WARM_UP + ROUNDS * CLICKS), "not every click was paid"
    return Row(
        f"Time of one claim click through the handler / of its RPC sent by bare `http.client`{settings}",
        ratios(*zip(*rounds, strict=True)),
        at_most=1.8,
    )


def _round(click: Callable[[], float], send: Callable[[], float], times: int) -> tuple[float, float]:
    pairs = [(click(), send()) for _ in range(times)]
    return median(clicked for clicked, _ in pairs), median(sent for _, sent in pairs)


def _clicker(testbed: Testbed, drop: Drop) -> Callable[[], float]:
    """A function that clicks and returns the handler's seconds from the signed event to its answer."""
    handler: Handler = importlib.import_module("functions.interactions").handler

    def click() -> float:
        seconds: list[float] = []

        def timed(event: Json, context: object) -> Json:
            start = time.perf_counter()
            answer = handler(event, context)
            seconds.append(time.perf_counter() - start)
            return answer

        testbed.click(timed, drop)
        return seconds[0]

    return click


def _sender(testbed: Testbed, drop: Drop, connection: HTTPConnection) -> Callable[[], float]:
    """A function that sends the RPC on an open connection and returns the seconds until the answer is read."""
    headers = {"Authorization": f"Bearer {testbed.keys.service_key}", "Content-Type": "application/json"}

    def send() -> float:
        caller = testbed.caller() | {"manages_server": False, "required_level": None}
        arguments = {"p_caller": caller, "p_drop_id": drop["drop_id"], "p_message_id": drop["message_id"]}
        body = json.dumps(arguments).encode()
        start = time.perf_counter()
        connection.request("POST", "/rpc/claim_drop", body, headers)
        connection.getresponse().read()
        return time.perf_counter() - start

    return send
