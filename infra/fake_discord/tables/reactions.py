"""The reactions to messages."""

import json
from typing import NamedTuple

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.reactions import reaction
from infra.fake_discord.tables.database import Database
from infra.fake_discord.tables.emojis import Emojis


class Reactor(NamedTuple):
    """Somebody who reacted, and whether it is a bot."""

    id: str
    bot: bool


class Reactions:
    """Who reacted to what. A member has one reaction with an emoji: a normal or a super one ("burst")."""

    def __init__(self, database: Database, emojis: Emojis, application_id: str) -> None:
        self._db = database
        self._emojis = emojis
        self._own_id = int(application_id)

    def add(self, message_id: str, emoji: str, user_id: str, *, bot: bool, burst: bool = False) -> None:
        """Store a reaction; a second one of the same user changes nothing."""
        query = "insert or ignore into reactions (message_id, emoji, user_id, bot, burst) values (?, ?, ?, ?, ?)"
        self._db.rows(query, int(message_id), self._name(message_id, emoji), int(user_id), bot, burst)

    def remove(self, message_id: str, emoji: str, user_id: str) -> None:
        """Delete a reaction, if there is one."""
        query = "delete from reactions where message_id = ? and emoji = ? and user_id = ?"
        self._db.rows(query, int(message_id), self._name(message_id, emoji), int(user_id))

    def users(self, message_id: str, emoji: str, after: int, limit: int, *, burst: bool | None = None) -> list[Reactor]:
        """Those who reacted, by their ids: with super reactions or without, or all of them (None)."""
        kind = "" if burst is None else f"and burst = {burst:d} "
        query = (
            f"select user_id, bot from reactions where message_id = ? and emoji = ? {kind}"  # noqa: S608
            "and user_id > ? order by user_id limit ?"
        )
        rows = self._db.rows(query, int(message_id), self._name(message_id, emoji), after, limit)
        return [Reactor(str(user_id), bool(bot)) for user_id, bot in rows]

    def names(self, message_id: str) -> set[str]:
        """The emoji that a message has."""
        query = "select distinct emoji from reactions where message_id = ?"
        return {emoji for (emoji,) in self._db.rows(query, int(message_id))}

    def of(self, message_ids: list[int]) -> dict[int, list[Json]]:
        """The reactions to messages as Discord describes them, the oldest first, by the ids of the messages."""
        query = (
            "select message_id, emoji, count(*) - sum(burst), sum(burst), max(user_id = ? and not burst) "
            "from reactions where message_id in (select value from json_each(?)) "
            "group by message_id, emoji order by min(rowid)"
        )
        found: dict[int, list[Json]] = {}
        for message_id, emoji, normal, burst, me in self._db.rows(query, self._own_id, json.dumps(message_ids)):
            described = reaction(emoji, normal, burst, me=bool(me), animated=self._emojis.is_animated(emoji))
            found.setdefault(message_id, []).append(described)
        return found

    def _name(self, message_id: str, emoji: str) -> str:
        """An emoji of a server as the message has it: its id tells, and it may have been renamed."""
        name, _, emoji_id = emoji.partition(":")
        if not emoji_id:
            return name
        present = [each for each in self.names(message_id) if each.partition(":")[2] == emoji_id]
        return present[0] if present else self._emojis.named(emoji)
