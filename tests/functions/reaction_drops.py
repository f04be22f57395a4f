"""What the tests of collect_reactions share."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.local.runtime import Context
from shared.discord import rest
from tests.drops import Killed
from tests.sql import Database

Json = dict[str, Any]
PARTY = "🎉"
FORUM = 15
Watch = Callable[..., str]
_channels = itertools.count(740_000_000_000_000_001)


class Collect:
    """One run with plenty of time, at which every channel has its turn; gives those of its counts that are not 0."""

    def __init__(self, functions: Any, db: Database) -> None:
        self._function = functions.collect_reactions
        self._db = db

    def __call__(self, seconds: float = 55) -> Json:
        self._db.run("update reaction_channels set next_look_at = 'epoch', leased_until = 'epoch'")
        counts = self._function.handler({}, Context("collect_reactions", "test", seconds))
        return {name: count for name, count in counts.items() if count}

    def fails(self, match: str) -> None:
        """Run, and let the alarm see it."""
        with pytest.raises(self._function.CollectError, match=match):
            self()


def kill_at(monkeypatch: pytest.MonkeyPatch, part: str, after: int) -> None:
    """Kill the process at a request with this part in its path, after so many others of the kind."""
    send, calls = rest.send_now, itertools.count()

    def killed(request: rest.Request, *, timeout: float) -> Any:
        if part in request.path and next(calls) == after:
            raise Killed
        return send(request, timeout=timeout)

    monkeypatch.setattr(rest, "send_now", killed)


def drops(db: Database) -> set[str]:
    """The messages that are drops."""
    return {row["message_id"] for row in db.rows("select message_id from discord_drops")}


def add_channel(discord: FakeDiscord, server: Client, *, is_forum: bool) -> str:
    """A new channel, or a new forum."""
    channel_id = str(next(_channels))
    discord.add_channel(channel_id, server.guild_id, type=FORUM if is_forum else 0)
    return channel_id


class ReactionDrop:
    """A reaction drop, and those who react to its message."""

    def __init__(self, db: Database, discord: FakeDiscord, server: Client, message: Json, **columns: Any) -> None:
        self._db, self._discord = db, discord
        self.message, self.channel_id = message, message["channel_id"]
        columns = {"event_id": "news_tracker", "drop_type": "reaction", "emoji": PARTY} | columns
        self.id = db.add_drop(
            server_id=server.guild_id, channel_id=self.channel_id, message_id=message["id"], **columns
        )

    def react(self, *user_ids: str, emoji: str = PARTY, **how: bool) -> None:
        """Let members react."""
        for user_id in user_ids:
            self._discord.react(self.channel_id, self.message["id"], emoji, user_id, **how)

    def unreact(self, *user_ids: str) -> None:
        """Let members take their reactions back."""
        for user_id in user_ids:
            self._discord.unreact(self.channel_id, self.message["id"], PARTY, user_id)

    @property
    def row(self) -> Json:
        """The drop's row."""
        return self._db.drop(self.id)

    @property
    def paid(self) -> set[str]:
        """Who has a claim."""
        query = "select discord_user_id as id from discord_drop_claims where drop_id = %s"
        return {row["id"] for row in self._db.rows(query, self.id)}

    @property
    def reactors(self) -> list[str]:
        """Who stands under the message."""
        return self._discord.reactors(self.message["id"], PARTY, limit=1000)

    def end(self, reason: str = "ended") -> None:
        """End it, as an admin or the clock does."""
        self._db.run(
            "update discord_drops set ended_at = now(), end_reason = %s, is_settled = true where drop_id = %s",
            reason,
            self.id,
        )


Make = Callable[..., ReactionDrop]


def asked(discord: FakeDiscord, method: str, part: str) -> int:
    """How many requests there were of a kind."""
    return sum(request.method == method and part in request.path for request in discord.requests)


def invalid(discord: FakeDiscord) -> list[int]:
    """The answers that count towards Discord's ban."""
    return [request.status for request in discord.requests if request.status in (401, 403, 429)]
