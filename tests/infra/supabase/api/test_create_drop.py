"""create_drop: the row of a drop before its message is there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.infra.supabase.internal.problems import IN_UNKNOWN_CATEGORY
from tests.sql import ADMIN, HOUR, NOON, SECOND, Caller, Database, Row

CREATE = {"event_type": "quest", "channel_id": "88", "now": NOON}


def test_it_creates_what_is_said(seeded: Database) -> None:
    other = seeded.add_drop()
    result = seeded.call(
        "create_drop",
        ADMIN,
        **CREATE | {"channel_id": "89"},
        lifespan_seconds=90,
        max_claims=100,
        label="Grab",
        description="Quick!",
        reward=12.5,
    )
    drop = result["drop"]
    assert result["outcome"] == "drop_created"
    assert drop == {
        "drop_id": drop["drop_id"],
        "server_id": "77",
        "channel_id": "89",
        "message_id": None,
        "title": "quest",
        "reward": 12.5,
        "label": "Grab",
        "description": "Quick!",
        "claims_count": 0,
        "max_claims": 100,
        "expires_at": "2026-03-10T12:01:30+00:00",
        "end_reason": None,
        "end_cause": None,
        "revision": 1,
    }
    row = seeded.one("select * from discord_drops where drop_id <> %s", other)
    assert (row["drop_type"], row["created_by"], row["created_at"]) == ("button", "9001", NOON)
    assert (row["interaction_id"], row["is_settled"]) == (ADMIN.interaction_id, False)
    audit = seeded.one("select * from discord_audit_log where action = 'drop.created'")
    assert (audit["server_id"], audit["actor_type"], audit["actor_id"]) == ("77", "admin", "9001")
    assert (audit["interaction_id"], audit["after_state"]) == (ADMIN.interaction_id, drop)


def test_without_a_lifespan_it_is_permanent_and_pays_what_the_event_pays(seeded: Database) -> None:
    drop = seeded.call("create_drop", ADMIN, **CREATE)["drop"]
    assert (drop["expires_at"], drop["max_claims"], drop["reward"]) == (None, None, 10)
    assert seeded.value("select reward_amount from discord_drops") is None


def test_the_schedule_posts_it_only_when_the_command_did_not(seeded: Database) -> None:
    drop = seeded.call("create_drop", ADMIN, **CREATE)["drop"]
    soon = seeded.call("expire_drops", now=NOON + 29 * SECOND)
    later = seeded.call("expire_drops", now=NOON + 30 * SECOND)
    assert soon["drops"] == []
    assert [each["drop_id"] for each in later["drops"]] == [drop["drop_id"]]


def test_a_redelivery_gives_the_same_drop_and_another_command_another(seeded: Database) -> None:
    first = seeded.call("create_drop", ADMIN, **CREATE)
    before = seeded.contents()
    assert seeded.call("create_drop", ADMIN, **CREATE | {"now": NOON + HOUR}) == first
    assert seeded.contents() == before
    another = seeded.call("create_drop", ADMIN.again(), **CREATE)
    assert another["drop"]["drop_id"] != first["drop"]["drop_id"]


def test_one_command_delivered_twenty_times_at_once_gives_one_drop(seeded: Database) -> None:
    answers = seeded.race([lambda db: db.call("create_drop", ADMIN, **CREATE)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert seeded.value("select count(*) from discord_drops") == 1
    assert seeded.value("select count(*) from discord_audit_log where action = 'drop.created'") == 1


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("delete from monitoring_rules", {"outcome": "event_not_found", "event": "quest", "events": []}),
        (
            "update monitoring_rules set is_enabled = false, label = 'Quest!'",
            {"outcome": "event_disabled", "event": "Quest!"},
        ),
        ("update discord_server_configs set is_active = false", {"outcome": "server_not_connected"}),
        (
            """update discord_server_configs set config_metadata = '{"excluded_channels": ["88"]}'""",
            {"outcome": "channel_excluded", "channel_id": "88", "excluded": "88"},
        ),
        (
            "update monitoring_rules set max_claims_per_user = 0",
            {"outcome": "limit_reached", "event": "quest", "limit": 0},
        ),
        (
            "update monitoring_rules set max_total_claims = 0",
            {"outcome": "total_limit_reached", "event": "quest", "limit": 0},
        ),
    ],
)
def test_no_drop(seeded: Database, change: str, outcome: dict[str, Any]) -> None:
    seeded.run(change)
    before = seeded.contents()
    assert seeded.call("create_drop", ADMIN, **CREATE) == outcome
    assert seeded.contents() == before


@pytest.mark.parametrize(
    ("excluded", "parent_ids", "found"),
    [
        ("88", (), None),  # where the admin is, not where the drop goes
        ("89", (), "89"),
        ("87", ("87", "86"), "87"),
        ("86", ("87", "86"), "86"),
        ("86", None, None),  # as with the release before
    ],
)
def test_the_place_of_the_drop_counts(
    seeded: Database, excluded: str, parent_ids: tuple[str, ...] | None, found: str | None
) -> None:
    seeded.set_settings({"excluded_channels": [excluded]})
    told = seeded.call("create_drop", replace(ADMIN, parent_ids=parent_ids), **CREATE | {"channel_id": "89"})
    if found:
        assert told == {"outcome": "channel_excluded", "channel_id": "89", "excluded": found}
    else:
        assert told["outcome"] == "drop_created"


def test_a_thread_of_an_unknown_category_is_asked_for(seeded: Database) -> None:
    seeded.set_settings({"excluded_channels": ["85"]})
    assert seeded.call("create_drop", replace(ADMIN, **IN_UNKNOWN_CATEGORY), **CREATE) == {"outcome": "category_needed"}
    assert seeded.rows("select * from discord_drops") == []


def test_a_redelivery_gives_the_same_drop_where_its_channel_is_excluded_since(seeded: Database) -> None:
    first = seeded.call("create_drop", ADMIN, **CREATE)
    seeded.set_settings({"excluded_channels": ["88"]})
    assert seeded.call("create_drop", ADMIN, **CREATE) == first


def test_what_the_admin_has_had_does_not_count(seeded: Database) -> None:
    seeded.run("update monitoring_rules set max_claims_per_user = 1, cooldown_hours = 24")
    seeded.call("claim_drop", replace(ADMIN, required_level=None).again(), drop_id=seeded.add_drop(), now=NOON)
    assert seeded.call("create_drop", ADMIN, **CREATE)["outcome"] == "drop_created"


def test_a_brand_wide_event_has_drops_too(seeded: Database) -> None:
    seeded.add_event("raid", 5, server_id=None, label="Raid!")
    drop = seeded.call("create_drop", ADMIN, **CREATE | {"event_type": "raid"})["drop"]
    assert (drop["title"], drop["reward"]) == ("Raid!", 5)


@pytest.mark.parametrize("seconds", [90, 300, 24 * 3600, 168 * 3600])
def test_lifespans(seeded: Database, seconds: int) -> None:
    seeded.call("create_drop", ADMIN, **CREATE, lifespan_seconds=seconds)
    assert seeded.value("select expires_at - created_at from discord_drops") == timedelta(seconds=seconds)


LACKING = ("View Channel", "Send Messages")


def test_whoever_may_not_post_there_posts_no_drop_there(seeded: Database) -> None:
    before = seeded.contents()
    assert seeded.call("create_drop", ADMIN, **CREATE, missing_permissions_of_caller=LACKING) == {
        "outcome": "post_not_allowed",
        "channel_id": "88",
        "missing": [*LACKING],
    }
    assert seeded.contents() == before


@pytest.mark.parametrize(
    ("caller", "event", "outcome"),
    [
        (ADMIN, "raid", "post_not_allowed"),  # before what else is wrong
        (replace(ADMIN, manages_server=False), "quest", "not_allowed"),
        (replace(ADMIN, server_id="79"), "quest", "server_not_connected"),
    ],
)
def test_who_may_not_is_told_that_first(seeded: Database, caller: Caller, event: str, outcome: str) -> None:
    asked = CREATE | {"event_type": event}
    lacking = {"missing_permissions": LACKING, "missing_permissions_of_caller": LACKING}
    assert seeded.call("create_drop", caller, **asked, **lacking)["outcome"] == outcome


# --- Drops for reactions

REACTION = CREATE | {"drop_type": "reaction", "emoji": "🎉"}


def test_a_message_of_ours_shows_what_the_emoji_pays(seeded: Database) -> None:
    result = seeded.call("create_drop", ADMIN, **REACTION, reward=5, max_claims=3, lifespan_seconds=60)
    drop = result["drop"]
    assert (drop["emoji"], drop["is_own_message"], drop["message_id"], drop["reward"]) == ("🎉", True, None, 5)
    row = seeded.one("select * from discord_drops")
    assert (row["drop_type"], row["emoji"], row["is_own_message"], row["message_id"]) == ("reaction", "🎉", True, None)
    assert (row["is_collected"], row["watch_id"], row["expires_at"]) == (False, None, NOON + timedelta(seconds=60))
    assert seeded.value("select after_state from discord_audit_log where action = 'drop.created'") == drop


def test_a_message_that_is_there_is_not_ours(seeded: Database) -> None:
    drop = seeded.call("create_drop", ADMIN, **REACTION, message_id="99")["drop"]
    assert (drop["emoji"], drop["is_own_message"], drop["message_id"]) == ("🎉", False, "99")
    row = seeded.one("select * from discord_drops")
    assert (row["drop_type"], row["is_own_message"], row["message_id"]) == ("reaction", False, "99")


@pytest.mark.parametrize("message", [None, "99"])
def test_a_redelivery_gives_the_same_reaction_drop(seeded: Database, message: str | None) -> None:
    first = seeded.call("create_drop", ADMIN, **REACTION, message_id=message)
    before = seeded.contents()
    assert seeded.call("create_drop", ADMIN, **REACTION, message_id=message) == first
    assert seeded.contents() == before


@pytest.mark.parametrize(
    ("there", "emoji"),
    [("🎉", "🎉"), ("❤", "❤️"), ("❤️", "❤"), ("party:7", "<:party:7>"), ("<a:old:7>", "<:new:7>")],
)
def test_one_emoji_of_a_message_is_rewarded_once(seeded: Database, there: str, emoji: str) -> None:
    drop = seeded.add_drop(drop_type="reaction", emoji=there)
    before = seeded.contents()
    result = seeded.call("create_drop", ADMIN, **REACTION | {"emoji": emoji}, message_id="99")
    assert (result["outcome"], result["drop"]["drop_id"]) == ("reaction_drop_exists", drop)
    assert seeded.contents() == before


@pytest.mark.parametrize(
    "columns",
    [
        {"message_id": "98"},
        {"emoji": "🎈"},
        {"emoji": "party:8"},
        {"emoji": None},
        {"drop_type": "button"},
        {"server_id": "78"},
        {"ended_at": NOON, "end_reason": "ended"},
        {"expires_at": NOON},
        {"max_claims": 3, "claims_count": 3},
    ],
)
def test_another_one_is_no_hindrance(seeded: Database, columns: dict[str, Any]) -> None:
    seeded.add_drop(**{"drop_type": "reaction", "emoji": "🎉"} | columns)
    assert seeded.call("create_drop", ADMIN, **REACTION, message_id="99")["outcome"] == "drop_created"


def test_twenty_admins_at_once_reward_a_message_once(seeded: Database) -> None:
    def reward(db: Database) -> Row:
        return db.call("create_drop", ADMIN.again(), **REACTION, message_id="99")

    answers = seeded.race([reward] * 20)
    outcomes = sorted(answer["outcome"] for answer in answers)
    assert outcomes == ["drop_created", *["reaction_drop_exists"] * 19]
    assert seeded.value("select count(*) from discord_drops") == 1


def test_what_would_be_in_vain_is_told_of_reactions_too(seeded: Database) -> None:
    lacking = {"missing_permissions": ("Add Reactions",)}
    assert seeded.call("create_drop", ADMIN, **REACTION, **lacking, message_id="99") == {
        "outcome": "permissions_missing",
        "channel_id": "88",
        "missing": ["Add Reactions"],
    }
    seeded.run("update monitoring_rules set is_enabled = false")
    assert seeded.call("create_drop", ADMIN.again(), **REACTION)["outcome"] == "event_disabled"
    assert seeded.rows("select * from discord_drops") == []
