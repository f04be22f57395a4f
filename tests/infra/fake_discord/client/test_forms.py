"""Forms as the client fills them in and sends them."""

from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.interaction_data import NotOfferedError
from infra.fake_discord.members import ADMIN
from tests.infra.fake_discord.client.bundle import MODAL, Bundle, posted


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
