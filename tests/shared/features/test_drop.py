"""Drops from the member's side: posted by an admin, claimed by a click, and healed when they are over."""

import json
from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from shared.features.new_drops import parse_lifespan

from infra.fake_discord.client import COMPONENT, Client
from infra.fake_discord.discord import LocalDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL
from shared.features import drop as drops
from tests.proxy import Proxy
from tests.shared.features.rows import has_streak
from tests.sql import Database

Json = dict[str, Any]
OTHER_CHANNEL = "630000000000000001"


def create(client: Client, **options: Any) -> Any:
    """An admin's /drop create."""
    return client.slash("drop create", user=ADMIN, **{"event": "news_tracker"} | options)


def the_drop(db: Database) -> Json:
    """The one drop there is."""
    return db.one("select * from discord_drops")


@pytest.fixture
def message(server: Client, local_discord: LocalDiscord) -> Json:
    """The message of a drop with room for two."""
    create(server, max_claims=2)
    (posted,) = local_discord.messages(server.channel_id)
    return posted


# --- /drop create


def test_create_posts_a_message_and_links_it(server: Client, db: Database, local_discord: LocalDiscord) -> None:
    reply = create(server)
    (message,) = local_discord.messages(server.channel_id)
    link = f"https://discord.com/channels/{server.guild_id}/{server.channel_id}/{message['id']}"
    assert reply.ephemeral
    assert link in reply.text
    assert message["embeds"][0]["title"] == "Drop: News tracker"
    assert "**5 RSNC**" in message["embeds"][0]["description"]
    assert [b["label"] for b in message["components"][0]["components"]] == ["Claim"]
    assert message["components"][0]["components"][0]["custom_id"] == f"claim:{the_drop(db)['drop_id']}"


def test_create_remembers_its_message(server: Client, db: Database, local_discord: LocalDiscord) -> None:
    reply = create(server)
    drop = the_drop(db)
    assert drop["message_id"] == local_discord.messages(server.channel_id)[0]["id"]
    assert drop["rendered_revision"] == drop["revision"]
    assert not drop["is_settled"]
    assert (drop["created_by"], drop["interaction_id"]) == (ADMIN.id, reply.interaction["id"])


def test_create_with_everything(server: Client, db: Database, local_discord: LocalDiscord) -> None:
    reply = create(
        server,
        channel=OTHER_CHANNEL,
        lifespan="90m",
        max_claims=100,
        label="Grab it",
        description="Be *quick*",
        reward=77,
    )
    assert f"<#{OTHER_CHANNEL}>" in reply.text
    assert local_discord.messages(server.channel_id) == []
    (message,) = local_discord.messages(OTHER_CHANNEL)[-1:]
    shown = message["embeds"][0]["description"]
    drop = the_drop(db)
    assert shown.startswith("Be *quick*\n\nPress the button for **77 RSNC**")
    assert "0 of 100 claimed" in shown
    assert f"<t:{int(drop['expires_at'].timestamp())}:R>" in shown
    assert message["components"][0]["components"][0]["label"] == "Grab it"
    assert (drop["max_claims"], drop["reward_amount"], drop["label"]) == (100, 77, "Grab it")
    assert drop["expires_at"] - drop["created_at"] == timedelta(minutes=90)


LIFESPANS: dict[str, timedelta | None] = {
    "90s": timedelta(seconds=90),
    "5m": timedelta(minutes=5),
    "24h": timedelta(days=1),
    "168h": timedelta(days=7),
    "7d": timedelta(days=7),
    " 24H ": timedelta(days=1),
    "10 m": timedelta(minutes=10),
    "1s": timedelta(seconds=1),
    "604800s": timedelta(days=7),
    "permanent": None,
    "Permanent": None,
    "unlimited": None,
    "forever": None,
    "0": None,
}


@pytest.mark.parametrize("typed", LIFESPANS)
def test_a_lifespan_is_how_long_it_is_open(server: Client, db: Database, typed: str) -> None:
    assert "The drop is in" in create(server, lifespan=typed).text
    drop, expected = the_drop(db), LIFESPANS[typed]
    assert (drop["expires_at"] - drop["created_at"] if expected else drop["expires_at"]) == expected


def test_a_drop_is_open_for_a_day_unless_told(server: Client, db: Database) -> None:
    create(server)
    drop = the_drop(db)
    assert drop["expires_at"] - drop["created_at"] == timedelta(hours=24)
    assert (drop["max_claims"], drop["reward_amount"]) == (None, None)


