"""infra.reconcile: what does not agree is found and, if it follows the ledger, repaired; nothing else moves."""

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from infra.deploy import database
from infra.reconcile import __main__ as reconcile
from infra.reconcile import books
from infra.reconcile.__main__ import DIFFERENT, prove, repair
from infra.reconcile.books import SHOWN
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, NOON, Caller, Database

MEMBER = Caller(user_id="1001", interaction_id="1")


@pytest.fixture
def paid(seeded: Database) -> Database:
    """Two servers whose members were paid by drops and claims, and one of whom was taken back."""
    drop = seeded.add_drop(max_claims=50)
    for number in range(3):
        seeded.call("claim_drop", Caller(user_id=f"100{number}", interaction_id=f"1{number}"), drop_id=drop, now=NOON)
    seeded.call("give_reward", ADMIN, member_id="1001", event_type="quest", role_ids=(), now=NOON)
    seeded.connect_server("78")
    seeded.add_event("quest", 10, server_id="78")
    other = seeded.add_drop(server_id="78")
    seeded.call("claim_drop", Caller(user_id="1001", server_id="78", interaction_id="2"), drop_id=other, now=NOON)
    entry = seeded.value("select min(id) from reward_ledger where discord_user_id = '1002'")
    seeded.call("revoke_reward", ADMIN.again(), member_id="1002", entry=entry, now=NOON)
    for server in ("77", "78"):
        seeded.assert_books_agree(server)
    return seeded


def found(db: Database, server: str | None = None) -> dict[str, int]:
    """How many differ, of each kind that has differences."""
    return {one.kind.name: one.total for one in prove(db.url, server) if one.total}


def break_(db: Database, statement: str, *values: Any) -> None:
    """Change what no program may, past the triggers."""
    with db.connection.transaction():
        db.run("set local session_replication_role = replica")
        assert db.run(statement, *values) > 0


BROKEN = {
    "a total": ("stats", "update discord_user_stats set rsnc_total = rsnc_total + 5 where discord_user_id = '1001'"),
    "a floor": ("stats", "update discord_user_stats set rsnc_earned = 0 where discord_user_id = '1000'"),
    "no stats": ("stats", "delete from discord_user_stats where discord_user_id = '1001'"),
    "stats of nobody": ("stats", "insert into discord_user_stats values ('77', '5', 0, 0, 0, 3, 3)"),
    "a sum": ("earnings", "update member_earnings set rsnc = rsnc - 1 where discord_user_id = '1001'"),
    "a count": ("earnings", "update member_earnings set claims = 9 where period = 'all'"),
    "a time": ("earnings", "update member_earnings set rsnc_since = now() where period = '2026-03'"),
    "no earnings": ("earnings", "delete from member_earnings where discord_user_id = '1000'"),
    "earnings of nobody": ("earnings", "insert into member_earnings values ('77', '2020-01', '5', 3, 1)"),
    "earnings of a month": ("earnings", "insert into member_earnings values ('77', '2020-01', '1001', 3, 1)"),
    "a counter": ("drops", "update discord_drops set claims_count = 7 where server_id = '77'"),
    "a low counter": ("drops", "update discord_drops set claims_count = 0"),
}
UNREPAIRED = {
    "no claim": ("claims", "delete from discord_drop_claims where discord_user_id = '1001'"),
    "another amount": ("claims", "update discord_drop_claims set reward_amount = 11"),
    "another member": ("claims", "update discord_drop_claims set discord_user_id = '7' where discord_user_id = '1000'"),
}


def test_books_that_agree(paid: Database) -> None:
    before = paid.contents()
    assert found(paid) == {}
    assert not repair(paid.url, "77")
    assert paid.contents() == before


@pytest.mark.parametrize("what", BROKEN)
def test_what_follows_the_ledger_is_found_and_repaired(paid: Database, what: str) -> None:
    before = paid.contents()
    kind, statement = BROKEN[what]
    break_(paid, statement)
    assert kind in found(paid)
    servers = {server for one in prove(paid.url) for server in one.differing}
    for server in servers:
        assert repair(paid.url, server)
    assert found(paid) == {}
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
    assert kind in found(paid)


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
    assert found(paid) == {"drops": 1}


