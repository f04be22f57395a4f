"""Batches of events: the database's time of one, how many items a second get through, and a click beside them."""

import itertools
import json
import logging
import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from infra.bench.answering import answering
from infra.bench.report import Row, ratios
from infra.bench.testbed import BRAND_ID, CHANNEL_ID, SERVER_ID, Json, Testbed
from infra.local.delivery import lambda_sender
from infra.local.environment import Environments
from infra.local.program import PATH, Program

HANDLER = "functions.events.handler"
ITEMS, MEMBERS = 500, 200
LONG = 0.1  # share of the messages that /setup connect's regular_engagement pays, once an hour and member
WORDS = "the quick brown fox jumps over a lazy dog and nobody in this channel minds"
KEYWORDS = "the quick brown fox jumps over a lazy dog and nobody in this channel minds"
BATCHES, ROUNDS = 20, 5
BETWEEN = timedelta(hours=2)
SERVERS = [str(int(SERVER_ID) + number) for number in range(1, 5)]
ENVIRONMENTS = 4  # two cores: while one waits for the database, another computes
CLICKS = 60

log = logging.getLogger(__name__)
_ids = itertools.count()
_random = random.Random(16)


def run(testbed: Testbed) -> Iterator[Row]:
    """Look at one batch in SQL, at many through the handlers, and at clicks with and without batches beside them."""
    log.info("events: batches of %d messages of %d members", ITEMS, MEMBERS)
    for server in SERVERS:
        _connect(testbed, server)
    with testbed.connect() as connection:
        start = datetime.now(UTC)
        yield _database_time(connection, "messages", start, text=False)
        _add_keywords(testbed)
        start += BATCHES * BETWEEN
        yield _database_time(connection, "messages with text, and an event for keywords", start, text=True)
        yield _pruning(connection)
    testbed.settle()
    with Path(os.devnull).open("w") as output, Environments(ENVIRONMENTS, testbed.variables, output) as environments:
        environments.warm(HANDLER)
        _send(environments, _events(testbed, SERVERS, ENVIRONMENTS))
        rounds = [_items_per_second(testbed, environments) for _ in range(ROUNDS)]
        yield Row("Items of batches a second, through handlers and PostgREST", rounds, at_least=2_000)
        yield _clicks_beside(testbed, environments)


def _connect(testbed: Testbed, server: str) -> None:
    """A further server of the brand, with the usual events."""
    with testbed.connect() as connection:
        connection.execute(
            "insert into discord_server_configs (server_id, brand_id) values (%s, %s)", (server, BRAND_ID)
        )
        connection.execute(
            "insert into monitoring_rules (id, brand_id, server_id, event_type, reward_amount, cooldown_hours,"
            " detection_config) select gen_random_uuid(), brand_id, %s, event_type, reward_amount, cooldown_hours,"
            " detection_config from monitoring_rules where server_id = %s and event_type = 'regular_engagement'",
            (server, SERVER_ID),
        )


def _add_keywords(testbed: Testbed) -> None:
    detection = {"trigger": "keyword", "keywords": KEYWORDS, "match": "whole"}
    testbed.rpc(
        "create_event", caller=testbed.caller(), event_type="gm", reward=1, cooldown_hours=20, detection=detection
    )


def _batch(at: datetime, *, text: bool) -> list[Json]:
    return [_message(at, text=text) for _ in range(ITEMS)]


def _message(at: datetime, *, text: bool) -> Json:
    words = _random.choices(WORDS.split(), k=30 if _random.random() < LONG else _random.randint(1, 15))
    written = " ".join(words)
    item = {
        "id": f"bench-{next(_ids)}",
        "type": "message",
        "at": at.isoformat(),
        "user_id": str(330_000_000_000_000_000 + _random.randrange(MEMBERS)),
        "channel_id": CHANNEL_ID,
        "role_ids": ["340000000000000001", "340000000000000002"],
        "characters": len(written),
        "words": len(words),
    }
    return item | {"text": written} if text else item


