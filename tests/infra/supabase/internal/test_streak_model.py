"""The streak rules against a second, slow model of them, which reads the clock on the wall minute by minute."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.sql import DAY, HOUR, MINUTE, Caller, Database, Row

ZONES = (
    "UTC",
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Fakaofo",
    "Pacific/Kiritimati",
)
# Far enough back that every edition of the time zone data agrees.
START, END = datetime(2005, 1, 10, tzinfo=UTC), datetime(2020, 11, 30, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_GRACE = 72
DEFAULT_TIERS = [{"days": 3, "multiplier": 1.1}, {"days": 7, "multiplier": 1.25}]

_servers = itertools.count(1)


class Shown(NamedTuple):
    """What a member is told of a streak."""

    streak: int
    multiplier: float
    next_at: datetime | None
    deadline: datetime | None


def wall(zone: str, instant: datetime) -> datetime:
    """The local time at an instant; the model asks for nothing else of a time zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def walk(zone: str, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Every minute, from one before the end of the day in every zone, with its local time."""
    instant = midnight(day).replace(tzinfo=UTC) - DAY
    while True:
        yield instant, wall(zone, instant)
        instant += MINUTE


@cache
def end_of(zone: str, day: date) -> datetime:
    """The first minute of a later day."""
    return next(instant for instant, shown in walk(zone, day) if shown.date() > day)


@cache
def deadlines_of(zone: str, day: date) -> list[datetime]:
    """The minute at which a streak is over whose last day is `day`, by hours of grace: first whole days, then hours."""
    later: list[date] = []  # the days that there are: not every date is one
    found = [START]  # for 0 hours, which no server can set
    for instant, shown in walk(zone, day):
        if shown.date() > day and shown.date() not in later:
            later.append(shown.date())
        while len(later) > len(found) // 24 and shown >= midnight(later[len(found) // 24]) + len(found) % 24 * HOUR:
            found.append(instant)
            if len(found) > LONGEST_GRACE:
                return found
    raise AssertionError("time ends")


def midnight(day: date) -> datetime:
    """What the clock shows when a day begins, if it shows that."""
    return datetime.combine(day, time())


class Model:
    """A server and a member, as the rules describe them."""

    def __init__(self, zone: str, grace: int, tiers: list[Row]) -> None:
        self.zone = zone
        self.grace = grace
        self.tiers = tiers
        self.streak = 0
        self.last_day = date.min
        self.days: list[date] = []

    def deadline(self) -> datetime:
        return deadlines_of(self.zone, self.last_day)[self.grace] if self.streak else START

    def next_at(self) -> datetime:
        return end_of(self.zone, self.last_day) if self.streak else START

    def check_in(self, now: datetime) -> bool:
        """Whether the day was still free."""
        today = wall(self.zone, now).date()
        if today <= self.last_day:
            return False
        self.streak = self.streak + 1 if now < self.deadline() else 1
        self.last_day = today
        self.days.append(today)
        return True

    def shown(self, now: datetime) -> Shown:
        """What the member may read at this moment."""
        alive = self.streak > 0 and now < self.deadline()
        streak = self.streak if alive else 0
        reached = [tier for tier in self.tiers if tier["days"] <= streak]
        return Shown(
            streak,
            max(reached, key=lambda tier: tier["days"])["multiplier"] if reached else 1,
            self.next_at() if wall(self.zone, now).date() <= self.last_day else None,
            self.deadline() if alive else None,
        )


class Real:
    """The same, in the database."""

    def __init__(self, db: Database, zone: str, grace: int, tiers: list[Row] | None) -> None:
        self.db = db
        self.server_id = str(next(_servers))
        self.member = Caller(user_id="1002", server_id=self.server_id)
        self.streak: Row = {"grace_hours": grace} | ({} if tiers is None else {"tiers": tiers})
        db.connect_server(self.server_id, settings={"timezone": zone, "streak": self.streak})
        db.add_event("daily_checkin", 25, server_id=self.server_id)

    def move(self, zone: str) -> None:
        settings = {"timezone": zone, "streak": self.streak}
        query = "update discord_server_configs set config_metadata = %s where server_id = %s"
        self.db.run(query, Jsonb(settings), self.server_id)

    def check_in(self, now: datetime) -> Row:
        return self.db.call("check_in", self.member.again(), now=now)

    def get_streak(self, now: datetime) -> Row:
        return self.db.call("get_streak", self.member, now=now)

    def oldest_living_day(self, zone: str, now: datetime) -> date:
        settings = Jsonb({"timezone": zone, "streak": self.streak})
        day: date = self.db.value("select internal.oldest_living_day(%s, %s)", settings, now)
        return day

    def reset(self, now: datetime) -> int:
        """The scheduled run; gives the streak that is written then."""
        self.db.call("reset_streaks", now=now)
        query = "select current_streak from discord_user_streaks where server_id = %s"
        written: int = self.db.value(query, self.server_id)
        return written

    def days(self) -> list[date]:
        """The days that were paid."""
        query = "select reference from reward_ledger where server_id = %s order by id"
        return [date.fromisoformat(row["reference"]) for row in self.db.rows(query, self.server_id)]


def changes(zone: str) -> list[datetime]:
    """The days that are not 24 hours long; a day before one that the zone skipped stands in the list ten times."""
    days = [START + n * DAY for n in range((END - START).days)]
    elapsed = [(day, wall(zone, day + DAY) - wall(zone, day)) for day in days]
    return [day for day, passed in elapsed for _ in range(10 if passed > 30 * HOUR else 1) if passed != DAY]


CHANGES = {zone: changes(zone) for zone in ZONES}


def starts(zone: str) -> st.SearchStrategy[datetime]:
    """Any moment, and rather often one shortly before a change of the clock."""
    anywhere = st.integers(0, int((END - START) / MINUTE)).map(lambda minutes: START + minutes * MINUTE)
    if not CHANGES[zone]:
        return anywhere
    before = st.integers(0, 5 * 24 * 60)
    near = st.builds(lambda day, minutes: day - minutes * MINUTE, st.sampled_from(CHANGES[zone]), before)
    return near | near | anywhere


EARLY = st.sampled_from([-HOUR, -MINUTE, -MICROSECOND, timedelta(), timedelta(), MICROSECOND, 30 * MINUTE, HOUR])
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 60 * 60).map(lambda minutes: minutes * MINUTE)),
    st.tuples(st.just("next day"), EARLY),
    st.tuples(st.just("deadline"), EARLY),
    st.tuples(st.just("move"), st.sampled_from(ZONES)),
    st.tuples(st.just("reset"), st.none()),
)
TIERS = st.none() | st.lists(
    st.builds(lambda days, tenths: {"days": days, "multiplier": tenths / 10}, st.integers(1, 6), st.integers(10, 50)),
    unique_by=lambda tier: tier["days"],
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone_and_start=st.sampled_from(ZONES).flatmap(lambda zone: st.tuples(st.just(zone), starts(zone))),
    grace=st.sampled_from([1, 2, 3, 8, 23, 24, 25, 26, 48, 72]) | st.integers(1, 72),
    tiers=TIERS,
    steps=st.lists(STEPS, max_size=8),
)
def test_the_database_follows_the_rules(
    db: Database, zone_and_start: tuple[str, datetime], grace: int, tiers: list[Row] | None, steps: list[Any]
) -> None:
    zone, now = zone_and_start
    model, real = Model(zone, grace, DEFAULT_TIERS if tiers is None else tiers), Real(db, zone, grace, tiers)
    compare(model, real, now)
    for step, value in steps:
        if step == "move":
            model.zone = value
            real.move(value)
        elif step == "reset":
            assert real.reset(now) == model.shown(now).streak
        else:
            since = {"wait": now, "next day": model.next_at(), "deadline": model.deadline()}[step]
            now = max(now, since + value)
        compare(model, real, now)
    assert real.days() == model.days == sorted(set(model.days))


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    change=st.sampled_from([zone for zone in ZONES if CHANGES[zone]]).flatmap(
        lambda zone: st.tuples(st.just(zone), st.sampled_from(CHANGES[zone]))
    )
)
def test_every_deadline_around_a_change_of_the_clock(db: Database, change: tuple[str, datetime]) -> None:
    zone, at = change
    rows = db.rows(
        """
        select day, grace, internal.day_start(s, day + 1) as end, internal.streak_deadline(s, day) as deadline
        from unnest(%s::date[]) as day, generate_series(1, %s) as grace, lateral (
            select jsonb_build_object('timezone', %s::text, 'streak', jsonb_build_object('grace_hours', grace)) as s
        ) as settings
        """,
        [at.date() + n * DAY for n in range(-4, 2)],
        LONGEST_GRACE,
        zone,
    )
    for row in rows:
        day, grace = row["day"], row["grace"]
        assert row == row | {"end": end_of(zone, day), "deadline": deadlines_of(zone, day)[grace]}


def compare(model: Model, real: Real, now: datetime) -> None:
    """A check-in, and what /streak shows before it and after."""
    assert shown(real.get_streak(now)) == model.shown(now)
    taken = model.check_in(now)
    answer = real.check_in(now)
    expected = model.shown(now)
    assert answer["outcome"] == ("checked_in" if taken else "already_checked_in")
    assert shown(real.get_streak(now)) == expected
    assert instant(answer["next_at"]) == expected.next_at
    assert answer["streak"] == expected.streak
    if taken:
        assert instant(answer["deadline"]) == expected.deadline
    oldest = real.oldest_living_day(model.zone, now)
    before, after = (deadlines_of(model.zone, day)[model.grace] for day in (oldest - DAY, oldest))
    assert before <= now < after


def shown(facts: Row) -> Shown:
    """What get_streak says."""
    return Shown(facts["streak"], facts["multiplier"], instant(facts["next_at"]), instant(facts["deadline"]))


def instant(text: str | None) -> datetime | None:
    """A time as jsonb gives it."""
    return None if text is None else datetime.fromisoformat(text)
