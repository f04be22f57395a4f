"""claim_milestone: the reward of a long streak, once in a lifetime each."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from psycopg.errors import CheckViolation

from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import DAY, NOON, SECOND, Caller, Database, Row

BOB = Caller(user_id="1002", interaction_id="5001")
ALICE = Caller(user_id="1003", interaction_id="5002")
SEVEN, THIRTY = {"days": 7, "reward": 50}, {"days": 30, "reward": 200}
HUNDRED, YEAR = {"days": 100, "reward": 1000}, {"days": 365, "reward": 5000}


@pytest.fixture
def room(db: Database) -> Database:
    """A connected server; Bob has two milestones waiting, and so has Alice."""
    db.connect_server()
    db.add_streak(BOB.user_id, 31)
    db.add_streak(ALICE.user_id, 31)
    return db


def claim(db: Database, days: int | None = None, member: Caller = BOB) -> Row:
    """A new /streak claim."""
    return db.call("claim_milestone", member.again(), days=days, now=NOON)


def settings(db: Database, **values: Any) -> None:
    """Replace the server's settings."""
    db.run("delete from discord_server_configs")
    db.connect_server(settings=values)


def test_the_smallest_that_waits_is_paid_as_it_stands(room: Database) -> None:
    assert claim(room) == {
        "outcome": "milestone_claimed",
        "days": 7,
        "base": 50,
        "streak": 31,
        "streak_multiplier": 1,
        "role_multiplier": 1,
        "flat": 0,
        "amount": 50,
        "balance": 50,
        "more": 1,
        "claims_left": 0,
    }
    ledger = room.one("select discord_user_id, amount, source, reference, event_type, brand_id from reward_ledger")
    assert list(ledger.values()) == ["1002", Decimal(50), "milestone", "7", "streak_milestone:7", "brand"]
    room.assert_books_agree()


def test_one_after_the_other_until_none_waits(room: Database) -> None:
    results = [claim(room) for _ in range(3)]
    assert [(r["days"], r["amount"], r["balance"], r["more"]) for r in results[:2]] == [
        (7, 50, 50, 1),
        (30, 200, 250, 0),
    ]
    assert results[2] == {
        "outcome": "no_milestone",
        "streak": 31,
        "next_milestone": HUNDRED,
        "reached_at": "2026-05-17T00:00:00+00:00",
    }
    assert claim(room, member=ALICE)["days"] == 7
    room.assert_books_agree()


def test_the_one_that_is_asked_for(room: Database) -> None:
    result = claim(room, 30)
    assert (result["days"], result["amount"], result["more"]) == (30, 200, 1)
    assert claim(room)["days"] == 7
    room.assert_books_agree()


def test_a_milestone_is_taken_once(room: Database) -> None:
    claim(room, 7)
    before = room.contents()
    assert claim(room, 7) == {
        "outcome": "milestone_taken",
        "days": 7,
        "amount": 50,
        "claimed_at": "2026-03-10T12:00:00+00:00",
    }
    assert room.contents() == before


def test_a_milestone_is_not_paid_again_when_a_later_streak_reaches_it(room: Database) -> None:
    claim(room, 7)
    room.run("update discord_user_streaks set current_streak = 7")
    assert claim(room, 7)["outcome"] == "milestone_taken"
    assert claim(room)["days"] == 30


def test_a_lapse_takes_no_milestone_away(room: Database) -> None:
    late = NOON + 90 * DAY
    room.call("reset_streaks", now=late)
    result = room.call("claim_milestone", BOB, now=late)
    assert (result["outcome"], result["days"], result["streak"]) == ("milestone_claimed", 7, 0)
    room.assert_books_agree()


def test_no_bonus_multiplies_a_milestone(room: Database) -> None:
    settings(room, role_bonuses={"r1": {"multiplier": 3, "flat": 9}})
    assert claim(room, member=Caller(user_id="1002", role_ids=("r1",)))["amount"] == 50


@pytest.mark.parametrize(
    ("streak", "reached_at"), [(0, "2026-03-16T00:00:00+00:00"), (5, "2026-03-11T00:00:00+00:00"), (6, None)]
)
def test_a_milestone_that_is_not_reached(room: Database, streak: int, reached_at: str | None) -> None:
    room.run("delete from discord_user_streaks")
    room.add_streak(BOB.user_id, streak)
    told = {"streak": streak, "reached_at": reached_at}
    assert claim(room, 7) == {"outcome": "milestone_not_reached", "days": 7, "reward": 50} | told
    assert claim(room) == {"outcome": "no_milestone", "next_milestone": SEVEN} | told


def test_who_never_came_has_reached_none(room: Database) -> None:
    nobody = Caller(user_id="1004")
    told = {"streak": 0, "reached_at": "2026-03-16T00:00:00+00:00"}
    assert claim(room, 7, nobody) == {"outcome": "milestone_not_reached", "days": 7, "reward": 50} | told
    assert claim(room, member=nobody) == {"outcome": "no_milestone", "next_milestone": SEVEN} | told


