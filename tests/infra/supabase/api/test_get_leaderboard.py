"""get_leaderboard: ten by ten, ties, windows; where no page is asked for, as by the previous release, the own place."""

from datetime import UTC, datetime

import pytest

from tests.sql import BOB, DAY, HOUR, NOON, SECOND, Caller, Database, Row

COUNTERS = {"messages": "messages_count", "voice": "voice_minutes", "reactions": "reactions_received"}


def board(
    db: Database, kind: str = "rsnc_earned", period: str = "all", member: Caller = BOB, at: datetime = NOON
) -> Row:
    """A leaderboard."""
    return db.call("get_leaderboard", member, type=kind, period=period, now=at)


def ranks(found: Row) -> list[tuple[int, str, float]]:
    """The rows of a leaderboard."""
    return [(row["rank"], row["user_id"], row["value"]) for row in found["top"]]


def count(db: Database, kind: str, member: str, value: int) -> None:
    """What another program counted for a member."""
    db.run(
        f"insert into discord_user_stats (server_id, discord_user_id, {COUNTERS[kind]}) values ('77', %s, %s)",
        member,
        value,
    )


def test_nobody_yet(seeded: Database) -> None:
    assert board(seeded) == {
        "outcome": "leaderboard",
        "type": "rsnc_earned",
        "period": "all",
        "asked_period": "all",
        "ends_at": None,
        "page": 1,
        "has_more": False,
        "top": [],
        "own": None,
    }


def test_who_has_more_ranks_higher(seeded: Database) -> None:
    for member, amount in (("1001", 5), ("1002", 7.25), ("1003", 6)):
        seeded.add_reward(amount, NOON, member)
    found = board(seeded)
    assert ranks(found) == [(1, "1002", 7.25), (2, "1003", 6), (3, "1001", 5)]
    assert found["own"] == {"rank": 1, "value": 7.25}


def test_of_equals_the_first_wins(seeded: Database) -> None:
    seeded.add_reward(5, NOON, "1001")
    seeded.add_reward(3, NOON - HOUR, "1002")
    seeded.add_reward(2, NOON + HOUR, "1002")  # has 5 since then
    seeded.add_reward(5, NOON + SECOND, "1003")
    seeded.add_reward(6, NOON - DAY, "1004")
    seeded.add_reward(-1, NOON + DAY, "1004", "reversal")  # fell to 5 last of all
    assert [row[1] for row in ranks(board(seeded))] == ["1001", "1003", "1002", "1004"]
    assert [board(seeded, member=Caller(user_id=f"100{n}"))["own"]["rank"] for n in (1, 3, 2, 4)] == [1, 2, 3, 4]


def test_claims_count_what_was_earned_and_ties_go_to_the_first(seeded: Database) -> None:
    for member, at in (("1001", NOON), ("1002", NOON - DAY), ("1002", NOON - HOUR), ("1003", NOON)):
        seeded.add_reward(1, at, member)
    seeded.add_reward(0, NOON + HOUR, "1001")
    seeded.add_reward(-1, NOON + DAY, "1002", "reversal")
    assert ranks(board(seeded, "claims")) == [(1, "1002", 2), (2, "1001", 2), (3, "1003", 1)]


