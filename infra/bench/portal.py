"""Pages that a person of the portal reads, over a million rows of three brands, and what payments cost beside that."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import LiteralString, NamedTuple

import httpx
import jwt
import psycopg

from infra.bench import testbed as bench
from infra.bench.report import Row, ratios
from infra.bench.testbed import Testbed
from infra.local.keys import YEAR_2100

LARGE, SMALL = "720000000000000001", "720000000000000003"  # servers, as fill_portal.sql makes them
DROP = "00000000-0000-4000-8000-000000000000"  # of the large one, with ten claims
BRANDS = {LARGE: "bench portal 1", SMALL: "bench portal 3"}
OF_LARGE, OF_SMALL, NEWEST = f"server_id=eq.{LARGE}", f"server_id=eq.{SMALL}", "order=id.desc"
CALLS, LIMIT = 9, 50
ROUNDS, PAYMENTS = 7, 200
WITH: LiteralString = """
    create index drops_of_a_server on public.discord_drops (server_id, created_at);
    alter publication supabase_realtime add table public.monitoring_rules, public.discord_drops
"""
WITHOUT: LiteralString = """
    drop index public.drops_of_a_server;
    alter publication supabase_realtime drop table public.monitoring_rules, public.discord_drops
"""


class Page(NamedTuple):
    """What somebody of a server's brand reads, and how many rows that must give."""

    what: str
    reader: str
    path: str
    rows: int = LIMIT


PAGES = [
    Page("its ledger", LARGE, f"reward_ledger?{OF_LARGE}&{NEWEST}"),
    Page("its ledger from the middle on", LARGE, f"reward_ledger?{OF_LARGE}&{NEWEST}&id=lt.{{middle}}"),
    Page("a small server's ledger", SMALL, f"reward_ledger?{OF_SMALL}&{NEWEST}"),
    Page("its leaderboard", LARGE, f"member_earnings?{OF_LARGE}&period=eq.all&rsnc=gt.0&order=rsnc.desc,rsnc_since"),
    Page("its members", LARGE, f"discord_user_stats?{OF_LARGE}&order=discord_user_id"),
    Page("who wrote most", LARGE, f"discord_user_stats?{OF_LARGE}&messages_count=gt.0&order=messages_count.desc"),
    Page("its drops", LARGE, f"discord_drops?{OF_LARGE}&order=created_at.desc"),
    Page("the claims of a drop", LARGE, f"discord_drop_claims?drop_id=eq.{DROP}&order=claimed_at", 10),
    Page("its audit log", LARGE, f"discord_audit_log?{OF_LARGE}&{NEWEST}"),
    Page("its brand's audit log", LARGE, f"discord_audit_log?server_id=eq.*&brand_id=eq.{BRANDS[LARGE]}&{NEWEST}"),
    Page("the members of another brand's", SMALL, f"discord_user_stats?{OF_LARGE}&order=discord_user_id", 0),
]
SLOW = [
    Page("the whole ledger", LARGE, f"reward_ledger?{NEWEST}"),
    Page("the whole ledger, by the brand of its oldest hundredth", SMALL, f"reward_ledger?{NEWEST}"),
    Page("the ledger of another brand's server", SMALL, f"reward_ledger?{OF_LARGE}&{NEWEST}", 0),
]

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Fill the tables, read pages over PostgREST, then claim a drop with what the portal needs and without."""
    log.info("portal: making a million rows in each of five tables")
    testbed.run_file(Path(__file__).with_name("fill_portal.sql"))
    testbed.settle()
    middle_of = "select (min(id) + max(id)) / 2 from reward_ledger where server_id = %(server)s"
    (middle,) = testbed.row(middle_of, server=LARGE)
    with httpx.Client(base_url=testbed.supabase.postgrest.url, timeout=30) as client:
        for page in PAGES:
            asked = page._replace(path=page.path.format(middle=middle))
            yield Row(f"A page of the portal: {page.what}", _times(testbed, client, asked), "ms", at_most=20)
        for page in SLOW:
            yield Row(f"Not by a server of one's own: {page.what}", _times(testbed, client, page), "ms")
    with testbed.connect() as connection:
        yield _payments(testbed, connection)


def _times(testbed: Testbed, client: httpx.Client, page: Page) -> list[float]:
    """The milliseconds of each request."""
    claims = {"role": "authenticated", "exp": YEAR_2100, "app_metadata": {"brand_ids": [BRANDS[page.reader]]}}
    token = jwt.encode(claims, testbed.keys.jwt_secret, algorithm="HS256")
    return [_time(client, token, page) for _ in range(CALLS + 2)][2:]


def _time(client: httpx.Client, token: str, page: Page) -> float:
    """The milliseconds of a request. Asserts that the page is complete."""
    start = time.perf_counter()
    answer = client.get(f"/{page.path}&limit={LIMIT}", headers={"Authorization": f"Bearer {token}"})
    seconds = time.perf_counter() - start
    assert len(answer.json()) == page.rows, (page, answer.text)
    return seconds * 1000


def _payments(testbed: Testbed, connection: psycopg.Connection) -> Row:
    """The median claim of a round with the index and the publication and one without, by turns."""
    log.info("portal: %d rounds of %d claims with the publication and without", ROUNDS, PAYMENTS)
    connection.execute("set synchronous_commit = off")  # measure the processor's work, not the wait for the disk
    drop = testbed.open_drop()["drop_id"]
    rounds = []
    for _ in range(ROUNDS + 1):
        with_it = median(_claim(testbed, connection, drop) for _ in range(PAYMENTS))
        connection.execute(WITHOUT)
        without = median(_claim(testbed, connection, drop) for _ in range(PAYMENTS))
        connection.execute(WITH)
        rounds.append((with_it, without))
    return Row("Time of a claim with what the portal needs / without", ratios(*zip(*rounds[1:], strict=True)))


def _claim(testbed: Testbed, connection: psycopg.Connection, drop: str) -> float:
    """The seconds of a new member's claim."""
    caller = testbed.caller()
    start = time.perf_counter()
    (found,) = connection.execute(
        "select public.claim_drop(row(%s, %s, %s, %s, '{}', false, null, null, null, null, null)::internal.caller, %s)"
        " ->> 'outcome'",
        (caller["interaction_id"], bench.SERVER_ID, bench.CHANNEL_ID, caller["user_id"], drop),
    ).fetchone() or (None,)
    seconds = time.perf_counter() - start
    assert found == "claimed"
    return seconds
