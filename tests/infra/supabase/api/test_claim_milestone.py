"""claim_milestone: the reward of a long streak, once in a lifetime each."""

from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest
from psycopg.errors import CheckViolation

from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.infra.supabase.internal.problems import PROBLEMS
from tests.sql import BOB, CAROL, DAY, NOON, SECOND, Caller, Database, Row

SEVEN, THIRTY = {"days": 7, "reward": 50}, {"days": 30, "reward": 200}
HUNDRED, YEAR = {"days": 100, "reward": 1000}, {"days": 365, "reward": 5000}


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server; Bob has two milestones waiting, and so has Carol."""
    db.connect_server()
    db.add_streak(BOB.user_id, 31)
    db.add_streak(CAROL.user_id, 31)
    return db


def claim(db: Database, days: int | None = None, member: Caller = BOB) -> Row:
    """A new /streak claim."""
    return db.call("claim_milestone", member.again(), days=days, now=NOON)


def test_the_smallest_that_waits_is_paid_as_it_stands(seeded: Database) -> None:
    assert claim(seeded) == {
        "outcome": "milestone_claimed",
        "days": 7,
        "base": 50,
        "streak": 31,
        "streak_multiplier": 1,
        "role_multiplier": 1,
        "flat": 0,
        "amount": 50,
        "balance": 50,
        "milestones": [{"days": 30, "reward": 200}],
        "more": 1,
        "claims_left": 0,
    }
    ledger = seeded.one("select discord_user_id, amount, source, reference, event_type, brand_id from reward_ledger")
    assert list(ledger.values()) == ["1002", Decimal(50), "milestone", "7", "streak_milestone:7", "brand"]
    seeded.assert_books_agree()


def test_one_after_the_other_until_none_waits(seeded: Database) -> None:
    results = [claim(seeded) for _ in range(3)]
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
    assert claim(seeded, member=CAROL)["days"] == 7
    seeded.assert_books_agree()


def test_the_one_that_is_asked_for(seeded: Database) -> None:
    result = claim(seeded, 30)
    assert (result["days"], result["amount"], result["more"]) == (30, 200, 1)
    assert claim(seeded)["days"] == 7
    seeded.assert_books_agree()


def test_a_milestone_is_taken_once(seeded: Database) -> None:
    claim(seeded, 7)
    before = seeded.contents()
    assert claim(seeded, 7) == {
        "outcome": "milestone_taken",
        "days": 7,
        "amount": 50,
        "claimed_at": "2026-03-10T12:00:00+00:00",
    }
    assert seeded.contents() == before


def test_a_milestone_is_not_paid_again_when_a_later_streak_reaches_it(seeded: Database) -> None:
    claim(seeded, 7)
    seeded.run("update discord_user_streaks set current_streak = 7")
    assert claim(seeded, 7)["outcome"] == "milestone_taken"
    assert claim(seeded)["days"] == 30


def test_a_lapse_takes_no_milestone_away(seeded: Database) -> None:
    late = NOON + 90 * DAY
    seeded.call("reset_streaks", now=late)
    result = seeded.call("claim_milestone", BOB, now=late)
    assert (result["outcome"], result["days"], result["streak"]) == ("milestone_claimed", 7, 0)
    seeded.assert_books_agree()


def test_no_bonus_multiplies_a_milestone(seeded: Database) -> None:
    seeded.set_settings({"role_bonuses": {"1": {"multiplier": 3, "flat": 9}}})
    assert claim(seeded, member=Caller(user_id="1002", role_ids=("1",)))["amount"] == 50


@pytest.mark.parametrize(
    ("streak", "reached_at"), [(0, "2026-03-16T00:00:00+00:00"), (5, "2026-03-11T00:00:00+00:00"), (6, None)]
)
def test_a_milestone_that_is_not_reached(seeded: Database, streak: int, reached_at: str | None) -> None:
    seeded.run("delete from discord_user_streaks")
    seeded.add_streak(BOB.user_id, streak)
    told = {"streak": streak, "reached_at": reached_at}
    assert claim(seeded, 7) == {"outcome": "milestone_not_reached", "days": 7, "reward": 50} | told
    assert claim(seeded) == {"outcome": "no_milestone", "next_milestone": SEVEN} | told


def test_who_never_came_has_reached_none(seeded: Database) -> None:
    nobody = Caller(user_id="1004")
    told = {"streak": 0, "reached_at": "2026-03-16T00:00:00+00:00"}
    assert claim(seeded, 7, nobody) == {"outcome": "milestone_not_reached", "days": 7, "reward": 50} | told
    assert claim(seeded, member=nobody) == {"outcome": "no_milestone", "next_milestone": SEVEN} | told


def test_a_milestone_is_reached_when_it_was_told(seeded: Database) -> None:
    seeded.set_settings({"timezone": "Europe/Berlin", "streak": {"milestones": [{"days": 3, "reward": 50}]}})
    seeded.add_event("daily_checkin", 25)
    member = Caller(user_id="1004")
    told = datetime.fromisoformat(claim(seeded, 3, member)["reached_at"])
    for day in range(2):
        seeded.call("check_in", member.again(), now=NOON + day * DAY)
        assert datetime.fromisoformat(claim(seeded, 3, member)["reached_at"]) == told
    assert seeded.call("check_in", member.again(), now=told - SECOND)["outcome"] == "already_checked_in"
    assert seeded.call("check_in", member.again(), now=told)["streak"] == 3
    assert claim(seeded, 3, member)["outcome"] == "milestone_claimed"


@pytest.mark.parametrize("days", [8, 0, -1, 2**31 - 1])
def test_a_milestone_that_is_none(seeded: Database, days: int) -> None:
    assert claim(seeded, days) == {
        "outcome": "milestone_unknown",
        "days": days,
        "milestones": [SEVEN, THIRTY, HUNDRED, YEAR],
    }


def test_who_has_had_all_has_no_next(seeded: Database) -> None:
    seeded.run("update discord_user_streaks set current_streak = 365")
    assert [claim(seeded)["days"] for _ in range(4)] == [7, 30, 100, 365]
    assert claim(seeded) == {"outcome": "no_milestone", "streak": 365, "next_milestone": None, "reached_at": None}


def test_a_server_without_milestones(seeded: Database) -> None:
    seeded.set_settings({"streak": {"milestones": []}})
    assert claim(seeded) == {"outcome": "no_milestone", "streak": 31, "next_milestone": None, "reached_at": None}
    assert claim(seeded, 7) == {"outcome": "milestone_unknown", "days": 7, "milestones": []}


def test_milestones_of_the_servers_own(seeded: Database) -> None:
    milestones = [{"days": 20, "reward": 2.5}, {"days": 3, "reward": 0}, {"days": 32, "reward": 9}]
    seeded.set_settings({"streak": {"milestones": milestones}})
    assert [claim(seeded).get("amount") for _ in range(3)] == [0, 2.5, None]
    seeded.assert_books_agree()


def test_7_and_7_0_are_one_milestone_of_which_the_higher_reward_counts(seeded: Database) -> None:
    seeded.set_settings({"streak": {"milestones": [{"days": 7.0, "reward": 60}, {"days": 7, "reward": 50.0}]}})
    assert claim(seeded, 7)["amount"] == 60
    assert claim(seeded)["outcome"] == "no_milestone"
    assert claim(seeded, 7)["outcome"] == "milestone_taken"


def test_a_milestone_that_is_added_later_waits_for_who_reached_it_before(seeded: Database) -> None:
    claim(seeded)
    claim(seeded)
    seeded.set_settings({"streak": {"milestones": [{"days": 7, "reward": 50}, {"days": 10, "reward": 75}]}})
    result = claim(seeded)
    assert (result["days"], result["amount"]) == (10, 75)


def test_a_milestone_stays_taken_when_its_reward_changes(seeded: Database) -> None:
    claim(seeded, 7)
    seeded.set_settings({"streak": {"milestones": [{"days": 7, "reward": 5000}]}})
    assert claim(seeded, 7)["amount"] == 50
    assert claim(seeded)["outcome"] == "no_milestone"


def test_an_event_that_was_in_the_way_before_goes_by_another_name(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "010"])
    old.add_event("streak_milestone:7", 1)
    old.run_file(next(path for path in MIGRATIONS if path.name.startswith("010")))
    assert old.value("select event_type from monitoring_rules") == "streak_milestone_7"


def test_no_event_may_get_in_the_way(seeded: Database) -> None:
    with pytest.raises(CheckViolation, match="rules_leave_milestones_alone"):
        seeded.add_event("streak_milestone:7", 1)
    seeded.add_event("streak_milestones", 1)


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
def test_what_nobody_could_be_paid_is_no_milestone(seeded: Database, milestones: list[Row]) -> None:
    with pytest.raises(CheckViolation, match="milestones may be 50"):
        seeded.set_settings({"streak": {"milestones": milestones}})


def test_a_milestone_pays_hundredths(seeded: Database) -> None:
    seeded.set_settings({"streak": {"milestones": [{"days": 7, "reward": 33.33}]}})
    assert claim(seeded)["amount"] == 33.33


def test_a_milestone_from_before_with_more_decimals_pays_hundredths(seeded: Database) -> None:
    with seeded.without_triggers():
        seeded.set_settings({"streak": {"milestones": [{"days": 7, "reward": 33.335}]}})
    assert claim(seeded)["amount"] == 33.34


def test_the_milestones_of_another_server_are_its_own(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_streak(BOB.user_id, 8, server_id="78")
    claim(seeded, 7)
    elsewhere = claim(seeded, 7, Caller(user_id=BOB.user_id, server_id="78"))
    assert (elsewhere["outcome"], elsewhere["balance"]) == ("milestone_claimed", 50)
    seeded.assert_books_agree("78")


# Refusals ---------------------------------------------------------------------------------------------------------

OF_EVENTS = ("event_not_found", "event_disabled", "cooldown", "limit_reached", "total_limit_reached")
OF_MEMBERS = [name for name in PROBLEMS if name not in OF_EVENTS]


@pytest.mark.parametrize("first", range(len(OF_MEMBERS)))
def test_of_several_problems_the_first_is_told_and_nothing_changes(seeded: Database, first: int) -> None:
    member = BOB
    for problem in reversed(OF_MEMBERS[first:]):
        member = PROBLEMS[problem](seeded, member)
    before = seeded.contents()
    assert claim(seeded, None, member)["outcome"] == claim(seeded, 8, member)["outcome"] == OF_MEMBERS[first]
    assert seeded.contents() == before


def test_a_disabled_member_is_told_why(seeded: Database) -> None:
    PROBLEMS["member_disabled"](seeded)
    assert claim(seeded) == {"outcome": "member_disabled", "reason": "spam"}


def test_a_server_that_was_never_connected(seeded: Database) -> None:
    assert claim(seeded, member=Caller(user_id="1002", server_id="79")) == {"outcome": "server_not_connected"}


def test_a_milestone_pays_also_where_the_daily_event_is_off(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25, is_enabled=False)
    assert claim(seeded)["outcome"] == "milestone_claimed"


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
def test_a_redelivery_gets_the_same_answer(seeded: Database, change: str, days: int | None) -> None:
    first = seeded.call("claim_milestone", BOB, days=days, now=NOON)
    seeded.run(change)
    before = seeded.contents()
    assert seeded.call("claim_milestone", BOB, days=days, now=NOON + DAY) == first
    assert seeded.contents() == before


def test_a_redelivery_does_not_take_the_next_one(seeded: Database) -> None:
    first = seeded.call("claim_milestone", BOB, now=NOON)
    assert seeded.call("claim_milestone", BOB, now=NOON + DAY) == first
    assert seeded.value("select count(*) from reward_ledger") == 1


def test_of_twenty_claims_at_once_each_of_two_milestones_is_paid_once(seeded: Database) -> None:
    results = seeded.race([claim] * 20)
    assert sorted(r["outcome"] for r in results) == [*["milestone_claimed"] * 2, *["no_milestone"] * 18]
    assert sorted(r["days"] for r in results if "days" in r) == [7, 30]
    assert seeded.value("select sum(amount) from reward_ledger") == 250
    seeded.assert_books_agree()


def test_of_twenty_claims_at_once_for_ten_milestones_ten_are_paid(seeded: Database) -> None:
    seeded.set_settings({"streak": {"milestones": [{"days": days, "reward": days} for days in range(1, 11)]}})
    results = seeded.race([claim] * 20)
    assert sorted(r["days"] for r in results if "days" in r) == list(range(1, 11))
    assert [r["outcome"] for r in results].count("no_milestone") == 10
    seeded.assert_books_agree()


def test_of_twenty_claims_of_one_milestone_at_once_one_is_paid(seeded: Database) -> None:
    results = seeded.race([lambda db: claim(db, 7)] * 20)
    assert sorted(r["outcome"] for r in results) == ["milestone_claimed", *["milestone_taken"] * 19]
    assert seeded.value("select count(*) from reward_ledger") == 1
    seeded.assert_books_agree()


def test_twenty_members_at_once_do_not_stand_in_each_others_way(seeded: Database) -> None:
    members = [Caller(user_id=f"2{n:03}") for n in range(20)]
    for member in members:
        seeded.add_streak(member.user_id, 7)
    results = seeded.race([partial(claim, member=member) for member in members])
    assert [r["outcome"] for r in results] == ["milestone_claimed"] * 20
    seeded.assert_books_agree()


@pytest.mark.parametrize("days", [None, 7, 30])
def test_one_claim_delivered_twenty_times_at_once_gets_one_answer(seeded: Database, days: int | None) -> None:
    answers = seeded.race([lambda db: db.call("claim_milestone", BOB, days=days, now=NOON)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["outcome"], answers[0]["days"]) == ("milestone_claimed", days or 7)
    seeded.assert_books_agree()