@pytest.mark.parametrize("typed", ["169h", "8d", "604801s", "10081m", "999999d"])
def test_no_lifespan_is_longer_than_a_week(server: Client, db: Database, typed: str) -> None:
    assert "at most 168h" in create(server, lifespan=typed).text
    assert db.rows("select * from discord_drops") == []


BAD_LIFESPANS = ["", " ", "h", "5", "-5m", "1.5h", "5mm", "1h30m", "5 minutes", "٣h", "5м", "never", "1e3s", "9999999s"]


@pytest.mark.parametrize("typed", [*BAD_LIFESPANS, "0s", "0h", "00d"])
def test_a_lifespan_that_is_none_is_explained(
    server: Client, db: Database, local_discord: LocalDiscord, typed: str
) -> None:
    reply = create(server, lifespan=typed)
    assert reply.ephemeral
    assert "`lifespan`" in reply.text
    assert "permanent" in reply.text
    assert db.rows("select * from discord_drops") == []
    assert local_discord.messages(server.channel_id) == []


@pytest.mark.parametrize("typed", BAD_LIFESPANS)
def test_a_lifespan_that_cannot_be_read_shows_how_to_write_one(typed: str) -> None:
    with pytest.raises(ValueError, match="should look like 90s, 5m, 24h or permanent"):
        parse_lifespan(typed)


def test_the_post_carries_a_nonce_that_discord_enforces(server: Client, db: Database, discord_proxy: Proxy) -> None:
    create(server)
    (request,) = discord_proxy.requests
    body = json.loads(request.body)
    assert body["enforce_nonce"] is True
    assert body["nonce"] == str(the_drop(db)["drop_id"]).replace("-", "")[:25]
    assert body["allowed_mentions"] == {"parse": []}


def test_a_redelivered_create_posts_nothing_more(server: Client, db: Database, local_discord: LocalDiscord) -> None:
    first = create(server)
    again = server.redeliver(first)
    assert again.text == first.text
    assert len(local_discord.messages(server.channel_id)) == 1
    assert db.value("select count(*) from discord_drops") == 1


def test_two_drops_of_an_event_are_two(server: Client, local_discord: LocalDiscord) -> None:
    create(server)
    create(server)
    assert len(local_discord.messages(server.channel_id)) == 2


def test_an_unknown_event_posts_nothing(server: Client, db: Database, local_discord: LocalDiscord) -> None:
    assert "no event `nothing`" in create(server, event="nothing").text
    assert (db.rows("select * from discord_drops"), local_discord.messages(server.channel_id)) == ([], [])