def test_the_limits_are_told_but_prove_nothing(paid: Database, capsys: pytest.CaptureFixture[str]) -> None:
    paid.add_reward(5, source="activity")  # another program, which counts nothing
    assert found(paid) == {"limits": 2}
    assert reconcile.reconcile(paid.url, None, repairs=True) == 0
    told = capsys.readouterr().out
    assert "⚠️  limits" in told
    assert "all members, quest: found 4, expected 5" in told


def test_a_server_alone(paid: Database) -> None:
    break_(paid, BROKEN["a total"][1])
    assert found(paid) == {"stats": 2}
    assert found(paid, "78") == {"stats": 1}
    repair(paid.url, "78")
    assert (found(paid, "78"), found(paid)) == ({}, {"stats": 1})


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
    assert found(seeded) == {}
    break_(seeded, "delete from member_earnings")
    repair(seeded.url, "77")
    assert {row["period"] for row in seeded.rows("select period from member_earnings")} == {
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
    assert found(old) == {}
    break_(old, "update discord_user_stats set rsnc_total = 1")
    assert repair(old.url, "77").counts() == {"stats": 1, "earnings": 0, "drops": 0}
    assert found(old) == {}


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
    assert found(seeded) == {}
    seeded.assert_books_agree()


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
    assert {"stats", "earnings"} & set(found(seeded)) == set()


def test_a_proof_is_of_one_moment(seeded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = seeded.add_drop()
    compare = books._compared
    paid: list[int] = []

    def pay_meanwhile(*arguments: Any) -> Any:
        paid.append(len(paid))
        seeded.call("claim_drop", Caller(user_id=f"30{len(paid)}", interaction_id=f"3{len(paid)}"), drop_id=drop)
        return compare(*arguments)

    monkeypatch.setattr(books, "_compared", pay_meanwhile)
    assert found(seeded) == {}
    assert len(paid) == 5


# --- The command line


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["reconcile", *arguments])
    return reconcile.main()


def test_what_is_told(paid: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, paid.url) == 0
    assert "The books agree." in capsys.readouterr().out
    break_(paid, BROKEN["a total"][1] + " and server_id = '77'")
    assert run(monkeypatch, paid.url, "--server", "77") == DIFFERENT
    told = capsys.readouterr().out
    assert "stats on server 77:\n  1001: found 25.00 (20), expected 20.00 (20)\n" in told
    assert "add --repair" in told
    assert run(monkeypatch, paid.url, "--repair") == 0
    told = capsys.readouterr().out
    assert "Repaired on server 77: 1 of stats." in told
    assert told.rstrip().endswith("The books agree.")


def test_what_cannot_be_repaired_keeps_the_exit_code(
    paid: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_(
        paid, UNREPAIRED["no claim"][1] + " and drop_id in (select drop_id from discord_drops where server_id = '77')"
    )
    assert run(monkeypatch, paid.url, "--repair") == DIFFERENT
    told = capsys.readouterr().out
    assert "claims on server 77:" in told
    assert "found no claim, expected 10.00" in told


def test_many_differences_are_counted(seeded: Database, capsys: pytest.CaptureFixture[str]) -> None:
    seeded.run(
        "insert into discord_user_stats (server_id, discord_user_id, rsnc_total) select '77', n, 5"
        " from generate_series(1, 30) as n"
    )
    assert reconcile.reconcile(seeded.url, None, repairs=False) == DIFFERENT
    told = capsys.readouterr().out
    assert told.count("found 5 (0), expected 0 (0)") == SHOWN
    assert f"and {30 - SHOWN} more" in told


def test_a_database_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "postgresql://postgres:marked/secret@127.0.0.1:1/postgres") == 1
    told = capsys.readouterr()
    assert "The books were not compared." in told.err
    assert "marked" not in told.out + told.err
    assert "secret" not in told.out + told.err
