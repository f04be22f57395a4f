"""A database without migration 008: what needs the column says so, everything else answers as usual."""

from dataclasses import replace

import pytest
from psycopg.types.json import Jsonb

from infra.deploy import database
from tests.infra.conftest import MIGRATIONS, MakeDatabase
from tests.infra.supabase.batches import message, reaction, record, removal, voice
from tests.sql import ADMIN, DAY, HOUR, KEY_HASH, NOON, TABLES, Caller, Database, Row

BOB = Caller(user_id="1002")
BRANDS: dict[str, Row] = {
    "add_brand": {"brand_id": "brand"},
    "rotate_brand_key": {"brand_id": "brand"},
    "set_brand_active": {"brand_id": "brand", "is_active": False},
    "add_program_key": {"brand_id": "brand", "public_key": "ab" * 32},
    "remove_program_key": {"brand_id": "brand", "public_key": "ab" * 32},
    "list_brands": {},
}
UNTIL_007 = [path for path in MIGRATIONS if path.name < "008"]
AFTER_007 = [path for path in MIGRATIONS if path.name >= "008"]


@pytest.fixture
def old(make_database: MakeDatabase) -> Database:
    """Today's functions on the tables of 007."""
    made = make_database(UNTIL_007)
    database.reload_functions(made.url)
    return made


def test_everything_answers_as_usual(old: Database) -> None:
    assert old.rows("select from information_schema.columns where column_name = 'reactions_received'") == []
    old.connect_server()
    for event in ("daily_checkin", "news_tracker", "regular_engagement", "welcome_bonus"):
        old.add_event(event, 5)
    assert old.call("create_event", ADMIN.again(), event_type="quest", reward=10)["outcome"] == "event_created"
    assert old.call("edit_event", ADMIN.again(), event_type="quest", max_claims=2)["outcome"] == "event_edited"
    assert old.call("toggle_event", ADMIN.again(), event_type="news_tracker")["outcome"] == "event_toggled"
    assert old.call("delete_event", ADMIN.again(), event_type="news_tracker")["outcome"] == "event_deleted"
    assert len(old.call("list_events", ADMIN.again())["events"]) == 4

    created = old.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", lifespan_seconds=60, now=NOON)
    drop = created["drop"]["drop_id"]
    marks = [{"drop_id": drop, "revision": 1, "message_id": "99"}]
    assert old.call("mark_drops_rendered", rendered=marks, now=NOON)["rendered"] == 1
    assert old.call("claim_drop", BOB.again(), drop_id=drop, shows=True, now=NOON)["outcome"] == "claimed"
    assert old.call("claim_drop", BOB.again(), drop_id=drop, now=NOON)["outcome"] == "already_claimed"
    expired = old.call("expire_drops", now=NOON + HOUR)
    assert (expired["expired"], expired["drops"][0]["drop_id"]) == (1, drop)

    assert old.call("check_in", BOB.again(), now=NOON)["outcome"] == "checked_in"
    assert old.call("check_in", BOB.again(), now=NOON)["outcome"] == "already_checked_in"
    assert old.call("reset_streaks", now=NOON + 3 * DAY) == {"reset": 1}
    old.run("insert into disabled_members values ('77', '1002', 'spam', '9001')")
    assert old.call("check_in", BOB.again(), now=NOON + 3 * DAY)["outcome"] == "member_disabled"
    assert old.call("get_server", ADMIN.again(), now=NOON)["members"] == 1
    assert old.call("get_level", ADMIN)["level"] == 4
    assert old.call("disconnect_server", ADMIN.again())["outcome"] == "disconnected"
    old.assert_books_agree()


