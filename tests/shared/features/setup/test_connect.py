"""/setup: a server is connected, looked at, moved and disconnected."""

from dataclasses import replace

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from tests.conftest import BRAND
from tests.sql import KEY, Database

DEFAULTS = {"daily_checkin": 25, "news_tracker": 5, "regular_engagement": 10, "welcome_bonus": 50}


def test_connect_makes_the_server_ready(discord: Client, db: Database) -> None:
    reply = discord.slash("setup connect", brand_id=BRAND, key=KEY, name="The Guild", user=ADMIN)
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
    reply = server.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    assert "connected to the brand" in reply.text
    assert db.value("select reward_amount from monitoring_rules where event_type = 'daily_checkin'") == 30
    assert db.value("select count(*) from monitoring_rules") == len(DEFAULTS)


def test_a_connected_server_is_not_moved_by_accident(server: Client, db: Database) -> None:
    db.add_brand("0xother")
    reply = server.slash("setup connect", brand_id="0xother", key=KEY, user=ADMIN)
    assert f"connected to another brand, `{BRAND}`" in reply.text
    assert "/setup disconnect" in reply.text
    assert db.value("select brand_id from discord_server_configs") == BRAND


@pytest.mark.parametrize("brand_id", ["", "   ", "x" * 101])
def test_a_brand_needs_an_id(discord: Client, db: Database, brand_id: str) -> None:
    reply = discord.slash("setup connect", brand_id=brand_id, key=KEY, user=ADMIN)
    assert "`brand_id`" in reply.text
    assert db.rows("select * from discord_server_configs") == []


def test_spaces_around_a_brand_do_not_count(discord: Client, db: Database) -> None:
    discord.slash("setup connect", brand_id=f"  {BRAND} ", key=f" {KEY}  ", user=ADMIN)
    assert db.value("select brand_id from discord_server_configs") == BRAND


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
    db.add_brand("0xother")
    server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    assert "`0xother`" in server.slash("setup connect", brand_id="0xother", key=KEY, user=ADMIN).text
    assert db.one("select brand_id, is_active from discord_server_configs") == {
        "brand_id": "0xother",
        "is_active": True,
    }


def test_what_an_admin_types_formats_nothing(discord: Client) -> None:
    discord.slash("setup connect", brand_id=BRAND, key=KEY, name="**bold** @everyone", user=ADMIN)
    assert r"\*\*bold\*\*" in discord.slash("setup status", user=ADMIN).text


def test_every_change_is_in_the_audit_log_with_who_made_it(server: Client, db: Database) -> None:
    reply = server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    row = db.one(
        "select actor_id, interaction_id from discord_audit_log where before_state -> 'is_active' = 'true' "
        "and after_state -> 'is_active' = 'false'"
    )
    assert row == {"actor_id": ADMIN.id, "interaction_id": reply.interaction["id"]}


# --- The key


REFUSED = "There is no brand with this id and this connect key."


def test_without_the_key_a_form_asks_for_both(discord: Client, rpc_calls: list[str]) -> None:
    for given, filled in (({}, None), ({"brand_id": BRAND}, BRAND), ({"brand_id": BRAND, "name": "Us"}, BRAND)):
        form = discord.slash("setup connect", **given, user=ADMIN)
        fields = {label["label"]: label["component"] for label in form.components}
        assert list(fields) == ["Brand id", "Key", "Name"]
        assert [name for name, field in fields.items() if field["required"]] == ["Brand id", "Key"]
        assert fields["Brand id"].get("value") == filled
        assert fields["Name"].get("value") == given.get("name")
    assert rpc_calls == []  # a modal must be the first answer


def test_a_key_that_was_typed_is_not_sent_back(discord: Client) -> None:
    form = discord.slash("setup connect", key=KEY, name="Us", user=ADMIN)
    assert KEY not in str(form.data)


def test_the_form_connects(discord: Client, db: Database) -> None:
    form = discord.slash("setup connect", user=ADMIN)
    reply = form.submit(brand_id=f" {BRAND}", key=f"{KEY} ", name="The Guild")
    assert reply.ephemeral
    assert f"connected to the brand `{BRAND}`" in reply.text
    assert db.value("select server_name from discord_server_configs") == "The Guild"
    assert form.submit(brand_id=BRAND, key=KEY).ephemeral


