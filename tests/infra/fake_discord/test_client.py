"""The client sends what Discord sends, and reads replies as a member would."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.fake_discord import openapi
from infra.fake_discord.client import Client, Reply
from infra.fake_discord.contract import ContractError, Json
from infra.fake_discord.delivery import Headers, http_sender
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, MANAGE_GUILD, Member
from infra.fake_discord.resources.messages import new_message
from infra.fake_discord.resources.servers import Channel
from infra.fake_discord.resources.snowflakes import EPOCH
from infra.local.server import HttpServer
from tests import EVENTS
from tests.infra.fake_discord.caller import TOKEN, http

KEY = SigningKey(bytes(range(32)))
APPLICATION, GUILD, CHANNEL, ROLE = "775799577604522054", "772904309264089089", "772908445358620702", "7"
NOW = 1_800_000_000.5


def option(kind: int, name: str, **more: Any) -> Json:
    return {"type": kind, "name": name, "description": name, **more}


COMMANDS: list[Json] = [
    {"id": "11", "name": "daily", "description": "Check in"},
    {"id": "12", "name": "claim", "description": "Claim", "options": [option(3, "event", autocomplete=True)]},
    {
        "id": "13",
        "name": "drop",
        "description": "Drops",
        "options": [
            option(
                1,
                "create",
                options=[
                    option(3, "event", required=True, autocomplete=True),
                    option(4, "max-claims"),
                    option(7, "channel"),
                    option(3, "brand_id"),
                ],
            ),
            option(1, "list"),
        ],
    },
    {
        "id": "14",
        "name": "config",
        "description": "Settings",
        "options": [
            option(
                2,
                "member",
                options=[
                    option(
                        1,
                        "disable",
                        options=[option(6, "member", required=True), option(8, "role"), option(9, "who")],
                    ),
                ],
            ),
        ],
    },
    {
        "id": "15",
        "name": "leaderboard",
        "description": "Who leads",
        "options": [option(3, "period", choices=[{"name": "This week", "value": "week"}])],
    },
    {"id": "16", "name": "Make this a drop", "type": 3},
]
CLAIM = {"type": 2, "style": 1, "label": "Claim", "custom_id": "claim:1"}
OVER = {"type": 2, "style": 2, "label": "Over", "custom_id": "claim:2", "disabled": True}
ROW = {"type": 1, "components": [CLAIM, OVER]}
MODAL = {
    "custom_id": "drop:5",
    "title": "Make this a drop",
    "components": [
        {"type": 18, "label": "Event", "component": {"type": 4, "style": 1, "custom_id": "event-type"}},
        {
            "type": 18,
            "label": "Text",
            "component": {"type": 4, "style": 2, "custom_id": "text", "value": "Grab it", "required": False},
        },
        {"type": 10, "content": "It stays for a day."},
    ],
}


class Bundle:
    """Stands where the Lambda function stands: verifies, keeps what came, answers what it was told."""

    def __init__(self) -> None:
        self.reply: Any = {"type": 4, "data": {"content": "Hello"}}
        self.answer: tuple[int, Headers] = (200, {"Content-Type": "application/json"})
        self.sent: list[bytes] = []

    def __call__(self, headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        signed = headers["x-signature-timestamp"].encode() + body
        KEY.verify_key.verify(signed, bytes.fromhex(headers["x-signature-ed25519"]))
        self.sent.append(body)
        return *self.answer, json.dumps(self.reply).encode()


@pytest.fixture
def bundle() -> Bundle:
    return Bundle()


@pytest.fixture
def discord(bundle: Bundle) -> Client:
    return Client(bundle, KEY, APPLICATION, GUILD, CHANNEL, COMMANDS, clock=lambda: NOW)


def posted() -> Json:
    author = {"id": APPLICATION, "username": "resonance"}
    return new_message(CHANNEL, author, {"content": "A drop", "components": [ROW]}, NOW)


# What is sent


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


def test_options_take_their_types_from_the_command(discord: Client) -> None:
    sent = discord.slash("drop create", event="news", max_claims=7, channel="55", brand_id="b").interaction
    (create,) = sent["data"]["options"]
    assert (create["name"], create["type"]) == ("create", 1)
    assert create["options"] == [
        {"name": "event", "type": 3, "value": "news"},
        {"name": "max-claims", "type": 4, "value": 7},
        {"name": "channel", "type": 7, "value": "55"},
        {"name": "brand_id", "type": 3, "value": "b"},
    ]
    assert sent["data"]["resolved"]["channels"]["55"]["id"] == "55"


def test_members_and_roles_are_resolved(discord: Client) -> None:
    sent = discord.slash("config member disable", member=CAROL, role=ROLE, who=BOB, user=ADMIN).interaction
    (group,) = sent["data"]["options"]
    (disable,) = group["options"]
    assert (group["type"], disable["type"]) == (2, 1)
    assert [item["value"] for item in disable["options"]] == [CAROL.id, ROLE, BOB.id]
    resolved = sent["data"]["resolved"]
    assert set(resolved["users"]) == set(resolved["members"]) == {CAROL.id, BOB.id}
    assert not {"user", "deaf", "mute"} & set(resolved["members"][BOB.id])
    assert set(resolved["roles"]) == {ROLE}


def test_the_bots_permissions_are_told_here_and_in_channels_that_are_named(discord: Client) -> None:
    sent = replace(discord, app_permissions=1 << 10).slash("drop create", event="news", channel="55").interaction
    assert sent["app_permissions"] == sent["data"]["resolved"]["channels"]["55"]["app_permissions"] == "1024"


def test_a_choice_goes_by_what_is_seen_or_by_its_value(discord: Client) -> None:
    for period in ("This week", "week"):
        sent = discord.slash("leaderboard", period=period).interaction
        assert sent["data"]["options"] == [{"name": "period", "type": 3, "value": "week"}]


@pytest.mark.parametrize(
    ("path", "options", "reason"),
    [
        ("dayly", {}, "no command 'dayly'"),
        ("daily now", {}, "no /daily now"),
        ("drop", {}, "needs a subcommand"),
        ("drop create", {}, "needs event"),
        ("drop create", {"event": "news", "until": "5m"}, "no option 'until'"),
        ("leaderboard", {"period": "year"}, "offers only: This week"),
    ],
)
def test_what_discord_does_not_offer(discord: Client, path: str, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotOfferedError, match=reason):
        discord.slash(path, **options)


@pytest.mark.parametrize("path", ["claim", "claim event"])
def test_autocomplete_marks_the_option_that_is_typed(discord: Client, bundle: Bundle, path: str) -> None:
    bundle.reply = {"type": 8, "data": {"choices": [{"name": "News", "value": "news"}]}}
    reply = discord.autocomplete(path, event="ne")
    assert reply.interaction["type"] == 4
    assert reply.interaction["data"]["options"] == [{"name": "event", "type": 3, "value": "ne", "focused": True}]
    assert reply.choices == [{"name": "News", "value": "news"}]


def test_autocomplete_in_a_half_filled_command(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 8, "data": {"choices": []}}
    sent = discord.autocomplete("drop create event", event="ne", max_claims=5).interaction
    options = sent["data"]["options"][0]["options"]
    assert [(item["name"], item.get("focused")) for item in options] == [
        ("event", True),
        ("max-claims", None),
    ]


def test_a_click_carries_the_message(discord: Client) -> None:
    message = posted()
    for label in ("Claim", "claim:1"):
        sent = discord.click(message, label, user=BOB).interaction
        assert sent["data"] == {"component_type": 2, "custom_id": "claim:1", "id": 2}
        assert (sent["type"], sent["message"]) == (3, message)


@pytest.mark.parametrize(("label", "reason"), [("Over", "disabled"), ("Take", "only: 'Claim', 'Over'")])
def test_buttons_that_cannot_be_clicked(discord: Client, label: str, reason: str) -> None:
    with pytest.raises(NotOfferedError, match=reason):
        discord.click(posted(), label)


def selecting(*selects: Json) -> Json:
    """A message with selects, as Discord describes it."""
    rows = [{"type": 1, "components": [select]} for select in selects]
    return new_message(CHANNEL, {"id": APPLICATION}, {"components": rows}, NOW)


TOPIC = {"type": 3, "custom_id": "topic", "placeholder": "A topic", "options": [{"label": "Drops", "value": "drops"}]}


def test_a_choice_carries_its_values(discord: Client) -> None:
    message = selecting(TOPIC)
    for name in ("topic", "A topic"):
        sent = discord.select(message, name, "drops", user=BOB).interaction
        assert sent["data"] == {"component_type": 3, "custom_id": "topic", "id": 2, "values": ["drops"]}
        assert (sent["type"], sent["message"], sent["member"]["user"]["id"]) == (3, message, BOB.id)


@pytest.mark.parametrize(
    ("kind", "values", "resolved"),
    [
        (5, [BOB, CAROL], {"users": [BOB.id, CAROL.id], "members": [BOB.id, CAROL.id]}),
        (6, [ROLE], {"roles": [ROLE]}),
        (7, [BOB, ROLE], {"users": [BOB.id], "members": [BOB.id], "roles": [ROLE]}),
        (8, [CHANNEL], {"channels": [CHANNEL]}),
    ],
)
def test_what_is_chosen_is_resolved(discord: Client, kind: int, values: list[Any], resolved: Json) -> None:
    data = discord.select(selecting({"type": kind, "custom_id": "who", "max_values": 2}), "who", *values)
    sent = data.interaction["data"]
    assert sent["values"] == [value.id if isinstance(value, Member) else value for value in values]
    assert {name: list(found) for name, found in sent["resolved"].items()} == resolved


@pytest.mark.parametrize(
    ("select", "values", "reason"),
    [
        (TOPIC, ["streaks"], "does not offer streaks"),
        (TOPIC, [], "takes 1 to 1"),
        (TOPIC, ["drops", "drops"], "takes 1 to 1"),
        (TOPIC | {"disabled": True}, ["drops"], "disabled"),
        (TOPIC | {"custom_id": "other", "placeholder": None}, ["drops"], "only: 'other'"),
    ],
)
def test_choices_that_cannot_be_made(discord: Client, select: Json, values: list[str], reason: str) -> None:
    with pytest.raises(NotOfferedError, match=reason):
        discord.select(selecting(select), "topic", *values)


def test_a_select_under_a_reply_is_used(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 4, "data": {"content": "Help", "components": [{"type": 1, "components": [TOPIC]}]}}
    assert discord.slash("daily").select("topic", "drops").interaction["data"]["values"] == ["drops"]


def test_a_form_with_selects_is_sent_with_what_they_point_to(discord: Client, bundle: Bundle) -> None:
    topic = TOPIC | {"options": [{"label": "Drops", "value": "drops", "default": True}]}
    fields = [topic, {"type": 8, "custom_id": "where", "required": False}, {"type": 5, "custom_id": "who"}]
    labelled = [{"type": 18, "label": "Field", "component": field} for field in fields]
    bundle.reply = {"type": 9, "data": {"custom_id": "form", "title": "A form", "components": labelled}}
    opened = discord.slash("daily")
    bundle.reply = {"type": 4, "data": {"content": "Done"}}
    sent = opened.submit(who=[BOB]).interaction["data"]
    assert [label["component"]["values"] for label in sent["components"]] == [["drops"], [], [BOB.id]]
    assert list(sent["resolved"]["members"]) == [BOB.id]
    with pytest.raises(NotOfferedError, match="does not offer x"):
        opened.submit(who=[BOB], topic=["x"])


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


def test_a_modal_is_filled_in_and_sent(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 9, "data": MODAL}
    opened = discord.click(posted(), "Claim", user=ADMIN)
    bundle.reply = {"type": 7, "data": {"content": "Done"}}
    sent = opened.submit(event_type="news").interaction
    assert (sent["type"], sent["data"]["custom_id"], sent["member"]["user"]["id"]) == (5, "drop:5", ADMIN.id)
    assert sent["message"] == opened.interaction["message"]
    assert sent["data"]["components"] == [
        {"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "event-type", "value": "news"}},
        {"type": 18, "id": 3, "component": {"type": 4, "id": 4, "custom_id": "text", "value": "Grab it"}},
        {"type": 10, "id": 5},
    ]


@pytest.mark.parametrize(
    ("fields", "reason"), [({}, "needs event-type"), ({"event_type": "news", "size": "1"}, "no field size")]
)
def test_a_modal_that_is_filled_in_badly(discord: Client, bundle: Bundle, fields: dict[str, Any], reason: str) -> None:
    bundle.reply = {"type": 9, "data": MODAL}
    opened = discord.slash("daily")
    with pytest.raises(NotOfferedError, match=reason):
        opened.submit(**fields)


def test_without_a_modal_there_is_nothing_to_send(discord: Client) -> None:
    with pytest.raises(NotOfferedError, match="no modal"):
        discord.slash("daily").submit()


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


# What comes back


def test_a_reply_reads_like_a_message(discord: Client, bundle: Bundle) -> None:
    embed = {
        "author": {"name": "Shop"},
        "title": "Drop",
        "description": "Be quick",
        "fields": [{"name": "Pays", "value": "5 RSNC"}],
        "footer": {"text": "until noon"},
    }
    bundle.reply = {
        "type": 4,
        "data": {"content": "Look", "embeds": [embed], "components": [ROW], "flags": 64},
    }
    reply = discord.slash("daily")
    assert (reply.kind, reply.status, reply.content, reply.ephemeral) == (4, 200, "Look", True)
    assert reply.text.splitlines() == ["Look", "Shop", "Drop", "Be quick", "Pays", "5 RSNC", "until noon"]
    assert (reply.embeds, reply.components) == ([embed], [ROW])


def test_a_chain_of_clicks(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 4, "data": {"content": "One", "components": [ROW]}}
    first = discord.slash("daily", user=BOB)
    bundle.reply = {"type": 7, "data": {"content": "Two"}}
    second = first.click("Claim")
    assert second.interaction["member"]["user"]["id"] == BOB.id
    assert (second.message["id"], second.message["content"]) == (first.message["id"], "Two")
    assert second.click("Claim", user=CAROL).interaction["message"] == second.message


def test_an_error_is_no_reply(discord: Client, bundle: Bundle) -> None:
    bundle.answer, bundle.reply = (401, {}), {"anything": "else"}
    reply = discord.slash("daily")
    assert (reply.status, reply.kind) == (401, None)


def test_a_reply_that_discord_refuses_raises(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 4, "data": {"content": "x" * 2001}}
    with pytest.raises(ContractError, match=r"data\.content"):
        discord.slash("daily")


def test_a_lenient_client_returns_what_discord_refuses(discord: Client, bundle: Bundle) -> None:
    bundle.reply = {"type": 4, "data": {"content": "x" * 2001}}
    reply = replace(discord, strict=False).slash("daily")
    assert reply.json == bundle.reply
    with pytest.raises(ContractError, match=r"data\.content"):
        reply.check()


@pytest.mark.parametrize(
    ("ask", "reply"),
    [
        (lambda discord: discord.ping(), {"type": 4, "data": {"content": "x"}}),
        (lambda discord: discord.slash("daily"), {"type": 7, "data": {"content": "x"}}),
        (lambda discord: discord.slash("daily"), {"type": 8, "data": {"choices": []}}),
        (lambda discord: discord.autocomplete("claim", event=""), {"type": 4, "data": {"content": "x"}}),
        (lambda discord: discord.click(posted(), "Claim"), {"type": 1}),
        (
            lambda discord: discord.interact(5, {"custom_id": "x", "components": []}, ALICE),
            {"type": 9, "data": MODAL},
        ),
        (lambda discord: discord.interact(5, {"custom_id": "x", "components": []}, ALICE), {"type": 6}),
    ],
    ids=[
        "ping",
        "update without message",
        "choices",
        "autocomplete",
        "click",
        "modal on modal",
        "nothing to update",
    ],
)
def test_a_reply_of_the_wrong_kind_raises(
    discord: Client, bundle: Bundle, ask: Callable[[Client], object], reply: Json
) -> None:
    bundle.reply = reply
    with pytest.raises(ContractError, match="type"):
        ask(discord)


def test_a_reply_without_its_content_type_raises(discord: Client, bundle: Bundle) -> None:
    bundle.answer = (200, {"content-type": "text/plain"})
    with pytest.raises(ContractError, match="Content-Type"):
        discord.slash("daily")


# Delivery


def test_over_http(discord: Client) -> None:
    async def interactions(request: Request) -> Response:
        body = await request.body()
        signed = request.headers["x-signature-timestamp"].encode() + body
        KEY.verify_key.verify(signed, bytes.fromhex(request.headers["x-signature-ed25519"]))
        return JSONResponse({"type": 4, "data": {"content": json.loads(body)["data"]["name"]}})

    server = HttpServer(Starlette(routes=[Route("/interactions", interactions, methods=["POST"])]))
    server.start()
    try:
        reply = replace(discord, send=http_sender(f"{server.url}/interactions")).slash("daily")
    finally:
        server.stop()
    assert (reply.content, reply.headers["content-type"]) == ("daily", "application/json")


def submitted(discord: Client, bundle: Bundle) -> Reply:
    bundle.reply = {"type": 9, "data": MODAL}
    opened = discord.slash("daily")
    bundle.reply = {"type": 4, "data": {"content": "Done"}}
    return opened.submit(event_type="news")


def completed(discord: Client, bundle: Bundle) -> Reply:
    bundle.reply = {"type": 8, "data": {"choices": []}}
    return discord.autocomplete("claim", event="ne")


@pytest.mark.parametrize(
    ("name", "do"),
    [
        ("slash_command", lambda discord, _: discord.slash("daily")),
        ("button", lambda discord, _: discord.click(posted(), "Claim")),
        ("message_menu", lambda discord, _: discord.menu("Make this a drop", posted())),
        ("autocomplete", completed),
        ("modal_submit", submitted),
    ],
)
def test_the_client_and_the_stored_events_have_one_shape(
    discord: Client, bundle: Bundle, name: str, do: Callable[[Client, Bundle], Reply]
) -> None:
    stored = json.loads(json.loads((EVENTS[0].parent / f"{name}.json").read_text(encoding="utf-8"))["body"])
    sent = do(discord, bundle).interaction
    assert sent["type"] == stored["type"]
    for part in ("data", "member", "channel", "guild"):
        assert set(sent[part]) == set(stored[part])
    assert set(sent) == set(stored)


# Replies that went another way


@pytest.fixture
def local_discord() -> Iterator[FakeDiscord]:
    with closing(FakeDiscord(":memory:", TOKEN, APPLICATION, clock=lambda: NOW)) as local:
        yield local


def over_rest(local_discord: FakeDiscord, reply: Json | None, body: bytes = b"") -> Client:
    """Members of a bundle that sends its replies to Discord over REST, and answers 202."""

    def send(headers: Headers, sent: bytes) -> tuple[int, Headers, bytes]:
        interaction = json.loads(sent)
        if reply:
            http(local_discord).post(f"/interactions/{interaction['id']}/{interaction['token']}/callback", json=reply)
        return 202, {}, body

    return Client(send, KEY, APPLICATION, GUILD, CHANNEL, COMMANDS, clock=lambda: NOW, discord=local_discord)


def test_a_reply_over_rest_reads_like_any_other(local_discord: FakeDiscord) -> None:
    data = {"content": "Look", "flags": 64, "components": [ROW]}
    reply = over_rest(local_discord, {"type": 4, "data": data}).slash("daily", user=BOB)
    assert (reply.status, reply.kind, reply.text, reply.ephemeral, reply.files) == (202, None, "Look", True, {})
    assert reply.message["interaction_metadata"]["user"]["id"] == BOB.id
    assert reply.click("Claim").text == "Look"


def test_a_202_without_a_reply_or_with_a_body_is_refused(local_discord: FakeDiscord) -> None:
    with pytest.raises(ContractError, match="no reply was sent"):
        over_rest(local_discord, None).slash("daily")
    with pytest.raises(ContractError, match="no body"):
        over_rest(local_discord, {"type": 5}, b"{}").slash("daily")
