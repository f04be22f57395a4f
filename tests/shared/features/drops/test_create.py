"""/drop create: an admin posts a drop."""

import json
from datetime import timedelta
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN
from shared.features.drops.options import parse_lifespan, write_lifespan
from tests.drops import create, the_drop
from tests.proxy import Proxy
from tests.sql import Database

Json = dict[str, Any]
OTHER_CHANNEL = "630000000000000001"


def test_create_posts_a_message_and_links_it(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    reply = create(server)
    (message,) = local_discord.messages(server.channel_id)
    link = f"https://discord.com/channels/{server.guild_id}/{server.channel_id}/{message['id']}"
    assert reply.ephemeral
    assert link in reply.text
    assert message["embeds"][0]["title"] == "Drop: News tracker"
    assert "**5 RSNC**" in message["embeds"][0]["description"]
    assert [b["label"] for b in message["components"][0]["components"]] == ["Claim"]
    assert message["components"][0]["components"][0]["custom_id"] == f"claim:{the_drop(db)['drop_id']}"


def test_create_remembers_its_message(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    reply = create(server)
    drop = the_drop(db)
    assert drop["message_id"] == local_discord.messages(server.channel_id)[0]["id"]
    assert drop["rendered_revision"] == drop["revision"]
    assert not drop["is_settled"]
    assert (drop["created_by"], drop["interaction_id"]) == (ADMIN.id, reply.interaction["id"])


def test_create_with_everything(server: Client, db: Database, local_discord: FakeDiscord) -> None:
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
    assert "`lifespan` must be from 1s to 168h, or permanent." in create(server, lifespan=typed).text
    assert db.rows("select * from discord_drops") == []


BAD_LIFESPANS = ["", " ", "h", "5", "-5m", "1.5h", "5mm", "1h30m", "5 minutes", "٣h", "5м", "never", "1e3s", "9999999s"]


@pytest.mark.parametrize("typed", [*BAD_LIFESPANS, "0s", "0h", "00d"])
def test_a_lifespan_that_is_none_is_explained(
    server: Client, db: Database, local_discord: FakeDiscord, typed: str
) -> None:
    reply = create(server, lifespan=typed)
    assert reply.ephemeral
    assert "`lifespan`" in reply.text
    assert "permanent" in reply.text
    assert db.rows("select * from discord_drops") == []
    assert local_discord.messages(server.channel_id) == []


@pytest.mark.parametrize("typed", BAD_LIFESPANS)
def test_a_lifespan_that_cannot_be_read_shows_how_to_write_one(typed: str) -> None:
    with pytest.raises(ValueError, match="must look like 90s, 5m, 24h, 7d or permanent"):
        parse_lifespan(typed)


def test_the_post_carries_a_nonce_that_discord_enforces(server: Client, db: Database, discord_proxy: Proxy) -> None:
    create(server)
    (request,) = discord_proxy.requests
    body = json.loads(request.body)
    assert body["enforce_nonce"] is True
    assert body["nonce"] == str(the_drop(db)["drop_id"]).replace("-", "")[:25]
    assert body["allowed_mentions"] == {"parse": []}


def test_a_redelivered_create_posts_nothing_more(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    first = create(server)
    again = server.redeliver(first)
    assert again.text == first.text
    assert len(local_discord.messages(server.channel_id)) == 1
    assert db.value("select count(*) from discord_drops") == 1


def test_two_drops_of_an_event_are_two(server: Client, local_discord: FakeDiscord) -> None:
    create(server)
    create(server)
    assert len(local_discord.messages(server.channel_id)) == 2


def test_an_unknown_event_posts_nothing(server: Client, db: Database, local_discord: FakeDiscord) -> None:
    assert "no event `nothing`" in create(server, event="nothing").text
    assert (db.rows("select * from discord_drops"), local_discord.messages(server.channel_id)) == ([], [])


def test_an_event_that_is_off_posts_nothing(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set is_enabled = false")
    assert "switched off" in create(server).text
    assert db.rows("select * from discord_drops") == []


def test_a_server_that_is_not_connected_posts_nothing(discord: Client, local_discord: FakeDiscord) -> None:
    assert "/setup connect" in create(discord).text
    assert local_discord.messages(discord.channel_id) == []


def test_what_is_written_on_a_drop_fits_discord(server: Client, local_discord: FakeDiscord) -> None:
    assert "The drop is in" in create(server, label="x" * 80, description="*" * 1_000, reward=10_000).text
    assert len(local_discord.messages(server.channel_id)) == 1


@pytest.mark.parametrize("typed", ["1s", "90s", "5m", "90m", "24h", "168h", "permanent"])
def test_a_lifespan_is_written_as_it_is_read(typed: str) -> None:
    assert write_lifespan(parse_lifespan(typed)) == typed
