"""The streak rules as a table: who checked in when, and what /streak shows then.

    name | zone | grace | check-ins | now -> streak ×multiplier until deadline

All times are by the clock on the wall of that zone. What a date leaves out is as in the time before it, at first as in
2019-01-01. `10..16 12:00` is noon of each of these days. A check-in in (brackets) is refused: its day is taken. `again`
marks the second strike of an hour that the clock strikes twice. `to Asia/Tokyo` is an admin who moves the server: from
then on all times are by the clock there. Behind the grace may stand tiers of the server's own: `24, 2×1.5 5×3`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.sql import Caller, Database, Row

VECTORS = """
# The rule
never came                 | UTC | 24 | | 10 12:00 -> 0 ×1
a first check-in           | UTC | 24 | 10 12:00 | 12:00 -> 1 ×1 until 12 00:00
the first moment of a day  | UTC | 24 | 10 00:00 | 00:00 -> 1 ×1 until 12 00:00
the last second of a day   | UTC | 24 | 10 23:59:59 | 23:59:59 -> 1 ×1 until 12 00:00
twice on one day           | UTC | 24 | 10 08:00, (20:00) | 20:00 -> 1 ×1 until 12 00:00
twice, the second late     | UTC | 24 | 10 00:00, (23:59:59) | 23:59:59 -> 1 ×1 until 12 00:00
a minute apart at midnight | UTC | 24 | 10 23:59:30, 11 00:00:30 | 00:01 -> 2 ×1 until 13 00:00
nearly two days apart      | UTC | 24 | 10 00:00, 11 23:59:59 | 23:59:59 -> 2 ×1 until 13 00:00
three and a refused one    | UTC | 24 | 10 12:00, (13:00), 11..12 12:00 | 13:00 -> 3 ×1.1 until 14 00:00
a refusal extends nothing  | UTC | 24 | 10 12:00, (23:00) | 12 00:00 -> 0 ×1
shown the day after        | UTC | 24 | 10..12 12:00 | 13 12:00 -> 3 ×1.1 until 14 00:00
alive in the last second   | UTC | 24 | 10..12 12:00 | 13 23:59:59 -> 3 ×1.1 until 14 00:00
lapsed an instant later    | UTC | 24 | 10..12 12:00 | 14 00:00 -> 0 ×1
long lapsed                | UTC | 24 | 10..20 12:00 | 05-01 12:00 -> 0 ×1
saved in the last second   | UTC | 24 | 10 12:00, 11 23:59:59 | 12 12:00 -> 2 ×1 until 13 00:00
a lapse begins at 1 again  | UTC | 24 | 10..14 12:00, 16 00:00 | 12:00 -> 1 ×1 until 18 00:00
two lapses                 | UTC | 24 | 10..12 12:00, 14 12:00, 16..17 12:00 | 12:00 -> 2 ×1 until 19 00:00

# Multipliers
two days                   | UTC | 24 | 10..11 12:00 | 12:00 -> 2 ×1 until 13 00:00
six days                   | UTC | 24 | 10..15 12:00 | 12:00 -> 6 ×1.1 until 17 00:00
a week                     | UTC | 24 | 10..16 12:00 | 12:00 -> 7 ×1.25 until 18 00:00
thirteen days              | UTC | 24 | 10..22 12:00 | 12:00 -> 13 ×1.25 until 24 00:00
two weeks                  | UTC | 24 | 10..23 12:00 | 12:00 -> 14 ×1.5 until 25 00:00
twenty-nine days           | UTC | 24 | 10..02-07 12:00 | 12:00 -> 29 ×1.5 until 09 00:00
thirty days                | UTC | 24 | 10..02-08 12:00 | 12:00 -> 30 ×2 until 10 00:00
own tiers, below the first | UTC | 24, 5×3 2×1.5 | 10 12:00 | 12:00 -> 1 ×1 until 12 00:00
own tiers, the first       | UTC | 24, 5×3 2×1.5 | 10..13 12:00 | 12:00 -> 4 ×1.5 until 15 00:00
own tiers, the last        | UTC | 24, 5×3 2×1.5 | 10..15 12:00 | 12:00 -> 6 ×3 until 17 00:00
own tiers from day one     | UTC | 24, 1×1.2 | 10 12:00 | 12:00 -> 1 ×1.2 until 12 00:00
own tiers, lapsed          | UTC | 24, 1×1.2 | 10 12:00 | 12 12:00 -> 0 ×1

