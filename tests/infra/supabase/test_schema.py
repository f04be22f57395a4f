"""The tables: the contract with other programs, the invariants by name, the migrations."""

import re
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from infra.local.supabase import LocalSupabase
from tests import ROOT, snapshots
from tests.infra.conftest import MIGRATIONS, Rest
from tests.infra.supabase.portal import SEEN
from tests.sql import NOON, PLACES, TABLES, Database

SEED = ROOT.parent / "shared" / "seed-database-schema.txt"
TYPES = {"timestamptz": "timestamp with time zone"}
DEFAULTS = {"TRUE": "true", "NOW()": "now()", "0": "0"}
COUNTERS = {
    "discord_user_stats": {
        *("messages_count", "voice_minutes", "reactions_count", "reactions_received", "rsnc_earned", "rsnc_total")
    },
    "discord_user_streaks": {"current_streak", "longest_streak"},
    "discord_drops": {"claims_count"},
}


def seed_columns() -> list[tuple[str, str, str, str]]:
    """Table, column, type and the rest of each line of the user's own document."""
    if not SEED.exists():
        pytest.skip(f"{SEED.name} is not here: the columns of the contract are NOT compared with it")
    columns, table = [], ""
    for line in SEED.read_text().splitlines():
        if re.fullmatch(r"(discord_\w+|monitoring_rules)", line):
            table = line
        elif column := re.fullmatch(
            r"(\w+)\s+(UUID|TEXT|BOOLEAN|JSONB|INTEGER|BIGINT|NUMERIC|TIMESTAMPTZ)\b(.*)", line
        ):
            columns.append((table, column[1], column[2].lower(), column[3].partition("--")[0].strip()))
    return columns


def columns_of(db: Database) -> dict[tuple[str, str], dict[str, Any]]:
    """What the database says about its columns."""
    rows = db.rows("select * from information_schema.columns where table_schema = 'public'")
    return {(row["table_name"], row["column_name"]): row for row in rows}


def test_the_columns_of_the_contract_are_exactly_so(db: Database) -> None:
    ours = columns_of(db)
    seed = seed_columns()
    assert len(seed) == 42
    assert {table for table, *_ in seed} <= set(TABLES)
    for table, column, kind, rest in seed:
        is_counter = column in COUNTERS.get(table, ())
        is_required = is_counter or "NOT NULL" in rest or "PRIMARY KEY" in rest
        default = re.search(r"DEFAULT (\S+)", rest)
        found = ours[table, column]
        assert found["data_type"] == TYPES.get(kind, kind), (table, column)
        if column not in ("server_id", "discord_user_id") or table not in COUNTERS:  # keys that the seed leaves out
            assert (found["is_nullable"] == "NO") == is_required, (table, column)
        expected = "0" if is_counter else DEFAULTS[default[1]] if default else None
        assert found["column_default"] == expected, (table, column)


def test_counters_are_never_null(db: Database) -> None:
    ours = columns_of(db)
    for table, counters in COUNTERS.items():
        for counter in counters:
            found = ours[table, counter]
            assert (found["is_nullable"], found["column_default"]) == ("NO", "0"), (table, counter)


def test_ids_of_discord_are_text_everywhere(db: Database) -> None:
    kinds = {
        name: row["data_type"]
        for name, row in columns_of(db).items()
        if name[1] in ("server_id", "discord_user_id", "channel_id", "message_id", "interaction_id", "actor_id")
        or name[1] in ("created_by", "disabled_by", "target_user_id")
    }
    assert len(kinds) > 20
    assert set(kinds.values()) == {"text"}


@pytest.mark.parametrize(
    ("table", "key", "columns"),
    [
        ("monitoring_rules", "id", {"brand_id": "brand", "event_type": "quest"}),
        ("discord_drops", "drop_id", {"server_id": "77", "event_id": "quest"}),
    ],
)
def test_other_programs_may_leave_the_ids_out_or_choose_them(
    db: Database, rest: Rest, table: str, key: str, columns: dict[str, str]
) -> None:
    api = rest(role="service_role")
    headers = {"Prefer": "return=representation"}
    (made,) = api.post(f"/{table}", json=columns, headers=headers).json()
    assert UUID(made[key]).version == 4
    chosen = "11111111-1111-4111-8111-111111111111"
    (taken,) = api.post(f"/{table}", json=columns | {key: chosen, "server_id": "78"}, headers=headers).json()
    assert taken[key] == chosen


CONSTRAINTS = {
    "claims_of_a_drop",
    "claims_once_per_member",
    "drops_never_overclaimed",
    "drops_once_per_interaction",
    "ledger_amount_in_range",
    "ledger_of_a_known_source",
    "ledger_pays_an_interaction_once",
    "rules_once_per_event",
    "rules_reward_in_range",
}


def test_the_invariants_have_names(db: Database) -> None:
    rows = db.rows(
        "select conname as name from pg_constraint where connamespace = 'public'::regnamespace union all"
        " select indexrelid::regclass::text from pg_index where indisunique and indpred is not null"
    )
    names = {row["name"] for row in rows}
    assert names >= CONSTRAINTS
    # None has a name that Postgres made up.
    assert [name for name in names if name.endswith(("_check", "_key", "_fkey"))] == []


