"""lease_notices: what a server's admins are to be told, once, and at most once a minute."""

import itertools

import pytest
from psycopg.types.json import Jsonb

from tests.infra.supabase.notices import CHANNEL, lease, with_admin_channel
from tests.sql import ADMIN, BOB, DAY, MINUTE, NOON, SECOND, Database, Row

MESSAGES = itertools.count(1_000)


@pytest.fixture
def told(seeded: Database) -> Database:
    """A server whose admins have a channel, with nothing left to tell."""
    return with_admin_channel(seeded)


def kinds(server: Row) -> list[str]:
    """What the notices of a server are about: an action of the audit log, or the end of a drop."""
    return [
        notice["audit"]["action"] if "audit" in notice else notice["drop"]["end_reason"] for notice in server["notices"]
    ]


def test_what_admins_do_is_told(told: Database) -> None:
    told.call("give_reward", ADMIN, member_id=BOB.user_id, event_type="quest", role_ids=(), now=NOON)
    told.call("disable_member", ADMIN.again(), member_id=BOB.user_id, reason="A joke", now=NOON)
    told.call("edit_event", ADMIN.again(), event_type="quest", reward=7, now=NOON)
    told.call("end_drop", ADMIN.again(), drop_id=told.add_drop(), now=NOON)
    told.call("create_drop", ADMIN.again(), event_type="quest", channel_id="88", now=NOON)  # everybody sees that one
    (server,) = lease(told)
    assert (server["server_id"], server["channel_id"], server["more"]) == ("77", CHANNEL, 0)
    assert kinds(server) == ["reward.given", "member.disabled", "event.updated", "drop.ended"]


def test_drops_that_end_by_themselves_are_told_with_what_they_paid(told: Database) -> None:
    drop = told.add_drop(max_claims=1, reward_amount=5)
    told.call("claim_drop", BOB, drop_id=drop, now=NOON)
    told.add_drop(expires_at=NOON)
    told.call("expire_drops", now=NOON)
    (server,) = lease(told)
    assert kinds(server) == ["sold_out", "expired"]
    assert [notice["paid"] for notice in server["notices"]] == [
        {"claims": 1, "amount": 5},
        {"claims": 0, "amount": 0},
    ]


def test_a_reaction_drop_is_told_when_its_last_reactions_are_collected(told: Database) -> None:
    drop = told.add_drop(drop_type="reaction", emoji="🎉", expires_at=NOON)
    told.call("expire_drops", now=NOON)
    assert lease(told) == []
    told.run("update discord_drops set is_collected = true where drop_id = %s", drop)
    (server,) = lease(told)
    assert kinds(server) == ["expired"]


def add_watch(db: Database, channel: str) -> str:
    """A watch of a channel."""
    return str(
        db.value(
            "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id) "
            "values ('77', %s, 'quest', '🎉', '0') returning watch_id",
            channel,
        )
    )


def add_watched(db: Database, watch: str, number: int, claims: int) -> None:
    """Drops of a watch that are over, each with so many claims of 5 RSNC."""
    for _ in range(number):
        drop = db.add_drop(
            drop_type="reaction", emoji="🎉", watch_id=watch, message_id=str(next(MESSAGES)), expires_at=NOON
        )
        with db.without_triggers():
            db.run(
                "insert into discord_drop_claims (claim_id, drop_id, discord_user_id, reward_amount) "
                "select gen_random_uuid(), %s, 400 + n, 5 from generate_series(1, %s) as n",
                drop,
                claims,
            )
            db.run("update discord_drops set claims_count = %s where drop_id = %s", claims, drop)
    db.call("expire_drops", now=NOON)
    db.run("update discord_drops set is_collected = true where watch_id = %s", watch)


