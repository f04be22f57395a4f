"""Ids are ids and amounts have two decimals at most, in every table, whoever writes; rows from before stay."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from psycopg import errors, sql
from psycopg.types.json import Jsonb

from tests.infra.conftest import Rest
from tests.sql import ADMIN, NOON, TABLES, Caller, Database, Row

MEMBER: Row = {"server_id": "77", "discord_user_id": "1002"}
KEYS = ("id", "claim_id", "drop_id")
DROP_ID = "11111111-1111-4111-8111-111111111111"
# A row of each table, in which every column that holds an id or an amount is set.
ROWS: dict[str, Row] = {
    "discord_server_configs": {"server_id": "79", "brand_id": "brand"},
    "monitoring_rules": {
        "id": "22222222-2222-4222-8222-222222222222",
        "server_id": "79",
        "brand_id": "brand",
        "event_type": "raid",
        "reward_amount": Decimal("0.01"),
    },
    "discord_user_stats": MEMBER,
    "discord_user_streaks": MEMBER,
    "discord_drops": {
        "drop_id": "22222222-2222-4222-8222-222222222222",
        "server_id": "77",
        "event_id": "quest",
        "channel_id": "88",
        "message_id": "99",
        "created_by": "9001",
        "interaction_id": "5",
        "reply_to": "98",
        "reward_amount": Decimal("0.01"),
    },
    "discord_drop_claims": {
        "claim_id": DROP_ID,
        "drop_id": DROP_ID,
        "discord_user_id": "1002",
        "reward_amount": Decimal("0.01"),
    },
    "reward_ledger": MEMBER
    | {"brand_id": "brand", "event_type": "quest", "amount": Decimal("0.01"), "source": "claim", "actor_id": "portal"}
    | {"interaction_id": "5"},
    "event_claims": MEMBER | {"event_type": "quest", "claims": 1, "last_claimed_at": NOON},
    "event_totals": {"server_id": "77", "event_type": "quest", "claims": 1},
    "event_total_shards": {"server_id": "77", "event_type": "quest", "shard": 1, "claims": 1},
    "member_earnings": MEMBER | {"period": "all", "rsnc": 1, "claims": 1},
    "disabled_members": MEMBER | {"disabled_by": "9001"},
    "discord_audit_log": {"server_id": "77", "action": "test", "target_user_id": "1002", "interaction_id": "5"},
    "handled_interactions": {"server_id": "77", "interaction_id": "5", "handled_at": NOON, "answer": Jsonb({})},
    "drop_previews": {
        "server_id": "77",
        "created_by": "9001",
        "terms": Jsonb({}),
        "expires_at": NOON,
    },
    "channel_watches": {
        "server_id": "77",
        "channel_id": "88",
        "event_id": "quest",
        "emoji": "🎉",
        "last_message_id": "99",
        "author_role_id": "6",
        "created_by": "9001",
        "interaction_id": "5",
        "reward_amount": Decimal("0.01"),
    },
    "reaction_channels": {"channel_id": "88", "leased_until": NOON, "next_look_at": NOON},
    "reaction_looks": {"drop_id": DROP_ID, "started_at": NOON, "normal_count": 0, "super_count": 0},
    "drop_reactors": {"drop_id": DROP_ID, "discord_user_id": "1002", "first_look": 1, "last_look": 1},
    "reaction_refusals": MEMBER | {"drop_id": DROP_ID, "refusal": Jsonb({}), "refused_at": NOON},
    "brands": {"brand_id": "another"},
    "brand_keys": {"brand_id": "brand", "kind": "program", "key": "ab" * 32},
    "recorded_items": {"slot": 1, "server_id": "77", "item_id": "an item", "received_at": NOON},
    "message_reactions": MEMBER
    | {
        "message_id": "99",
        "emoji": "x",
        "author_id": "1001",
        "is_there": True,
        "is_received": True,
        "changed_at": NOON,
    },
    "admin_notices": {"server_id": "77", "drop_id": DROP_ID},
    "notified_servers": {"server_id": "77", "next_at": NOON},
    "voice_remainders": MEMBER | {"event_type": "", "seconds": 5},
}
IDS = [
    (table, column)
    for table, row in ROWS.items()
    for column in row
    if column.endswith(("server_id", "user_id", "channel_id", "message_id", "interaction_id"))
    or column in ("created_by", "disabled_by", "reply_to", "author_role_id", "author_id")
]
AMOUNTS = [(table, column) for table, row in ROWS.items() for column in row if column.endswith("amount")]
PATH = "700/../../guilds/1/members/2?x="
NO_IDS = ("", PATH, "5" * 21, "general", "5\n", " 5", "\u0665", "-5", "5.0")


@pytest.fixture
def with_drop(seeded: Database) -> Database:
    """A connected server with a drop."""
    seeded.add_drop(drop_id=DROP_ID)
    return seeded


def insert(db: Database, table: str, row: Row) -> None:
    """Write a row as another program does."""
    query = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    db.connection.execute(query, list(row.values()))


def update(db: Database, table: str, column: str, value: Any, was: Any) -> None:
    """Change a column of the row that has a value."""
    query = sql.SQL("update {} set {c} = %s where {c} is not distinct from %s").format(
        sql.Identifier(table), c=sql.Identifier(column)
    )
    assert db.connection.execute(query, [value, was]).rowcount


def is_kept(table: str, column: str) -> bool:
    """Whether a row keeps what stands in the column (migration 013), or nobody changes it."""
    return (table, column) in {
        ("discord_user_stats", "server_id"),
        ("discord_user_stats", "discord_user_id"),
        ("discord_drops", "server_id"),
        ("recorded_items", "server_id"),
    }


def appended(table: str) -> bool:
    """Whether rows of the table never change."""
    return table in ("reward_ledger", "discord_audit_log")


def test_every_table_is_met() -> None:
    assert set(ROWS) == set(TABLES) - {"registered_commands"}  # the owner alone writes it


@pytest.mark.parametrize("table", ROWS)
def test_ids_and_hundredths_are_accepted(with_drop: Database, table: str) -> None:
    insert(with_drop, table, ROWS[table])
    if not appended(table):
        for column in [column for other, column in IDS if other == table and not is_kept(table, column)]:
            for longest_and_shortest in ("9" * 20, "0"):
                update(with_drop, table, column, longest_and_shortest, ROWS[table][column])
                update(with_drop, table, column, ROWS[table][column], longest_and_shortest)


@pytest.mark.parametrize(("table", "column"), IDS)
def test_what_is_no_id_is_refused_by_name(with_drop: Database, table: str, column: str) -> None:
    before = with_drop.contents()
    for value in NO_IDS:
        with pytest.raises(errors.CheckViolation) as caught:
            insert(with_drop, table, ROWS[table] | {column: value})
        message = re.sub(
            r"_\d+\.", ".", str(caught.value.diag.message_primary)
        )  # a part of the table is named by number
        assert message == f"{table}.{column} must be a Discord id, text of 1 to 20 digits"
        assert str(caught.value.diag.constraint_name).endswith("_valid_values")
    assert with_drop.contents() == before
    if not appended(table) and not is_kept(table, column):
        insert(with_drop, table, ROWS[table])
        with pytest.raises(errors.CheckViolation, match=f"{table}.{column} must be a Discord id"):
            update(with_drop, table, column, PATH, ROWS[table][column])


@pytest.mark.parametrize(("table", "column"), IDS)
def test_a_row_from_before_can_be_changed_in_everything_else(with_drop: Database, table: str, column: str) -> None:
    if appended(table):
        return
    with with_drop.without_triggers():
        insert(with_drop, table, ROWS[table] | {column: "from before"})
    for other, value in ROWS[table].items():
        if other not in (column, *KEYS):
            update(with_drop, table, other, value, value)
    update(with_drop, table, column, "from before", "from before")
    if is_kept(table, column):
        return
    with pytest.raises(errors.CheckViolation):
        update(with_drop, table, column, "no id either", "from before")
    update(with_drop, table, column, "5", "from before")


@pytest.mark.parametrize(("table", "column"), AMOUNTS)
def test_more_than_two_decimals_are_refused_by_name(with_drop: Database, table: str, column: str) -> None:
    before = with_drop.contents()
    for value in ("0.001", "13.351", "9.999999999"):
        with pytest.raises(errors.CheckViolation) as caught:
            insert(with_drop, table, ROWS[table] | {column: Decimal(value)})
        assert caught.value.diag.message_primary == f"{table}.{column} must have two decimals at most"
    assert with_drop.contents() == before
    insert(with_drop, table, ROWS[table] | {column: Decimal("13.350000")})


@pytest.mark.parametrize("table", ["monitoring_rules", "discord_drops"])
def test_an_amount_from_before_may_stay(with_drop: Database, table: str) -> None:
    with with_drop.without_triggers():
        insert(with_drop, table, ROWS[table] | {"reward_amount": Decimal("1.005")})
    update(with_drop, table, "reward_amount", Decimal("1.005"), Decimal("1.005"))
    update(with_drop, table, "server_id", ROWS[table]["server_id"], ROWS[table]["server_id"])
    with pytest.raises(errors.CheckViolation):
        update(with_drop, table, "reward_amount", Decimal("1.006"), Decimal("1.005"))


def test_an_entry_from_before_can_be_taken_back_exactly(seeded: Database) -> None:
    with seeded.without_triggers():
        seeded.add_reward(13.351)
    seeded.run("insert into discord_user_stats values ('77', '1002', 0, 0, 0, 13, 13.351)")
    entry = seeded.value("select id from reward_ledger")
    told = seeded.call("revoke_reward", ADMIN, member_id="1002", entry=entry, now=NOON)
    assert (told["outcome"], told["balance"]) == ("reward_revoked", 0)
    assert seeded.value("select amount from reward_ledger where source = 'reversal'") == Decimal("-13.351")


def test_bonuses_from_before_pay_hundredths(seeded: Database) -> None:
    with seeded.without_triggers():
        seeded.set_settings({"role_bonuses": {"5": {"flat": 0.006, "multiplier": 1.3345}}})
    member = Caller("1002", role_ids=("5",))
    paid = seeded.call("claim_drop", member.again(), drop_id=seeded.add_drop(), now=NOON)
    assert (paid["outcome"], paid["flat"], paid["amount"]) == ("claimed", 0.01, 13.36)
    seeded.assert_books_agree()


def test_the_audit_log_tells_of_rows_from_before(db: Database) -> None:
    with db.without_triggers():
        db.run("insert into discord_server_configs (server_id, brand_id) values ('our server', 'brand')")
        db.run(
            "insert into monitoring_rules (id, server_id, brand_id, event_type)"
            " values (gen_random_uuid(), 'our server', 'brand', 'quest')"
        )
    db.run("update discord_server_configs set server_name = 'Ours'")
    db.run("update monitoring_rules set label = 'Quest'")
    told = db.rows("select server_id, action from discord_audit_log order by id")
    assert [tuple(row.values()) for row in told] == [("our server", "server.updated"), ("our server", "event.updated")]


def test_brand_wide_rules_and_their_audit_rows_name_no_server(db: Database) -> None:
    db.add_event("raid", 5, server_id=None)
    assert db.value("select server_id from discord_audit_log") == "*"
    db.run("insert into discord_audit_log (server_id, action, actor_id) values ('*', 'test', 'portal-user-7')")
    with pytest.raises(errors.CheckViolation, match=r"monitoring_rules\.server_id"):
        db.add_event("boss", 5, server_id="*")
    with pytest.raises(errors.CheckViolation, match=r"discord_audit_log\.target_user_id"):
        db.run("insert into discord_audit_log (server_id, action, target_user_id) values ('*', 'test', '*')")


def test_a_program_is_told_which_field(with_drop: Database, rest: Rest) -> None:
    api = rest(role="service_role")
    answer = api.patch(f"/discord_drops?drop_id=eq.{DROP_ID}", json={"channel_id": PATH})
    assert answer.status_code == 400
    assert answer.json()["message"] == "discord_drops.channel_id must be a Discord id, text of 1 to 20 digits"
    answer = api.patch("/discord_server_configs?server_id=eq.77", json={"config_metadata": {"admin_channel": 123}})
    assert answer.json()["message"] == "admin_channel must be a channel id: text of 1 to 20 digits"


@pytest.mark.parametrize(
    "ids", [{"channel_id": PATH}, {"message_id": PATH}, {"channel_id": "general"}, {"channel_id": ""}]
)
def test_a_drop_from_before_that_is_nowhere_is_let_go(seeded: Database, ids: Row) -> None:
    with seeded.without_triggers():
        broken = seeded.add_drop(drop_id=DROP_ID, expires_at=NOON, **ids)
    other = seeded.add_drop(expires_at=NOON)
    assert [drop["drop_id"] for drop in seeded.leased_drops()] == [other]
    found = seeded.drop(broken)
    assert (found["end_reason"], found["is_settled"]) == ("expired", True)


def test_a_drop_from_before_that_is_nowhere_pays_until_it_ends(seeded: Database) -> None:
    with seeded.without_triggers():
        broken = seeded.add_drop(drop_id=DROP_ID, channel_id=PATH)
    assert seeded.call("claim_drop", Caller().again(), drop_id=broken, now=NOON)["outcome"] == "claimed"
    assert seeded.leased_drops() == []
    with seeded.without_triggers():
        waiting = seeded.add_drop(drop_id=str(uuid4()), channel_id=PATH, message_id=None)
    assert seeded.leased_drops(now=NOON.replace(hour=13)) == []
    assert seeded.drop(waiting)["end_reason"] == "not_posted"


def test_the_first_click_tells_which_message_it_is(seeded: Database) -> None:
    drop = seeded.add_drop(message_id=None)
    for member, message in (("1002", None), ("1003", "98"), ("1004", "97")):
        told = seeded.call("claim_drop", Caller(member).again(), drop_id=drop, message_id=message, now=NOON)
        assert told["outcome"] == "claimed"
    assert seeded.drop(drop)["message_id"] == "98"


def test_a_click_updates_the_drop_once(seeded: Database) -> None:
    drop = seeded.add_drop()
    updates = "select pg_stat_get_xact_tuples_updated('discord_drops'::regclass)"
    with seeded.connection.transaction():
        before = seeded.value(updates)
        told = seeded.call("claim_drop", Caller().again(), drop_id=drop, message_id="99", now=NOON)
        assert told["outcome"] == "claimed"
        assert seeded.value(updates) == before + 1
