"""start_watch: a channel whose new messages become reaction drops."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from tests.infra.supabase.internal.problems import IN_UNKNOWN_CATEGORY
from tests.sql import ADMIN, HOUR, NOON, Caller, Database, Row

START: Row = {"channel_id": "88", "event_type": "quest", "now": NOON}


def test_it_starts_what_is_said(seeded: Database) -> None:
    result = seeded.call(
        "start_watch",
        ADMIN,
        **START | {"channel_id": "89"},
        emoji="<:party:7>",
        reward=12.5,
        lifespan_seconds=90,
        authors="members",
        author_role_id="5",
        is_forum=True,
        last_message_id="4711",
    )
    watch = result["watch"]
    assert result == {
        "outcome": "watch_started",
        "watch": {
            "watch_id": watch["watch_id"],
            "server_id": "77",
            "channel_id": "89",
            "event": "quest",
            "event_type": "quest",
            "emoji": "<:party:7>",
            "reward": 12.5,
            "lifespan_seconds": 90,
            "authors": "members",
            "author_role_id": "5",
            "is_forum": True,
            "created_by": "9001",
            "created_at": "2026-03-10T12:00:00+00:00",
            "stopped_at": None,
            "paused_at": None,
            "pause_reason": None,
        },
    }
    row = seeded.one("select * from channel_watches")
    assert (row["last_message_id"], row["interaction_id"], row["reward_amount"]) == ("4711", ADMIN.interaction_id, 12.5)
    audit = seeded.one("select * from discord_audit_log where action = 'watch.started'")
    assert (audit["server_id"], audit["actor_id"], audit["after_state"]) == ("77", "9001", watch)
    assert audit["brand_id"] == "brand"


def test_a_channel_that_was_quiet_has_its_turn_at_once(seeded: Database) -> None:
    seeded.run("insert into reaction_channels values ('88', 'epoch', %s, 20)", NOON + HOUR)
    seeded.call("start_watch", ADMIN, **START)
    assert [each["channel_id"] for each in seeded.call("lease_looks", now=NOON)["channels"]] == ["88"]


def test_what_is_left_out_has_its_default(seeded: Database) -> None:
    seeded.add_event("news_tracker", 5, label="News!")
    watch = seeded.call("start_watch", ADMIN, channel_id="88", now=NOON)["watch"]
    assert (watch["event"], watch["event_type"], watch["emoji"]) == ("News!", "news_tracker", "🎉")
    assert (watch["reward"], watch["lifespan_seconds"], watch["authors"]) == (5, 86_400, "everyone")
    row = seeded.one("select * from channel_watches")
    assert (row["reward_amount"], row["last_message_id"]) == (None, ADMIN.interaction_id)


def test_a_watch_may_make_permanent_drops(seeded: Database) -> None:
    watch = seeded.call("start_watch", ADMIN, **START, lifespan_seconds=None)["watch"]
    assert watch["lifespan_seconds"] is None


def test_a_redelivery_gives_the_same_answer_also_when_it_is_stopped_by_now(seeded: Database) -> None:
    first = seeded.call("start_watch", ADMIN, **START)
    before = seeded.contents()
    assert seeded.call("start_watch", ADMIN, **START | {"now": NOON + HOUR}) == first
    assert seeded.contents() == before
    seeded.call("stop_watch", ADMIN.again(), watch_id=first["watch"]["watch_id"], now=NOON)
    assert seeded.call("start_watch", ADMIN, **START) == first
    assert seeded.value("select count(*) from channel_watches") == 1


def test_one_command_delivered_twenty_times_at_once_starts_one_watch(seeded: Database) -> None:
    answers = seeded.race([lambda db: db.call("start_watch", ADMIN, **START)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert seeded.value("select count(*) from channel_watches") == 1
    assert seeded.value("select count(*) from discord_audit_log where action = 'watch.started'") == 1


def test_twenty_admins_at_once_start_one_watch_of_a_channel(seeded: Database) -> None:
    answers = seeded.race([lambda db: db.call("start_watch", ADMIN.again(), **START)] * 20)
    assert sorted(answer["outcome"] for answer in answers) == [*["watch_exists"] * 19, "watch_started"]
    assert len({answer["watch"]["watch_id"] for answer in answers}) == 1
    assert seeded.value("select count(*) from channel_watches") == 1


def test_a_channel_has_one_watch_until_it_is_stopped(seeded: Database) -> None:
    first = seeded.call("start_watch", ADMIN.again(), **START)["watch"]
    again = seeded.call("start_watch", ADMIN.again(), **START, emoji="🎈")
    assert again == {"outcome": "watch_exists", "watch": first}
    another = seeded.call("start_watch", ADMIN.again(), **START | {"channel_id": "89"})
    assert another["outcome"] == "watch_started"
    seeded.call("stop_watch", ADMIN.again(), watch_id=first["watch_id"], now=NOON)
    assert seeded.call("start_watch", ADMIN.again(), **START, emoji="🎈")["outcome"] == "watch_started"


def watched(db: Database, number: int) -> None:
    """So many channels of the server are watched."""
    db.run(
        "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id)"
        " select '77', (1000 + place)::text, 'quest', '🎉', '1' from generate_series(1, %s) as place",
        number,
    )


def test_a_server_watches_fifty_channels_at_most(seeded: Database) -> None:
    watched(seeded, 50)
    seeded.run("update channel_watches set stopped_at = %s where channel_id = '1050'", NOON)
    assert seeded.call("start_watch", ADMIN.again(), **START)["outcome"] == "watch_started"
    before = seeded.contents("channel_watches", "discord_audit_log")
    another = START | {"channel_id": "89"}
    assert seeded.call("start_watch", ADMIN.again(), **another) == {"outcome": "too_many_watches", "limit": 50}
    assert seeded.call("start_watch", ADMIN.again(), **START)["outcome"] == "watch_exists"
    assert seeded.contents("channel_watches", "discord_audit_log") == before
    seeded.run("update channel_watches set server_id = '78' where channel_id = '1001'")
    assert seeded.call("start_watch", ADMIN.again(), **another)["outcome"] == "watch_started"


def test_admins_at_once_do_not_pass_the_limit(seeded: Database) -> None:
    watched(seeded, 48)
    channel = map(str, itertools.count(2000)).__next__
    answers = seeded.race([lambda db: db.call("start_watch", ADMIN.again(), **START | {"channel_id": channel()})] * 20)
    assert sorted(a["outcome"] for a in answers) == [*["too_many_watches"] * 18, "watch_started", "watch_started"]
    assert seeded.value("select count(*) from channel_watches") == 50


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("delete from monitoring_rules", {"outcome": "event_not_found", "event": "quest", "events": []}),
        ("update monitoring_rules set is_enabled = false", {"outcome": "event_disabled", "event": "quest"}),
        ("update discord_server_configs set is_active = false", {"outcome": "server_not_connected"}),
        ("update brands set is_active = false", {"outcome": "brand_disabled"}),
        (
            """update discord_server_configs set config_metadata = '{"excluded_channels": ["88"]}'""",
            {"outcome": "channel_excluded", "channel_id": "88", "excluded": "88"},
        ),
        (
            "update monitoring_rules set max_total_claims = 0",
            {"outcome": "total_limit_reached", "event": "quest", "limit": 0},
        ),
    ],
)
def test_no_watch(seeded: Database, change: str, outcome: dict[str, Any]) -> None:
    seeded.run(change)
    before = seeded.contents()
    assert seeded.call("start_watch", ADMIN, **START) == outcome
    assert seeded.contents() == before


def test_a_thread_of_an_unknown_category_is_asked_for(seeded: Database) -> None:
    seeded.set_settings({"excluded_channels": ["85"]})
    caller = replace(ADMIN, **IN_UNKNOWN_CATEGORY)
    assert seeded.call("start_watch", caller, **START) == {"outcome": "category_needed"}
    assert seeded.call("start_watch", ADMIN, **START)["outcome"] == "watch_started"


@pytest.mark.parametrize(
    ("caller", "event", "outcome"),
    [
        (ADMIN, "raid", "post_not_allowed"),  # before what else is wrong
        (replace(ADMIN, manages_server=False), "quest", "not_allowed"),
        (replace(ADMIN, server_id="79"), "quest", "server_not_connected"),
    ],
)
def test_who_may_not_is_told_that_first(seeded: Database, caller: Caller, event: str, outcome: str) -> None:
    asked = START | {"event_type": event}
    lacking = {"missing_permissions": ("Add Reactions",), "missing_permissions_of_caller": ("Send Messages",)}
    assert seeded.call("start_watch", caller, **asked, **lacking)["outcome"] == outcome


def test_what_the_bot_lacks_is_named(seeded: Database) -> None:
    result = seeded.call("start_watch", ADMIN, **START, missing_permissions=("Add Reactions",))
    assert result == {"outcome": "permissions_missing", "channel_id": "88", "missing": ["Add Reactions"]}
    assert seeded.rows("select * from channel_watches") == []