# Grace
until one in the morning   | UTC | 1 | 10 12:00 | 12:00 -> 1 ×1 until 11 01:00
in time                    | UTC | 1 | 10 12:00, 11 00:59:59 | 12:00 -> 2 ×1 until 12 01:00
too late                   | UTC | 1 | 10 12:00, 11 01:00 | 12:00 -> 1 ×1 until 12 01:00
in time                    | UTC | 8 | 10 12:00, 11 07:59:59 | 07:59:59 -> 2 ×1 until 12 08:00
too late                   | UTC | 8 | 10 12:00, 11 08:00 | 08:00 -> 1 ×1 until 12 08:00
lapsed at nine             | UTC | 8 | 10 12:00 | 11 09:00 -> 0 ×1
the hour after a day off   | UTC | 25 | 10 12:00, 12 00:59:59 | 01:00 -> 2 ×1 until 14 01:00
too late for that hour     | UTC | 25 | 10 12:00, 12 01:00 | 01:00 -> 1 ×1 until 14 01:00
one day off                | UTC | 48 | 10 12:00, 12 23:59:59 | 23:59:59 -> 2 ×1 until 15 00:00
two days off               | UTC | 48 | 10 12:00, 13 00:00 | 00:00 -> 1 ×1 until 16 00:00
every other day            | UTC | 48 | 10 12:00, 12 12:00, 14 12:00 | 12:00 -> 3 ×1.1 until 17 00:00
two days off               | UTC | 72 | 10 12:00, 13 23:59:59 | 23:59:59 -> 2 ×1 until 17 00:00
three days off             | UTC | 72 | 10 12:00, 14 00:00 | 00:00 -> 1 ×1 until 18 00:00

# The calendar
over the year's end        | UTC | 24 | 12-30..2020-01-02 12:00 | 12:00 -> 4 ×1.1 until 04 00:00
the year's last second     | UTC | 24 | 12-31 23:59:59, 2020-01-01 00:00 | 00:00 -> 2 ×1 until 03 00:00
a leap day is a day        | UTC | 24 | 2024-02-28..29 12:00 | 12:00 -> 2 ×1 until 03-02 00:00
a leap day off             | UTC | 24 | 2024-02-28 12:00, 03-01 12:00 | 12:00 -> 1 ×1 until 03 00:00
a year without one         | UTC | 24 | 02-28 12:00, 03-01 12:00 | 12:00 -> 2 ×1 until 03 00:00
the end of a leap day      | UTC | 48 | 2024-02-28 12:00 | 12:00 -> 1 ×1 until 03-02 00:00
2100 is no leap year       | UTC | 24 | 2100-02-28 12:00, 03-01 12:00 | 12:00 -> 2 ×1 until 03 00:00

# Zones
5:45 ahead of UTC          | Asia/Kathmandu | 24 | 10 23:59:59, 11 00:00 | 00:00 -> 2 ×1 until 13 00:00
5:30 ahead of UTC          | Asia/Kolkata | 8 | 10 00:00, (23:59:59), 11 07:59:59 | 08:00 -> 2 ×1 until 12 08:00
the first with a new day   | Pacific/Kiritimati | 24 | 10 23:59:59, 11 00:00 | 00:00 -> 2 ×1 until 13 00:00
the last with it           | Pacific/Pago_Pago | 24 | 10 00:00, (23:59:59), 11 00:00 | 00:00 -> 2 ×1 until 13 00:00
13:45 ahead of UTC         | Pacific/Chatham | 24 | 10 23:59:59, 11 00:00 | 00:00 -> 2 ×1 until 13 00:00

