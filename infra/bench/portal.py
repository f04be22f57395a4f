"""Pages that a person of the portal reads through row level security, over a million rows of three brands."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt

from infra.bench.report import Row, ratios
from infra.bench.testbed import Testbed
from infra.local.keys import YEAR_2100

LARGE, SMALL = "720000000000000001", "720000000000000003"  # servers, as fill_portal.sql makes them
BRANDS = {LARGE: "bench portal 1", SMALL: "bench portal 3"}
OF_LARGE, OF_SMALL = f"server_id=eq.{LARGE}", f"server_id=eq.{SMALL}"
NEWEST = "order=id.desc"
PAGE, CALLS = 50, 9
ROUNDS, PAYMENTS = 7, 200
PAGES = [  # what, whose brand, the table, the query, how many rows
    ("its ledger", LARGE, "reward_ledger", f"{OF_LARGE}&{NEWEST}", PAGE),
    ("its ledger from the middle", LARGE, "reward_ledger", f"{OF_LARGE}&{NEWEST}&id=lt.500000", PAGE),
    ("a small server's ledger", SMALL, "reward_ledger", f"{OF_SMALL}&{NEWEST}", PAGE),
    ("its leaderboard", LARGE, "member_earnings", f"{OF_LARGE}&period=eq.all&order=rsnc.desc,rsnc_since", PAGE),
    ("its members", LARGE, "discord_user_stats", f"{OF_LARGE}&order=discord_user_id", PAGE),
    ("a small server's members", SMALL, "discord_user_stats", f"{OF_SMALL}&order=discord_user_id", PAGE),
    ("its drops", LARGE, "discord_drops", f"{OF_LARGE}&order=created_at.desc", PAGE),
    ("its audit log", LARGE, "discord_audit_log", f"{OF_LARGE}&{NEWEST}", PAGE),
    ("its brand's audit log", LARGE, "discord_audit_log", f"server_id=eq.*&brand_id=eq.{BRANDS[LARGE]}&{NEWEST}", PAGE),
    ("another brand's members", SMALL, "discord_user_stats", f"{OF_LARGE}&order=discord_user_id", 0),
]
UNFILTERED = [
    ("the ledger", LARGE, "reward_ledger", NEWEST, PAGE),
    ("the ledger, whose brand has the oldest hundredth", SMALL, "reward_ledger", NEWEST, PAGE),
    ("another brand's ledger", SMALL, "reward_ledger", f"{OF_LARGE}&{NEWEST}", 0),
]

log = logging.getLogger(__name__)


def run(testbed: Testbed) -> Iterator[Row]:
    """Fill the tables, then read pages over PostgREST as somebody of the large brand and somebody of the small one."""
    log.info("portal: making a million rows in each of five tables")
    testbed.run_file(Path(__file__).with_name("fill_portal.sql"))
    testbed.settle()
    with httpx.Client(base_url=testbed.supabase.postgrest.url, timeout=30) as client:
        for what, whose, table, query, rows in PAGES:
            times = _times(client, _token(testbed, whose), f"/{table}?{query}", rows)
            yield Row(f"A page of the portal: {what}", times, "ms", at_most=20)
        for what, whose, table, query, rows in UNFILTERED:
            times = _times(client, _token(testbed, whose), f"/{table}?{query}", rows)
            yield Row(f"Without a filter by a server of one's own: {what}", times, "ms")
        (drop,) = testbed.row(f"select min(drop_id::text) from public.discord_drops where {OF_LARGE.replace('eq.', '')}::text")
        times = _times(client, _token(testbed, LARGE), f"/discord_drop_claims?drop_id=eq.{drop}", 10)
        yield Row("A page of the portal: the claims of a drop", times, "ms", at_most=20)


def _token(testbed: Testbed, server: str) -> str:
    claims = {"role": "authenticated", "exp": YEAR_2100, "app_metadata": {"brand_ids": [BRANDS[server]]}}
    return jwt.encode(claims, testbed.keys.jwt_secret, algorithm="HS256")


def _times(client: httpx.Client, token: str, path: str, rows: int) -> list[float]:
    """The milliseconds of each request. Asserts that the page is complete."""
    return [_time(client, token, path, rows) for _ in range(CALLS + 2)][2:]


def _time(client: httpx.Client, token: str, path: str, rows: int) -> float:
    start = time.perf_counter()
    answer = client.get(path, params=None, headers={"Authorization": f"Bearer {token}", "Range": f"0-{PAGE - 1}"})
    seconds = time.perf_counter() - start
    assert len(answer.json()) == rows, (path, answer.text[:300])
    return seconds * 1000
