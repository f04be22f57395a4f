"""disable_member: whoever is disabled earns nothing on that server, and is told why."""

from dataclasses import replace

import pytest

from tests.sql import ADMIN, DAY, NOON, Caller, Database, Row

BOB = Caller(user_id="1002")


@pytest.fixture
def seeded(db: Database) -> Database:
    """Two connected servers with everything that pays; Carol is disabled on both."""
    for server in ("77", "78"):
        db.connect_server(server)
        for event in ("quest", "daily_checkin", "welcome_bonus"):
            db.add_event(event, 10, server_id=server, claimable=True)
        db.run("insert into disabled_members values (%s, '1003', 'other', '9009', %s)", server, NOON)
    return db


def disable(db: Database, admin: Caller = ADMIN, reason: str = "spam", member_id: str = "1002") -> Row:
    """A /config member disable."""
    return db.call("disable_member", admin, member_id=member_id, reason=reason, now=NOON)


def test_every_command_that_pays_refuses_with_the_reason(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 7)
    drop = seeded.add_drop()
    assert disable(seeded) == {"outcome": "member_is_disabled", "member_id": "1002", "reason": "spam"}
    refused = {"outcome": "member_disabled", "reason": "spam"}
    assert seeded.call("check_in", BOB.again(), now=NOON) == refused
    assert seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON) == refused
    assert seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON) == refused
    assert seeded.call("claim_welcome_bonus", BOB.again(), now=NOON) == refused
    assert seeded.call("claim_milestone", BOB.again(), now=NOON) == refused
    elsewhere = replace(BOB, server_id="78")
    assert seeded.call("check_in", elsewhere.again(), now=NOON)["outcome"] == "checked_in"


def test_nobody_else_is_disabled(seeded: Database) -> None:
    before = seeded.contents("disabled_members")["disabled_members"]
    disable(seeded)
    added = [row for row in seeded.contents("disabled_members")["disabled_members"] if row not in before]
    assert added == [
        {
            "server_id": "77",
            "discord_user_id": "1002",
            "reason": "spam",
            "disabled_by": "9001",
            "disabled_at": NOON,
        }
    ]


def test_it_is_in_the_log_with_before_and_after(seeded: Database) -> None:
    disable(seeded)
    disable(seeded, ADMIN.again(), "worse")
    first, second = seeded.rows("select * from discord_audit_log where action = 'member.disabled' order by id")
    assert (first["actor_id"], first["target_user_id"], first["interaction_id"]) == ("9001", "1002", "5900")
    assert (first["before_state"], first["after_state"]["reason"], first["brand_id"]) == (None, "spam", "brand")
    assert (second["before_state"]["reason"], second["after_state"]["reason"]) == ("spam", "worse")


def test_of_a_member_who_is_disabled_the_reason_changes_and_the_time_stays(seeded: Database) -> None:
    disable(seeded)
    later = replace(ADMIN, user_id="9002", interaction_id="7")
    seeded.call("disable_member", later, member_id="1002", reason="worse", now=NOON + DAY)
    row = seeded.one("select * from disabled_members where (server_id, discord_user_id) = ('77', '1002')")
    assert (row["reason"], row["disabled_by"], row["disabled_at"]) == ("worse", "9002", NOON)


def test_the_same_reason_is_told_and_leaves_no_row(seeded: Database) -> None:
    disable(seeded)
    before = seeded.contents()
    told = disable(seeded, replace(ADMIN, user_id="9002", interaction_id="7"))
    assert told == {
        "outcome": "member_already_disabled",
        "member_id": "1002",
        "reason": "spam",
        "since": "2026-03-10T12:00:00+00:00",
        "by": "9001",
    }
    assert seeded.contents() == before


def test_a_redelivery_does_not_disable_again(seeded: Database) -> None:
    first = disable(seeded)
    seeded.call("enable_member", ADMIN.again(), member_id="1002", now=NOON)
    assert disable(seeded) == first
    assert seeded.value("select count(*) from disabled_members where discord_user_id = '1002'") == 0


def test_twins_at_once_get_one_answer_and_are_told_once(seeded: Database) -> None:
    answers = seeded.race([disable] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert seeded.value("select count(*) from discord_audit_log where action = 'member.disabled'") == 1


def test_a_server_that_is_not_connected(seeded: Database) -> None:
    seeded.run("update discord_server_configs set is_active = false")
    before = seeded.contents()
    assert disable(seeded) == {"outcome": "server_not_connected"}
    assert seeded.contents() == before