def test_an_event_that_is_off_posts_nothing(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set is_enabled = false")
    assert "switched off" in create(server).text
    assert db.rows("select * from discord_drops") == []


def test_a_server_that_is_not_connected_posts_nothing(discord: Client, local_discord: LocalDiscord) -> None:
    assert "/setup connect" in create(discord).text
    assert local_discord.messages(discord.channel_id) == []


def test_what_is_written_on_a_drop_fits_discord(server: Client, local_discord: LocalDiscord) -> None:
    assert "The drop is in" in create(server, label="x" * 80, description="*" * 1_000, reward=10_000).text
    assert len(local_discord.messages(server.channel_id)) == 1


# --- A click


def test_a_claim_pays_and_tells_everything(server: Client, message: Json, db: Database) -> None:
    reply = server.click(message, "Claim", user=BOB)
    assert reply.kind == 4
    assert reply.ephemeral
    assert reply.text == "You got **5 RSNC**!\nYou are 1 of 2. Your total is now **5 RSNC**."
    assert "You are 2 of 2" in server.click(message, "Claim", user=CAROL).text
    db.assert_books_agree(server.guild_id)


def test_the_total_is_the_members_own(server: Client, message: Json) -> None:
    server.slash("daily", user=BOB)
    assert "Your total is now **30 RSNC**" in server.click(message, "Claim", user=BOB).text


@pytest.mark.usefixtures("at_noon")
def test_how_it_came_about_is_told_when_a_bonus_played_a_part(server: Client, message: Json, db: Database) -> None:
    bonus = Jsonb({"role_bonuses": {"77": {"multiplier": 1.5, "flat": 2}}})
    db.run("update discord_server_configs set config_metadata = %s", bonus)
    has_streak(db, server, BOB, 7)
    click = {"component_type": 2, "custom_id": message["components"][0]["components"][0]["custom_id"], "id": 2}
    member = BOB.member() | {"roles": ["77"]}
    reply = server.interact(COMPONENT, click, BOB, member=member, message=message)
    assert "**11.38 RSNC**! (5 RSNC, streak of 7 days ×1.25, role ×1.5, role +2 RSNC)" in reply.text


def test_a_second_click_says_what_the_first_paid(server: Client, message: Json, db: Database) -> None:
    server.click(message, "Claim", user=BOB)
    claimed_at = int(db.value("select claimed_at from discord_drop_claims").timestamp())
    reply = server.click(message, "Claim", user=BOB)
    assert reply.ephemeral
    assert f"You already have this one: you claimed **5 RSNC** <t:{claimed_at}:R>." in reply.text
    db.assert_books_agree(server.guild_id)


def test_a_redelivered_click_gets_the_same_reply(server: Client, message: Json, db: Database) -> None:
    first = server.click(message, "Claim", user=BOB)
    assert server.redeliver(first).body == first.body
    assert db.value("select count(*) from reward_ledger") == 1


def test_a_drop_of_another_server_does_not_exist_here(server: Client, message: Json, db: Database) -> None:
    reply = server.interact(
        COMPONENT,
        {"component_type": 2, "custom_id": f"claim:{the_drop(db)['drop_id']}", "id": 2},
        BOB,
        guild_id="520000000000000002",
        message=message,
    )
    assert reply.text == "This drop no longer exists."


def test_a_cooldown_says_until_when(server: Client, local_discord: LocalDiscord, db: Database) -> None:
    create(server, event="regular_engagement")
    create(server, event="regular_engagement")
    first, second = local_discord.messages(server.channel_id)
    server.click(first, "Claim", user=BOB)
    at = db.value("select last_claimed_at from event_claims") + timedelta(hours=1)
    reply = server.click(second, "Claim", user=BOB)
    assert reply.ephemeral
    assert f"<t:{int(at.timestamp())}:R>" in reply.text


# --- A drop that is over

ENDED = "update discord_drops set ended_at = now(), end_reason = %s"


def facts(db: Database) -> Json:
    """What the message of the one drop should show, as the schedule is told."""
    db.run("update discord_drops set rendered_revision = 0, render_after = 'epoch', is_settled = false")
    (found,) = db.call("expire_drops")["drops"]
    return dict(found)


@pytest.mark.parametrize("reason", ["expired", "sold_out", "ended", "cancelled"])
def test_a_stale_message_heals_by_itself(server: Client, message: Json, db: Database, reason: str) -> None:
    db.run(ENDED, reason)
    reply = server.click(message, "Claim", user=BOB)
    assert reply.kind == 7
    assert reply.data == drops.render(facts(db))
    assert "This drop" in reply.text
    with pytest.raises(NotOfferedError):
        reply.click("Claim", user=CAROL)
    assert db.value("select count(*) from reward_ledger") == 0


def test_a_message_heals_the_moment_its_time_is_up(server: Client, message: Json, db: Database) -> None:
    db.run("update discord_drops set expires_at = now() - interval '1 second'")
    reply = server.click(message, "Claim", user=BOB)
    assert reply.kind == 7
    assert "its time was up" in reply.text
    db.run("update discord_drops set ended_at = expires_at, end_reason = 'expired'")
    assert reply.data == drops.render(facts(db))


def test_after_the_last_claim_a_click_shows_the_end(server: Client, message: Json, db: Database) -> None:
    for user in (ALICE, BOB):
        assert "You got" in server.click(message, "Claim", user=user).text
    reply = server.click(message, "Claim", user=CAROL)
    assert reply.kind == 7
    assert "every claim was taken" in reply.text
    assert "2 of 2 claimed" in reply.text
    assert reply.data == drops.render(facts(db))
    db.assert_books_agree(server.guild_id)


def test_a_claimer_of_a_drop_that_is_over_heals_it_too(server: Client, message: Json, db: Database) -> None:
    server.click(message, "Claim", user=BOB)
    db.run(ENDED, "ended")
    assert server.click(message, "Claim", user=BOB).kind == 7


def test_the_same_function_renders_when_posting_and_when_healing(server: Client, message: Json, db: Database) -> None:
    rendered = drops.render(facts(db))
    assert message["embeds"][0] == {"type": "rich", **rendered["embeds"][0]}
    assert message["content"] == rendered["content"]