def test_a_milestone_is_reached_when_it_was_told(room: Database) -> None:
    settings(room, timezone="Europe/Berlin", streak={"milestones": [{"days": 3, "reward": 50}]})
    room.add_event("daily_checkin", 25)
    member = Caller(user_id="1004")
    told = datetime.fromisoformat(claim(room, 3, member)["reached_at"])
    for day in range(2):
        room.call("check_in", member.again(), now=NOON + day * DAY)
        assert datetime.fromisoformat(claim(room, 3, member)["reached_at"]) == told
    assert room.call("check_in", member.again(), now=told - SECOND)["outcome"] == "already_checked_in"
    assert room.call("check_in", member.again(), now=told)["streak"] == 3
    assert claim(room, 3, member)["outcome"] == "milestone_claimed"


@pytest.mark.parametrize("days", [8, 0, -1, 2**31 - 1])
def test_a_milestone_that_is_none(room: Database, days: int) -> None:
    assert claim(room, days) == {
        "outcome": "milestone_unknown",
        "days": days,
        "milestones": [SEVEN, THIRTY, HUNDRED, YEAR],
    }


def test_who_has_had_all_has_no_next(room: Database) -> None:
    room.run("update discord_user_streaks set current_streak = 365")
    assert [claim(room)["days"] for _ in range(4)] == [7, 30, 100, 365]
    assert claim(room) == {"outcome": "no_milestone", "streak": 365, "next_milestone": None, "reached_at": None}


def test_a_server_without_milestones(room: Database) -> None:
    settings(room, streak={"milestones": []})
    assert claim(room) == {"outcome": "no_milestone", "streak": 31, "next_milestone": None, "reached_at": None}
    assert claim(room, 7) == {"outcome": "milestone_unknown", "days": 7, "milestones": []}


def test_milestones_of_the_servers_own(room: Database) -> None:
    settings(
        room, streak={"milestones": [{"days": 20, "reward": 2.5}, {"days": 3, "reward": 0}, {"days": 32, "reward": 9}]}
    )
    assert [claim(room).get("amount") for _ in range(3)] == [0, 2.5, None]
    room.assert_books_agree()


def test_7_and_7_0_are_one_milestone_of_which_the_higher_reward_counts(room: Database) -> None:
    settings(room, streak={"milestones": [{"days": 7.0, "reward": 60}, {"days": 7, "reward": 50.0}]})
    assert claim(room, 7)["amount"] == 60
    assert claim(room)["outcome"] == "no_milestone"
    assert claim(room, 7)["outcome"] == "milestone_taken"


def test_a_milestone_that_is_added_later_waits_for_who_reached_it_before(room: Database) -> None:
    claim(room)
    claim(room)
    settings(room, streak={"milestones": [{"days": 7, "reward": 50}, {"days": 10, "reward": 75}]})
    result = claim(room)
    assert (result["days"], result["amount"]) == (10, 75)


def test_a_milestone_stays_taken_when_its_reward_changes(room: Database) -> None:
    claim(room, 7)
    settings(room, streak={"milestones": [{"days": 7, "reward": 5000}]})
    assert claim(room, 7)["amount"] == 50
    assert claim(room)["outcome"] == "no_milestone"


def test_an_event_that_was_in_the_way_before_goes_by_another_name(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "010"])
    old.add_event("streak_milestone:7", 1)
    old.run_file(next(path for path in MIGRATIONS if path.name.startswith("010")))
    assert old.value("select event_type from monitoring_rules") == "streak_milestone_7"


def test_no_event_may_get_in_the_way(room: Database) -> None:
    with pytest.raises(CheckViolation, match="rules_leave_milestones_alone"):
        room.add_event("streak_milestone:7", 1)
    room.add_event("streak_milestones", 1)


@pytest.mark.parametrize(
    "milestones",
    [
        [{"days": 100_001, "reward": 1}],
        [{"days": 7.5, "reward": 1}],
        [{"days": 7, "reward": 1_000_000_001}],
        [{"days": 7, "reward": 50}] * 51,
    ],
    ids=["too late", "no day", "too much", "too many"],
)
def test_what_nobody_could_be_paid_is_no_milestone(room: Database, milestones: list[Row]) -> None:
    with pytest.raises(CheckViolation, match="milestones may be 50"):
        settings(room, streak={"milestones": milestones})


def test_a_milestone_pays_hundredths(room: Database) -> None:
    settings(room, streak={"milestones": [{"days": 7, "reward": 33.335}]})
    assert claim(room)["amount"] == 33.34


