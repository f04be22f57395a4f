"""A drop pays under the brand that it was made for, or not at all; it ends with its brand, its server and its event."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, BOB, HOUR, NOON, Caller, Database, Row


@pytest.fixture
def seeded(seeded: Database) -> Database:
    """The server 77 and another of its brand, both with the event quest."""
    seeded.connect_server("78")
    seeded.add_event("quest", 7, server_id="78")
    return seeded


def claim(db: Database, drop: str, caller: Caller = BOB) -> Row:
    return db.call("claim_drop", caller.again(), drop_id=drop, now=NOON)


LEAVING = {
    "another brand": "update discord_server_configs set brand_id = 'other' where server_id = '77'",
    "inactive": "update discord_server_configs set is_active = false where server_id = '77'",
    "deleted": "delete from discord_server_configs where server_id = '77'",
    "all deleted": "truncate discord_server_configs",
}


@pytest.mark.parametrize("leaving", LEAVING.values(), ids=LEAVING)
def test_a_server_that_leaves_its_brand_ends_its_open_drops(seeded: Database, leaving: str) -> None:
    seeded.add_event("quest", 99, brand_id="other")
    shown, unposted = seeded.add_drop(), seeded.add_drop(message_id=None)
    over = seeded.add_drop(ended_at=NOON, end_reason="ended")
    before = seeded.drop(over)
    seeded.run(leaving)
    assert (seeded.drop(shown)["end_reason"], seeded.drop(shown)["is_settled"]) == ("server_left", False)
    assert seeded.drop(shown)["revision"] == 2
    assert (seeded.drop(unposted)["end_reason"], seeded.drop(unposted)["is_settled"]) == ("server_left", True)
    assert seeded.drop(over) == before
    refused = claim(seeded, shown)
    assert (refused["outcome"], refused["drop"]["end_cause"]) == ("drop_ended", "server_left")
    assert refused["drop"]["end_reason"] == "ended"  # which the previous release knows
    seeded.assert_books_agree()


def test_the_other_server_of_the_brand_keeps_its_drops(seeded: Database) -> None:
    other = seeded.add_drop(server_id="78")
    seeded.run("update discord_server_configs set is_active = false where server_id = '77'")
    assert claim(seeded, other, Caller(server_id="78"))["amount"] == 7


@pytest.mark.parametrize("change", ["server_name = 'x'", "config_metadata = '{}'", "is_active = true"])
def test_other_changes_of_a_server_end_nothing(seeded: Database, change: str) -> None:
    drop = seeded.add_drop()
    seeded.run(f"update discord_server_configs set {change}")
    assert claim(seeded, drop)["outcome"] == "claimed"


def test_what_was_over_by_itself_keeps_its_reason(seeded: Database) -> None:
    expired = seeded.add_drop(expires_at=NOON)
    full = seeded.add_drop(max_claims=0)
    seeded.call("disconnect_server", ADMIN, now=NOON + HOUR)
    assert (seeded.drop(expired)["end_reason"], seeded.drop(expired)["ended_at"]) == ("expired", NOON)
    assert seeded.drop(full)["end_reason"] == "sold_out"


def test_a_disconnection_tells_how_many_drops_ended_also_when_redelivered(seeded: Database) -> None:
    seeded.add_drop(ended_at=NOON - HOUR, end_reason="server_left")  # when it left the time before
    for _ in range(3):
        seeded.add_drop()
    seeded.call("disconnect_server", Caller("9001", "78", manages_server=True, required_level=4).again(), now=NOON)
    first = seeded.call("disconnect_server", ADMIN, now=NOON)
    assert first == {"outcome": "disconnected", "brand_id": "brand", "ended_drops": 3}
    assert seeded.call("disconnect_server", ADMIN, now=NOON + HOUR) == first
    ended = seeded.rows("select count(*) from discord_drops where ended_at = %s group by ended_at", NOON)
    assert ended == [{"count": 3}]


@pytest.mark.parametrize("brand_id", ["other", None])
def test_a_drop_is_of_its_servers_brand_or_of_the_one_it_names(seeded: Database, brand_id: str | None) -> None:
    drop = seeded.add_drop(brand_id=brand_id)
    assert seeded.drop(drop)["brand_id"] == (brand_id or "brand")
    assert claim(seeded, drop)["outcome"] == ("drop_ended" if brand_id else "claimed")
    seeded.assert_books_agree()


def test_a_drop_of_no_brand_pays_under_the_servers(seeded: Database) -> None:
    drop = seeded.add_drop(server_id="79")
    assert seeded.drop(drop)["brand_id"] is None
    seeded.connect_server("79")
    seeded.add_event("quest", 3, server_id="79")
    assert claim(seeded, drop, Caller(server_id="79"))["amount"] == 3


# --- Events


GOING = {
    "deleted": "delete from monitoring_rules where server_id = '77'",
    "renamed": "update monitoring_rules set event_type = 'raid' where server_id = '77'",
    "moved": "update monitoring_rules set server_id = '79' where server_id = '77'",
    "of another brand": "update monitoring_rules set brand_id = 'other' where server_id = '77'",
    "all deleted": "truncate monitoring_rules",
}


@pytest.mark.parametrize("going", GOING.values(), ids=GOING)
def test_an_event_that_goes_ends_its_open_drops(seeded: Database, going: str) -> None:
    seeded.add_event("other", 5, server_id="77", brand_id="x")
    drop = seeded.add_drop()
    seeded.run(going)
    assert seeded.drop(drop)["end_reason"] == "event_deleted"
    assert claim(seeded, drop)["outcome"] == "drop_ended"


@pytest.mark.parametrize("change", ["is_enabled = false", "reward_amount = 5", "event_type = 'quest'"])
def test_other_changes_of_an_event_end_nothing(seeded: Database, change: str) -> None:
    drop = seeded.add_drop()
    seeded.run(f"update monitoring_rules set {change}")
    assert seeded.drop(drop)["ended_at"] is None


def test_a_drop_of_another_event_or_server_stays(seeded: Database) -> None:
    seeded.add_event("raid", 5)
    stay = [seeded.add_drop(event_id="raid"), seeded.add_drop(server_id="78")]
    seeded.run("delete from monitoring_rules where event_type = 'quest' and server_id = '77'")
    assert [seeded.drop(drop)["ended_at"] for drop in stay] == [None, None]


def test_an_event_of_another_brand_ends_nothing_here(seeded: Database) -> None:
    seeded.add_event("quest", 5, brand_id="other", server_id=None)
    drop = seeded.add_drop()
    seeded.run("delete from monitoring_rules where brand_id = 'other'")
    assert claim(seeded, drop)["outcome"] == "claimed"


def test_where_another_rule_of_that_name_holds_the_drop_stays(seeded: Database) -> None:
    seeded.add_event("quest", 5, server_id=None)
    own, brand_wide = seeded.add_drop(), seeded.add_drop(server_id="79")
    seeded.connect_server("79")
    seeded.run("delete from monitoring_rules where server_id = '77'")
    assert claim(seeded, own)["amount"] == 5
    seeded.add_event("quest", 6)
    seeded.run("delete from monitoring_rules where server_id is null")
    assert claim(seeded, own, Caller("1003"))["amount"] == 6
    assert seeded.drop(brand_wide)["end_reason"] == "event_deleted"


def test_two_rules_of_an_event_deleted_at_once_end_its_drops(seeded: Database) -> None:
    drop = seeded.add_drop()
    seeded.add_event("quest", 5, server_id=None)
    seeded.race(
        [
            lambda db: db.run("delete from monitoring_rules where server_id is null"),
            lambda db: db.run("delete from monitoring_rules where server_id = '77'"),
        ],
        at_once=2,
    )
    assert seeded.drop(drop)["end_reason"] == "event_deleted"


def test_a_deletion_tells_how_many_drops_ended_also_when_redelivered(seeded: Database) -> None:
    seeded.add_drop(ended_at=NOON - HOUR, end_reason="event_deleted")  # with an earlier event of the name
    for server in ("77", "77", "78"):
        seeded.add_drop(server_id=server)
    first = seeded.call("delete_event", ADMIN, event_type="quest", now=NOON)
    assert (first["ended_drops"], first["open_drops"]) == (2, 0)
    assert seeded.call("delete_event", ADMIN, event_type="quest", now=NOON + HOUR) == first


# --- At the same moment


ENDINGS: dict[str, Callable[[Database], Any]] = {
    "disconnect": lambda db: db.call("disconnect_server", ADMIN, now=NOON),
    "delete": lambda db: db.call("delete_event", ADMIN, event_type="quest", now=NOON),
    "move": lambda db: db.run("update discord_server_configs set brand_id = 'other' where server_id = '77'"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_claims_against_the_end_of_their_drop(seeded: Database, ending: str) -> None:
    drops = [seeded.add_drop() for _ in range(3)]
    seeded.add_event("quest", 99, brand_id="other", server_id="77")

    def click(member: int) -> Callable[[Database], Any]:
        return lambda db: [claim(db, drop, Caller(user_id=str(member)))["outcome"] for drop in drops]

    calls = [click(member) for member in range(3000, 3060)]
    calls.insert(20, ENDINGS[ending])
    results = seeded.race(calls)
    outcomes = {outcome for result in results if isinstance(result, list) for outcome in result}
    # Who looked at the drop just before its end and at the server just after it is told of the server or the event.
    assert outcomes <= {"claimed", "drop_ended", "server_not_connected", "event_not_found"}
    assert "drop_ended" in outcomes
    assert {seeded.drop(drop)["ended_at"] is not None for drop in drops} == {True}
    assert {row["brand_id"] for row in seeded.rows("select brand_id from reward_ledger")} == {"brand"}
    seeded.assert_books_agree()


@pytest.mark.parametrize("ending", ENDINGS)
def test_drops_made_against_the_end_of_what_they_need(seeded: Database, ending: str) -> None:
    def create(_: int) -> Callable[[Database], Any]:
        return lambda db: db.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", now=NOON)

    calls = [create(number) for number in range(40)]
    calls.insert(10, ENDINGS[ending])
    seeded.race(calls)
    left = seeded.rows("select brand_id from discord_drops where ended_at is null and server_id = '77'")
    assert [row for row in left if row["brand_id"] != "other"] == []


def test_drops_that_a_program_writes_while_the_server_moves(seeded: Database) -> None:
    with psycopg.connect(seeded.url) as moving, ThreadPoolExecutor(1) as pool:
        moving.execute("update discord_server_configs set brand_id = 'other' where server_id = '77'")
        writing = pool.submit(seeded.race, [lambda db: db.add_drop()])
        while not seeded.value("select count(*) from pg_locks where not granted"):
            assert not writing.done(), "the drop did not wait for the server"
        moving.commit()
        (drop,) = writing.result()
    assert (seeded.drop(drop)["brand_id"], seeded.drop(drop)["ended_at"]) == ("other", None)


def test_the_migration_gives_open_drops_their_brand(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "013"])
    old.connect_server()
    old.add_event("quest", 10)
    open_drop, over = old.add_drop(), old.add_drop(ended_at=NOON, end_reason="ended")
    before = old.drop(open_drop)
    for path in MIGRATIONS:
        if path.name >= "013":
            old.run_file(path)
    after = old.drop(open_drop)
    assert {name for name in after if after[name] not in (before.get(name), False)} == {"brand_id"}
    assert (after["brand_id"], old.drop(over)["brand_id"]) == ("brand", None)