def test_the_drops_of_a_watch_are_told_together_and_those_that_nobody_took_are_forgotten(told: Database) -> None:
    news, ideas = add_watch(told, "600"), add_watch(told, "700")
    add_watched(told, news, 150, 0)
    add_watched(told, ideas, 1, 1)
    add_watched(told, news, 120, 2)
    told.call("edit_event", ADMIN, event_type="quest", reward=7, now=NOON)
    (server,) = lease(told)
    assert server["more"] == 0
    changed, one, several = server["notices"]
    assert changed["audit"]["action"] == "event.updated"
    assert (one["watched"], one["paid"]) == ("700", {"drops": 1, "claims": 1, "amount": 5})
    assert (several["watched"], several["paid"]) == ("600", {"drops": 120, "claims": 240, "amount": 1200})
    told.call("mark_notices", told=Jsonb([server]), now=NOON)
    assert told.rows("select * from admin_notices") == []


def test_a_paused_watch_is_told_while_it_is_paused(told: Database) -> None:
    told.run(
        "insert into channel_watches (server_id, channel_id, event_id, emoji, last_message_id) "
        "values ('77', '600', 'quest', '🎉', '0')"
    )
    told.run("update channel_watches set paused_at = now(), pause_reason = 'no_history'")
    (server,) = lease(told)
    assert [notice["watch"] for notice in server["notices"]] == [{"channel_id": "600", "reason": "no_history"}]
    told.run("update channel_watches set paused_at = null, pause_reason = null")
    (server,) = lease(told, NOON + DAY / 2)
    assert [set(notice) for notice in server["notices"]] == [{"notice"}]


def test_nothing_is_kept_where_nobody_can_be_told(seeded: Database) -> None:
    seeded.call("edit_event", ADMIN, event_type="quest", reward=7, now=NOON)
    assert seeded.rows("select * from admin_notices") == []
    seeded.set_settings({"admin_channel": CHANNEL})
    assert seeded.call("expire_drops", now=NOON)["has_notices"] is True
    seeded.set_settings(None)
    assert lease(seeded) == []
    assert seeded.rows("select * from admin_notices") == []
    assert seeded.call("expire_drops", now=NOON)["has_notices"] is False


def test_a_server_is_told_once_and_at_most_once_a_minute(told: Database) -> None:
    told.call("edit_event", ADMIN, event_type="quest", reward=7, now=NOON)
    (first,) = lease(told)
    assert lease(told) == []  # another run has them
    assert told.call("mark_notices", told=Jsonb([first]), now=NOON) == {"told": 1, "failed": 0}
    told.call("edit_event", ADMIN.again(), event_type="quest", reward=8, now=NOON)
    assert lease(told, NOON + 49 * SECOND) == []
    (second,) = lease(told, NOON + MINUTE)
    assert kinds(second) == ["event.updated"]
    assert second["notices"][0]["notice"] > first["notices"][0]["notice"]


def test_two_runs_at_once_tell_each_server_once(told: Database) -> None:
    told.call("edit_event", ADMIN, event_type="quest", reward=7, now=NOON)
    answers = told.race([lease] * 8, at_once=8)
    assert sorted(map(len, answers)) == [0] * 7 + [1]


def test_many_notices_are_cut_and_counted_and_old_ones_forgotten(told: Database) -> None:
    told.run('update discord_server_configs set config_metadata = config_metadata || \'{"timezone": "UTC"}\'')
    told.run(
        "insert into admin_notices (server_id, audit_id) "
        "select '77', (select max(id) from discord_audit_log) from generate_series(1, 119)"
    )
    (server,) = lease(told)
    assert (len(server["notices"]), server["more"]) == (100, 20)
    told.run("update admin_notices set created_at = %s", NOON - 2 * DAY)
    assert lease(told, NOON + MINUTE * 5) == []
    assert told.rows("select * from admin_notices") == []


def test_so_many_servers_a_run(told: Database) -> None:
    for number in range(3):
        told.connect_server(f"90{number}", settings={"admin_channel": CHANNEL})
        told.run("update discord_server_configs set server_name = 'x' where server_id = %s", f"90{number}")
    assert [server["server_id"] for server in lease(told, limit=2)] == ["900", "901"]
    assert [server["server_id"] for server in lease(told, limit=2)] == ["902"]
