"""get_balance: total, streak and rank, of the caller or of who is named."""

from tests.sql import BOB, DAY, NOON, Database, Row


def balance(db: Database, member: str | None = None) -> Row:
    """What Bob is told."""
    return db.call("get_balance", BOB, member_id=member, now=NOON)


def test_who_has_nothing_has_nothing(seeded: Database) -> None:
    assert balance(seeded) == {
        "outcome": "balance",
        "member_id": "1002",
        "total": 0,
        "streak": 0,
        "longest": 0,
        "rank": None,
        "can_check_in": False,
    }


def test_who_can_check_in_is_told_of_themselves_alone(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25)
    assert balance(seeded)["can_check_in"] is True
    assert balance(seeded, BOB.user_id)["can_check_in"] is True
    assert balance(seeded, "1003")["can_check_in"] is False
    seeded.call("check_in", BOB, now=NOON)
    assert balance(seeded)["can_check_in"] is False
    seeded.run("delete from discord_user_streaks")
    assert balance(seeded)["can_check_in"] is True
    seeded.run("update monitoring_rules set is_enabled = false")
    assert balance(seeded)["can_check_in"] is False


def test_total_streak_and_rank(seeded: Database) -> None:
    seeded.add_reward(5.5, NOON)
    seeded.add_reward(7, NOON, "1003")
    seeded.add_streak("1002", 4, longest_streak=9)
    found = balance(seeded)
    assert (found["total"], found["streak"], found["longest"], found["rank"]) == (5.5, 4, 9, 2)
    assert balance(seeded, "1003")["rank"] == 1


def test_a_dead_streak_counts_nothing(seeded: Database) -> None:
    seeded.add_streak("1002", 4, last_checkin=NOON - 3 * DAY)
    assert (balance(seeded)["streak"], balance(seeded)["longest"]) == (0, 4)


def test_of_another_member(seeded: Database) -> None:
    seeded.add_reward(7, NOON, "1003")
    assert (balance(seeded, "1003")["member_id"], balance(seeded, "1003")["total"]) == ("1003", 7)


def test_what_was_earned_stays_readable_after_disconnecting(seeded: Database) -> None:
    seeded.add_reward(7, NOON)
    seeded.add_event("daily_checkin", 25)
    seeded.run("update discord_server_configs set is_active = false")
    found = balance(seeded)
    assert (found["total"], found["rank"], found["can_check_in"]) == (7, 1, False)


def test_a_server_that_was_never_connected(db: Database) -> None:
    assert balance(db) == {"outcome": "server_not_connected"}
