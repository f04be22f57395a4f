"""Buttons, select menus and menu entries as the client uses them."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.contract import Json
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import BOB, CAROL, Member
from infra.fake_discord.resources.messages import new_message
from tests.infra.fake_discord.client.bundle import APPLICATION, CHANNEL, NOW, ROLE, Bundle, posted


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
