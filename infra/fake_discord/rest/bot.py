"""The bot whose requests are answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.faults import Faults
from infra.fake_discord.resources.users import user
from infra.fake_discord.store import Store


@dataclass
class InteractionsEndpoint:
    """Where Discord sends interactions: the key that it signs them with, and the URL, where one was saved."""

    public_key: str
    url: str | None = None


@dataclass(frozen=True)
class Bot:
    """One application's bot."""

    application_id: str
    endpoint: InteractionsEndpoint
    store: Store
    faults: Faults
    clock: Callable[[], float]

    def user(self) -> Json:
        """The bot's own user."""
        return user(self.application_id, "Resonance", bot=True)

    def message(self, request: Request) -> Json:
        """The message in the path; DiscordError when there is none."""
        return self.store.message_in(request.path_params["channel_id"], request.path_params["message_id"])

    def check_permission(self, request: Request, permission: str) -> None:
        """Raise DiscordError where the bot lacks a permission in the channel in the path."""
        if not self.store.channels.allows(request.path_params["channel_id"], permission):
            raise api_error(50013)


Answer = tuple[int, Any]  # the status and the JSON; None for no body
Operation = Callable[[Bot, Request, Any], Answer]  # takes the parsed body
Operations = dict[tuple[str, str], Operation]  # by method and path template
