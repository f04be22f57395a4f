"""Whatever is signed is answered: any JSON, any bytes, and payloads with something wrong in them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.fake_discord import openapi
from infra.fake_discord.client import COMMAND, PING, Client
from infra.fake_discord.members import ADMIN, ALICE, BOB
from shared import function_url
from shared.interactions.outcomes import sentence
from shared.interactions.registry import Level
from tests import EVENTS
from tests.functions.by_hand import UUID, options
from tests.sql import Database

Json = dict[str, Any]
RECORDED = [
    json.loads(event["body"]) for path in EVENTS if not (event := json.loads(path.read_text()))["isBase64Encoded"]
]


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