@pytest.mark.parametrize(
    ("query", "constraint"),
    [
        ("insert into discord_drops (server_id, event_id, drop_type) values ('77', 'q', 'x')", "drops_of_a_known_type"),
        (
            "insert into discord_drops (server_id, event_id, max_claims, claims_count) values ('77', 'q', 2, 3)",
            "drops_never_overclaimed",
        ),
        (
            "insert into discord_drops (server_id, event_id, reward_amount) values ('7', 'q', -1)",
            "drops_reward_in_range",
        ),
        (
            "insert into discord_drops (server_id, event_id, reward_amount) values ('7', 'q', 'NaN')",
            "drops_reward_in_range",
        ),
        (
            "insert into discord_drops (server_id, event_id, ended_at) values ('7', 'q', now())",
            "drops_end_for_a_reason",
        ),
        (
            "insert into discord_drops (server_id, event_id, ended_at, end_reason) values ('7', 'q', now(), 'x')",
            "drops_end_for_a_known_reason",
        ),
        (
            "insert into discord_drops (server_id, event_id, is_settled) values ('7', 'q', true)",
            "drops_settle_after_their_end",
        ),
        (
            "insert into monitoring_rules (brand_id, event_type) values ('brand', 'quest'), ('brand', 'quest')",
            "rules_once_per_event",
        ),
        (
            "insert into monitoring_rules (brand_id, event_type, reward_amount) values ('brand', 'quest', 'NaN')",
            "rules_reward_in_range",
        ),
        (
            "insert into discord_drop_claims (claim_id, drop_id, discord_user_id)"
            " values (gen_random_uuid(), gen_random_uuid(), '1')",
            "claims_of_a_drop",
        ),
    ],
)
def test_the_database_refuses_what_must_not_be(db: Database, query: str, constraint: str) -> None:
    with pytest.raises(errors.IntegrityError) as caught:
        db.run(query)
    assert caught.value.diag.constraint_name == constraint


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("drop_type = 'x'", "drops_of_a_known_type"),
        ("reward_amount = -1", "drops_reward_in_range"),
        ("ended_at = now()", "drops_end_for_a_reason"),
        ("end_reason = 'ended'", "drops_end_for_a_reason"),
        ("ended_at = now(), end_reason = 'x'", "drops_end_for_a_known_reason"),
        ("is_settled = true", "drops_settle_after_their_end"),
        ("max_claims = 1", "drops_never_overclaimed"),
        ("claims_count = 6", "drops_never_overclaimed"),
    ],
)
def test_an_update_of_a_drop_is_held_to_the_same(seeded: Database, change: str, constraint: str) -> None:
    seeded.add_drop(max_claims=5, claims_count=2)
    before = seeded.contents()
    with pytest.raises(errors.IntegrityError) as caught:
        seeded.run(f"update discord_drops set {change}")
    assert caught.value.diag.constraint_name == constraint
    assert seeded.contents() == before


def test_one_claim_per_member_and_drop_whoever_writes(seeded: Database) -> None:
    insert = "insert into discord_drop_claims (claim_id, drop_id, discord_user_id) values (gen_random_uuid(), %s, '1')"
    drop = seeded.add_drop()
    seeded.run(insert, drop)
    with pytest.raises(errors.UniqueViolation) as caught:
        seeded.run(insert, drop)
    assert caught.value.diag.constraint_name == "claims_once_per_member"


def test_unlimited_drops_hold_any_number(seeded: Database) -> None:
    for limit in (None, -1):
        seeded.add_drop(max_claims=limit, claims_count=5, created_at=NOON)
    assert seeded.value("select count(*) from discord_drops") == 2


def test_every_table_is_known_and_row_level_security_opens_it_to_our_functions_and_the_portal(db: Database) -> None:
    rows = db.rows(
        "select relname, relrowsecurity from pg_class"
        " where relnamespace in ('public'::regnamespace, 'internal'::regnamespace) and relkind in ('r', 'p', 'v', 'm')"
    )
    parts = {f"recorded_items_{number}" for number in range(12)}
    assert {row["relname"] for row in rows} == {*TABLES, *PLACES, *parts}
    assert all(row["relrowsecurity"] for row in rows)
    policies = db.rows("select polrelid::regclass::text as table, polroles::regrole[]::text as roles from pg_policy")
    assert {(row["table"], row["roles"]) for row in policies} == {
        *((table, "{resonance}") for table in TABLES + PLACES),
        *((table, "{authenticated}") for table in SEEN),
    }
    assert len(policies) == len(TABLES) + len(PLACES) + len(SEEN)


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [re.fullmatch(r"(\d{3})_[a-z_]+\.sql", path.name) for path in MIGRATIONS]
    assert [int(number[1]) for number in numbers if number] == list(range(1, len(MIGRATIONS) + 1))


def test_migration_008_and_no_other_adds_reactions_received() -> None:
    adding = [path.name for path in MIGRATIONS if "reactions_received" in path.read_text()]
    assert adding == ["008_reactions_received.sql"]


def test_the_schema_is_the_one_in_the_snapshot(
    supabase: LocalSupabase, connection: psycopg.Connection[dict[str, Any]]
) -> None:
    found = snapshots.schema(supabase.postgres.socket_url(), supabase.postgres.bin_path / "pg_dump")
    assert found == snapshots.read("schema.sql"), snapshots.RENEW
