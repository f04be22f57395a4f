"""/setup check: line by line what is fine, and what to do about the rest; it fits one page, whatever is wrong."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN
from shared.features.setup.check import check_page
from shared.format import PAGE_LIMIT
from tests.conftest import BRAND
from tests.shared.features.rows import ODD_VALUES, assert_said
from tests.sql import KEY, NOON, Database


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
        "✅ In this channel I have the permissions that reactions need.",
        "✅ 4 events.",
        "✅ Test mode is off.",
        "✅ Rewards are on in this channel.",
        "✅ Every role earns the same. `/config role-bonus set` gives a role more.",
        "✅ Only members with Manage Server run Resonance here. `/config admin-roles set` lets a role help.",
        "✅ Drops end in time, and their messages are up to date.",
        "✅ The database is up to date.",
    ]
    assert rpc_calls == ["check_server"]


def test_check_before_anything_else_says_what_to_do_first(discord: Client, db: Database) -> None:
    assert lines(check(discord, app_permissions="0")) == [
        "⚠️ Not connected to a brand yet. Run `/setup connect` with the brand's id and its connect key.",
        "⚠️ In this channel I lack **View Channel**, **Send Messages**, **Embed Links** and **Read Message History**, "
        "so no drop can be posted here. Allow it in the channel's settings.",
        "⚠️ In this channel I lack **View Channel**, **Read Message History** and **Add Reactions**, so no reaction can "
        "be paid here. Allow it in the channel's settings.",
        "✅ The database is up to date.",
    ]
    discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
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
    server.slash("config events delete", name="news_tracker", user=ADMIN).click("Delete it")
    where = {"server_id": server.guild_id, "channel_id": channel}
    db.add_drop(expires_at=NOON, **where)
    db.add_drop(render_attempts=1, **where)
    said = lines(server.slash("setup check", user=ADMIN))
    assert said[3:-1] == [
        "⚠️ 3 events, 1 of them off. Of the usual ones there is no `news_tracker`. If you want it, run `/setup connect` "
        f"again with `{BRAND}` and its connect key; it changes nothing else.",
        f"⚠️ Test mode is on: only admins and <@&{role}> earn. End it with `/config test-mode enabled:False`.",
        "⚠️ Rewards are off in this channel. `/config channels include` switches them on again.",
        "✅ Members of 1 role get more for every reward: `/config show`.",
        "✅ Only members with Manage Server run Resonance here. `/config admin-roles set` lets a role help.",
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


# --- Words


WORST: dict[str, Any] = {
    "is_connected": True,
    "brand_id": "`" * 500,
    "is_brand_active": False,
    "server_name": "*" * 500,
    "missing_migrations": ["008", "009", "010"],
    "events": 100_000,
    "events_off": 99_999,
    "missing_events": ["daily_checkin", "news_tracker", "regular_engagement", "welcome_bonus"],
    "settings_problem": "_" * 1000,
    "drops_overdue": 2,
    "drops_behind": 200,
    "channels_behind": [str(10**18 + number) for number in range(200)],
}


def test_the_worst_fits() -> None:
    page = check_page(WORST, ["View Channel", "Send Messages"], ["View Channel", "Read Message History"])
    assert len(page) <= PAGE_LIMIT
    assert len(page.split("\n")) == 8
    assert "100,000 events, 99,999 of them off." in page
    assert "I lack **View Channel** and **Send Messages**, so" in page
    assert "… and 187 more; I keep trying." in page
    assert "lacks migration 008, 009 and 010, so" in page


def test_every_line_says_whether_it_is_fine() -> None:
    lines = check_page(WORST, [], []).split("\n")
    assert [line[0] for line in lines] == ["⚠", "✅", "✅", "⚠", "⚠", "⚠", "⚠", "⚠"]