# Europe/Berlin: 31 March 2019 has 23 hours (02:00 becomes 03:00), 27 October 25 (03:00 becomes 02:00)
the day of 23 hours        | Europe/Berlin | 24 | 03-30 23:59:59, 31 23:59:59 | 23:59:59 -> 2 ×1 until 04-02 00:00
that day off               | Europe/Berlin | 24 | 03-30 12:00, 04-01 00:00 | 00:00 -> 1 ×1 until 03 00:00
before, on and after it    | Europe/Berlin | 24 | 03-30..04-01 12:00 | 12:00 -> 3 ×1.1 until 03 00:00
both sides of the gap      | Europe/Berlin | 24 | 03-31 01:59:59, (03:00) | 03:00 -> 1 ×1 until 04-02 00:00
ends at the gap            | Europe/Berlin | 2 | 03-30 12:00 | 31 01:59:59 -> 1 ×1 until 03:00
three is two there         | Europe/Berlin | 3 | 03-30 12:00 | 31 01:59:59 -> 1 ×1 until 03:00
eight by the wall          | Europe/Berlin | 8 | 03-30 12:00, 31 07:59:59 | 12:00 -> 2 ×1 until 04-01 08:00
a day and two hours        | Europe/Berlin | 26 | 03-29 12:00 | 31 00:00 -> 1 ×1 until 03:00
the day of 25 hours        | Europe/Berlin | 24 | 10-26 00:00, 27 23:59:59 | 23:59:59 -> 2 ×1 until 29 00:00
which is one day           | Europe/Berlin | 24 | 10-27 02:30, (02:30 again), (23:59) | 23:59 -> 1 ×1 until 29 00:00
ends at the first strike   | Europe/Berlin | 2 | 10-26 12:00 | 27 01:59:59 -> 1 ×1 until 02:00
over at the second         | Europe/Berlin | 2 | 10-26 12:00, 27 02:00 again | 02:00 again -> 1 ×1 until 28 02:00
both hours count           | Europe/Berlin | 3 | 10-26 12:00, 27 02:59:59 again | 03:00 -> 2 ×1 until 28 03:00
ends at the first strike   | Europe/Berlin | 26 | 10-25 12:00 | 27 01:59:59 -> 1 ×1 until 02:00
two days off over it       | Europe/Berlin | 72 | 10-25 12:00, 28 23:59:59 | 23:59:59 -> 2 ×1 until 11-01 00:00

# America/New_York: 10 March 2019 has 23 hours, 3 November 25
the day of 23 hours        | America/New_York | 24 | 03-09 12:00, 10 23:59:59 | 23:59:59 -> 2 ×1 until 12 00:00
that day off               | America/New_York | 24 | 03-09 12:00, 11 00:00 | 00:00 -> 1 ×1 until 13 00:00
one day off over it        | America/New_York | 48 | 03-09 12:00, 11 23:59:59 | 23:59:59 -> 2 ×1 until 14 00:00
the day of 25 hours        | America/New_York | 24 | 11-02 12:00, 03 23:59:59 | 23:59:59 -> 2 ×1 until 05 00:00
which is one day           | America/New_York | 24 | 11-03 01:30, (01:30 again), 04 00:00 | 00:00 -> 2 ×1 until 06 00:00
ends at the first strike   | America/New_York | 1 | 11-02 12:00 | 03 00:59:59 -> 1 ×1 until 01:00
over at the second         | America/New_York | 1 | 11-02 12:00, 03 01:00 again | 01:00 again -> 1 ×1 until 04 01:00
both hours count           | America/New_York | 2 | 11-02 12:00, 03 01:59:59 again | 02:00 -> 2 ×1 until 04 02:00

