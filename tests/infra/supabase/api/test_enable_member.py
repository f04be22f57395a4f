"""enable_member: whoever was disabled can earn again."""

import pytest

from tests.sql import ADMIN, NOON, Caller, Database, Row


@pytest.fixture
def seeded(db: Database) -> Database:
    """Two connected servers in which Bob and Carol are disabled."""
    for server in ("77", "78"):
        db.connect_server(server)
        db.add_event("daily_checkin", 10, server_id=server)
        for member in ("1002", "1003"):
            db.run("insert into disabled_members values (%s, %s, 'spam', '9009', %s)", server, member, NOON)
    return db


def enable(db: Database) -> Row:
    """A /config member enable, always the same."""
    return db.call("enable_member", ADMIN, member_id="1002", now=NOON)


def test_the_member_earns_again_and_nobody_else(seeded: Database) -> None:
    assert enable(seeded) == {"outcome": "member_is_enabled", "member_id": "1002"}
    assert seeded.call("check_in", Caller("1002").again(), now=NOON)["outcome"] == "checked_in"
    left = seeded.rows("select server_id, discord_user_id from disabled_members order by 1, 2")
    assert [tuple(row.values()) for row in left] == [("77", "1003"), ("78", "1002"), ("78", "1003")]


def test_it_is_in_the_log_with_what_was(seeded: Database) -> None:
    enable(seeded)
    row = seeded.one("select * from discord_audit_log where action = 'member.enabled'")
    assert (row["actor_id"], row["target_user_id"], row["created_at"]) == ("9001", "1002", NOON)
    assert (row["before_state"]["reason"], row["after_state"]) == ("spam", None)


def test_whoever_is_not_disabled(seeded: Database) -> None:
    before = seeded.contents()
    result = seeded.call("enable_member", ADMIN, member_id="1004")
    assert result == {"outcome": "member_not_disabled", "member_id": "1004"}
    assert seeded.contents() == before


def test_a_redelivery_and_twins_get_the_same_answer(seeded: Database) -> None:
    answers = seeded.race([enable] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert seeded.value("select count(*) from discord_audit_log where action = 'member.enabled'") == 1
    seeded.call("disable_member", ADMIN.again(), member_id="1002", reason="again", now=NOON)
    assert enable(seeded) == answers[0]
    assert seeded.value("select count(*) from disabled_members") == 4


def test_a_server_that_is_not_connected(seeded: Database) -> None:
    seeded.run("update discord_server_configs set is_active = false")
    assert enable(seeded) == {"outcome": "server_not_connected"}
    assert seeded.value("select count(*) from disabled_members") == 4
