"""What Supabase Realtime is sent of our tables. No Realtime server runs here: its publication does."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from infra.deploy import database
from infra.local.supabase import LocalSupabase
from tests.infra.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.infra.supabase.pgoutput import Change, changes
from tests.infra.supabase.portal import OURS, person
from tests.sql import ADMIN, BOB, NOON, PLACES, TABLES, Database

PUBLISHED = {"monitoring_rules", "discord_drops"}
BEFORE, PORTAL = [path for path in MIGRATIONS if path.name < "019"], MIGRATIONS[18]
# As migration 019 finds them.
TABLES_BEFORE = {*TABLES, *PLACES} - {
    *("channel_watches", "reaction_channels", "reaction_looks", "drop_reactors", "reaction_refusals"),
}
ROWS = "select tablename from pg_publication_tables where pubname = 'supabase_realtime'"

Listen = Callable[[], list[Change]]


@pytest.fixture
def listen(db: Database) -> Iterator[Listen]:
    """What a subscriber of the publication has been sent since it last asked."""
    db.run("select pg_create_logical_replication_slot('listener', 'pgoutput')")

    def sent() -> list[Change]:
        with db.connection.transaction():  # write the log up to here: what waits to be written is not sent yet
            db.run("set local synchronous_commit = on")
            db.run("select pg_logical_emit_message(true, '', '')")
        rows = db.rows(
            "select data from pg_logical_slot_get_binary_changes('listener', null, null,"
            " 'proto_version', '1', 'publication_names', 'supabase_realtime')"
        )
        return list(changes([bytes(row["data"]) for row in rows]))

    yield sent
    db.run("select pg_drop_replication_slot('listener')")


def published(db: Database) -> set[str]:
    """The tables in the publication."""
    return {row["tablename"] for row in db.rows(ROWS)}


# --- What is sent


def test_a_rule_that_a_person_changes_is_sent(db: Database, listen: Listen, rest: Rest) -> None:
    ours = rest(**person(OURS))
    event = {"brand_id": OURS, "event_type": "survey", "reward_amount": 15}
    (made,) = ours.post("/monitoring_rules", json=event, headers={"Prefer": "return=representation"}).json()
    path = f"/monitoring_rules?id=eq.{made['id']}"
    assert ours.patch(path, json={"reward_amount": 20}).is_success
    assert ours.delete(path).is_success
    inserted, updated, deleted = listen()
    assert [change.action for change in (inserted, updated, deleted)] == ["insert", "update", "delete"]
    assert {change.table for change in (inserted, updated, deleted)} == {"monitoring_rules"}
    assert (inserted.new["brand_id"], inserted.new["reward_amount"]) == (OURS, "15")
    assert (updated.new["id"], updated.new["reward_amount"], updated.old) == (made["id"], "20", {})
    assert listen() == []


@pytest.mark.parametrize("table", sorted(PUBLISHED))
def test_a_delete_carries_the_key_alone(db: Database, listen: Listen, table: str) -> None:
    """It goes to all who listen: Realtime cannot ask row level security about a row that is gone."""
    db.connect_server()
    db.add_event("quest", 10, label="secret")
    db.add_drop(label="secret", description="secret")
    db.run(f"delete from {table}")
    deleted = [change for change in listen() if (change.action, change.table) == ("delete", table)]
    key = {"monitoring_rules": "id", "discord_drops": "drop_id"}[table]
    assert [{name for name, value in change.old.items() if value is not None} for change in deleted] == [{key}]


def test_a_command_a_claim_and_an_end_are_sent(seeded: Database, listen: Listen) -> None:
    seeded.call("edit_event", ADMIN.again(), event_type="quest", reward=12, now=NOON)
    created = seeded.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", max_claims=1, now=NOON)
    drop = created["drop"]["drop_id"]
    sent = listen()
    actions = [(change.action, change.table) for change in sent]
    assert actions == [("update", "monitoring_rules"), ("insert", "discord_drops")]
    assert seeded.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "claimed"
    sent = listen()
    assert {(change.action, change.new["drop_id"]) for change in sent} == {("update", drop)}
    assert (sent[-1].new["claims_count"], sent[-1].new["end_reason"]) == ("1", "sold_out")


def test_nothing_else_is_sent(db: Database) -> None:
    assert published(db) == PUBLISHED < set(TABLES)
    (identity,) = db.rows("select distinct relreplident from pg_class where relname = any(%s)", list(PUBLISHED))
    assert identity["relreplident"] == "d"


# --- Projects as the migration finds them


@pytest.mark.parametrize(
    ("found", "tables"),
    [
        ("select 1", PUBLISHED),
        ("create publication supabase_realtime", PUBLISHED),
        ("create table chats (id int primary key); create publication supabase_realtime for table chats",
         PUBLISHED | {"chats"}),
        ("create publication supabase_realtime for table monitoring_rules", PUBLISHED),
        ("create publication supabase_realtime for table monitoring_rules, discord_drops", PUBLISHED),
        ("create publication supabase_realtime for all tables", TABLES_BEFORE),
        ("create publication supabase_realtime for tables in schema public", TABLES_BEFORE),
        ("alter table discord_drops replica identity full", PUBLISHED),
    ],
)  # fmt: skip
def test_a_project_gets_what_it_lacks(make_database: MakeDatabase, found: str, tables: set[str]) -> None:
    made = make_database(BEFORE)
    made.run(found)
    made.run_file(PORTAL)
    assert published(made) == tables
    identities = made.rows("select distinct relreplident from pg_class where relname = any(%s)", list(PUBLISHED))
    assert identities == [{"relreplident": "d"}]


def test_a_deployer_without_the_right_to_publish_goes_on_and_is_told(
    make_database: MakeDatabase, supabase: LocalSupabase
) -> None:
    """No superuser, as on a hosted project; and the functions of an earlier deploy are the role resonance's by now."""
    made = make_database([])
    name = made.value("select current_database()")
    made.run("create role deployer login createrole")
    made.run("grant resonance to deployer with admin option")
    try:
        made.run(f"alter database {name} owner to deployer")
        made.run("alter schema public owner to pg_database_owner")
        made.run("create publication supabase_realtime")
        url = supabase.postgres.socket_url(name, user="deployer")
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
            deployer = Database(connection, url)
            for path in BEFORE:
                deployer.run_file(path)
            database.reload_functions(url)
            notices: list[str] = []
            connection.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
            deployer.run_file(PORTAL)
            assert ["supabase_realtime" in notice for notice in notices] == [True]
            assert published(deployer) == set()
            database.reload_functions(url)
            owner = "select prosecdef, proowner::regrole::text as owner from pg_proc where proname = any(%s)"
            rows = deployer.rows(owner, ["audit_change", "portal_servers"])
            assert rows == [{"prosecdef": True, "owner": "resonance"}] * 2
    finally:
        made.run(f"alter database {name} owner to postgres")
        made.run("drop owned by deployer cascade")
        made.run("drop role deployer")