# Australia/Lord_Howe changes by half an hour: 02:00 becomes 01:30 on 7 April 2019, and 02:30 on 6 October
the longer day             | Australia/Lord_Howe | 24 | 04-06 12:00, 07 23:59:59 | 23:59:59 -> 2 ×1 until 09 00:00
which is one day           | Australia/Lord_Howe | 24 | 04-07 01:45, (01:45 again) | 02:00 -> 1 ×1 until 09 00:00
both half hours count      | Australia/Lord_Howe | 2 | 04-06 12:00, 07 01:59:59 again | 02:00 -> 2 ×1 until 08 02:00
the shorter day            | Australia/Lord_Howe | 24 | 10-05 12:00, 06 23:59:59 | 23:59:59 -> 2 ×1 until 08 00:00
that day off               | Australia/Lord_Howe | 24 | 10-05 12:00, 07 00:00 | 00:00 -> 1 ×1 until 09 00:00
ends at the gap            | Australia/Lord_Howe | 2 | 10-05 12:00 | 06 01:59:59 -> 1 ×1 until 02:30
three by the wall          | Australia/Lord_Howe | 3 | 10-05 12:00, 06 02:59:59 | 03:00 -> 2 ×1 until 07 03:00

# Where it is midnight that the change takes or gives twice
a day begins at the first  | America/Havana | 24 | 11-02 12:00, 03 00:00 | 00:00 -> 2 ×1 until 05 00:00
between the two midnights  | America/Havana | 24 | 11-02 12:00, 03 00:30, (00:30 again) | 01:00 -> 2 ×1 until 05 00:00
ends at the first          | America/Havana | 24 | 11-01 12:00 | 02 23:59:59 -> 1 ×1 until 03 00:00
over at the second         | America/Havana | 24 | 11-01 12:00 | 03 00:00 again -> 0 ×1
both hours count           | America/Havana | 1 | 11-02 12:00, 03 00:59:59 again | 01:00 -> 2 ×1 until 04 01:00
a day that begins at one   | America/Havana | 24 | 03-09 23:59:59, 10 01:00 | 01:00 -> 2 ×1 until 12 00:00
ends at a midnight gone    | America/Havana | 24 | 03-08 12:00 | 09 12:00 -> 1 ×1 until 10 01:00
the only hour is gone      | America/Havana | 1 | 03-09 12:00 | 23:59:59 -> 1 ×1 until 10 01:00
a day begins at the first  | Atlantic/Azores | 24 | 10-26 12:00, 27 00:00 | 00:00 -> 2 ×1 until 29 00:00
between the two midnights  | Atlantic/Azores | 24 | 10-26 12:00, 27 00:30, (00:30 again) | 01:00 -> 2 ×1 until 29 00:00
ends at the first          | Atlantic/Azores | 24 | 10-25 12:00 | 26 23:59:59 -> 1 ×1 until 27 00:00
a day that begins at one   | Atlantic/Azores | 24 | 03-30 23:59:59, 31 01:00 | 01:00 -> 2 ×1 until 04-02 00:00
eleven is struck twice     | America/Sao_Paulo | 24 | 02-16 23:30, (23:30 again) | 23:30 again -> 1 ×1 until 18 00:00
ends within two hours gone | Antarctica/Troll | 2 | 03-30 12:00 | 31 00:59:59 -> 1 ×1 until 03:00

