"""Keys name the server: a row of another server, or of another member, blocks nobody and tells nobody of itself."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from psycopg import errors

from tests.sql import ADMIN, BOB, NOON, Database, Row

DROP = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def seeded(seeded: Database) -> Database:
    """The server 77 and another, both with the event quest."""
    seeded.connect_server("78")
    seeded.add_event("quest", 7, server_id="78")
    return seeded


def test_a_stray_row_for_a_drop_of_another_server_blocks_nobody(seeded: Database) -> None:
    drop = seeded.add_drop(drop_id=DROP)
    with seeded.without_triggers():  # as it could be written before
        seeded.add_reward(1, server_id="78", source="drop", reference=drop)
    assert seeded.call("claim_drop", BOB, drop_id=drop, now=NOON)["outcome"] == "claimed"
    seeded.assert_books_agree()


def test_a_stray_reversal_on_another_server_does_not_hinder_the_admin(seeded: Database) -> None:
    seeded.add_reward(10)
    entry = seeded.value("select id from reward_ledger")
    with seeded.without_triggers():
        seeded.add_reward(-10, server_id="78", source="reversal", reference=str(entry))
        seeded.add_reward(-10, member="1003", source="reversal", reference=str(entry))
    taken = seeded.call("revoke_reward", ADMIN, member_id="1002", entry=entry, now=NOON)
    assert (taken["outcome"], taken["balance"]) == ("reward_revoked", 0)


def test_a_stray_row_with_this_interaction_blocks_nobody(seeded: Database) -> None:
    seeded.add_reward(1, server_id="78", interaction_id=BOB.interaction_id)
    paid = seeded.call("claim_drop", BOB, drop_id=seeded.add_drop(), now=NOON)
    assert (paid["outcome"], paid["amount"]) == ("claimed", 10)
    seeded.assert_books_agree()


def test_a_stray_row_with_this_interaction_is_not_told(seeded: Database) -> None:
    seeded.add_reward(1, server_id="78", interaction_id=BOB.interaction_id)
    seeded.run("update monitoring_rules set is_enabled = false, claimable = true")
    refused = seeded.call("claim_event", BOB, event_type="quest", now=NOON)
    assert refused == {"outcome": "event_disabled", "event": "quest"}


def test_a_drop_of_another_server_with_this_interaction_is_not_the_admins(seeded: Database) -> None:
    other = seeded.add_drop(server_id="78", interaction_id=ADMIN.interaction_id)
    created = seeded.call("create_drop", ADMIN, event_type="quest", channel_id="88", now=NOON)
    assert created["drop"]["server_id"] == "77"
    assert created["drop"]["drop_id"] != other
    assert seeded.call("create_drop", ADMIN, event_type="quest", channel_id="88", now=NOON) == created


@pytest.mark.parametrize(
    ("server_id", "reference"),
    [("78", DROP), ("77", DROP.replace("1", "2")), ("77", "no id"), ("77", "1"), ("77", "-" * 36), ("77", "a" * 36)],
)
def test_the_ledger_pays_drops_of_its_server(seeded: Database, server_id: str, reference: str) -> None:
    seeded.add_drop(drop_id=DROP)
    before = seeded.contents()
    with pytest.raises(errors.CheckViolation) as caught:
        seeded.add_reward(1, server_id=server_id, source="drop", reference=reference)
    assert caught.value.diag.constraint_name == "ledger_pays_drops_of_its_server"
    assert seeded.contents() == before


@pytest.mark.parametrize("wrong", ["another server", "another member", "a reversal", "no row", "no id", "too large"])
def test_the_ledger_reverses_rows_of_its_member(seeded: Database, wrong: str) -> None:
    seeded.add_reward(10)
    entry = seeded.value("select id from reward_ledger")
    seeded.add_reward(-10, source="reversal", reference=str(entry))
    reversal = seeded.value("select max(id) from reward_ledger")
    columns = {
        "another server": {"server_id": "78", "reference": str(entry)},
        "another member": {"member": "1003", "reference": str(entry)},
        "a reversal": {"reference": str(reversal)},
        "no row": {"reference": str(reversal + 100)},
        "no id": {"reference": "the last one"},
        "too large": {"reference": "9" * 40},
    }[wrong]
    before = seeded.contents()
    with pytest.raises(errors.CheckViolation) as caught:
        seeded.add_reward(-10, source="reversal", **columns)  # type: ignore[arg-type]
    assert caught.value.diag.constraint_name == "ledger_reverses_rows_of_its_member"
    assert seeded.contents() == before


def test_every_unique_key_of_what_is_a_servers_names_the_server(seeded: Database) -> None:
    rows = seeded.rows(
        "select indexrelid::regclass::text as key, array_agg(attname::text) as columns"
        " from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)"
        " where indisunique and indrelid::regclass::text in (select table_name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'server_id') group by 1"
    )
    without_server = {row["key"] for row in rows if "server_id" not in row["columns"]}
    assert without_server == {  # ids that nobody chooses twice
        *("discord_audit_log_pkey", "discord_drops_pkey", "monitoring_rules_pkey", "reward_ledger_pkey"),
        *("channel_watches_pkey", "one_watch_per_channel", "drops_once_per_watched_message", "admin_notices_pkey"),
        "drop_previews_pkey",
    }


def test_the_order_of_ids_is_that_of_the_balances(seeded: Database) -> None:
    seeded.run("update monitoring_rules set claimable = true, cooldown_hours = null")
    for event in ("a", "b", "c", "d"):
        seeded.add_event(event, 1, claimable=True)

    def claim(event: str, db: Database) -> Row:
        return db.call("claim_event", BOB.again(), event_type=event, now=NOON)

    calls: list[Callable[[Database], Row]] = [partial(claim, event) for event in ("a", "b", "c", "d", "quest") * 12]
    assert {answer["outcome"] for answer in seeded.race(calls)} == {"event_claimed"}
    assert seeded.differences("balances") == []
    seeded.assert_books_agree()


def test_a_member_on_two_servers_hears_of_the_one_they_are_on(seeded: Database) -> None:
    for server in ("77", "78"):
        drop = seeded.add_drop(server_id=server)
        told = seeded.call("claim_drop", replace(BOB, server_id=server), drop_id=drop, now=NOON)
        assert told["balance"] == {"77": 10, "78": 7}[server]