def test_the_milestones_of_another_server_are_its_own(room: Database) -> None:
    room.connect_server("78")
    room.add_streak(BOB.user_id, 8, server_id="78")
    claim(room, 7)
    elsewhere = claim(room, 7, Caller(user_id=BOB.user_id, server_id="78"))
    assert (elsewhere["outcome"], elsewhere["balance"]) == ("milestone_claimed", 50)
    room.assert_books_agree("78")


# Refusals ---------------------------------------------------------------------------------------------------------

PROBLEMS = {
    "server_not_connected": "update discord_server_configs set is_active = false",
    "member_disabled": "insert into disabled_members values ('77', '1002', 'spam', '9001')",
    "test_mode": """update discord_server_configs
        set config_metadata = coalesce(config_metadata, '{}') || '{"test_mode": {"enabled": true}}'""",
    "channel_excluded": """update discord_server_configs
        set config_metadata = coalesce(config_metadata, '{}') || '{"excluded_channels": ["88"]}'""",
}


@pytest.mark.parametrize("first", range(len(PROBLEMS)))
def test_of_several_problems_the_first_is_told_and_nothing_changes(room: Database, first: int) -> None:
    for change in list(PROBLEMS.values())[first:]:
        room.run(change)
    before = room.contents()
    assert claim(room)["outcome"] == claim(room, 8)["outcome"] == list(PROBLEMS)[first]
    assert room.contents() == before


def test_a_disabled_member_is_told_why(room: Database) -> None:
    room.run(PROBLEMS["member_disabled"])
    assert claim(room) == {"outcome": "member_disabled", "reason": "spam"}


def test_a_server_that_was_never_connected(room: Database) -> None:
    assert claim(room, member=Caller(user_id="1002", server_id="79")) == {"outcome": "server_not_connected"}


def test_a_milestone_pays_also_where_the_daily_event_is_off(room: Database) -> None:
    room.add_event("daily_checkin", 25, is_enabled=False)
    assert claim(room)["outcome"] == "milestone_claimed"


# Exactly once -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [None, 7])
@pytest.mark.parametrize(
    "change",
    [
        "update discord_server_configs set is_active = false",
        """update discord_server_configs set config_metadata = '{"streak": {"milestones": []}}'""",
        "delete from discord_user_streaks",
    ],
)
def test_a_redelivery_gets_the_same_answer(room: Database, change: str, days: int | None) -> None:
    first = room.call("claim_milestone", BOB, days=days, now=NOON)
    room.run(change)
    before = room.contents()
    assert room.call("claim_milestone", BOB, days=days, now=NOON + DAY) == first
    assert room.contents() == before


def test_a_redelivery_does_not_take_the_next_one(room: Database) -> None:
    first = room.call("claim_milestone", BOB, now=NOON)
    assert room.call("claim_milestone", BOB, now=NOON + DAY) == first
    assert room.value("select count(*) from reward_ledger") == 1


def test_of_twenty_claims_at_once_each_of_two_milestones_is_paid_once(room: Database) -> None:
    results = room.race([claim] * 20)
    assert sorted(r["outcome"] for r in results) == [*["milestone_claimed"] * 2, *["no_milestone"] * 18]
    assert sorted(r["days"] for r in results if "days" in r) == [7, 30]
    assert room.value("select sum(amount) from reward_ledger") == 250
    room.assert_books_agree()


def test_of_twenty_claims_at_once_for_ten_milestones_ten_are_paid(room: Database) -> None:
    settings(room, streak={"milestones": [{"days": days, "reward": days} for days in range(1, 11)]})
    results = room.race([claim] * 20)
    assert sorted(r["days"] for r in results if "days" in r) == list(range(1, 11))
    assert [r["outcome"] for r in results].count("no_milestone") == 10
    room.assert_books_agree()


def test_of_twenty_claims_of_one_milestone_at_once_one_is_paid(room: Database) -> None:
    results = room.race([lambda db: claim(db, 7)] * 20)
    assert sorted(r["outcome"] for r in results) == ["milestone_claimed", *["milestone_taken"] * 19]
    assert room.value("select count(*) from reward_ledger") == 1
    room.assert_books_agree()


def test_twenty_members_at_once_do_not_stand_in_each_others_way(room: Database) -> None:
    members = [Caller(user_id=f"2{n:03}") for n in range(20)]
    for member in members:
        room.add_streak(member.user_id, 7)
    results = room.race([partial(claim, member=member) for member in members])
    assert [r["outcome"] for r in results] == ["milestone_claimed"] * 20
    room.assert_books_agree()


@pytest.mark.parametrize("days", [None, 7, 30])
def test_one_claim_delivered_twenty_times_at_once_gets_one_answer(room: Database, days: int | None) -> None:
    answers = room.race([lambda db: db.call("claim_milestone", BOB, days=days, now=NOON)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["outcome"], answers[0]["days"]) == ("milestone_claimed", days or 7)
    room.assert_books_agree()
