"""/config streaks: when a day begins, how long a streak lives and what it is worth."""

from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, BOB
from shared.features.settings.streaks import zone_choice
from tests.shared.features.rows import has_streak
from tests.shared.features.settings.stored import shown, stored, written
from tests.sql import Database

pytestmark = pytest.mark.usefixtures("at_noon")
DEFAULTS = (
    "Time zone: `UTC` (the default)\nGrace: 24 hours (the default)\n"
    "Multipliers: 3 days ×1.1, 7 days ×1.25, 14 days ×1.5, 30 days ×2 (the default)\n"
    "Bonuses: 7 days (50 RSNC), 30 days (200 RSNC), 100 days (1,000 RSNC), 365 days (5,000 RSNC) (the default)"
)
KEPT = "What was paid stays in its day, and so do check-ins."


def streaks(client: Client, **options: Any) -> Reply:
    """An admin's /config streaks."""
    return client.slash("config streaks", user=ADMIN, **options)


def test_nothing_given_shows_what_holds(server: Client, db: Database, rpc_calls: list[str]) -> None:
    assert shown(streaks(server)) == DEFAULTS
    assert rpc_calls == ["get_settings"]
    assert stored(db) is None


def test_a_change_shows_what_is_and_what_was(server: Client, db: Database, rpc_calls: list[str]) -> None:
    reply = streaks(server, grace=48, tiers="3:1.1, 7:2")
    lines = shown(reply).split("\n")
    assert lines[:2] == [
        "Grace: **48 hours** (before: 24 hours (the default))",
        "Multipliers: **3 days ×1.1, 7 days ×2** (before: "
        "3 days ×1.1, 7 days ×1.25, 14 days ×1.5, 30 days ×2 (the default))",
    ]
    assert lines[2] == "Time zone: `UTC` (the default)"
    assert len(lines) == 4
    assert rpc_calls == ["set_streaks"]
    assert server.redeliver(reply).body == reply.body
    assert stored(db)["streak"]["grace_hours"] == 48


def test_it_holds_at_once(server: Client, db: Database) -> None:
    has_streak(db, server, BOB, 4)
    streaks(server, tiers="5:3", milestones="2:20.5")
    assert "75 RSNC" in server.slash("daily", user=BOB).text
    assert "20.5 RSNC" in server.slash("streak claim", user=BOB).text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("3:1.1, 7:1.25", [(3, 1.1), (7, 1.25)]),
        ("3:1;7 : 1\n 8:5,", [(3, 1), (7, 1), (8, 5)]),
        ("100000:5.00", [(100_000, 5)]),
        (", ".join(f"{days}:2" for days in range(1, 51)), [(days, 2) for days in range(1, 51)]),
        (" None ", []),
    ],
)
def test_tiers_are_typed_in_pairs(server: Client, db: Database, typed: str, kept: list[tuple[int, float]]) -> None:
    assert "before:" in shown(streaks(server, tiers=typed))
    assert stored(db) == {"streak": {"tiers": [{"days": days, "multiplier": factor} for days, factor in kept]}}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("7:50, 30:200", [(7, 50), (30, 200)]),
        ("1:0.01, 100000:1000000000", [(1, 0.01), (100_000, 1_000_000_000)]),
        ("7:50,30:20", [(7, 50), (30, 20)]),
        ("none", []),
    ],
)
def test_milestones_are_typed_in_pairs(server: Client, db: Database, typed: str, kept: list[tuple[int, float]]) -> None:
    assert "before:" in shown(streaks(server, milestones=typed))
    assert stored(db) == {"streak": {"milestones": [{"days": days, "reward": reward} for days, reward in kept]}}


