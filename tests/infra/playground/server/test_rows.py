"""The rows that an action changed, and the audit log."""

from infra.local.stack import Stack
from infra.playground.server import rows
from infra.playground.server.rows import TABLES
from tests.infra.playground.server.database import database_url, owner
from tests.infra.playground.server.listener import Listener
from tests.infra.playground.server.visit import Visit, changed_tables


def test_a_click_shows_the_rows_that_it_changed_and_those_of_nobody_else(visit: Visit) -> None:
    drop = visit.drop()
    visit.click(drop, "Bob")
    done = visit.click(drop, "Vera")  # who earns in no other test: all her rows are new
    inserted, updated = changed_tables(done, "insert"), changed_tables(done, "update")
    assert {"reward_ledger", "discord_drop_claims", "discord_user_stats"} <= set(inserted)
    assert inserted.count("reward_ledger") == inserted.count("discord_drop_claims") == 1
    (row,) = [change["row"] for change in done["changes"] if change["table"] == "reward_ledger"]
    assert (row["discord_user_id"], row["amount"]) == (visit.member("Vera"), 40)
    (counter,) = [change for change in done["changes"] if change["table"] == "discord_drops"]
    assert (counter["what"], counter["before"]["claims_count"], counter["row"]["claims_count"]) == ("update", 1, 2)
    assert "discord_drops" in updated

    assert visit.click(drop, "Vera")["changes"] == []  # a refusal changes nothing


def test_every_table_with_a_servers_data_is_watched_by_its_primary_key(stack: Stack) -> None:
    with owner(stack) as connection:
        found = connection.execute(
            "select conrelid::regclass::text as name, array_agg(attname::text) as key"
            " from pg_constraint join pg_attribute on attrelid = conrelid and attnum = any (conkey)"
            " where contype = 'p' and connamespace = 'public'::regnamespace group by 1"
        ).fetchall()
    keys = {row["name"]: set(row["key"]) for row in found}
    assert keys.pop("handled_interactions") == {"server_id", "interaction_id"}  # memory of answers, no data of a server
    remembered = {name for name in keys if name.startswith("recorded_items")}  # the same, of items
    assert {frozenset(keys.pop(name)) for name in remembered} == {frozenset({"server_id", "item_id", "slot"})}
    assert keys.pop("brands") == {"brand_id"}  # of no server
    assert keys.pop("brand_keys") == {"brand_id", "kind", "key"}
    assert keys.pop("registered_commands") == {"server_id", "name"}  # Discord's ids, for /help
    assert keys == {name: set(key) for name, key in TABLES.items()}


# Members, by what becomes of their rows.
KEPT, CHANGED, GONE, LOCKED, TRIED, NEW, PASSING, ELSEWHERE, SLOW, QUICK = map(str, range(1001, 1011))


def test_inserts_updates_and_deletes_are_told_apart(stack: Stack) -> None:
    row = "insert into disabled_members (server_id, discord_user_id, disabled_by) values ('7', %s, '1')"
    with owner(stack) as connection:
        for member in (KEPT, CHANGED, GONE, LOCKED, TRIED):
            connection.execute(row, [member])
        with rows.watching(database_url(stack), "7") as watch:
            connection.execute(row, [NEW])
            connection.execute(row, [PASSING])
            connection.execute("delete from disabled_members where discord_user_id in (%s, %s)", [GONE, PASSING])
            for reason in ("once", "twice"):
                connection.execute(
                    "update disabled_members set reason = %s where discord_user_id in (%s, %s)", [reason, CHANGED, NEW]
                )
            connection.execute("select from disabled_members where discord_user_id = %s for update", [LOCKED])
            with connection.transaction(force_rollback=True):
                connection.execute("delete from disabled_members where discord_user_id = %s", [TRIED])
            connection.execute(row.replace("'7'", "'8'"), [ELSEWHERE])
        found = {
            change["row"]["discord_user_id"]: (change["what"], change["row"]["reason"])
            for change in watch.changes or ()
        }
        assert found == {NEW: ("insert", "twice"), CHANGED: ("update", "twice"), GONE: ("delete", None)}
        (updated,) = [change for change in watch.changes or () if change["what"] == "update"]
        assert updated["before"] == updated["row"] | {"reason": None}

        with rows.watching(database_url(stack)) as everywhere:
            connection.execute("delete from disabled_members")
        assert len(everywhere.changes or ()) == 6


def test_a_drop_that_several_hold_while_it_changes_is_an_update(stack: Stack) -> None:
    with owner(stack) as connection, owner(stack) as other:
        drop = "insert into discord_drops (server_id, event_id, drop_type) values ('7', 'x', 'button')"
        connection.execute(drop)
        with rows.watching(database_url(stack), "7") as watch, other.transaction(), connection.transaction():
            for holder in (other, connection):
                holder.execute("select from discord_drops where server_id = '7' for key share")
            connection.execute("update discord_drops set claims_count = 1 where server_id = '7'")
        assert [(change["table"], change["what"]) for change in watch.changes or ()] == [("discord_drops", "update")]
        connection.execute("delete from discord_drops where server_id = '7'")


def test_a_transaction_that_began_before_and_ended_meanwhile_is_a_change(stack: Stack) -> None:
    row = "insert into disabled_members (server_id, discord_user_id, disabled_by) values ('7', %s, '1')"
    with owner(stack) as connection, owner(stack) as slow:
        with slow.transaction():
            slow.execute(row, [SLOW])
            connection.execute(row, [QUICK])
            with rows.watching(database_url(stack), "7") as watch:
                slow.execute("commit")
                slow.execute("begin")
        assert [change["row"]["discord_user_id"] for change in watch.changes or ()] == [SLOW]
        connection.execute("delete from disabled_members")


def test_the_audit_log_is_read_and_news_of_it_are_pushed(visit: Visit, listener: Listener) -> None:
    visit.command("config events edit", name="quest", label="The quest")
    assert listener.until("audit") == {"server": visit.server}
    newest = visit.look("/api/audit", server=visit.server)["entries"][0]
    assert (newest["action"], newest["actor_id"]) == ("event.updated", visit.member("Ada"))
    other = visit.world["servers"][1]["id"]
    assert visit.look("/api/audit", server=other)["entries"] == []
    visit.look("/api/audit", 404, server="1")
