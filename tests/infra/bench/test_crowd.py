from typing import Any

import pytest

from infra.bench import crowd, testbed
from infra.bench.crowd import Crowd
from infra.local.keys import Keys
from infra.local.supabase import LocalSupabase
from tests.sql import Database

SMALL = {"CLICKS": 6, "PLACES": 2, "ROUNDS": 1, "ENVIRONMENTS": 2, "AT_ONCE": 3, "POOL": 3, "SIGNING_SECONDS": 0}


@pytest.fixture
def bench(functions: Any, db: Database, keys: Keys, supabase: LocalSupabase) -> testbed.Testbed:
    bench = testbed.Testbed(keys, supabase)
    bench.connect_server()
    return bench


def test_a_crowd_gets_each_place_once_whichever_way_it_comes(
    bench: testbed.Testbed, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SMALL.items():
        monkeypatch.setattr(crowd, name, value)
    rows = list(crowd.run(bench))
    assert [row.values for row in rows if "claims, each in the ledger" in row.what] == [[2]]
    assert {row.unit for row in rows} == {"%", "s", "ms", ""}
    claims = db.rows("select count(*) as claims from discord_drop_claims group by drop_id order by 1")
    assert [drop["claims"] for drop in claims] == [2, 2, 2, 4]  # the last one is that of the warm-up


def test_only_who_is_told_about_the_place_and_in_time_counts() -> None:
    in_time = Crowd([0.1, 0.2, 0.3, 0.4], ["claimed", "drop_full", "paid_without_answer", "database_unavailable"])
    late = Crowd([2.4, 2.6, 2.6, 2.6], ["claimed", "claimed", "drop_full", "database_unavailable"])
    assert (in_time.share_in_time, late.share_in_time) == (75, 25)
