"""get_member: how a member stands, for an admin."""

from tests.sql import ADMIN, DAY, NOON, Database

NOTHING = {
    "outcome": "member",
    "member_id": "1002",
    "disabled": None,
    "total": 0,
    "streak": 0,
    "longest": 0,
    "last": None,
}


def test_a_member_who_has_done_nothing(seeded: Database) -> None:
    seeded.add_reward(99, NOON, "1003")
    seeded.add_reward(98, NOON, server_id="78")
    before = seeded.contents()
    assert seeded.call("get_member", ADMIN, member_id="1002", now=NOON) == NOTHING
    assert seeded.contents() == before


def test_a_member_with_everything(seeded: Database) -> None:
    seeded.add_streak("1002", 5, longest_streak=9)
    seeded.add_reward(10, NOON - DAY)
    seeded.add_reward(2.5, NOON, reason="Why not")
    seeded.run("insert into disabled_members values ('77', '1002', 'spam', '9009', %s)", NOON)
    found = seeded.call("get_member", ADMIN, member_id="1002", now=NOON)
    at = "2026-03-10T12:00:00+00:00"
    assert found["disabled"] == {"since": at, "by": "9009", "reason": "spam"}
    assert (found["total"], found["streak"], found["longest"]) == (12.5, 5, 9)
    last = found["last"]
    assert (last["amount"], last["event"], last["reason"], last["at"]) == (2.5, "quest", "Why not", at)
    assert last["entry"] == seeded.value("select max(id) from reward_ledger")
    assert seeded.call("get_member", ADMIN, member_id="1002", now=NOON + 9 * DAY)["streak"] == 0


def test_disabled_elsewhere_is_not_disabled_here(seeded: Database) -> None:
    seeded.run("insert into disabled_members values ('78', '1002', 'spam', '9009', %s)", NOON)
    assert seeded.call("get_member", ADMIN, member_id="1002", now=NOON) == NOTHING


def test_a_server_that_is_not_connected(db: Database) -> None:
    assert db.call("get_member", ADMIN, member_id="1002") == {"outcome": "server_not_connected"}