def test_settings_are_kept_as_usual(old: Database) -> None:
    old.connect_server()
    changes: dict[str, dict[str, object]] = {
        "set_streaks": {"timezone": "Asia/Tokyo", "milestones": [{"days": 7, "reward": 50}]},
        "exclude_channel": {"channel_id": "88"},
        "include_channel": {"channel_id": "88"},
        "set_admin_channel": {"channel_id": "89"},
        "set_role_bonus": {"role_id": "5", "flat": 5},
        "remove_role_bonus": {"role_id": "5"},
        "set_admin_role": {"role_id": "5", "level": 3},
        "remove_admin_role": {"role_id": "5"},
        "set_test_mode": {"enabled": True, "role_id": "5"},
    }
    for function, given in changes.items():
        assert old.call(function, ADMIN.again(), **given, now=NOON)["outcome"] == "settings_changed", function
    assert old.call("get_settings", ADMIN)["after"]["timezone"] == "Asia/Tokyo"
    assert len(old.call("list_time_zones", ADMIN, search="berlin")["zones"]) == 1
    assert old.call("check_server", ADMIN, now=NOON)["missing_migrations"][0] == "008"


def test_members_claim_and_look_as_usual(old: Database) -> None:
    old.connect_server()
    old.add_event("quest", 10, claimable=True)
    old.add_event("welcome_bonus", 50)
    old.add_streak("1002", 7)
    assert [event["event"] for event in old.call("list_claimable_events", BOB)["events"]] == ["quest"]
    assert old.call("claim_event", BOB.again(), event_type="quest", now=NOON)["outcome"] == "event_claimed"
    assert old.call("claim_welcome_bonus", BOB.again(), now=NOON)["outcome"] == "welcomed"
    assert old.call("get_cooldowns", BOB, now=NOON)["ready"][0]["event"] == "quest"
    assert old.call("claim_milestone", BOB.again(), now=NOON)["outcome"] == "milestone_claimed"
    assert old.call("claim_milestone", BOB.again(), days=7, now=NOON)["outcome"] == "milestone_taken"
    assert old.call("get_streak", BOB, now=NOON)["streak"] == 7
    assert old.call("get_history", BOB, now=NOON)["total"] == 3
    assert old.call("get_balance", BOB, now=NOON)["rank"] == 1
    old.assert_books_agree()


def test_what_016_tells_about_members_is_unknown(old: Database) -> None:
    old.connect_server(settings={"excluded_channels": ["89", "87"]})
    old.add_event("quest", 10, claimable=True)
    told: Row = {"is_pending": True, "timed_out_until": NOON + DAY, "parent_ids": ("87",), "is_place_known": False}
    claim = {"event_type": "quest", "now": NOON}
    assert old.call("claim_event", replace(BOB, **told).again(), **claim)["outcome"] == "event_claimed"
    assert old.call("claim_event", replace(BOB, channel_id="89").again(), **claim)["outcome"] == "channel_excluded"
    given = old.call("give_reward", ADMIN.again(), member_id="1003", event_type="quest", role_ids=(), now=NOON)
    assert given["outcome"] == "reward_given"
    assert old.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", now=NOON)["drop"]


@pytest.mark.parametrize("period", ["all", "month", "week"])
@pytest.mark.parametrize("kind", ["rsnc_earned", "claims"])
def test_a_leaderboard_of_earnings_adds_the_ledger_up(seeded: Database, old: Database, kind: str, period: str) -> None:
    old.connect_server()
    for db in (seeded, old):
        for days in (0, 1, 5, 30):
            for member in range(13):
                db.add_reward((member + days) % 5, NOON - days * DAY - member * HOUR, f"10{member:02}")
        db.add_reward(-2, NOON, "1002", "reversal")
        db.add_reward(9, NOON, "1002", server_id="78")
    asked = {"type": kind, "period": period, "now": NOON}
    assert old.call("get_leaderboard", BOB, **asked) == seeded.call("get_leaderboard", BOB, **asked)
    assert len(old.call("get_leaderboard", BOB, **asked)["top"]) == 10


