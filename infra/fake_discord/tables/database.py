"""The SQLite file in which the fake Discord keeps everything."""

import sqlite3
import threading
from typing import Any

SCHEMA = """
create table if not exists messages (
    id integer primary key, channel_id text not null, nonce text, body text not null);
-- What a page of a channel's messages holds: not those that one member alone sees (the flag EPHEMERAL).
create index if not exists messages_of_everybody on messages (channel_id, id)
    where json_extract(body, '$.flags') & 64 = 0;
create index if not exists messages_by_nonce on messages (nonce) where nonce is not null;
create table if not exists reactions (
    message_id integer not null references messages on delete cascade,
    emoji text not null, user_id integer not null, bot integer not null, burst integer not null default 0,
    primary key (message_id, emoji, user_id));
create table if not exists attachments (
    id integer primary key, message_id integer not null references messages on delete cascade, content blob not null);
create table if not exists uploads (id integer primary key, content blob not null); -- given to options of commands
create table if not exists interactions (
    token text primary key, issued_at real not null, body text not null,
    reply_id integer references messages on delete set null);
create table if not exists archived_threads (id text primary key, locked integer not null);
create table if not exists channels (id text primary key, body text not null);
create index if not exists channels_by_server on channels (json_extract(body, '$.guild_id'));
create table if not exists roles (
    id text not null, guild_id text not null, name text not null, primary key (guild_id, id));
create table if not exists denied_permissions (
    channel_id text not null, permission text not null, primary key (channel_id, permission));
create table if not exists members (
    guild_id text not null, user_id text not null, body text not null, primary key (guild_id, user_id));
create table if not exists blocking_users (id text primary key);
create table if not exists emojis (
    id text primary key, guild_id text not null, name text not null, animated integer not null,
    deleted integer not null);
create table if not exists commands (scope text not null, place integer not null, body text not null,
    primary key (scope, place));
"""


class Database:
    """One connection, for any thread; hold `lock` to make several steps one."""

    def __init__(self, path: str) -> None:
        self.lock = threading.RLock()
        # One connection under one lock: uvicorn's thread and the tests' threads share it.
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = off")
        self.connection.execute("pragma foreign_keys = on")
        self.connection.executescript(SCHEMA)
        self._upgrade()

    def rows(self, query: str, *arguments: object) -> list[Any]:
        """Execute a statement and return its rows."""
        with self.lock:
            return self.connection.execute(query, arguments).fetchall()

    def _upgrade(self) -> None:
        """Add what files of older versions lack."""
        if "burst" not in [column[1] for column in self.rows("pragma table_info (reactions)")]:
            self.rows("alter table reactions add column burst integer not null default 0")
        self.rows("drop index if exists messages_by_channel")
        # Each list of reactors is read in order, and counted, without its table.
        self.rows("create index if not exists reactors on reactions (message_id, emoji, burst, user_id, bot)")
