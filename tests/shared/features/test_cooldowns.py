"""/cooldowns: what can be taken now, and when the rest is ready."""

from datetime import UTC, datetime

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, BOB, CAROL
from tests.shared.features.rows import assert_said, by_hand, claimable, earned, stamp
from tests.sql import DAY, HOUR, NOON, Database

pytestmark = pytest.mark.usefixtures("at_noon")


def test_what_is_ready_says_how_to_take_it(server: Client, db: Database, rpc_calls: list[str]) -> None:
    claimable(db, server, label="A *quest*")
    claimable(db, server, "show_up", 7.5)
    rpc_calls.clear()
    reply = server.slash("cooldowns", user=BOB)
    assert rpc_calls == ["get_cooldowns"]
    assert reply.ephemeral
    lines = reply.text.splitlines()
    assert "Daily check-in: ready, take it with `/daily`." in lines
    assert r"A \*quest\*: **40 RSNC**, `/claim event:quest`" in lines
    assert "`show_up`: **7.5 RSNC**, `/claim event:show_up`" in lines
    assert "Welcome bonus: **50 RSNC**, `/join`" in lines


def test_after_a_check_in_the_next_day_is_told_in_the_servers_zone(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"timezone": "Pacific/Auckland"}))
    server.slash("daily", user=BOB)
    text = server.slash("cooldowns", user=BOB).text
    midnight = datetime(2026, 3, 11, 11, tzinfo=UTC)  # the next one there
    assert f"Daily check-in: opens {stamp(midnight)}. Your streak is 1 day." in text


def test_what_waits_says_until_when_the_soonest_first(server: Client, db: Database) -> None:
    claimable(db, server, "slow", label="Slow one", cooldown_hours=48)
    claimable(db, server, "fast", label="Fast one", cooldown_hours=2)
    claimable(db, server, "once", label="Once only", max_claims_per_user=1)
    for event in ("slow", "fast", "once"):
        server.slash("claim", event=event, user=BOB)
    text = server.slash("cooldowns", user=BOB).text
    later = text[text.index("**Later**") :]
    assert later.splitlines()[:3] == [
        "**Later**",
        f"Fast one: {stamp(NOON + 2 * HOUR)}",
        f"Slow one: {stamp(NOON + 2 * DAY)}",
    ]
    assert later.splitlines()[-2:] == ["**Used up**", "Once only"]
    assert "Fast one: **40 RSNC**" in server.slash("cooldowns", user=CAROL).text


def test_a_server_in_which_nothing_can_be_taken_says_so(server: Client, db: Database) -> None:
    db.run("delete from monitoring_rules")
    assert "Look out for drops" in server.slash("cooldowns", user=BOB).text


def test_very_many_events_still_fit(server: Client, db: Database) -> None:
    for number in range(150):
        claimable(db, server, f"event_with_a_long_name_{number:03}", label="*" * 80)
    reply = server.slash("cooldowns", user=BOB)
    assert "more" in reply.text.splitlines()[-1]


def test_a_server_that_is_not_connected_says_so(server: Client, db: Database) -> None:
    earned(db, server, BOB, 5)
    server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    reply = server.slash("cooldowns", user=BOB)
    assert_said(reply)
    assert "not connected" in reply.text


def test_an_option_that_it_does_not_have_is_a_sentence(server: Client) -> None:
    assert_said(by_hand(server, "cooldowns", BOB, event="quest"))