# Pacific/Apia and Fakaofo went from 29 December 2011 to the 31st
the day that never was     | Pacific/Apia | 24 | 2011-12-29 12:00, 31 00:00 | 00:00 -> 2 ×1 until 2012-01-02 00:00
all of the next day        | Pacific/Apia | 24 | 2011-12-29 12:00, 31 23:59:59 | 23:59:59 -> 2 ×1 until 2012-01-02 00:00
the next day off           | Pacific/Apia | 24 | 2011-12-29 12:00, 2012-01-01 00:00 | 00:00 -> 1 ×1 until 03 00:00
the 29th off               | Pacific/Apia | 24 | 2011-12-28 12:00, 31 00:00 | 00:00 -> 1 ×1 until 2012-01-02 00:00
told before it             | Pacific/Apia | 24 | 2011-12-29 12:00 | 12:00 -> 1 ×1 until 2012-01-01 00:00
eight on the 31st          | Pacific/Apia | 8 | 2011-12-29 12:00, 31 07:59:59 | 08:00 -> 2 ×1 until 2012-01-01 08:00
after eight on the 31st    | Pacific/Apia | 8 | 2011-12-29 12:00, 31 08:00 | 08:00 -> 1 ×1 until 2012-01-01 08:00
one day off that was       | Pacific/Apia | 48 | 2011-12-28 12:00, 31 23:59:59 | 23:59:59 -> 2 ×1 until 2012-01-03 00:00
two days off that were     | Pacific/Apia | 48 | 2011-12-28 12:00, 2012-01-01 00:00 | 00:00 -> 1 ×1 until 04 00:00
two days off over it       | Pacific/Apia | 72 | 2011-12-28 12:00 | 12:00 -> 1 ×1 until 2012-01-02 00:00
the day that never was     | Pacific/Fakaofo | 24 | 2011-12-29 23:59:59, 31 00:00 | 00:00 -> 2 ×1 until 2012-01-02 00:00

# An admin moves the server to another zone in mid-streak
east, into the next day    | UTC | 24 | 03-10 12:00, to Pacific/Kiritimati, 11 02:00 | 02:00 -> 2 ×1 until 13 00:00
east, still the same day   | UTC | 24 | 03-10 08:00, to Asia/Tokyo, (17:00) | 17:00 -> 1 ×1 until 12 00:00
east, ends sooner          | America/New_York | 24 | 03-10 12:00, to Asia/Tokyo | 11 02:00 -> 1 ×1 until 12 00:00
east, past the end         | Pacific/Pago_Pago | 1 | 10 23:30, to Asia/Tokyo, 11 20:00 | 20:00 -> 1 ×1 until 12 01:00
west, the day comes again  | Asia/Tokyo | 24 | 10 08:00, to UTC, (09 23:00), (10 12:00) | 12:00 -> 1 ×1 until 12 00:00
west, the day after        | Asia/Tokyo | 24 | 10 08:00, to UTC, (10 23:59:59), 11 00:00 | 00:00 -> 2 ×1 until 13 00:00
west, ends later           | Asia/Tokyo | 24 | 03-10 12:00, to America/New_York | 11 23:59:59 -> 1 ×1 until 12 00:00
west, alive again          | Asia/Tokyo | 24 | 03-10..12 12:00, to America/New_York | 13 11:00 -> 3 ×1.1 until 14 00:00
there and back             | UTC | 24 | to Asia/Tokyo, 11 08:00, to UTC, (11 00:00) | 00:00 -> 1 ×1 until 13 00:00
"""


@dataclass(frozen=True)
class Vector:
    """One line of the table."""

    name: str
    zone: str
    grace: int
    tiers: list[Row]
    check_ins: str
    now: str
    expected: str

    def __str__(self) -> str:
        """What pytest calls it."""
        return f"{self.zone}, {self.grace}: {self.name}"


def vectors() -> Iterator[Vector]:
    """The lines of the table."""
    for line in filter(None, VECTORS.splitlines()):
        if not line.startswith("#"):
            name, zone, grace, check_ins, then = (part.strip() for part in line.split("|"))
            hours, _, tiers = grace.partition(",")
            pairs = [tier.split("×") for tier in tiers.split()]
            now, expected = then.split(" -> ")
            own = [{"days": int(days), "multiplier": float(multiplier)} for days, multiplier in pairs]
            yield Vector(name, zone, int(hours), own, check_ins, now, expected)


class Wall:
    """The clock on a server's wall: reads times as the table has them."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.day = date(2019, 1, 1)

    def read(self, text: str) -> list[datetime]:
        """The instants of a time, several where it names several days."""
        time, again = re.subn(" again$", "", text)
        *days, time = time.split(" ")
        first, _, last = days[0].partition("..") if days else ("", "", "")
        start = self._date(first)
        self.day = start
        self.day = self._date(last)
        count = (self.day - start).days + 1
        return [self._instant(start + timedelta(days=n), time, again) for n in range(count)]

    def _date(self, text: str) -> date:
        given = text.split("-") if text else []
        return date.fromisoformat("-".join(self.day.isoformat().split("-")[: 3 - len(given)] + given))

    def _instant(self, day: date, time: str, again: int) -> datetime:
        shown = datetime.fromisoformat(f"{day} {time}").replace(tzinfo=self.zone, fold=again)
        instant = shown.astimezone(UTC)
        assert instant.astimezone(self.zone) == shown, f"the clock never shows {shown}"
        assert not again or instant != shown.replace(fold=0).astimezone(UTC), f"{shown} comes once"
        return instant

    def told(self, instant: datetime) -> str:
        """An instant in full, as the table would have it."""
        shown = instant.astimezone(self.zone)
        return f"{shown:%Y-%m-%d %H:%M:%S}" + " again" * shown.fold


