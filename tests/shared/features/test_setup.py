"""/setup: a server is connected, looked at, moved and disconnected."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from tests.conftest import BRAND
from tests.shared.features.rows import ODD_VALUES, assert_said
from tests.sql import NOON, Database

DEFAULTS = {"daily_checkin": 25, "news_tracker": 5, "regular_engagement": 10, "welcome_bonus": 50}


def test_connect_makes_the_server_ready(discord: Client, db: Database) -> None:
    reply = discord.slash("setup connect", brand_id=BRAND, name="The Guild", user=ADMIN)
    assert f"connected to the brand `{BRAND}`" in reply.text
    assert all(name in reply.text for name in DEFAULTS)
    assert db.one("select server_id, brand_id, server_name, is_active from discord_server_configs") == {
        "server_id": discord.guild_id,
        "brand_id": BRAND,
        "server_name": "The Guild",
        "is_active": True,
    }
    rewards = db.rows("select event_type, reward_amount from monitoring_rules")
    assert {row["event_type"]: row["reward_amount"] for row in rewards} == DEFAULTS
    assert "Checked in" in discord.slash("daily", user=BOB).text


def test_connect_again_repairs_and_changes_nothing_else(server: Client, db: Database) -> None:
    server.slash("config events edit", name="daily_checkin", reward=30, user=ADMIN)
    db.run("delete from monitoring_rules where event_type = 'news_tracker'")
    reply = server.slash("setup connect", brand_id=BRAND, user=ADMIN)
    assert "connected to the brand" in reply.text
    assert db.value("select reward_amount from monitoring_rules where event_type = 'daily_checkin'") == 30
    assert db.value("select count(*) from monitoring_rules") == len(DEFAULTS)


def test_a_connected_server_is_not_moved_by_accident(server: Client, db: Database) -> None:
    reply = server.slash("setup connect", brand_id="0xother", user=ADMIN)
    assert f"connected to another brand, `{BRAND}`" in reply.text
    assert "/setup disconnect" in reply.text
    assert db.value("select brand_id from discord_server_configs") == BRAND


@pytest.mark.parametrize("brand_id", ["", "   ", "x" * 101])
def test_a_brand_needs_an_id(discord: Client, db: Database, brand_id: str) -> None:
    reply = discord.slash("setup connect", brand_id=brand_id, user=ADMIN)
    assert "`brand_id`" in reply.text
    assert db.rows("select * from discord_server_configs") == []


def test_spaces_around_a_brand_do_not_count(discord: Client, db: Database) -> None:
    discord.slash("setup connect", brand_id=f"  {BRAND} ", user=ADMIN)
    assert db.value("select brand_id from discord_server_configs") == BRAND


def test_status_tells_how_things_are(server: Client, local_discord: FakeDiscord) -> None:
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    server.click(message, "Claim", user=BOB)
    reply = server.slash("setup status", user=ADMIN)
    assert f"Connected to the brand `{BRAND}`" in reply.text
    assert "4 events, 1 open drop, **5 RSNC** earned by 1 member" in reply.text


def test_status_of_a_server_that_is_not_connected(discord: Client) -> None:
    assert "/setup connect" in discord.slash("setup status", user=ADMIN).text


def test_disconnect_needs_its_word(server: Client, db: Database) -> None:
    for word in ("disconnect", "yes", "DISCONNECT!", "DIS CONNECT"):
        reply = server.slash("setup disconnect", confirm=word, user=ADMIN)
        assert "Nothing has changed" in reply.text
        assert "DISCONNECT" in reply.text
    assert db.value("select is_active from discord_server_configs") is True


def test_disconnect_stops_earning_and_keeps_what_was_earned(server: Client, db: Database) -> None:
    server.slash("daily", user=BOB)
    reply = server.slash("setup disconnect", confirm=" DISCONNECT ", user=ADMIN)
    assert "no longer connected" in reply.text
    assert "kept" in reply.text
    assert "not connected" in server.slash("daily", user=replace(BOB, id="310000000000000020")).text
    assert db.value("select rsnc_earned from discord_user_stats") == 25
    assert db.value("select count(*) from monitoring_rules") == len(DEFAULTS)


def test_disconnect_again_says_that_it_is_done(server: Client) -> None:
    first = server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    assert server.redeliver(first).text == first.text
    assert "not connected" in server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN).text


def test_a_disconnected_server_may_join_another_brand(server: Client, db: Database) -> None:
    server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    assert "`0xother`" in server.slash("setup connect", brand_id="0xother", user=ADMIN).text
    assert db.one("select brand_id, is_active from discord_server_configs") == {
        "brand_id": "0xother",
        "is_active": True,
    }


def test_what_an_admin_types_formats_nothing(discord: Client) -> None:
    discord.slash("setup connect", brand_id=BRAND, name="**bold** @everyone", user=ADMIN)
    assert r"\*\*bold\*\*" in discord.slash("setup status", user=ADMIN).text


def test_every_change_is_in_the_audit_log_with_who_made_it(server: Client, db: Database) -> None:
    reply = server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    row = db.one(
        "select actor_id, interaction_id from discord_audit_log where before_state -> 'is_active' = 'true' "
        "and after_state -> 'is_active' = 'false'"
    )
    assert row == {"actor_id": ADMIN.id, "interaction_id": reply.interaction["id"]}


# --- /setup check


def check(client: Client, **fields: Any) -> Reply:
    """An admin's /setup check; `fields` go on top of the interaction."""
    data = {"name": "setup", "options": [{"name": "check", "type": 1, "options": []}]}
    return client.interact(2, data, ADMIN, **fields)


