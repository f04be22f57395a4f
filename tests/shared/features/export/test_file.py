"""/export gives a CSV file of what the database has, to whoever may have it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, ALICE, BOB
from tests.conftest import BRAND
from tests.proxy import Proxy
from tests.shared.features.export.files import table
from tests.shared.features.rows import earned, has_streak, stats
from tests.sql import KEY, Database

VIEWER = replace(ALICE, roles=("900000000000000001",))


# --- What is in the file


def test_rewards_are_the_ledger(rich: Client, db: Database, calls: Callable[[], Any], rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert (reply.status, reply.body, reply.ephemeral) == (202, b"", True)
    assert reply.text.startswith("Rewards of this server as a CSV file: 5 rows.\nIn a spreadsheet")
    assert list(reply.files) == ["rewards-2026-03-10.csv"]
    ledger = db.rows("select * from reward_ledger order by id desc")
    rows = table(reply)
    assert [row["id"] for row in rows] == [str(entry["id"]) for entry in ledger]
    for row, entry in zip(rows, ledger, strict=True):
        for column in ("discord_user_id", "event_type", "source", "reason", "actor_id"):
            assert row[column] == entry[column]
        assert (row["amount"], row["balance_after"]) == (str(entry["amount"]), str(entry["balance_after"]))
        assert row["created_at"] == entry["created_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        assert (row["reference"], row["interaction_id"]) == ("", "")
    assert calls() == [("POST", 204), ("PATCH", 200)]
    assert rpc_calls == ["export_rows"]


def test_the_audit_log_is_every_change(rich: Client, db: Database) -> None:
    rich.slash("config events edit", name="news_tracker", reward=6, user=ADMIN)
    rows = table(rich.slash("export", type="audit", user=ADMIN))
    log = db.rows("select * from discord_audit_log order by id desc")
    assert [(row["id"], row["action"]) for row in rows] == [(str(entry["id"]), entry["action"]) for entry in log]
    assert (rows[0]["action"], rows[0]["actor_id"], rows[0]["actor_type"]) == ("event.updated", ADMIN.id, "admin")
    for state in ("before_state", "after_state"):
        assert json.loads(rows[0][state]) == log[0][state]


def test_members_are_all_who_did_something(rich: Client, db: Database) -> None:
    stats(db, rich, BOB, messages_count=7, reactions_received=3)
    has_streak(db, rich, BOB, 4)
    db.run("insert into disabled_members values (%s, '5', 'spam', '9')", rich.guild_id)
    reply = rich.slash("export", type="members", user=ADMIN)
    rows = {row["discord_user_id"]: row for row in table(reply)}
    assert len(rows) == 7
    assert list(reply.files) == ["members-2026-03-10.csv"]
    bob = rows[BOB.id]
    assert (bob["messages_count"], bob["reactions_received"], bob["current_streak"]) == ("7", "3", "4")
    assert rows["320000000000000004"]["rsnc_total"] == "4.5"
    assert rows["5"]["disabled_reason"] == "spam"


def test_config_is_the_settings_and_the_events(rich: Client) -> None:
    reply = rich.slash("export", type="config", user=ADMIN)
    lines = {row["key"]: row["value"] for row in table(reply)}
    assert lines["server.server_id"] == rich.guild_id
    assert (lines["events.daily_checkin.reward"], lines["events.news_tracker.label"]) == ("25", "News tracker")
    assert reply.text == f"Settings and events of this server as a CSV file: {len(lines)} rows."


def test_nothing_of_another_server_is_in_it(rich: Client, db: Database) -> None:
    other = replace(rich, guild_id="520000000000000009")
    earned(db, other, BOB, 99, reason="elsewhere")
    for kind in ("rewards", "members", "audit", "config"):
        (content,) = rich.slash("export", type=kind, user=ADMIN).files.values()
        assert not {b"elsewhere", other.guild_id.encode(), BOB.id.encode()} & set(re.split(rb"[,\r\n]", content)), kind


def test_the_message_pings_nobody_and_the_file_is_only_for_the_one_who_asked(
    rich: Client, discord_proxy: Proxy
) -> None:
    reply = rich.slash("export", type="rewards", user=ADMIN)
    deferred, edited = discord_proxy.requests
    assert json.loads(deferred.body) == {"type": 5, "data": {"flags": 64}}
    assert b'"allowed_mentions": {"parse": []}' in edited.body
    assert reply.message["attachments"][0]["ephemeral"]
    assert rich.discord is not None
    assert rich.discord.messages(rich.channel_id) == []


def test_parts_make_one_file(rich: Client, in_parts: Any, rpc_calls: list[str], calls: Callable[[], Any]) -> None:
    rpc_calls.clear()
    reply = rich.slash("export", type="rewards", user=ADMIN)
    assert [row["reason"] for row in table(reply)] == [f"no. {number}" for number in (4, 3, 2, 1, 0)]
    assert "5 rows." in reply.text
    assert rpc_calls == ["export_rows"] * 3
    assert calls() == [("POST", 204), ("PATCH", 200)]


def test_what_is_earned_meanwhile_is_left_for_the_next_file(rich: Client, db: Database, in_parts: Any) -> None:
    in_parts.append(lambda: earned(db, rich, BOB, 77))
    assert len(table(rich.slash("export", type="rewards", user=ADMIN))) == 5


# --- Who may, and what refuses it at once


def test_a_viewer_may_and_a_member_may_not(rich: Client, db: Database, calls: Callable[[], Any]) -> None:
    refused = rich.slash("export", type="rewards", user=VIEWER)
    assert (refused.status, refused.kind, refused.ephemeral) == (200, 4, True)
    assert "This needs the level **viewer**" in refused.text
    assert calls() == []
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {VIEWER.roles[0]: 1}}))
    assert len(table(rich.slash("export", type="rewards", user=VIEWER))) == 5


def test_what_is_not_there_is_said_at_once(discord: Client, calls: Callable[[], Any]) -> None:
    assert "not connected" in discord.slash("export", type="rewards", user=ADMIN).text
    discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    for kind, said in (("rewards", "nobody has earned"), ("members", "nobody has done")):
        reply = discord.slash("export", type=kind, user=ADMIN)
        assert (reply.status, reply.ephemeral) == (200, True)
        assert f"There is nothing to export yet: {said} anything in this server." in reply.text
    assert calls() == []


def test_a_level_that_is_lost_meanwhile_ends_it(rich: Client, db: Database, in_parts: Any) -> None:
    roles = Jsonb({"admin_roles": {VIEWER.roles[0]: 1}})
    db.run("update discord_server_configs set config_metadata = %s", roles)
    in_parts.append(lambda: db.run("update discord_server_configs set config_metadata = '{}'") and None)
    reply = rich.slash("export", type="rewards", user=VIEWER)
    assert "This needs the level **viewer**" in reply.text
    assert reply.files == {}
