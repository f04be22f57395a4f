"""What the fake Discord stores: channels, messages with their files, reactions, interactions and commands."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.resources.messages import EPHEMERAL, edited
from infra.fake_discord.resources.reactions import reaction
from infra.fake_discord.resources.snowflakes import snowflake

SCHEMA = """
create table if not exists messages (
    id integer primary key, channel_id text not null, nonce text, body text not null);
create index if not exists messages_by_channel on messages (channel_id, id);
create index if not exists messages_by_nonce on messages (nonce) where nonce is not null;
create table if not exists reactions (
    message_id integer not null references messages on delete cascade,
    emoji text not null, user_id integer not null, bot integer not null,
    primary key (message_id, emoji, user_id));
create table if not exists attachments (
    id integer primary key, message_id integer not null references messages on delete cascade, content blob not null);
create table if not exists interactions (
    token text primary key, issued_at real not null, body text not null,
    reply_id integer references messages on delete set null);
create table if not exists archived_threads (id text primary key, locked integer not null);
create table if not exists channels (id text primary key, body text not null);
create table if not exists commands (scope text not null, place integer not null, body text not null,
    primary key (scope, place));
"""


Listener = Callable[[str, str], None]  # takes the ids of a channel and of a message that has changed or is gone


class Delivered(NamedTuple):
    """An interaction that was delivered, when, and the id of the message that replies to it."""

    at: float
    interaction: Json
    reply_id: str | None


class Store:
    """Stores everything in SQLite (":memory:" for nowhere), for any thread.

    Hold `lock` to make several steps one. `listeners` are called after each change of a message.
    """

    def __init__(self, path: str, application_id: str) -> None:
        self._application_id = application_id
        self.lock = threading.RLock()
        self.listeners: list[Listener] = []
        # One connection under one lock: uvicorn's thread and the tests' threads share it.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self._db.execute("pragma foreign_keys = on")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the state file."""
        self._db.close()

    def add_channel(self, channel: Json) -> None:
        """Store a channel."""
        self._all("insert or replace into channels values (?, ?)", channel["id"], json.dumps(channel))

    def channel(self, channel_id: str) -> Json:
        """One channel; DiscordError when there is none."""
        rows = self._all("select body from channels where id = ?", channel_id)
        if not rows:
            raise api_error(10003)
        return dict(json.loads(rows[0][0]))

    def messages(self, channel_id: str) -> list[Json]:
        """All messages of a channel that everybody sees, the oldest first."""
        query = "select body from messages where channel_id = ? order by id"
        messages = [json.loads(body) for (body,) in self._all(query, channel_id)]
        return [self._with_reactions(message) for message in messages if not message["flags"] & EPHEMERAL]

    def message(self, message_id: str) -> Json:
        """One message; KeyError when there is none."""
        rows = self._all("select body from messages where id = ?", int(message_id))
        if not rows:
            raise KeyError(message_id)
        return self._with_reactions(json.loads(rows[0][0]))

    def message_in(self, channel_id: str, message_id: str) -> Json:
        """One message of a channel that everybody sees; DiscordError when there is none."""
        try:
            message = self.message(message_id)
        except KeyError:
            raise api_error(10008) from None
        if message["channel_id"] != channel_id or message["flags"] & EPHEMERAL:
            raise api_error(10008)
        return message

    def sent_with(self, nonce: str, since: float) -> Json | None:
        """The message that was sent with this nonce after that time."""
        query = "select body from messages where nonce = ? and id > ?"
        rows = self._all(query, nonce, int(snowflake(since)))
        return self._with_reactions(json.loads(rows[0][0])) if rows else None

    def add_message(self, message: Json, nonce: str | None = None) -> None:
        """Store a new message, with the nonce that makes it unique, if any."""
        query = "insert into messages (id, channel_id, nonce, body) values (?, ?, ?, ?)"
        self._all(query, int(message["id"]), message["channel_id"], nonce, json.dumps(message))
        self._notify(message["channel_id"], message["id"])

    def edit_message(self, channel_id: str, message_id: str, fields: Json, at: float) -> Json:
        """Change what `fields` names, and return the message as it is then."""
        message = edited(self.message_in(channel_id, message_id), fields, at)
        self.replace_message(message)
        return message

    def replace_message(self, message: Json) -> None:
        """Store a message as it is now."""
        self._all("update messages set body = ? where id = ?", json.dumps(message), int(message["id"]))
        self._notify(message["channel_id"], message["id"])

    def delete_message(self, channel_id: str, message_id: str) -> None:
        """Delete a message with its reactions and files."""
        self.message_in(channel_id, message_id)
        self._all("delete from messages where id = ?", int(message_id))
        self._notify(channel_id, message_id)

    def add_reaction(self, channel_id: str, message_id: str, emoji: str, user_id: str, *, bot: bool) -> None:
        """Store a reaction; a second one of the same user changes nothing."""
        self.message_in(channel_id, message_id)
        query = "insert or ignore into reactions values (?, ?, ?, ?)"
        self._all(query, int(message_id), emoji, int(user_id), bot)
        self._notify(channel_id, message_id)

    def delete_reaction(self, channel_id: str, message_id: str, emoji: str, user_id: str) -> None:
        """Delete a reaction."""
        self.message_in(channel_id, message_id)
        query = "delete from reactions where message_id = ? and emoji = ? and user_id = ?"
        self._all(query, int(message_id), emoji, int(user_id))
        self._notify(channel_id, message_id)

    def reactors(self, message_id: str, emoji: str, after: int, limit: int) -> list[tuple[str, bool]]:
        """The ids of those who reacted, in order, each with whether it is a bot."""
        query = (
            "select user_id, bot from reactions where message_id = ? and emoji = ? and user_id > ? "
            "order by user_id limit ?"
        )
        return [(str(user_id), bool(bot)) for user_id, bot in self._all(query, int(message_id), emoji, after, limit)]

    def add_attachment(self, attachment_id: str, message_id: str, content: bytes) -> None:
        """Store a file of a message."""
        self._all("insert into attachments values (?, ?, ?)", int(attachment_id), int(message_id), content)

    def attachment(self, attachment_id: str) -> bytes:
        """The content of a file; KeyError when there is none."""
        rows = self._all("select content from attachments where id = ?", int(attachment_id))
        if not rows:
            raise KeyError(attachment_id)
        return bytes(rows[0][0])

    def archive_thread(self, thread_id: str, *, locked: bool) -> None:
        """Archive a thread; a locked one can be opened by those who manage threads only."""
        self._all("insert or replace into archived_threads values (?, ?)", thread_id, locked)

    def open_thread(self, thread_id: str) -> None:
        """Undo that."""
        self._all("delete from archived_threads where id = ?", thread_id)

    def archived(self, thread_id: str) -> str | None:
        """Is a thread "archived", is it "locked" as well, or neither (None)?"""
        rows = self._all("select locked from archived_threads where id = ?", thread_id)
        return ("locked" if rows[0][0] else "archived") if rows else None

    def add_interaction(self, interaction: Json, at: float) -> None:
        """Store an interaction that is delivered; a redelivery changes nothing."""
        query = "insert or ignore into interactions (token, issued_at, body) values (?, ?, ?)"
        self._all(query, str(interaction["token"]), at, json.dumps(interaction))

    def delivered(self, token: str) -> Delivered | None:
        """The interaction with this token, if it was delivered."""
        rows = self._all("select issued_at, body, reply_id from interactions where token = ?", token)
        return Delivered(rows[0][0], json.loads(rows[0][1]), str(rows[0][2]) if rows[0][2] else None) if rows else None

    def set_reply(self, token: str, message_id: str) -> None:
        """Store which message replies to an interaction."""
        self._all("update interactions set reply_id = ? where token = ?", int(message_id), token)

    def commands(self, guild_id: str | None) -> list[Json]:
        """The registered commands: the global ones, or those of one server."""
        query = "select body from commands where scope = ? order by place"
        return [json.loads(body) for (body,) in self._all(query, guild_id or "global")]

    def replace_commands(self, guild_id: str | None, commands: Iterable[Json]) -> None:
        """Replace all registered commands."""
        with self.lock, self._db:
            self._all("begin")
            self._all("delete from commands where scope = ?", guild_id or "global")
            for place, command in enumerate(commands):
                self._all("insert into commands values (?, ?, ?)", guild_id or "global", place, json.dumps(command))

    def _all(self, query: str, *arguments: object) -> list[Any]:
        with self.lock:
            return self._db.execute(query, arguments).fetchall()

    def _notify(self, channel_id: str, message_id: str) -> None:
        for listener in self.listeners:
            listener(channel_id, message_id)

    def _with_reactions(self, message: Json) -> Json:
        query = (
            "select emoji, count(*), max(user_id = ?) from reactions where message_id = ? "
            "group by emoji order by min(rowid)"
        )
        rows = self._all(query, int(self._application_id), int(message["id"]))
        reactions = [reaction(emoji, count, me=bool(me)) for emoji, count, me in rows]
        return {**message, "reactions": reactions} if reactions else message
