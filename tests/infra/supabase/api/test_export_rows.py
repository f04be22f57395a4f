"""export_rows: what a server has, part by part, every value as the tables have it, and nothing of other servers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.sql import ADMIN, DAY, HOUR, NOON, Caller, Database, Row

TYPES = ["rewards", "audit", "members", "config"]
AT = "2026-03-10T12:00:00.000000Z"


def parts(db: Database, kind: str, **arguments: Any) -> Iterator[Row]:
    """One part after the other, as long as there is one."""
    after = None
    while True:
        part = db.call("export_rows", ADMIN, type=kind, after=after, **{"now": NOON} | arguments)
        yield part
        after = part["next"]
        if after is None:
            return


def exported(db: Database, kind: str, **arguments: Any) -> list[Row]:
    """All rows with the names of their columns."""
    return [
        dict(zip(part["columns"], row, strict=True)) for part in parts(db, kind, **arguments) for row in part["rows"]
    ]


# --- What is in it


def test_rewards_are_the_rows_of_the_ledger_the_newest_first(seeded: Database) -> None:
    seeded.add_reward(10, NOON - DAY, reason="=why", reference="7", interaction_id="1500000000000000001")
    seeded.add_reward(-2.5, NOON, "1003", "reversal", actor_id="9001")
    newest, oldest = exported(seeded, "rewards")
    ids = [str(row["id"]) for row in seeded.rows("select id from reward_ledger order by id desc")]
    assert newest == {
        "id": ids[0],
        "created_at": AT,
        "discord_user_id": "1003",
        "event_type": "quest",
        "amount": "-2.5",
        "balance_after": "-2.5",
        "source": "reversal",
        "reference": None,
        "actor_id": "9001",
        "reason": None,
        "interaction_id": None,
    }
    assert (oldest["id"], oldest["created_at"], oldest["amount"]) == (ids[1], "2026-03-09T12:00:00.000000Z", "10")
    assert (oldest["reason"], oldest["reference"]) == ("=why", "7")
    assert oldest["interaction_id"] == "1500000000000000001"


@pytest.mark.parametrize("amount", ["0.1", "10.50", "123456789012.123456789", "-0.000000001", "7"])
def test_an_amount_is_written_as_the_ledger_has_it(seeded: Database, amount: str) -> None:
    seeded.add_reward(1)
    with seeded.without_triggers():  # from before migration 014 with more than two decimals
        seeded.run(
            "insert into reward_ledger (server_id, brand_id, discord_user_id, event_type, amount, source, actor_id,"
            " balance_after) values ('77', 'brand', '1009', 'quest', %s::numeric, 'claim', '1009', %s::numeric)",
            amount,
            amount,
        )
    (row, _) = exported(seeded, "rewards")
    assert (row["amount"], row["balance_after"]) == (amount, amount)


def test_the_audit_log_has_its_states_as_json(seeded: Database) -> None:
    seeded.run("update monitoring_rules set reward_amount = 11")
    rows = exported(seeded, "audit")
    stored = seeded.rows(
        "select *, before_state::text as old, after_state::text as new from discord_audit_log order by id"
    )
    assert [row["action"] for row in rows] == ["event.updated", "event.created", "server.created"]
    assert [row["id"] for row in rows] == [str(row["id"]) for row in reversed(stored)]
    assert (rows[0]["before_state"], rows[0]["after_state"]) == (stored[-1]["old"], stored[-1]["new"])
    assert (rows[0]["actor_type"], rows[0]["actor_id"], rows[0]["is_test"]) == ("system", "postgres", "false")
    assert (rows[1]["before_state"], rows[0]["target_user_id"], rows[0]["details"]) == (None, None, None)
    at = stored[-1]["created_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (rows[0]["created_at"], rows[0]["interaction_id"]) == (at, None)


def test_members_are_those_of_every_table(seeded: Database) -> None:
    seeded.run(
        "insert into discord_user_stats (server_id, discord_user_id, messages_count, voice_minutes, reactions_count,"
        " reactions_received) values ('77', '1001', 1, 2, 3, 4)"
    )
    seeded.add_reward(7.25, NOON, "1001")
    seeded.add_streak("1001", 5, longest_streak=9)
    seeded.add_streak("1002", 4, last_checkin=NOON - 9 * DAY)
    seeded.run("insert into disabled_members values ('77', '1003', 'spam', '9001', %s)", NOON)
    first, second, third = exported(seeded, "members")
    assert first == {
        "discord_user_id": "1001",
        "rsnc_total": "7.25",
        "current_streak": "5",
        "longest_streak": "9",
        "last_checkin": "2026-03-09T12:00:00.000000Z",
        "messages_count": "1",
        "voice_minutes": "2",
        "reactions_count": "3",
        "reactions_received": "4",
        "disabled_at": None,
        "disabled_by": None,
        "disabled_reason": None,
    }
    assert (second["discord_user_id"], second["current_streak"], second["longest_streak"]) == ("1002", "0", "4")
    assert (second["rsnc_total"], second["messages_count"]) == ("0", None)
    assert (third["discord_user_id"], third["current_streak"], third["last_checkin"]) == ("1003", "0", None)
    assert (third["disabled_at"], third["disabled_by"], third["disabled_reason"]) == (AT, "9001", "spam")


def test_a_streak_counts_until_its_deadline(seeded: Database) -> None:
    seeded.add_streak("1001", 5)
    for hours, streak in ((0, "5"), (11, "5"), (12, "0")):
        (member,) = exported(seeded, "members", now=NOON + hours * HOUR)
        assert member["current_streak"] == streak, hours


def test_the_configuration_is_a_line_for_each_value(seeded: Database) -> None:
    settings = {
        "timezone": "Asia/Tokyo",
        "streak": {"tiers": [{"days": n, "multiplier": 1.25} for n in range(1, 13)], "milestones": []},
        "admin_roles": {"900000000000000001": 3},
        "a program": {"of its": None},
    }
    seeded.run("update discord_server_configs set config_metadata = %s, server_name = 'The server'", Jsonb(settings))
    seeded.add_event("raid", 7.5, server_id=None, label="Raid!", is_enabled=False)
    rows = exported(seeded, "config")
    lines = {row["key"]: row["value"] for row in rows}
    assert len(lines) == len(rows)
    assert lines["server.server_id"] == "77"
    assert (lines["server.server_name"], lines["server.is_active"]) == ("The server", "true")
    assert (lines["settings.timezone"], lines["settings.a program.of its"]) == ("Asia/Tokyo", None)
    assert lines["settings.admin_roles.900000000000000001"] == "3"
    days = [row["value"] for row in rows if row["key"].endswith(".days")]
    assert days == [str(n) for n in range(1, 13)]
    assert lines["settings.streak.tiers.12.multiplier"] == "1.25"
    assert (lines["events.raid.reward"], lines["events.raid.label"]) == ("7.5", "Raid!")
    assert (lines["events.raid.enabled"], lines["events.raid.brand_wide"]) == ("false", "true")
    assert lines["events.quest.cooldown_hours"] is None
    roots = [row["key"].split(".")[0] for row in rows]
    assert list(dict.fromkeys(roots)) == ["server", "settings", "events"]
    assert roots == sorted(roots, key=["server", "settings", "events"].index)


def test_a_server_without_settings_and_events_has_its_own_lines(db: Database) -> None:
    db.connect_server()
    assert {row["key"].split(".")[0] for row in exported(db, "config")} == {"server"}


@pytest.mark.parametrize("kind", TYPES)
def test_nothing_of_another_server_is_in_it(seeded: Database, kind: str) -> None:
    seeded.add_reward(5, NOON, "1001")
    before = exported(seeded, kind)
    seeded.connect_server("78", "elsewhere")
    seeded.add_event("secret", 10, server_id="78")
    seeded.add_event("secret", 10, server_id=None, brand_id="elsewhere")
    seeded.add_reward(6, NOON, "2002", server_id="78")
    seeded.add_streak("2003", 4, server_id="78")
    seeded.run("insert into disabled_members values ('78', '2004', 'spam', '9001'), ('78', '1001', 'spam', '9001')")
    assert exported(seeded, kind) == before


def test_the_day_is_the_servers(seeded: Database) -> None:
    seeded.set_settings({"timezone": "Pacific/Auckland"})
    (part,) = parts(seeded, "config")
    assert part["day"] == "2026-03-11"


# --- Part by part


@pytest.fixture
def full(seeded: Database) -> Database:
    """Some rows of everything."""
    for number in range(7):
        seeded.add_reward(number, NOON + number * HOUR, f"10{number:02}")
        seeded.add_streak(f"11{number:02}", number)
        seeded.add_event(f"event_{number}", number)
    seeded.run("insert into disabled_members values ('77', '1003', 'spam', '9001'), ('77', '1203', 'spam', '9001')")
    return seeded


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 14, 15, 16, 100])
@pytest.mark.parametrize("kind", TYPES)
def test_the_parts_make_the_whole(full: Database, kind: str, rows: int) -> None:
    before = full.contents()
    whole = exported(full, kind)
    sizes = [len(part["rows"]) for part in parts(full, kind, rows=rows)]
    assert exported(full, kind, rows=rows) == whole
    assert all(size == rows for size in sizes[:-1])
    assert sum(sizes) == len(whole) > 6
    assert full.contents() == before


def test_what_is_added_meanwhile_is_in_no_later_part(full: Database) -> None:
    before = exported(full, "rewards")
    found = []
    for part in parts(full, "rewards", rows=2):
        found += [row[0] for row in part["rows"]]
        full.add_reward(99)
    assert found == [row["id"] for row in before]


def test_long_rows_make_a_short_part(seeded: Database) -> None:
    for number in range(9):
        seeded.run(
            "insert into discord_audit_log (server_id, actor_type, action, details) values ('77', 'system', 'x', %s)",
            Jsonb({"n": number, "text": "x" * 600_000}),
        )
    sizes = [len(part["rows"]) for part in parts(seeded, "audit")]
    assert sizes == [4, 4, 3]
    assert len(exported(seeded, "audit")) == seeded.value("select count(*) from discord_audit_log")


# --- What refuses it


@pytest.mark.parametrize("kind", ["rewards", "members"])
def test_there_may_be_nothing_yet(seeded: Database, kind: str) -> None:
    found = seeded.call("export_rows", ADMIN, type=kind, now=NOON)
    assert found == {"outcome": "nothing_to_export", "type": kind}


@pytest.mark.parametrize("kind", TYPES)
def test_who_may_and_who_may_not(seeded: Database, kind: str) -> None:
    seeded.add_reward(5)
    seeded.set_settings({"admin_roles": {"420": 1}})
    viewer = Caller(role_ids=("420",), required_level=1)
    assert seeded.call("export_rows", viewer, type=kind, now=NOON)["outcome"] == "batch"
    for caller in (Caller(required_level=1), replace(viewer, role_ids=("421",)), replace(viewer, required_level=None)):
        assert seeded.call("export_rows", caller, type=kind, now=NOON)["outcome"] == "not_allowed"
    seeded.run("update discord_server_configs set is_active = false")
    assert seeded.call("export_rows", viewer, type=kind, now=NOON) == {"outcome": "server_not_connected"}


def test_a_database_that_stops_at_007_has_no_reactions_and_the_rest(make_database: MakeDatabase) -> None:
    old = make_database([path for path in MIGRATIONS if path.name < "008"])
    database.reload_functions(old.url)
    old.connect_server()
    old.add_event("quest", 10)
    old.add_reward(5)
    old.add_streak("1003", 3)
    assert [row["amount"] for row in exported(old, "rewards")] == ["5"]
    members = exported(old, "members")
    assert [(m["discord_user_id"], m["messages_count"], m["reactions_received"]) for m in members] == [
        ("1002", "0", None),
        ("1003", None, None),
    ]
    assert len(exported(old, "audit")) == 2
    assert len(exported(old, "config")) > 4
