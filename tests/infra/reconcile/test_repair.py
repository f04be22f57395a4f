"""infra.reconcile.repair: what differs is found and, if it follows the ledger, repaired; nothing else changes."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from infra.deploy import database
from infra.reconcile.differences import prove
from infra.reconcile.repair import repair
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.infra.reconcile.conftest import BROKEN, MEMBER, UNREPAIRED, break_, count_differences
from tests.sql import NOON, Caller, Database


def test_books_that_agree(paid: Database) -> None:
    before = paid.contents()
    assert count_differences(paid) == {}
    assert not repair(paid.url, "77")
    assert paid.contents() == before


@pytest.mark.parametrize("what", BROKEN)
def test_what_follows_the_ledger_is_found_and_repaired(paid: Database, what: str) -> None:
    before = paid.contents()
    kind, statement = BROKEN[what]
    break_(paid, statement)
    assert kind in count_differences(paid)
    servers = {server for one in prove(paid.url) for server in one.differing}
    for server in servers:
        assert repair(paid.url, server)
    assert count_differences(paid) == {}
    after = paid.contents()
    assert [row["action"] for row in after.pop("discord_audit_log")].count("stats.repaired") == len(servers)
    before.pop("discord_audit_log")
    assert _without_messages(after) == _without_messages(before | _zero_stats(what, after))


def _without_messages(contents: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A repaired drop has another revision, so that its message is made anew."""
    return contents | {"discord_drops": [{**row, "revision": 0} for row in contents["discord_drops"]]}


