"""get_rank: where the caller stands on a leaderboard, as get_leaderboard lists them."""

import pytest

from tests.sql import BOB, DAY, NOON, SECOND, Caller, Database, Row


def rank(db: Database, kind: str = "rsnc_earned", period: str = "all", member: Caller = BOB) -> Row:
    """The caller's place."""
    return db.call("get_rank", member, type=kind, period=period, now=NOON)


def test_who_is_not_on_it_has_none(seeded: Database) -> None:
    assert rank(seeded) == {
        "outcome": "rank",
        "type": "rsnc_earned",
        "period": "all",
        "asked_period": "all",
        "ends_at": None,
        "own": None,
    }


def test_everybody_has_the_rank_that_the_pages_list(seeded: Database) -> None:
    for member in range(13):
        seeded.add_reward(5 - member // 4, NOON + member % 3 * SECOND, str(2000 + member))
    pages = [
        seeded.call("get_leaderboard", BOB, type="rsnc_earned", period="all", page=page, now=NOON) for page in (1, 2)
    ]
    listed = {row["user_id"]: {"rank": row["rank"], "value": row["value"]} for found in pages for row in found["top"]}
    assert len(listed) == 13
    for member, own in listed.items():
        assert rank(seeded, member=Caller(user_id=member))["own"] == own


def test_a_period_counts_what_was_earned_in_it(seeded: Database) -> None:
    seeded.add_reward(5, NOON - 20 * DAY, BOB.user_id)
    assert rank(seeded, period="week")["own"] is None
    assert rank(seeded, period="week")["ends_at"] == "2026-03-16T00:00:00+00:00"
    assert rank(seeded)["own"] == {"rank": 1, "value": 5}


def test_a_type_without_periods_answers_for_all(seeded: Database) -> None:
    seeded.add_streak(BOB.user_id, 4)
    found = rank(seeded, "streak", "week")
    assert (found["period"], found["asked_period"], found["own"]) == ("all", "week", {"rank": 1, "value": 4})


@pytest.mark.parametrize("change", ["is_active = false", "server_id = '7'"])
def test_a_server_that_is_not_connected(seeded: Database, change: str) -> None:
    seeded.run(f"update discord_server_configs set {change}")
    assert rank(seeded) == {"outcome": "server_not_connected"}
