"""Forms, channels and permissions, as the tests of new drops use them."""

from dataclasses import replace
from typing import Any

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, EVERYONE

Json = dict[str, Any]
MENU = "Make this a drop"
VIEW, SEND, EMBED, HISTORY, REACT, SEND_IN_THREADS = 1 << 10, 1 << 11, 1 << 14, 1 << 16, 1 << 6, 1 << 38
OTHER_CHANNEL = "650000000000000001"


def fields(reply: Reply) -> dict[str, Json]:
    """The fields of a form by the names above them, with what is written in them."""
    assert reply.kind == 9
    return {label["label"]: label["component"] for label in reply.components}


def chosen(field: Json) -> list[str]:
    """The entries of a select that are chosen."""
    return [option["label"] for option in field["options"] if option["default"]]


def add_events(server: Client, count: int, prefix: str = "event") -> None:
    """Events of the server, beside the four that it has."""
    for place in range(count):
        server.slash("config events create", name=f"{prefix}_{place:02}", reward=1, user=ADMIN)


def lacking(client: Client, *permissions: int) -> Client:
    """The same channel, in which the bot may not do something."""
    return replace(client, app_permissions=EVERYONE & ~sum(permissions))
