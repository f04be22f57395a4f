"""What a run has asked Discord once: members' roles, what channels belong to, servers' threads."""

from collections.abc import Iterable
from typing import Any

from shared.discord import rest
from shared.discord.error import UNKNOWN_MEMBER, UNKNOWN_USER, DiscordError
from shared.discord.steps import Steps

Json = dict[str, Any]

MOST_MEMBERS = 300  # who are asked for in a run; the next run asks for the others
THREADS = (10, 11, 12)  # types of channels


class Known:
    """One run's answers of Discord."""

    def __init__(self) -> None:
        self.members_asked = 0
        self._roles: dict[tuple[str, str], list[str]] = {}
        self._asking: set[tuple[str, str]] = set()  # for their roles, at this moment
        self._parents: dict[str, list[str]] = {}
        self._threads: dict[str, list[Json]] = {}

    def roles_of(self, server_id: str, user_ids: Iterable[str]) -> dict[str, list[str]]:
        """The roles of those who have been asked for already."""
        known = {user_id: self._roles.get((server_id, user_id)) for user_id in user_ids}
        return {user_id: roles for user_id, roles in known.items() if roles is not None}

    def ask_roles(self, server_id: str, user_ids: Iterable[str]) -> Steps[dict[str, list[str]]]:
        """The roles of members, of as many as may be asked for; who has left has none. Raises DiscordError."""
        wanted = list(user_ids)
        while self.members_asked < MOST_MEMBERS:
            left = [key for user_id in wanted if (key := (server_id, user_id)) not in self._roles]
            if not left:
                break
            # Leave to another look whom it is asking for: the same members react to many drops.
            key = next((each for each in left if each not in self._asking), left[0])
            self.members_asked += 1
            self._asking.add(key)
            try:
                self._roles[key] = yield from _roles(*key)
            finally:
                self._asking.discard(key)
        return self.roles_of(server_id, wanted)

    def ask_parents(self, channel_id: str) -> Steps[list[str]]:
        """What a channel belongs to: a thread to its channel, that to its category. Raises DiscordError."""
        if channel_id not in self._parents:
            channel = yield rest.channel(channel_id)
            parents = [channel["parent_id"]] if channel.get("parent_id") else []
            if channel["type"] in THREADS and parents:
                parents += yield from self.ask_parents(parents[0])
            self._parents[channel_id] = parents
        return self._parents[channel_id]

    def ask_threads(self, server_id: str) -> Steps[list[Json]]:
        """The threads of a server that are not archived. Raises DiscordError."""
        if server_id not in self._threads:
            answer = yield rest.active_threads(server_id)
            self._threads[server_id] = answer["threads"]
        return self._threads[server_id]


def _roles(server_id: str, user_id: str) -> Steps[list[str]]:
    try:
        member = yield rest.member(server_id, user_id)
    except DiscordError as error:
        if error.code in (UNKNOWN_MEMBER, UNKNOWN_USER):
            return []
        raise
    roles: list[str] = member["roles"]
    return roles
