"""From a verified body to an answer: whatever is in it, there is one, and Discord accepts it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.fake_discord import openapi
from infra.fake_discord.client import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, PING, Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB
from shared import function_url
from shared.features import detection
from shared.interactions import dispatch
from shared.interactions.outcomes import sentence
from shared.interactions.registration import registration
from shared.interactions.registry import REGISTRY, SLASH, Level
from tests import EVENTS
from tests.conftest import BRAND
from tests.sql import KEY, Database

Json = dict[str, Any]
PUBLIC = {"leaderboard", "streak leaderboard"}
RECORDED = [
    json.loads(event["body"]) for path in EVENTS if not (event := json.loads(path.read_text()))["isBase64Encoded"]
]


# Options that go with other values of others than `example` gives.
LEFT_OUT = {
    "drop create": {"type", "emoji", "message", "image", "thumbnail", "ping", "preview"},
    "watch start": {"role"},
}


def example(option: Json) -> Any:
    """A value that the option takes."""
    if "choices" in option:
        return option["choices"][-1]["value"]
    channel, role = "420000000000000009", "900000000000000009"
    by_type = {3: "news_tracker", 4: option.get("min_value", 1), 5: True, 6: BOB, 7: channel, 8: role, 10: 1.0}
    by_name = {"confirm": "DISCONNECT", "lifespan": "5m", "entry": "1", "drop": "00000000-0000-4000-8000-000000000000"}
    by_name |= {"timezone": "Europe/Berlin", "tiers": "3:2", "milestones": "7:50", "emoji": "🎉"}
    by_name |= {"colour": "#57f287"}
    by_name |= {"watch": "00000000-0000-4000-8000-000000000000"}
    return by_name.get(option["name"], by_type[option["type"]])


def leaves(node: Json, path: str = "") -> list[tuple[str, Json]]:
    """The commands that can be run, each with its whole path."""
    path = f"{path} {node['name']}".strip()
    below = [child for child in node.get("options", []) if child["type"] < 3]
    return [leaf for child in below for leaf in leaves(child, path)] if below else [(path, node)]


def all_leaves() -> list[tuple[str, Json]]:
    """Every command of the registry."""
    return [leaf for top in registration() if top["type"] == SLASH for leaf in leaves(top)]


def run(client: Client, path: str, node: Json, user: Any) -> Reply:
    """Run a command with a value for each option that goes with the others."""
    names = {option["name"] for option in node["options"]} - LEFT_OUT.get(path, set())
    if path.startswith("config events"):
        names -= {option["name"] for option in node["options"] if is_of_a_trigger(option)}
    return client.slash(
        path, user=user, **{option["name"]: example(option) for option in node["options"] if option["name"] in names}
    )


def is_of_a_trigger(option: Json) -> bool:
    """Does an option go with some triggers alone?"""
    return any(option["name"].replace("-", "_") in names for takes in detection._TAKES.values() for names in takes)


def button(custom_id: str) -> Json:
    """What arrives when a button is pressed."""
    return {"component_type": 2, "custom_id": custom_id, "id": 2}


def pressed(client: Client, custom_id: str, user: Any = BOB, **fields: Any) -> Reply:
    """Press a button that is in no message of ours."""
    message = {"id": "1573450000000000002", **fields}
    return client.interact(COMPONENT, button(custom_id), user, message=message)


def options(*values: Any, name: str = "news_tracker") -> list[Json]:
    """The options of /drop create: the event, and what is given as (name, type, value)."""
    given = [("event", 3, name), *values]
    return [
        {"name": "create", "type": 1, "options": [{"name": n, "type": t, "value": v} for n, t, v in given]},
    ]


# --- PING


def test_discord_checks_the_endpoint(discord: Client) -> None:
    reply = discord.ping()
    assert (reply.status, reply.json) == (200, {"type": 1})
    assert reply.headers["content-type"] == "application/json"


def test_a_ping_asks_nobody(discord: Client, rpc_calls: list[str]) -> None:
    discord.ping()
    assert rpc_calls == []


# --- Everything that is said


@pytest.fixture
def everything(functions: Any) -> list[tuple[str, Json]]:
    """Every command, as registered."""
    return all_leaves()


def test_the_registry_is_what_the_walks_walk(everything: list[tuple[str, Json]]) -> None:
    assert {path for path, _ in everything} == set(REGISTRY.commands)


@pytest.mark.parametrize("user", [ALICE, ADMIN], ids=lambda user: user.name)
@pytest.mark.parametrize("connected", [False, True], ids=["not connected", "connected"])
def test_no_reply_pings_anybody_and_private_things_stay_private(
    discord: Client, db: Database, everything: list[tuple[str, Json]], user: Any, connected: bool
) -> None:
    if connected:
        discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    for path, node in everything:
        is_connected = db.value("select exists (select from discord_server_configs where is_active)")
        reply = run(discord, path, node, user)
        assert reply.ephemeral != (is_connected and path in PUBLIC), path
        if path == "export" and is_connected and user is ADMIN:  # test_export.py looks at its request to Discord
            assert reply.status == 202
        else:
            assert reply.data["allowed_mentions"] == {"parse": []}, path
        assert reply.text.strip(), path


def test_what_replaces_a_drops_message_pings_nobody(server: Client, local_discord: FakeDiscord) -> None:
    server.slash("drop create", event="news_tracker", max_claims=1, description="@everyone <@1>", user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    server.click(message, "Claim", user=BOB)
    reply = server.click(message, "Claim", user=ALICE)
    assert reply.kind == 7
    assert reply.data["allowed_mentions"] == {"parse": []}


def test_one_command_is_one_database_call(
    discord: Client, everything: list[tuple[str, Json]], rpc_calls: list[str]
) -> None:
    discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
    for path, node in everything:
        rpc_calls.clear()
        run(discord, path, node, ADMIN)
        expected = {"drop create": 2}.get(path, 1)  # a REST call lies between these two
        assert len(rpc_calls) == expected, (path, rpc_calls)
        if path == "setup disconnect":
            discord.slash("setup connect", brand_id=BRAND, key=KEY, user=ADMIN)
        if path == "config channels exclude":  # no drop is posted there
            discord.slash("config channels include", channel=example({"name": "channel", "type": 7}), user=ADMIN)


def test_one_click_and_one_suggestion_are_one_database_call_and_one_more_notes_what_is_shown(
    server: Client, local_discord: FakeDiscord, rpc_calls: list[str]
) -> None:
    server.slash("drop create", event="news_tracker", max_claims=1, user=ADMIN)
    (message,) = local_discord.messages(server.channel_id)
    rpc_calls.clear()
    server.click(message, "Claim", user=BOB)
    server.click(message, "Claim", user=ALICE)
    server.autocomplete("drop create", event="n", user=ADMIN)
    server.slash("help", user=BOB)
    assert rpc_calls == ["claim_drop", "mark_drops_rendered", "claim_drop", "list_events", "get_help"]


def test_what_cannot_be_right_does_not_ask_the_database(server: Client, rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    pressed(server, "claim:notauuid")
    server.slash("setup disconnect", confirm="no", user=ADMIN)
    server.interact(COMMAND, {"name": "drop", "options": options(("max-claims", 4, 0))}, ADMIN)
    assert rpc_calls == []


# --- What no longer exists

UUID = "5f0c0a3e-7a0e-4d3a-9c55-2f6d8a1b9e01"


@pytest.mark.parametrize(
    "custom_id",
    [
        "old:1",
        "old",
        "claim",
        "claim:",
        "claim:notauuid",
        "claim:1:2",
        f"claim:{UUID}:2",
        f":{UUID}",
        "Claim:x",
        ":",
        " ",
    ],
)
def test_a_button_of_another_time_says_so(server: Client, custom_id: str) -> None:
    reply = pressed(server, custom_id)
    assert reply.kind == 4
    assert reply.ephemeral
    assert reply.text == dispatch.UNKNOWN_BUTTON


def test_a_button_of_a_drop_that_never_was(server: Client) -> None:
    reply = pressed(server, f"claim:{UUID}")
    assert reply.ephemeral
    assert reply.text == "This drop no longer exists."


@pytest.mark.parametrize(
    "data",
    [
        {"name": "gone"},
        {"name": "drop"},
        {"name": "drop", "options": [{"name": "gone", "type": 1, "options": []}]},
        {"name": "config", "options": [{"name": "events", "type": 2, "options": []}]},
        {"name": "daily", "options": [{"name": "create", "type": 1}]},
        {"name": ""},
        {},
    ],
)
def test_a_command_of_another_time_says_so(server: Client, data: Json) -> None:
    reply = server.interact(COMMAND, data, ADMIN)
    assert reply.ephemeral
    assert reply.text == dispatch.UNKNOWN_COMMAND


def test_a_command_of_another_time_suggests_nothing(server: Client) -> None:
    reply = server.interact(AUTOCOMPLETE, {"name": "gone"}, ADMIN)
    assert (reply.kind, reply.choices) == (8, [])


def test_a_modal_of_another_time_says_so(server: Client) -> None:
    reply = server.interact(MODAL_SUBMIT, {"custom_id": "gone:1", "components": []}, ADMIN)
    assert reply.ephemeral
    assert "no longer" in reply.text


# --- Options that cannot be


@pytest.mark.parametrize(
    ("given", "named", "said"),
    [
        (("max-claims", 4, 0), "`max-claims`", "must be 1 or more."),
        (("max-claims", 4, 1_000_001), "`max-claims`", "must be 1,000,000 or less."),
        (("max-claims", 4, 10**30), "`max-claims`", "must be 1,000,000 or less."),
        (("max-claims", 3, "many"), "`max-claims`", "must be a whole number."),
        (("max-claims", 10, 1.5), "`max-claims`", "must be a whole number."),
        (("reward", 4, 0), "`reward`", "must be 1 or more."),
        (("reward", 4, 10_001), "`reward`", "must be 10,000 or less."),
        (("label", 3, ""), "`label`", "must not be empty."),
        (("label", 3, "   "), "`label`", "must not be empty."),
        (("label", 3, "x" * 81), "`label`", "must have 80 characters or fewer."),
        (("label", 4, 5), "`label`", "must be a text."),
        (("description", 3, "x" * 1001), "`description`", "must have 1,000 characters or fewer."),
        (("channel", 7, "here"), "Choose a channel from the list.", ""),
        (("lifespan", 3, "soon"), "`lifespan`", "90s, 5m, 24h, 7d or permanent."),
        (("surprise", 3, "x"), "`surprise`", "is not an option of this command."),
    ],
)
def test_an_option_out_of_bounds_is_named_and_nothing_happens(
    server: Client, db: Database, local_discord: FakeDiscord, given: Any, named: str, said: str
) -> None:
    reply = server.interact(COMMAND, {"name": "drop", "options": options(given)}, ADMIN)
    assert reply.ephemeral
    assert reply.text.startswith("Nothing has changed. Please check:\n")
    assert named in reply.text  # as the member sees it in Discord
    assert said in reply.text
    assert db.value("select count(*) from discord_drops") == 0
    assert local_discord.messages(server.channel_id) == []


def test_a_missing_option_is_named(server: Client) -> None:
    reply = server.interact(COMMAND, {"name": "setup", "options": [{"name": "disconnect", "type": 1}]}, ADMIN)
    assert reply.ephemeral
    assert reply.text == "Nothing has changed. Please check:\n`confirm` is missing."


def test_two_problems_are_told_at_once(server: Client) -> None:
    given = options(("reward", 4, 0), ("label", 3, "x" * 81))
    reply = server.interact(COMMAND, {"name": "drop", "options": given}, ADMIN)
    assert "`reward`" in reply.text
    assert "`label`" in reply.text


def test_what_was_typed_is_not_repeated(server: Client) -> None:
    reply = server.interact(COMMAND, {"name": "drop", "options": options(("lifespan", 3, "@everyone"))}, ADMIN)
    assert "everyone" not in reply.text


# --- Outside of a server


@pytest.mark.parametrize("path", ["daily", "help"])
def test_a_direct_message_is_told_where_to_go(discord: Client, rpc_calls: list[str], path: str) -> None:
    in_a_dm = {"guild_id": None, "guild": None, "member": None, "context": 1}
    reply = discord.interact(COMMAND, {"name": path}, ALICE, **in_a_dm)
    assert reply.ephemeral
    assert reply.text == dispatch.GUILD_ONLY
    assert rpc_calls == []


def test_a_click_in_a_direct_message_is_told_where_to_go(discord: Client) -> None:
    reply = discord.interact(COMPONENT, button(f"claim:{UUID}"), ALICE, guild_id=None, member=None)
    assert reply.text == dispatch.GUILD_ONLY


# --- Any JSON at all


def accepted(answer: Json) -> Json:
    """The JSON of a 200 that Discord accepts."""
    assert answer["statusCode"] == 200
    payload: Json = json.loads(answer["body"])
    openapi.check_reply(payload)
    return payload


Answer = Callable[[bytes], Json]


@pytest.fixture(scope="session")
def answer(functions: Any) -> Answer:
    """From a verified body to the response, as the handler goes."""
    interactions = functions.interactions
    return lambda body: accepted(function_url.json_response(200, interactions.answer(body)))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(
    scalars,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "id type guild_id channel_id member user roles permissions data name options value focused custom_id message token "
    "outcome required_level"
)
ours = st.sampled_from(FIELDS.split())
like_ours = st.recursive(
    scalars | st.integers(0, 7) | st.sampled_from(["1", "daily", "claim:1", UUID]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(ours, values, max_size=6),
    max_leaves=20,
)


@settings(max_examples=300)
@given(anything | like_ours | st.dictionaries(ours, like_ours))
def test_any_signed_json_is_answered(answer: Answer, payload: Any) -> None:
    answer(json.dumps(payload).encode())


@given(st.binary(max_size=200))
def test_any_signed_bytes_are_answered(answer: Answer, body: bytes) -> None:
    answer(body)


def places(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [where, *(place for key in keys for place in places(value[key], (*where, key)))]


GONE = object()


def changed(value: Any, where: tuple[Any, ...], to: Any) -> Any:
    """A copy of a JSON value with another thing, or nothing, in a place."""
    copy = json.loads(json.dumps(value))
    parent = copy
    for key in where[:-1]:
        parent = parent[key]
    parent[where[-1]] = to
    if to is GONE:
        del parent[where[-1]]
    return copy


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(RECORDED), st.data())
def test_a_payload_with_something_wrong_in_it_is_answered(
    answer: Answer, server: Client, payload: Json, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.sampled_from(places(payload)[1:] or [("type",)]))
        value = data.draw(st.just(GONE) | like_ours)
        payload = changed(payload, where, value)
    answer(json.dumps(payload).encode())


@pytest.mark.parametrize("depth", [50, 300, 2_000, 100_000])
def test_deep_nesting_is_answered(answer: Answer, depth: int) -> None:
    subcommands = '{"name":"a","type":1,"options":[' * depth + "]}" * depth
    sent = {"id": "1", "type": 2, "guild_id": "1", "member": ALICE.member(), "data": {"name": "a", "options": []}}
    body = json.dumps(sent).replace('"options": []', f'"options": [{subcommands}]')
    assert answer(body.encode())["type"] == 4
    assert answer(("[" * depth + "]" * depth).encode())["type"] == 4


@pytest.mark.parametrize("kind", [0, 6, 7, 99, -1, 10**20])
def test_an_unknown_kind_of_interaction_is_answered(server: Client, answer: Answer, kind: int) -> None:
    body = {"id": "1", "type": kind, "guild_id": "1", "member": ALICE.member(), "data": {"name": "daily"}}
    assert answer(json.dumps(body).encode())["type"] == 4


@pytest.mark.parametrize("name", ["\0", "x\0y", "\ud800"])
def test_text_that_postgres_cannot_store_does_no_harm(server: Client, db: Database, answer: Answer, name: str) -> None:
    sent = {"id": "1", "type": 2, "guild_id": server.guild_id, "channel_id": "1", "member": ADMIN.member()}
    reply = answer(json.dumps(sent | {"data": {"name": "drop", "options": options(name=name)}}).encode())
    assert reply["data"]["flags"] == 64
    assert db.value("select count(*) from discord_drops") == 0


@pytest.mark.parametrize("name", ["\0", "\ud800", "x" * 6_000, ""])
@pytest.mark.parametrize("command", ["daily", "balance", "claim"])
def test_an_option_whose_name_cannot_be_is_a_sentence(server: Client, answer: Answer, command: str, name: str) -> None:
    sent = {"id": "1", "type": 2, "guild_id": server.guild_id, "channel_id": "1", "member": ALICE.member()}
    named = {"name": name, "type": 3, "value": "x"}
    reply = answer(json.dumps(sent | {"data": {"name": command, "options": [named]}}).encode())
    assert "Please check" in reply["data"]["content"]


def test_what_discord_may_add_one_day_is_ignored(server: Client) -> None:
    more = {"outcome": {"new": 1}, "required_level": "high", "something": [1], "caller": {"user_id": "1"}}
    reply = server.interact(COMMAND, {"name": "daily"}, BOB, **more)
    assert "Checked in" in reply.text


def test_a_payload_cannot_raise_a_members_level(server: Client) -> None:
    data = {"name": "config", "options": [{"name": "events", "type": 2, "options": [{"name": "list", "type": 1}]}]}
    for claim in ({"required_level": 0}, {"required_level": None}, {"manages_server": True}):
        assert "needs the level" in server.interact(COMMAND, data, BOB, **claim).text


def test_an_interaction_of_no_kind_is_no_ping(answer: Answer) -> None:
    assert answer(b'{"id":"1"}')["type"] == 4
    assert answer(json.dumps({"type": PING}).encode()) == {"type": 1}


@pytest.mark.parametrize("level", list(Level))
def test_every_level_has_a_name_in_the_refusals(level: Level) -> None:
    if level:
        assert level.label in sentence({"outcome": "not_allowed", "required_level": level})


# --- Discord's limits, whatever somebody else wrote into the tables or sent


def test_an_event_with_an_endless_label_is_listed(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set label = repeat('x', 5000) where event_type = 'news_tracker'")
    assert server.slash("config events edit", name="news_tracker", reward=7, user=ADMIN).ephemeral
    assert "daily_checkin" in server.slash("config events list", user=ADMIN).text


def test_a_drop_of_an_event_with_an_endless_label_is_posted(server: Client, db: Database) -> None:
    db.run("update monitoring_rules set label = repeat('x', 5000) where event_type = 'news_tracker'")
    assert "The drop is in" in server.slash("drop create", event="news_tracker", user=ADMIN).text


def test_autocomplete_leaves_out_what_discord_would_not_take(server: Client, db: Database) -> None:
    db.run("insert into monitoring_rules (brand_id, event_type) values (%s, ''), (%s, repeat('n', 150))", BRAND, BRAND)
    found = [choice["value"] for choice in server.autocomplete("drop create", event="n", user=ADMIN).choices]
    assert "news_tracker" in found
    assert all(1 <= len(value) <= 100 for value in found)


def test_a_hundred_unknown_options_get_a_message_that_fits(server: Client) -> None:
    options = [{"name": f"made-up-{n}" * 5, "type": 3, "value": "x"} for n in range(100)]
    assert server.interact(2, {"id": "1", "name": "daily", "type": 1, "options": options}, ALICE).ephemeral


def test_autocomplete_outside_of_a_server_offers_nothing(server: Client) -> None:
    options = [{"name": "create", "type": 1, "options": [{"name": "event", "type": 3, "value": "", "focused": True}]}]
    data = {"id": "1", "name": "drop", "type": 1, "options": options}
    assert server.interact(4, data, ALICE, guild_id=None).choices == []
    assert server.interact(4, data, ALICE, member={"user": "nobody"}).choices == []