@pytest.mark.parametrize("kind", ["streak", "messages", "voice"])
def test_a_leaderboard_of_what_is_there_answers(old: Database, kind: str) -> None:
    old.connect_server()
    old.add_streak("1002", 5)
    old.run(
        "insert into discord_user_stats (server_id, discord_user_id, messages_count, voice_minutes)"
        " values ('77', '1002', 5, 5)"
    )
    found = old.call("get_leaderboard", BOB, type=kind, period="all", now=NOON)
    assert found["top"] == [{"rank": 1, "user_id": "1002", "value": 5}]
    assert found["own"] == {"rank": 1, "value": 5}


def test_the_one_leaderboard_that_needs_the_column_says_what_is_missing(old: Database) -> None:
    old.connect_server()
    found = old.call("get_leaderboard", BOB, type="reactions", period="all", now=NOON)
    assert found == {"outcome": "migration_missing", "migration": "008"}


def test_the_log_can_be_read(old: Database) -> None:
    old.connect_server()
    old.add_event("quest", 10)
    old.call("edit_event", ADMIN.again(), event_type="quest", reward=11)
    found = old.call("get_audit", ADMIN, type="events")
    assert [entry["action"] for entry in found["entries"]] == ["event.updated", "event.created"]


@pytest.mark.parametrize("period", ["week", "month", "all"])
def test_figures_say_what_is_missing(old: Database, period: str) -> None:
    old.connect_server()
    old.add_reward(5)
    found = old.call("get_stats", ADMIN, period=period, now=NOON)
    assert found == {"outcome": "migration_missing", "migration": "009"}


def test_a_drop_that_answers_a_message_says_what_is_missing(old: Database) -> None:
    old.connect_server()
    old.add_event("quest", 10)
    before = old.contents("discord_drops", "discord_audit_log")
    found = old.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", reply_to="99", now=NOON)
    assert found == {"outcome": "migration_missing", "migration": "012"}
    assert old.contents("discord_drops", "discord_audit_log") == before


def test_a_look_says_what_is_missing(old: Database) -> None:
    old.connect_server()
    old.add_event("quest", 10)
    drop = old.add_drop()
    before = old.contents("discord_drops", "discord_audit_log")
    missing = {"outcome": "migration_missing", "migration": "024"}
    terms: Row = {"event_type": "quest", "channel_id": "88"}
    assert old.call("create_drop", ADMIN.again(), **terms, look={"colour": 1}, now=NOON) == missing
    assert old.call("create_drop", ADMIN.again(), **terms, title="Quick", now=NOON) == missing
    assert old.call("edit_drop", ADMIN.again(), drop_id=drop, colour=1, now=NOON) == missing
    assert old.call("edit_drop", ADMIN.again(), drop_id=drop, title="Quick", now=NOON) == missing
    assert old.call("preview_drop", ADMIN.again(), terms=terms, now=NOON) == missing
    assert old.call("get_preview", ADMIN.again(), preview_id=drop, now=NOON) == missing
    assert old.call("change_preview", ADMIN.again(), preview_id=drop, terms={}, now=NOON) == missing
    assert old.call("post_preview", ADMIN.again(), preview_id=drop, now=NOON) == missing
    assert old.call("cancel_preview", ADMIN.again(), preview_id=drop) == missing
    assert old.contents("discord_drops", "discord_audit_log") == before
    plain = old.call("create_drop", ADMIN.again(), **terms, look=None, title=None, now=NOON)
    assert "look" not in plain["drop"]


def test_what_reactions_need_says_what_is_missing(old: Database) -> None:
    old.connect_server()
    old.add_event("news_tracker", 10)
    drop = old.add_drop(drop_type="reaction", emoji="🎉", event_id="news_tracker", message_id="99")
    missing = {"outcome": "migration_missing", "migration": "020"}
    before = old.contents("discord_drops", "discord_audit_log")
    reaction: Row = {"event_type": "news_tracker", "channel_id": "88", "drop_type": "reaction", "emoji": "🎉"}
    assert old.call("create_drop", ADMIN.again(), **reaction, now=NOON) == missing
    assert old.call("create_drop", ADMIN.again(), **reaction, message_id="98", now=NOON) == missing
    assert old.call("start_watch", ADMIN.again(), channel_id="88", now=NOON) == missing
    assert old.call("stop_watch", ADMIN.again(), watch_id=drop, now=NOON) == missing
    assert old.call("list_watches", ADMIN.again(), now=NOON) == missing
    assert old.call("lease_looks", now=NOON)["channels"] == []
    assert old.contents("discord_drops", "discord_audit_log") == before