@pytest.mark.parametrize(
    ("brand_id", "key"), [(BRAND, "wrong"), ("0xunknown", KEY), ("0xunknown", "wrong"), (KEY, KEY)]
)
def test_a_wrong_key_and_an_unknown_brand_read_the_same(discord: Client, db: Database, brand_id: str, key: str) -> None:
    expected = discord.slash("setup connect", brand_id=BRAND, key="x", user=ADMIN).text
    assert REFUSED in expected
    by_option = discord.slash("setup connect", brand_id=brand_id, key=key, user=ADMIN)
    by_form = discord.slash("setup connect", user=ADMIN).submit(brand_id=brand_id, key=key)
    assert by_option.text == by_form.content == expected
    assert by_form.ephemeral
    assert db.rows("select from discord_server_configs") == []


def test_after_a_wrong_key_the_form_opens_with_all_but_the_key(discord: Client, db: Database) -> None:
    form = discord.slash("setup connect", user=ADMIN)
    refused = form.submit(brand_id=BRAND, key="wrong-but-mine", name="The Guild")
    assert "wrong-but-mine" not in str(refused.json)
    assert "**Key** is not kept, because it is secret. Please enter it again." in refused.text
    again = refused.click("Try again")
    fields = {label["label"]: label["component"].get("value") for label in again.components}
    assert fields == {"Brand id": BRAND, "Key": None, "Name": "The Guild"}
    done = again.submit(key=KEY)
    assert (done.kind, done.components) == (7, [])
    assert f"connected to the brand `{BRAND}`" in done.text
    assert db.value("select server_name from discord_server_configs") == "The Guild"


def test_a_key_in_the_field_of_the_brand_is_not_kept(discord: Client) -> None:
    refused = discord.slash("setup connect", user=ADMIN).submit(brand_id=KEY, key=BRAND, name=f"Us ({KEY})")
    assert KEY not in str(refused.json)
    assert KEY not in str(refused.click("Try again").json)


def test_a_redelivered_form_gets_the_same_answer(discord: Client, db: Database) -> None:
    reply = discord.slash("setup connect", user=ADMIN).submit(brand_id=BRAND, key=KEY)
    db.call("rotate_brand_key", brand_id=BRAND)
    assert discord.redeliver(reply).text == reply.text
    assert REFUSED in discord.slash("setup connect", user=ADMIN).submit(brand_id=BRAND, key=KEY).text


def test_a_thief_gets_nothing(server: Client, db: Database) -> None:
    """Whoever knows a brand's public id alone cannot act for it with a server of their own."""
    theirs = replace(server, guild_id="520000000000000009")
    for key in ({}, {"key": BRAND}, {"key": "x" * 43}):
        reply = theirs.slash("setup connect", brand_id=BRAND, **key, user=ADMIN)
        assert "connected to the brand" not in reply.text
    assert "not connected" in theirs.slash("daily", user=BOB).text
    assert "not connected" in theirs.slash("audit", user=ADMIN).text
    assert db.value("select count(*) from discord_server_configs") == 1


# --- A brand that is off


def switch_off(db: Database) -> None:
    """Switch the brand off, as an operator does."""
    db.call("set_brand_active", brand_id=BRAND, is_active=False)


def test_a_brand_that_is_off_is_said_to_everybody(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    switch_off(db)
    told = "Nobody earns here at the moment: the brand of this server is switched off."
    for reply in (
        server.click(message, "Claim", user=BOB),
        server.slash("daily", user=BOB),
        server.slash("join", user=BOB),
        server.slash("streak claim", user=BOB),
        server.slash("cooldowns", user=BOB),
        server.slash("drop create", event="news_tracker", user=ADMIN),
        server.slash("reward give", member=BOB, event="news_tracker", user=ADMIN),
    ):
        assert told in reply.text
        assert reply.ephemeral
    assert db.rows("select from reward_ledger") == []
    assert "It is switched off" in server.slash("setup status", user=ADMIN).text
    checked = server.slash("setup check", user=ADMIN).embeds[0]["description"]
    assert f"⚠️ The brand `{BRAND}` is switched off: nobody earns here." in checked


def test_a_connection_to_a_brand_that_is_off_is_no_connection(discord: Client, db: Database) -> None:
    switch_off(db)
    told = discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN).text
    assert "This brand is switched off, so nobody would earn here." in told
    assert db.rows("select from discord_server_configs") == []