def test_default_puts_a_list_back(server: Client) -> None:
    streaks(server, tiers="5:3", milestones="none")
    assert "(before: none)" in shown(streaks(server, tiers="DEFAULT ", milestones="default"))
    assert shown(streaks(server)) == DEFAULTS


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("grace", 0, "`grace` must be 1 or more."),
        ("grace", 73, "`grace` must be 72 or less."),
        ("grace", 1.5, "`grace` must be a whole number."),
        ("tiers", "3:9", "`tiers` may multiply by 1.0 to 5.0"),
        ("tiers", "3:0.9", "`tiers` may multiply by 1.0 to 5.0"),
        ("tiers", "7:1.1, 3:1.25", "`tiers` must be in the order of the days"),
        ("tiers", "7:1.1, 7:1.25", "`tiers` must be in the order of the days"),
        ("tiers", "3:1.5, 7:1.25", "`tiers` may not fall"),
        ("tiers", "0:1.5", "The days in `tiers` must be from 1 to 100,000."),
        ("tiers", "100001:1.5", "The days in `tiers` must be from 1 to 100,000."),
        ("tiers", "3:1.125", "`tiers` must be pairs such as 3:1.1, 7:1.25: whole days"),
        ("tiers", "3.5:2", "`tiers` must be pairs"),
        ("tiers", "3:-2", "`tiers` must be pairs"),
        ("tiers", "3", "`tiers` must be pairs"),
        ("tiers", "three:2", "`tiers` must be pairs"),
        ("tiers", "٣:2", "`tiers` must be pairs"),
        ("tiers", "3:nan", "`tiers` must be pairs"),
        ("tiers", ",", "`tiers` must be 1 to 50 pairs"),
        ("tiers", ", ".join(f"{days}:2" for days in range(1, 52)), "`tiers` must be 1 to 50 pairs"),
        ("milestones", "7:0", "`milestones` must pay more than 0 RSNC and no more than 1,000,000,000 RSNC."),
        (
            "milestones",
            "7:1000000000.01",
            "`milestones` must pay more than 0 RSNC and no more than 1,000,000,000 RSNC.",
        ),
        ("milestones", "7:5,000", "`milestones` must be pairs such as 7:50, 30:200: whole days"),
        ("milestones", "30:50, 7:200", "`milestones` must be in the order of the days"),
        ("milestones", "100001:50", "The days in `milestones` must be from 1 to 100,000."),
        ("milestones", "7" * 5000 + ":5", "`milestones` must be pairs"),
        ("milestones", ", ".join(f"{d}:5" for d in range(1, 52)), "`milestones` must be 1 to 50 pairs"),
    ],
)
def test_what_is_not_allowed_is_a_sentence_that_says_what_is(
    server: Client, db: Database, option: str, value: Any, said: str
) -> None:
    written(db, {"timezone": "Asia/Tokyo"})
    reply = streaks(server, **{option: value})
    assert reply.ephemeral
    assert reply.text.startswith(f"Nothing has changed. Please check:\n{said}")
    assert stored(db) == {"timezone": "Asia/Tokyo"}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "posix/UTC", "`UTC`"])
def test_a_time_zone_that_there_is_not_is_a_sentence(server: Client, db: Database, zone: str) -> None:
    said = streaks(server, timezone=zone).text
    assert said.startswith(f"Nothing has changed: there is no time zone `{zone.replace('`', chr(39))}`. Choose one")
    assert stored(db) is None


def test_a_clock_that_is_ahead_is_explained(server: Client) -> None:
    reply = streaks(server, timezone="Asia/Tokyo")
    assert "Time zone: **`Asia/Tokyo`** (before: `UTC` (the default))" in shown(reply)
    assert shown(reply).endswith(
        "\n\nDays begin 9 hours earlier from now on, and so does the next `/daily`. Streaks end that much earlier too, "
        f"and some may be over now; setting the zone back at once brings them back. {KEPT}"
    )
    assert server.redeliver(reply).body == reply.body


def test_a_clock_that_is_behind_is_explained(server: Client) -> None:
    assert shown(streaks(server, timezone="america/st_johns")).endswith(
        "\n\nDays begin 2.5 hours later from now on: whoever has checked in waits that much longer for the next "
        f"`/daily`, and streaks live that much longer. {KEPT}"
    )


def test_a_zone_with_the_same_clock_is_explained(server: Client) -> None:
    assert shown(streaks(server, timezone="Europe/London")).endswith(
        f"\n\nDays go by the clock of that zone from now on. {KEPT}"
    )


def test_a_shorter_grace_warns(server: Client) -> None:
    warning = "Streaks end sooner with that, and some may be over now."
    assert warning in shown(streaks(server, grace=8))
    assert warning not in shown(streaks(server, grace=72))


def test_time_zones_are_suggested_from_the_database(server: Client, rpc_calls: list[str]) -> None:
    offered = server.autocomplete("config streaks", user=ADMIN, grace=8, timezone="new y").choices
    assert offered == [{"name": "America/New_York (UTC-4)", "value": "America/New_York"}]
    assert rpc_calls == ["list_time_zones"]
    assert len(server.autocomplete("config streaks", user=ADMIN, timezone="").choices) == 25
    assert server.autocomplete("config streaks", user=BOB, timezone="new y").choices == []


# --- Words


@pytest.mark.parametrize(
    ("offset", "shown"),
    [(0, "UTC"), (60, "UTC+1"), (-210, "UTC-3:30"), (345, "UTC+5:45"), (-1, "UTC-0:01"), (840, "UTC+14")],
)
def test_a_zone_is_suggested_with_its_clock(offset: int, shown: str) -> None:
    assert zone_choice({"zone": "A/B", "offset": offset}) == f"A/B ({shown})"