def test_a_reaction_drop_of_another_program_is_managed_as_usual(old: Database) -> None:
    old.connect_server()
    old.add_event("quest", 10)
    drop = old.add_drop(drop_type="reaction", emoji="🎉")
    (listed,) = old.call("list_drops", ADMIN, now=NOON)["drops"]
    assert (listed["emoji"], listed["is_own_message"]) == ("🎉", False)
    assert old.call("edit_drop", ADMIN.again(), drop_id=drop, max_claims=3, now=NOON)["outcome"] == "drop_edited"
    assert old.call("end_drop", ADMIN.again(), drop_id=drop, now=NOON)["outcome"] == "drop_closed"
    old.add_reward(5, source="drop", reference=drop)
    assert old.call("get_history", BOB, now=NOON)["entries"][0]["by_reaction"]
    unposted = old.add_drop(message_id=None)
    old.call("cancel_drop_post", ADMIN.again(), drop_id=unposted, now=NOON)
    assert old.drop(unposted)["end_reason"] == "not_posted"


def test_a_batch_says_item_by_item_what_is_missing(old: Database) -> None:
    old.connect_server()
    refusal = {"outcome": "migration_missing", "migration": "021"}
    assert record(old, message(), reaction()) == [{"result": "refused", "refused": [refusal]}] * 2
    program: Row = {"key": "ab" * 32, "is_operator": False, "server_id": "77", "items": [message()]}
    assert old.call("record_events", **program, now=NOON) == {"outcome": "unknown_key"}
    assert old.call("prune_events", now=NOON) == {"emptied": 0, "deleted": 0}


def test_a_trigger_says_what_is_missing(old: Database) -> None:
    old.connect_server()
    missing = {"outcome": "migration_missing", "migration": "021"}
    trigger: Row = {"detection": {"trigger": "join"}}
    assert old.call("create_event", ADMIN.again(), event_type="quest", reward=10, **trigger) == missing
    old.add_event("quest", 10, detection_config=Jsonb({"trigger": "join"}))
    assert old.call("edit_event", ADMIN.again(), event_type="quest", **trigger) == missing
    edited = old.call("edit_event", ADMIN.again(), event_type="quest", detection={})
    assert (edited["outcome"], edited["event"]["detection"]) == ("event_edited", None)


def test_a_connection_says_what_is_missing(old: Database) -> None:
    before = old.contents("discord_server_configs", "monitoring_rules", "discord_audit_log")
    missing = {"outcome": "migration_missing", "migration": "018"}
    assert old.call("connect_server", ADMIN.again(), brand_id="brand", key_hash=KEY_HASH) == missing
    assert old.call("connect_server", ADMIN.again(), brand_id="brand") == missing
    for function, arguments in BRANDS.items():
        assert old.call(function, **arguments) == missing
    assert old.contents("discord_server_configs", "monitoring_rules", "discord_audit_log") == before


@pytest.mark.parametrize("at_once", [1, 8])
def test_a_redelivered_change_is_not_made_twice(old: Database, at_once: int) -> None:
    old.connect_server()
    old.add_event("quest", 10)

    def toggle(db: Database) -> str:
        return str(db.call("toggle_event", ADMIN, event_type="quest", now=NOON)["outcome"])

    outcomes = [outcome for _ in range(2) for outcome in old.race([toggle] * at_once, at_once)]
    assert sorted(outcomes) == [*["already_done"] * (2 * at_once - 1), "event_toggled"]
    assert old.value("select is_enabled from monitoring_rules") is False


