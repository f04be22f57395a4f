"""A warm claim click through the handler, compared with the same RPC by a bare http.client, and with peers."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlsplit

from infra.bench.answering import answering
from infra.bench.report import Row, ratios
from infra.bench.testbed import Testbed
from shared.features.drops.message import Drop

ROUNDS, CLICKS = 9, 40
WARM_UP = 20
HANDLERS = ("functions.interactions", "infra.bench.peers.cordless_postgrest", "infra.bench.peers.supabase_client")

Click = Callable[[], float]  # gives its seconds

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Compare with Postgres's own settings, and without waiting for the disk, which hides what Python costs."""
    yield from _compare(testbed, "")
    with testbed.without_waiting_for_disk():
        yield from _compare(testbed, ", with synchronous_commit=off")


def _compare(testbed: Testbed, settings: str) -> Iterator[Row]:
    log.info("click: %d rounds of %d clicks each way%s", ROUNDS, CLICKS, settings)
    drop = testbed.open_drop()
    address = urlsplit(testbed.supabase.postgrest.url)
    with ExitStack() as stack:
        connection = stack.enter_context(closing(HTTPConnection(address.hostname or "", address.port)))
        processes = [stack.enter_context(answering(testbed, module)) for module in HANDLERS]
        ways: list[Click] = [lambda process=process: process.click(drop) for process in processes]  # type: ignore[misc]
        ways.append(_sender(testbed, drop, connection))
        _round(ways, WARM_UP)
        rounds = [_round(ways, CLICKS) for _ in range(ROUNDS)]
    assert testbed.claims_of(drop) == len(ways) * (WARM_UP + ROUNDS * CLICKS), "not every click was paid"
    ours, cordless, supabase, bare = zip(*rounds, strict=True)
    what = "Time of one claim click through the handler"
    yield Row(f"{what} / of its RPC sent by bare `http.client`{settings}", ratios(ours, bare), at_most=1.4)
    yield Row(f"{what} / through cordless and postgrest{settings}", ratios(ours, cordless), at_most=1.0)
    yield Row(f"{what} / through discord-interactions and supabase{settings}", ratios(ours, supabase))


def _round(ways: list[Click], times: int) -> list[float]:
    seconds: list[list[float]] = [[] for _ in ways]
    for turn in range(times):
        for place in range(len(ways)):
            way = (turn + place) % len(ways)  # each goes first as often as the others
            seconds[way].append(ways[way]())
    return [median(taken) for taken in seconds]


def _sender(testbed: Testbed, drop: Drop, connection: HTTPConnection) -> Click:
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