def test_the_own_rank_outside_the_ten(seeded: Database) -> None:
    for member in range(30):
        seeded.add_reward(30 - member // 2, NOON + member * SECOND, str(2000 + member))
    found = board(seeded, member=Caller(user_id="2025"))
    assert ranks(found) == [(n + 1, str(2000 + n), 30 - n // 2) for n in range(10)]
    assert found["own"] == {"rank": 26, "value": 18}
    assert board(seeded)["own"] is None


def test_every_member_has_a_rank_of_their_own(seeded: Database) -> None:
    for member in range(25):
        seeded.add_reward(member % 4, NOON + member % 3 * SECOND, str(2000 + member))
    own = [board(seeded, member=Caller(user_id=str(2000 + member)))["own"] for member in range(25)]
    assert sorted(each["rank"] for each in own if each) == list(range(1, 19))  # seven have nothing


def test_who_has_nothing_left_is_not_ranked(seeded: Database) -> None:
    seeded.add_reward(5, NOON)
    seeded.add_reward(-5, NOON, source="reversal")
    found = board(seeded)
    assert (found["top"], found["own"]) == ([], None)


@pytest.mark.parametrize("kind", ["rsnc_earned", "claims"])
def test_windows_are_calendar_weeks_and_months_of_the_servers_zone(db: Database, kind: str) -> None:
    db.connect_server(settings={"timezone": "America/New_York"})
    midnight = datetime(2026, 3, 1, 5, tzinfo=UTC)  # in New York, and a Sunday begins
    for member, at in (
        ("1001", midnight - SECOND),  # February, the week of 23 February
        ("1002", midnight),  # March, the same week
        ("1003", midnight + DAY - SECOND),
        ("1004", midnight + DAY),  # Monday, 2 March
    ):
        db.add_reward(1, at, member)
    assert [row[1] for row in ranks(board(db, kind, "month", at=midnight + 9 * DAY))] == ["1002", "1003", "1004"]
    assert [row[1] for row in ranks(board(db, kind, "week", at=midnight))] == ["1001", "1002", "1003"]
    assert [row[1] for row in ranks(board(db, kind, "week", at=midnight + DAY))] == ["1004"]
    assert ranks(board(db, kind, "week", at=midnight + 8 * DAY)) == []
    assert len(ranks(board(db, kind, "all", at=midnight + 99 * DAY))) == 4


def test_a_window_tells_when_it_ends(db: Database) -> None:
    db.connect_server(settings={"timezone": "Europe/Berlin"})
    at = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the day before the clocks change
    assert board(db, period="week", at=at)["ends_at"] == "2026-03-29T22:00:00+00:00"
    assert board(db, period="month", at=at)["ends_at"] == "2026-03-31T22:00:00+00:00"
    assert board(db, period="all", at=at)["ends_at"] is None


def test_a_dead_streak_is_never_shown(seeded: Database) -> None:
    seeded.add_streak("1001", 9, last_checkin=NOON - 2 * DAY)  # over since midnight
    seeded.add_streak("1002", 3)
    seeded.add_streak("1003", 5)
    seeded.add_streak("1004", 3, last_checkin=NOON - DAY - HOUR)
    seeded.add_streak("1005", 0)
    found = board(seeded, "streak")
    assert ranks(found) == [(1, "1003", 5), (2, "1004", 3), (3, "1002", 3)]
    assert found["own"] == {"rank": 3, "value": 3}
    assert board(seeded, "streak", member=Caller(user_id="1001"))["own"] is None
    assert ranks(board(seeded, "streak", at=NOON + DAY - 12 * HOUR)) == []


@pytest.mark.parametrize("kind", COUNTERS)
def test_what_other_programs_count(seeded: Database, kind: str) -> None:
    members = {"900000000000000001": 5, "1200000000000000001": 5, "1100000000000000001": 8, "1002": 0}
    for member, value in members.items():
        count(seeded, kind, member, value)
    found = board(seeded, kind, "week", Caller(user_id="1200000000000000001"))
    # of equals the older account: its id is the smaller number, though not the smaller text
    assert ranks(found) == [(1, "1100000000000000001", 8), (2, "900000000000000001", 5), (3, "1200000000000000001", 5)]
    assert found["own"] == {"rank": 3, "value": 5}
    assert (found["period"], found["asked_period"], found["ends_at"]) == ("all", "week", None)
    assert board(seeded, kind)["own"] is None


def test_other_servers_do_not_count(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_reward(5, NOON, "1001")
    seeded.add_streak("1001", 5)
    count_elsewhere = Caller(user_id="1001", server_id="78")
    for kind in ("rsnc_earned", "claims", "streak", *COUNTERS):
        found = board(seeded, kind, member=count_elsewhere)
        assert (found["top"], found["own"]) == ([], None)


@pytest.mark.parametrize("change", ["is_active = false", "server_id = '7'"])
def test_a_server_that_is_not_connected(seeded: Database, change: str) -> None:
    seeded.run(f"update discord_server_configs set {change}")
    assert board(seeded) == {"outcome": "server_not_connected"}


def paged(db: Database, number: int, kind: str = "rsnc_earned") -> Row:
    """A page as it is asked for."""
    return db.call("get_leaderboard", BOB, type=kind, period="all", page=number, now=NOON)


def test_the_pages_follow_each_other_without_a_gap_and_tell_no_own_rank(seeded: Database) -> None:
    for member in range(25):
        seeded.add_reward(30 - member // 2, NOON + member * SECOND, str(2000 + member))
    seeded.add_reward(1, NOON, BOB.user_id)
    pages = [paged(seeded, number) for number in (1, 2, 3)]
    everybody = [row for found in pages for row in ranks(found)]
    assert everybody == [*((n + 1, str(2000 + n), 30 - n // 2) for n in range(25)), (26, BOB.user_id, 1)]
    assert [(found["page"], found["has_more"], found["own"]) for found in pages] == [
        (1, True, None),
        (2, True, None),
        (3, False, None),
    ]
    beyond = paged(seeded, 4)
    assert (beyond["top"], beyond["has_more"]) == ([], False)


def test_a_full_last_page_has_none_after_it(seeded: Database) -> None:
    for member in range(20):
        seeded.add_streak(str(2000 + member), 3 + member)
    assert [paged(seeded, number, "streak")["has_more"] for number in (1, 2)] == [True, False]


def test_there_are_a_hundred_pages_at_most(seeded: Database) -> None:
    seeded.run(
        "insert into discord_user_stats (server_id, discord_user_id, messages_count)"
        " select '77', (10000 + n)::text, n from generate_series(1, 1001) as n"
    )
    last = paged(seeded, 100, "messages")
    assert (len(last["top"]), last["top"][-1]["rank"], last["has_more"]) == (10, 1000, False)
    assert paged(seeded, 2**31 - 1, "messages") == last
    assert paged(seeded, -1, "messages")["page"] == 1


def test_a_type_that_does_not_exist_is_the_callers_bug(seeded: Database) -> None:
    with pytest.raises(Exception, match="null values cannot be formatted"):
        board(seeded, "charm")