def _database_time(connection: psycopg.Connection, what: str, start: datetime, *, text: bool) -> Row:
    """The milliseconds of a call, each long after the one before, so that nobody waits for a cooldown."""
    taken = []
    for number in range(BATCHES):
        moment = start + number * BETWEEN
        items = Jsonb(_batch(moment, text=text))
        began = time.perf_counter()
        (answer,) = connection.execute(
            "select public.record_events(%s, true, %s, %s, %s)", ("0" * 64, SERVER_ID, items, moment)
        ).fetchone() or ({},)
        taken.append((time.perf_counter() - began) * 1000)
        _check(answer)
    return Row(f"A batch of {ITEMS} {what}, of {MEMBERS} members: database time", taken[2:], "ms", at_most=150)


def _pruning(connection: psycopg.Connection) -> Row:
    """The milliseconds of the call that forgets all of them."""
    start = time.perf_counter()
    (answer,) = connection.execute("select public.prune_events(p_now => now() + interval '30 days')").fetchone() or (
        {},
    )
    assert answer["emptied"] >= 1
    return Row("Forgetting the items of old days", [(time.perf_counter() - start) * 1000], "ms")


def _check(answer: Json) -> None:
    """Assert that every item was counted, and some have paid."""
    results = [result["result"] for result in answer["results"]]
    assert set(results) <= {"counted", "paid"}, set(results)
    assert len(results) == ITEMS
    assert "paid" in results


def _events(testbed: Testbed, servers: list[str], number: int) -> list[Json]:
    """Signed Function URL events of batches, by turns of these servers."""
    events: list[Json] = []

    def keep(event: Json, _: object) -> Json:
        events.append(event)
        return {"statusCode": 200, "body": "{}"}

    program = Program.of(testbed.keys.events_signing_key, lambda_sender(keep, lambda: None, PATH))
    for server in itertools.islice(itertools.cycle(servers), number):
        program.post(server, *_batch(datetime.now(UTC), text=True))
    return events


def _send(environments: Environments, events: list[Json]) -> None:
    """Answer the events, one at a time in each environment."""

    def answer(event: Json) -> Any:
        return environments.invoke(HANDLER, event, timeout=20)

    with ThreadPoolExecutor(ENVIRONMENTS) as pool:
        for invocation in pool.map(answer, events):
            assert not invocation.error, invocation.error
            assert invocation.result["statusCode"] == 200, invocation.result
            assert len(json.loads(invocation.result["body"])["results"]) == ITEMS


def _items_per_second(testbed: Testbed, environments: Environments) -> float:
    events = _events(testbed, SERVERS, BATCHES)
    start = time.perf_counter()
    _send(environments, events)
    return BATCHES * ITEMS / (time.perf_counter() - start)


def _clicks_beside(testbed: Testbed, environments: Environments) -> Row:
    """By turns the median click alone, and while one program sends batches of the same server without a pause."""
    log.info("events: %d rounds of %d clicks with batches beside them and without", ROUNDS, CLICKS)
    drop = testbed.open_drop()
    alone, beside = [], []
    with answering(testbed, "functions.interactions") as process:
        for _ in range(ROUNDS + 1):
            alone.append(median(process.click(drop) for _ in range(CLICKS)))
            with _sending(testbed, environments):
                beside.append(median(process.click(drop) for _ in range(CLICKS)))
    what = "Time of a claim click while a program sends batches of its server without a pause / alone"
    return Row(what, ratios(beside[1:], alone[1:]), at_most=1.5)


@contextmanager
def _sending(testbed: Testbed, environments: Environments) -> Iterator[None]:
    """One batch after the other, meanwhile."""
    events = _events(testbed, [SERVER_ID], BATCHES)
    ends = threading.Event()

    def send() -> None:
        for event in itertools.cycle(events):  # after the first turn they are duplicates
            if ends.is_set():
                return
            assert not environments.invoke(HANDLER, event, timeout=20).error

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send)
        try:
            yield
        finally:
            ends.set()
            sent.result()