def lines(reply: Reply) -> list[str]:
    """The lines of a check."""
    assert reply.ephemeral
    return str(reply.embeds[0]["description"]).split("\n")


def test_check_of_a_server_that_is_well(server: Client, rpc_calls: list[str]) -> None:
    assert lines(server.slash("setup check", user=ADMIN)) == [
        f"✅ Connected to the brand `{BRAND}`.",
        "✅ In this channel I have the permissions that drops need.",
        "✅ 4 events.",
        "✅ Test mode is off.",
        "✅ Rewards are on in this channel.",
        "✅ 0 roles with a bonus, 0 roles with a level.",
        "✅ Drops end in time, and their messages are up to date.",
        "✅ The database is up to date.",
    ]
    assert rpc_calls == ["check_server"]


def test_check_before_anything_else_says_what_to_do_first(discord: Client, db: Database) -> None:
    assert lines(check(discord, app_permissions="0")) == [
        "⚠️ Not connected to a brand yet. Run `/setup connect` with the brand's id from the Partner Portal.",
        "⚠️ In this channel I lack **View Channel**, **Send Messages**, **Embed Links** and **Read Message History**, "
        "so no drop can be posted here. Allow it in the channel's settings.",
        "✅ The database is up to date.",
    ]
    discord.slash("setup connect", brand_id=BRAND, user=ADMIN)
    discord.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    assert lines(check(discord))[0] == (
        f"⚠️ No longer connected to the brand `{BRAND}`. `/setup connect` connects this server again."
    )


def test_check_goes_by_the_kind_of_channel(server: Client) -> None:
    thread = {"id": server.channel_id, "type": 11}
    assert "I lack **Send Messages in Threads**, so" in lines(check(server, channel=thread))[1]
    administrator = replace(server, app_permissions=1 << 3)
    assert lines(check(administrator, channel=thread))[1].startswith("✅")


def test_check_names_what_is_wrong(server: Client, db: Database) -> None:
    role, channel = "900000000000000007", server.channel_id
    server.slash("config test-mode", enabled=True, role=role, user=ADMIN)
    server.slash("config channels exclude", channel=channel, user=ADMIN)
    server.slash("config role-bonus set", role=role, flat=5, user=ADMIN)
    server.slash("config events toggle", name="daily_checkin", user=ADMIN)
    server.slash("config events delete", name="news_tracker", user=ADMIN)
    where = {"server_id": server.guild_id, "channel_id": channel}
    db.add_drop(expires_at=NOON, **where)
    db.add_drop(render_attempts=1, **where)
    said = lines(server.slash("setup check", user=ADMIN))
    assert said[2:-1] == [
        "⚠️ 3 events, 1 of them off. Of the usual ones there is no `news_tracker`. If you want it, run `/setup connect` "
        f"again with `{BRAND}`; it changes nothing else.",
        f"⚠️ Test mode is on: only admins and <@&{role}> earn. End it with `/config test-mode enabled:False`.",
        "⚠️ Rewards are off in this channel. `/config channels include` switches them on again.",
        "✅ 1 role with a bonus, 0 roles with a level.",
        "⚠️ 1 drop should have ended more than five minutes ago: the scheduled function `expire_drops` does not seem to "
        "run. Tell whoever runs the bot. Nobody is paid too much meanwhile.",
        f"⚠️ Discord does not let me update the message of 1 drop. Look whether I still may write in <#{channel}>; "
        "I keep trying.",
    ]


def test_check_names_settings_that_are_out_of_order(server: Client, db: Database) -> None:
    with db.connection.transaction():
        db.run("set local session_replication_role = replica")
        db.run("update discord_server_configs set config_metadata = %s", Jsonb({"timezone": "Mars/Olympus"}))
    said = "The settings hold something that is not allowed: timezone must be an IANA name such as Europe/Berlin."
    assert f"⚠️ {said} Correct it where it was written." in lines(check(server))


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("field", ["app_permissions", "channel"])
def test_odd_permissions_are_a_sentence(server: Client, field: str, value: Any) -> None:
    assert_said(check(server, **{field: value}))
