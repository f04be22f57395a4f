"""Interactions that no client would send: made by hand."""

from typing import Any

from infra.fake_discord.client import COMPONENT, Client, Reply
from infra.fake_discord.members import BOB

Json = dict[str, Any]

UUID = "5f0c0a3e-7a0e-4d3a-9c55-2f6d8a1b9e01"


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
