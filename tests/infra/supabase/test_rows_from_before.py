"""What other programs wrote before migrations 013 and 014 stays, and stands in nobody's way."""

import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors

from infra.deploy import database
from infra.reconcile.repair import repair
from tests.infra.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.sql import ADMIN, BOB, CAROL, DAY, NOON, Database

UNTIL_009 = [path for path in MIGRATIONS if path.name < "010"]
UNTIL_012 = [path for path in MIGRATIONS if path.name < "013"]


@pytest.fixture
def old(make_database: MakeDatabase) -> Database:
    """A database at migration 012 with a connected server and its event."""
    return start(make_database(UNTIL_012))


def start(db: Database) -> Database:
    """Connect a server, and give it an event."""
    database.reload_functions(db.url)
    db.connect_server()
    db.add_event("quest", 10)
    return db


def upgrade(db: Database, since: str = "013") -> None:
    """Apply the later migrations, and load the functions as a deploy does."""
    for path in MIGRATIONS:
        if path.name >= since:
            db.run_file(path)
    database.reload_functions(db.url)


def test_a_drop_that_was_paid_without_a_claim_is_told_as_claimed(old: Database) -> None:
    drop = old.add_drop()
    old.add_reward(5, source="drop", reference=drop)
    upgrade(old)
    told = old.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)
    assert (told["outcome"], told["amount"]) == ("already_claimed", 5)
    assert old.call("claim_drop", CAROL.again(), drop_id=drop, now=NOON)["outcome"] == "claimed"
    assert old.value("select count(*) from reward_ledger where source = 'drop'") == 2


def test_an_open_drop_is_paid_under_the_brand_that_made_it_or_ends(old: Database) -> None:
    made = old.call("create_drop", ADMIN, event_type="quest", channel_id="88", now=NOON)["drop"]["drop_id"]
    old.run("update discord_server_configs set brand_id = 'B' where server_id = '77'")
    old.add_event("quest", 10, brand_id="B")
    kept = old.add_drop()
    upgrade(old)
    assert (old.drop(made)["end_reason"], old.drop(kept)["end_reason"]) == ("server_left", None)
    assert old.call("claim_drop", BOB.again(), drop_id=made, now=NOON)["outcome"] == "drop_ended"
    assert old.call("claim_drop", BOB.again(), drop_id=kept, now=NOON)["outcome"] == "claimed"
    assert old.rows("select brand_id from reward_ledger") == [{"brand_id": "B"}]


def test_what_was_left_open_ends(old: Database) -> None:
    orphan, kept = old.add_drop(event_id="gone"), old.add_drop()
    old.connect_server("78", "B")
    old.run("update discord_server_configs set is_active = false where server_id = '78'")
    left = old.add_drop(server_id="78")
    upgrade(old)
    assert [old.drop(drop)["end_reason"] for drop in (orphan, left, kept)] == ["event_deleted", "server_left", None]


def test_a_brand_wide_event_with_more_decimals_can_be_changed(old: Database) -> None:
    old.add_event("raid", 1.234, server_id=None)
    upgrade(old)
    assert old.call("toggle_event", ADMIN.again(), event_type="raid", now=NOON)["event"]["enabled"] is False
    own = "select reward_amount::text from monitoring_rules where (event_type, server_id) = ('raid', '77')"
    assert old.value(own) == "1.23"


def test_milestones_from_before_block_no_other_setting(make_database: MakeDatabase) -> None:
    db = make_database(UNTIL_009)
    start(db)
    db.set_settings({"streak": {"milestones": [{"days": 7.5, "reward": 50}]}})
    upgrade(db, since="010")
    assert db.call("exclude_channel", ADMIN.again(), channel_id="88", now=NOON)["outcome"] == "settings_changed"
    refused = {"streak": {"milestones": [{"days": 7.5, "reward": 50}, {"days": 8.5, "reward": 50}]}}
    with pytest.raises(errors.CheckViolation, match="whole"):
        db.set_settings(refused)


def test_a_member_whose_id_is_none_keeps_nobody_else_from_a_repair(old: Database) -> None:
    old.add_reward(5, member="bob")
    old.add_reward(5)
    old.run("delete from discord_user_stats")
    upgrade(old)
    assert repair(old.url, "77").counts()["stats"] == 1
    assert old.rows("select discord_user_id, rsnc_earned from discord_user_stats") == [
        {"discord_user_id": "1002", "rsnc_earned": 5}
    ]


@pytest.mark.parametrize("path", [path for path in MIGRATIONS if path.name[:3] in ("013", "014")], ids=lambda p: p.stem)
def test_a_migration_ends_no_payment_that_is_under_way(old: Database, path: Path) -> None:
    for earlier in MIGRATIONS:
        if "013" <= earlier.name < path.name:
            old.run_file(earlier)
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            with psycopg.connect(old.url) as connection:
                connection.execute(path.read_bytes())
        except psycopg.Error as error:
            failures.append(error)

    with psycopg.connect(old.url) as paying:
        paying.execute("select from reward_ledger")  # as a payment that looks for its first delivery
        migrating = threading.Thread(target=migrate)
        migrating.start()
        while not old.value("select exists (select from pg_locks where not granted)"):
            assert migrating.is_alive()
        paying.execute(
            "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id)"
            " values ('77', 'brand', '1002', 'quest', 1, 'claim', '1002')"
        )
        paying.execute("update discord_server_configs set server_name = 'Ours'")
        paying.execute("select from discord_drops")
    migrating.join()
    assert failures == []
    assert old.value("select rsnc_total from discord_user_stats") == 1


# --- What may no longer be written


def test_a_day_is_paid_once_whoever_changes_the_streak(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25)
    assert seeded.call("check_in", BOB.again(), now=NOON)["outcome"] == "checked_in"
    seeded.run("delete from discord_user_streaks")
    told = seeded.call("check_in", BOB.again(), now=NOON)
    assert told["outcome"] == "already_checked_in"
    assert seeded.value("select count(*) from reward_ledger") == 1
    assert seeded.call("check_in", BOB.again(), now=NOON + DAY)["outcome"] == "checked_in"
    seeded.assert_books_agree()


@pytest.mark.parametrize(
    "values",
    [
        {"current_streak": 2**31 - 1},
        {"current_streak": -(2**31)},
        {"longest_streak": 100_001},
        {"last_day": "5874897-12-31"},
        {"last_checkin": "294276-01-01T00:00:00Z"},
    ],
)
def test_a_streak_with_which_nothing_can_be_computed_is_refused(
    seeded: Database, rest: Rest, values: dict[str, Any]
) -> None:
    seeded.add_streak("1002", 3)
    answer = rest(role="service_role").patch("/discord_user_streaks?discord_user_id=eq.1002", json=values)
    assert (answer.status_code, answer.json()["code"]) == (400, "23514")
    assert "0 to 100,000 days" in answer.json()["message"]


@pytest.mark.parametrize("column", ["revision", "rendered_revision", "render_attempts", "render_after"])
def test_what_a_drop_is_rendered_by_is_the_functions_own(seeded: Database, rest: Rest, column: str) -> None:
    drop = seeded.add_drop()
    value = "infinity" if column == "render_after" else 2**31 - 1
    answer = rest(role="service_role").patch(f"/discord_drops?drop_id=eq.{drop}", json={column: value})
    assert answer.json()["code"] == "42501"
