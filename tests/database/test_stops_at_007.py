"""A database without migration 008: what needs the column says so, everything else answers as usual."""

import pytest

from infra import database
from tests.database.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, DAY, HOUR, NOON, TABLES, Caller, Database

BOB = Caller(user_id="1002")
UNTIL_007 = [path for path in MIGRATIONS if path.name < "008"]
AFTER_007 = [path for path in MIGRATIONS if path.name >= "008"]


@pytest.fixture
def old(make_database: MakeDatabase) -> Database:
    """Today's functions on the tables of 007."""
    made = make_database(UNTIL_007)
    database.reload_functions(made.url)
    return made


def test_everything_answers_as_usual(old: Database) -> None:
    assert old.rows("select from information_schema.columns where column_name = 'reactions_received'") == []
    assert old.call("connect_server", ADMIN.again(), brand_id="brand")["outcome"] == "connected"
    assert old.call("create_event", ADMIN.again(), event_type="quest", reward=10)["outcome"] == "event_created"
    assert old.call("edit_event", ADMIN.again(), event_type="quest", max_claims=2)["outcome"] == "event_edited"
    assert old.call("toggle_event", ADMIN.again(), event_type="news_tracker")["outcome"] == "event_toggled"
    assert old.call("delete_event", ADMIN.again(), event_type="news_tracker")["outcome"] == "event_deleted"
    assert len(old.call("list_events", ADMIN.again())["events"]) == 4

    created = old.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", lifespan_seconds=60, now=NOON)
    drop = created["drop"]["drop_id"]
    marks = [{"drop_id": drop, "revision": 1, "message_id": "99"}]
    assert old.call("mark_drops_rendered", rendered=marks, now=NOON)["rendered"] == 1
    assert old.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "claimed"
    assert old.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "already_claimed"
    expired = old.call("expire_drops", now=NOON + HOUR)
    assert (expired["expired"], expired["drops"][0]["drop_id"]) == (1, drop)

    assert old.call("check_in", BOB.again(), now=NOON)["outcome"] == "checked_in"
    assert old.call("check_in", BOB.again(), now=NOON)["outcome"] == "already_checked_in"
    assert old.call("reset_streaks", now=NOON + 3 * DAY) == {"reset": 1}
    old.run("insert into disabled_members values ('77', '1002', 'spam', '9001')")
    assert old.call("check_in", BOB.again(), now=NOON + 3 * DAY)["outcome"] == "member_disabled"
    assert old.call("get_server", ADMIN.again(), now=NOON)["members"] == 1
    assert old.call("get_level", ADMIN)["level"] == 4
    assert old.call("disconnect_server", ADMIN.again())["outcome"] == "disconnected"
    old.assert_books_agree()


def test_every_table_is_there_by_007(old: Database) -> None:
    rows = old.rows("select tablename from pg_tables where schemaname = 'public'")
    assert {row["tablename"] for row in rows} == set(TABLES)


def test_the_missing_migration_can_follow_while_it_serves(old: Database) -> None:
    old.connect_server()
    old.add_event("daily_checkin", 25)
    old.call("check_in", BOB.again(), now=NOON)
    for path in AFTER_007:
        old.run(path.read_text())
    assert old.value("select reactions_received from discord_user_stats") == 0
    assert old.call("check_in", BOB.again(), now=NOON + DAY)["streak"] == 2
    old.assert_books_agree()