def _zero_stats(what: str, after: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What is of nobody leaves a row of zeros: the lock of a member who may be paid at this moment."""
    if not what.endswith("of nobody"):
        return {}
    (row,) = [row for row in after["discord_user_stats"] if row["discord_user_id"] == "5"]
    assert {row["rsnc_total"], row["rsnc_earned"], row["messages_count"]} == {0}
    return {"discord_user_stats": after["discord_user_stats"]}


@pytest.mark.parametrize("what", UNREPAIRED)
def test_what_only_a_person_can_judge_is_found_and_left(paid: Database, what: str) -> None:
    kind, statement = UNREPAIRED[what]
    break_(paid, statement)
    repair(paid.url, "77")
    assert kind in count_differences(paid)


def test_other_counters_of_a_member_stay(paid: Database) -> None:
    paid.run("update discord_user_stats set messages_count = 4, voice_minutes = 5, reactions_count = 6")
    break_(paid, BROKEN["a total"][1])
    repair(paid.url, "77")
    assert paid.one("select * from discord_user_stats where server_id = '77' and discord_user_id = '1001'") == {
        "server_id": "77",
        "discord_user_id": "1001",
        "messages_count": 4,
        "voice_minutes": 5,
        "reactions_count": 6,
        "reactions_received": 0,
        "rsnc_total": Decimal("20.00"),
        "rsnc_earned": 20,
    }


def test_a_repaired_drop_gets_a_new_message(paid: Database) -> None:
    revision = paid.value("select revision from discord_drops where server_id = '77'")
    break_(paid, "update discord_drops set claims_count = 9 where server_id = '77'")
    repair(paid.url, "77")
    drop = paid.one("select claims_count, revision from discord_drops where server_id = '77'")
    assert drop == {"claims_count": 3, "revision": revision + 1}


def test_a_drop_with_more_claims_than_its_limit_is_left(paid: Database) -> None:
    break_(paid, "update discord_drops set claims_count = 2, max_claims = 2 where server_id = '77'")
    assert not repair(paid.url, "77")
    assert count_differences(paid) == {"drops": 1}


def test_the_audit_log_tells_what_was_done(paid: Database) -> None:
    break_(paid, BROKEN["a total"][1])
    break_(paid, "update discord_drops set claims_count = 7 where server_id = '77'")
    repair(paid.url, "77")
    row = paid.one("select * from discord_audit_log where action = 'stats.repaired'")
    assert (row["server_id"], row["brand_id"], row["actor_type"]) == ("77", "brand", "system")
    assert row["details"]["rows"] == {"stats": 1, "earnings": 0, "drops": 1}
    assert row["details"]["changes"]["stats"] == [{"member_id": "1001", "found": "25.00", "expected": "20.00"}]
    assert [drop["expected"] for drop in row["details"]["changes"]["drops"]] == [3]


def test_many_changes_are_counted_in_the_audit_log(seeded: Database) -> None:
    seeded.run(
        "insert into discord_user_stats (server_id, discord_user_id, rsnc_total) select '77', n, 5"
        " from generate_series(1, 150) as n"
    )
    assert repair(seeded.url, "77").counts() == {"stats": 150, "earnings": 0, "drops": 0}
    details = seeded.value("select details from discord_audit_log where action = 'stats.repaired'")
    assert (details["rows"]["stats"], len(details["changes"]["stats"])) == (150, 100)


def test_a_repair_at_the_time_zone_of_the_payment(seeded: Database) -> None:
    late = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)  # already April in Tokyo
    seeded.run('update discord_server_configs set config_metadata = \'{"timezone": "Asia/Tokyo"}\'')
    seeded.call("claim_drop", MEMBER, drop_id=seeded.add_drop(), now=late)
    seeded.run('update discord_server_configs set config_metadata = \'{"timezone": "UTC"}\'')
    assert count_differences(seeded) == {}
    break_(seeded, "delete from member_earnings")
    repair(seeded.url, "77")
    periods = {row["period"] for row in seeded.rows("select period from member_earnings")}
    assert periods == {
        "all",
        "2026-04",
        "2026-W14",
    }


def test_a_database_that_stops_at_007(make_database: MakeDatabase) -> None:
    old = make_database(MIGRATIONS[:7])
    database.reload_functions(old.url)
    old.connect_server()
    old.add_event()
    old.call("claim_drop", MEMBER, drop_id=old.add_drop(), now=NOON)
    assert count_differences(old) == {}
    break_(old, "update discord_user_stats set rsnc_total = 1")
    assert repair(old.url, "77").counts() == {"stats": 1, "earnings": 0, "drops": 0}
    assert count_differences(old) == {}


# --- While payments go on


def test_payments_and_repairs_at_the_same_time(seeded: Database) -> None:
    drop, members = seeded.add_drop(), [str(number) for number in range(2000, 2040)]
    seeded.run(
        "insert into discord_user_stats (server_id, discord_user_id, rsnc_total, rsnc_earned)"
        " select '77', m, 7, 7 from unnest(%s::text[]) as m",
        members[::2],
    )
    break_(seeded, "update discord_drops set claims_count = 3")
    over = threading.Event()

    def pay(number: int) -> Callable[[Database], list[str]]:
        def run(db: Database) -> list[str]:
            mine = members[number::4]
            calls = [Caller(user_id=m, interaction_id=f"{m}0{n}") for n in range(4) for m in mine]
            return [db.call("claim_drop", c, drop_id=drop)["outcome"] for c in calls]

        return run

    def keep_repairing(_: Database) -> int:
        repairs = 0
        while not over.is_set() or not repairs:
            repair(seeded.url, "77")
            repairs += 1
        return repairs

    repairing = threading.Thread(target=keep_repairing, args=[seeded])
    repairing.start()
    outcomes = [outcome for told in seeded.race([pay(n) for n in range(4)]) for outcome in told]
    over.set()
    repairing.join()
    repair(seeded.url, "77")
    assert outcomes.count("claimed") == 40
    assert outcomes.count("already_claimed") == 120
    # A balance that was told while the total was wrong stays in the ledger; all else is right again.
    assert count_differences(seeded).keys() <= {"balances"}


def test_a_payment_waits_for_the_repair_of_its_member_and_counts(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.call("claim_drop", MEMBER, drop_id=drop)
    break_(seeded, "update discord_user_stats set rsnc_total = 500, rsnc_earned = 500")
    with psycopg.connect(seeded.url) as paying:  # a payment that has not committed when the repair begins
        paying.execute(
            "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id,"
            " balance_after) values ('77', 'brand', '1001', 'quest', 2.5, 'grant', '1', 0)"
        )
        repairing = threading.Thread(target=repair, args=[seeded.url, "77"])
        repairing.start()
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        while not seeded.value(waiting):
            assert repairing.is_alive()
        paying.commit()
    repairing.join()
    assert seeded.value("select rsnc_total from discord_user_stats") == Decimal("12.50")
    assert {"stats", "earnings"} & set(count_differences(seeded)) == set()


WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


def test_a_member_whose_sums_are_repaired_cannot_be_paid_meanwhile(paid: Database) -> None:
    break_(paid, BROKEN["a sum"][1])
    break_(paid, BROKEN["a counter"][1])
    with psycopg.connect(paid.url) as claiming:  # the repair locks members, then waits for the drop
        claiming.execute("select from discord_drops where server_id = '77' for update")
        repairing = threading.Thread(target=repair, args=[paid.url, "77"])
        repairing.start()
        while not paid.value(WAITING):
            assert repairing.is_alive()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            paid.run(
                "select from discord_user_stats where server_id = '77' and discord_user_id = '1001'"
                " for no key update nowait"
            )
    repairing.join()
    assert count_differences(paid, "77") == {}


def test_a_claim_that_the_repair_of_its_drop_waits_for_counts(paid: Database) -> None:
    break_(paid, BROKEN["a counter"][1])
    drop = paid.value("select drop_id from discord_drops where server_id = '77'")
    with psycopg.connect(paid.url) as claiming:
        claiming.execute("update discord_drops set claims_count = claims_count + 1 where drop_id = %s", [drop])
        claiming.execute(
            "insert into discord_drop_claims values (gen_random_uuid(), %s, '1009', %s, 10, 4)", [drop, NOON]
        )
        repairing = threading.Thread(target=repair, args=[paid.url, "77"])
        repairing.start()
        while not paid.value(WAITING):
            assert repairing.is_alive()
        claiming.commit()
    repairing.join()
    assert paid.drop(str(drop))["claims_count"] == 4