def test_an_interaction_of_another_server_is_no_redelivery(old: Database) -> None:
    for server in ("78", "77"):
        old.connect_server(server)
        old.add_event("quest", 10, server_id=server)
        told = old.call("toggle_event", replace(ADMIN, server_id=server), event_type="quest", now=NOON)
        assert told["outcome"] == "event_toggled"


def test_a_redelivered_creation_gives_the_same_drop(old: Database) -> None:
    old.connect_server()
    old.add_event("quest", 10)
    create = {"event_type": "quest", "channel_id": "88", "reward": 5, "now": NOON}
    first = old.call("create_drop", ADMIN, **create)
    assert old.call("create_drop", ADMIN, **create) == first


def test_what_changed_nothing_is_not_remembered(old: Database) -> None:
    old.connect_server()
    assert old.call("enable_member", ADMIN, member_id="1002", now=NOON)["outcome"] == "member_not_disabled"
    old.run("insert into disabled_members values ('77', '1002', 'spam', '9001')")
    assert old.call("enable_member", ADMIN, member_id="1002", now=NOON)["outcome"] == "member_is_enabled"


def test_these_tables_come_after_007(old: Database) -> None:
    rows = old.rows("select tablename from pg_tables where schemaname = 'public'")
    assert set(TABLES) - {row["tablename"] for row in rows} == {
        *("member_earnings", "handled_interactions", "brands", "brand_keys", "event_total_shards"),
        *("channel_watches", "reaction_channels", "reaction_looks", "drop_reactors", "reaction_refusals"),
        *("recorded_items", "message_reactions", "voice_remainders"),
        *("admin_notices", "notified_servers"),
        *("registered_commands", "drop_previews"),
    }


def test_without_008_alone_the_rest_is_as_with_it(make_database: MakeDatabase) -> None:
    made = make_database([path for path in MIGRATIONS if not path.name.startswith("008")])
    database.reload_functions(made.url)
    made.connect_server()
    made.add_reward(5, NOON, BOB.user_id)
    assert made.call("get_leaderboard", BOB, type="rsnc_earned", period="week", now=NOON)["own"]["rank"] == 1
    assert made.call("get_leaderboard", BOB, type="reactions", period="all")["outcome"] == "migration_missing"
    assert made.wrong_earnings() == []


def test_without_008_alone_a_batch_counts_everything_else(make_database: MakeDatabase) -> None:
    made = make_database([path for path in MIGRATIONS if not path.name.startswith("008")])
    database.reload_functions(made.url)
    made.connect_server()
    made.add_event("liked", 3, detection_config=Jsonb({"trigger": "reactions", "min_reactions": 3}))
    told = record(made, message(), voice(60), *(reaction(str(2000 + n)) for n in range(3)), removal("2000"))
    assert [each.get("missing") for each in told] == [None, None, *["008"] * 4]
    assert [each["result"] for each in told] == ["counted", "counted", "counted", "counted", "paid", "counted"]
    rows = made.rows("select discord_user_id, messages_count, voice_minutes, reactions_count from discord_user_stats")
    assert sorted(map(tuple, map(dict.values, rows))) == [
        *[("1001", 0, 0, 0), ("1002", 1, 1, 0), ("2000", 0, 0, 0), ("2001", 0, 0, 1), ("2002", 0, 0, 1)]
    ]
    made.assert_books_agree()
    made.run_file(next(path for path in MIGRATIONS if path.name.startswith("008")))
    later = NOON + HOUR
    assert record(made, reaction("2001", later), removal("2002", later), now=later) == [{"result": "counted"}] * 2
    assert made.value("select reactions_received from discord_user_stats where discord_user_id = '1001'") == 1


def test_the_missing_migration_can_follow_while_it_serves(old: Database) -> None:
    old.connect_server()
    old.add_event("daily_checkin", 25)
    old.call("check_in", BOB.again(), now=NOON)
    for path in AFTER_007:
        old.run_file(path)
    assert old.value("select reactions_received from discord_user_stats") == 0
    assert old.call("check_in", BOB.again(), now=NOON + DAY)["streak"] == 2
    old.assert_books_agree()
