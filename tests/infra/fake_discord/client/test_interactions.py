"""What the client sends is what Discord sends, signed: members, channels, redeliveries, any shape."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey

from infra.fake_discord import openapi
from infra.fake_discord.client import Client
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, MANAGE_GUILD, Member
from infra.fake_discord.resources.servers import Channel
from infra.fake_discord.resources.snowflakes import EPOCH
from tests.infra.fake_discord.client.bundle import APPLICATION, CHANNEL, GUILD, NOW, ROLE, ROW, Bundle, posted


def test_an_interaction_is_complete(discord: Client, bundle: Bundle) -> None:
    sent = discord.slash("daily", user=BOB).interaction
    assert json.loads(bundle.sent[0]) == sent
    assert (int(sent["id"]) >> 22) + EPOCH == int(NOW * 1000)
    assert (sent["type"], sent["version"], sent["context"]) == (2, 1, 0)
    assert (sent["application_id"], sent["guild_id"], sent["channel_id"]) == (APPLICATION, GUILD, CHANNEL)
    assert sent["authorizing_integration_owners"] == {"0": GUILD}
    assert sent["member"]["user"]["id"] == BOB.id
    assert sent["data"] == {"id": "11", "name": "daily", "type": 1}
    assert {
        "token",
        "locale",
        "guild_locale",
        "entitlements",
        "app_permissions",
        "attachment_size_limit",
    } < set(sent)


def test_a_member_may_be_held_back(discord: Client) -> None:
    member = replace(BOB, pending=True, timed_out_until=NOW)
    for held_back in (member, BOB):
        sent = discord.slash("daily", user=held_back).interaction["member"]
        until = sent["communication_disabled_until"]
        assert sent["pending"] is (held_back is member)
        assert (until and datetime.fromisoformat(until).timestamp()) == (NOW if held_back is member else None)


def test_a_channel_has_a_kind_and_a_parent(discord: Client) -> None:
    in_thread = replace(discord, channel_type=11, parent_id="55", app_permissions=None)
    sent = in_thread.slash("drop create", event="news", channel=Channel("56", 2, "57")).interaction
    assert (sent["channel"]["type"], sent["channel"]["parent_id"]) == (11, "55")
    named = sent["data"]["resolved"]["channels"]["56"]
    assert (named["type"], named["parent_id"]) == (2, "57")
    assert "app_permissions" not in sent
    assert "app_permissions" not in named


def test_a_member_brings_their_locale_and_roles(discord: Client) -> None:
    member = Member("Grete", "9", roles=(ROLE,), locale="de", bot=True)
    sent = replace(discord, channel_name="drops").slash("daily", user=member).interaction
    assert (sent["locale"], sent["guild_locale"], sent["channel"]["name"]) == ("de", "en-US", "drops")
    assert (sent["member"]["roles"], sent["member"]["user"]["bot"]) == ([ROLE], True)
    assert discord.slash("daily").interaction["locale"] == "en-GB"


def test_a_menu_names_its_message(discord: Client) -> None:
    message = posted()
    data = discord.menu("Make this a drop", message, user=ADMIN).interaction["data"]
    assert (data["id"], data["type"], data["target_id"]) == ("16", 3, message["id"])
    assert data["resolved"]["messages"] == {message["id"]: message}


def test_a_ping(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 1}
    reply = discord.ping()
    assert (reply.kind, reply.interaction["type"]) == (1, 1)
    assert not {"data", "guild_id", "member"} & set(reply.interaction)


def test_a_redelivery_is_the_same_bytes(discord: Client, bundle: Bundle) -> None:
    first = discord.slash("daily")
    again = discord.redeliver(first)
    assert bundle.sent[0] == bundle.sent[1]
    assert again.signature == first.signature


def test_two_interactions_differ(discord: Client) -> None:
    first, second = discord.slash("daily").interaction, discord.slash("daily").interaction
    assert first["id"] != second["id"]
    assert first["token"] != second["token"]


def test_another_key_makes_another_signature(discord: Client) -> None:
    with pytest.raises(BadSignatureError):
        replace(discord, signing_key=SigningKey.generate()).slash("daily")


def test_interactions_of_any_shape_can_be_sent(discord: Client) -> None:
    sent = discord.interact(2, {"id": "1", "name": "gone", "type": 1}, ALICE, locale="de").interaction
    assert (sent["data"]["name"], sent["locale"]) == ("gone", "de")


def test_shapes_hold_against_the_description(discord: Client, bundle: Bundle) -> None:
    for actor in (ALICE, Member("With roles", "99", roles=("1", "2"))):
        openapi.check_schema("GuildMemberResponse", discord.slash("daily", user=actor).interaction["member"])
    sent = discord.slash("config member disable", member=CAROL, role=ROLE).interaction
    openapi.check_schema("UserResponse", sent["data"]["resolved"]["users"][CAROL.id])
    openapi.check_schema("GuildRoleResponse", sent["data"]["resolved"]["roles"][ROLE])
    bundle.reply = {"type": 4, "data": {"embeds": [{"title": "Drop"}], "components": [ROW], "flags": 64}}
    reply = discord.slash("daily")
    openapi.check_schema("MessageResponse", reply.message)
    openapi.check_schema("MessageResponse", reply.click("Claim").interaction["message"])
    openapi.check_schema("MessageResponse", reply.click("Claim").message)
    bundle.reply = {"type": 7, "data": {"content": "Over", "components": []}}
    openapi.check_schema("MessageResponse", reply.click("Claim").message)


def test_the_admin_may_manage_the_server_and_members_may_not() -> None:
    assert ADMIN.permissions & MANAGE_GUILD
    assert not any(member.permissions & MANAGE_GUILD for member in (ALICE, BOB, CAROL))
    assert len({member.id for member in (ALICE, BOB, CAROL, ADMIN)}) == 4