class Story:
    """What happens in one line: a server of its own, and one member."""

    def __init__(self, db: Database, vector: Vector) -> None:
        self.db = db
        self.wall = Wall(vector.zone)
        self.streak: Row = {"grace_hours": vector.grace} | ({"tiers": vector.tiers} if vector.tiers else {})
        self.member = Caller(user_id="1002")
        db.connect_server(settings={"timezone": vector.zone, "streak": self.streak})
        db.add_event("daily_checkin", 25)

    def play(self, steps: str) -> None:
        """Check in, and move, as the line says."""
        for step in filter(None, steps.split(", ")):
            if step.startswith("to "):
                self._move(step.removeprefix("to "))
            else:
                refused = step.startswith("(")
                for instant in self.wall.read(step.strip("()")):
                    outcome = self.db.call("check_in", self.member.again(), now=instant)["outcome"]
                    assert outcome == ("already_checked_in" if refused else "checked_in"), step

    def _move(self, zone: str) -> None:
        day = self.wall.day
        self.wall = Wall(zone)
        self.wall.day = day
        settings = {"timezone": zone, "streak": self.streak}
        self.db.set_settings(settings)

    def streak_at(self, instant: datetime) -> Row:
        """What /streak shows."""
        return self.db.call("get_streak", self.member, now=instant)

    def written_at(self, instant: datetime) -> int:
        """What the scheduled run leaves in the table."""
        self.db.call("reset_streaks", now=instant)
        return sum(row["current_streak"] for row in self.db.rows("select current_streak from discord_user_streaks"))


@pytest.mark.parametrize("vector", [pytest.param(each, id=str(each)) for each in vectors()])
def test_the_table(db: Database, vector: Vector) -> None:
    story = Story(db, vector)
    story.play(vector.check_ins)
    days = [row["reference"] for row in db.rows("select reference from reward_ledger order by id")]
    assert days == sorted(set(days)), "a day is paid once"
    (now,) = story.wall.read(vector.now)
    shown = story.streak_at(now)

    figures, _, deadline = vector.expected.partition(" until ")
    assert f"{shown['streak']} ×{shown['multiplier']:g}" == figures
    assert story.written_at(now) == shown["streak"]
    if not deadline:
        assert shown["deadline"] is None
        return
    (expected,) = story.wall.read(deadline)
    told = datetime.fromisoformat(shown["deadline"])
    assert story.wall.told(told) == story.wall.told(expected)
    just_before = told - timedelta(microseconds=1)
    assert story.streak_at(just_before)["streak"] == story.written_at(just_before) == shown["streak"]
    assert story.streak_at(told)["streak"] == story.written_at(told) == 0


def test_the_table_is_as_long_as_it_is_said_to_be() -> None:
    names = [str(vector) for vector in vectors()]
    assert len(names) == len(set(names)) >= 60
