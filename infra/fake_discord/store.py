"""What the fake Discord stores: messages with their files, interactions and commands, and what `tables` has."""

import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

from infra.fake_discord.contract import Json
from infra.fake_discord.errors import api_error
from infra.fake_discord.resources.attachments import with_files
from infra.fake_discord.resources.messages import edited
from infra.fake_discord.resources.snowflakes import snowflake
from infra.fake_discord.tables.channels import Channels
from infra.fake_discord.tables.database import Database
from infra.fake_discord.tables.emojis import Emojis
from infra.fake_discord.tables.memberships import Memberships
from infra.fake_discord.tables.reactions import Reactions
from infra.fake_discord.tables.roles import Roles

# Not those that one member alone sees; there is an index for it.
OF_EVERYBODY = "select body from messages where channel_id = ? and json_extract(body, '$.flags') & 64 = 0"

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
        self.listeners: list[Listener] = []
        self._db = Database(path)
        self.lock = self._db.lock
        self.channels = Channels(self._db)
        self.emojis = Emojis(self._db)
        self.roles = Roles(self._db)
        self.members = Memberships(self._db)
        self.reactions = Reactions(self._db, self.emojis, application_id)

    def close(self) -> None:
        """Close the state file."""
        self._db.connection.close()

    def messages(self, channel_id: str) -> list[Json]:
        """All messages of a channel that everybody sees, the oldest first."""
        return self._page("order by id", channel_id)

    def messages_before(self, channel_id: str, before: int, limit: int) -> list[Json]:
        """The newest messages of a channel before an id, the newest first."""
        return self._page("and id < ? order by id desc limit ?", channel_id, before, limit)

    def messages_after(self, channel_id: str, after: int, limit: int) -> list[Json]:
        """The oldest messages of a channel after an id, the newest first."""
        return self._page("and id > ? order by id limit ?", channel_id, after, limit)[::-1]

    def message(self, message_id: str) -> Json:
        """One message; KeyError when there is none."""
        rows = self._db.rows("select body from messages where id = ?", int(message_id))
        if not rows:
            raise KeyError(message_id)
        return self._present(rows)[0]

    def message_in(self, channel_id: str, message_id: str) -> Json:
        """One message of a channel that everybody sees; DiscordError when there is none."""
        self.check_message(channel_id, message_id)
        return self.message(message_id)

    def check_message(self, channel_id: str, message_id: str) -> None:
        """Raise DiscordError where a channel has no such message that everybody sees."""
        if not self.has_message(channel_id, message_id):
            raise api_error(10008)

    def has_message(self, channel_id: str, message_id: str) -> bool:
        """Has a channel such a message that everybody sees?"""
        return bool(self._db.rows(f"{OF_EVERYBODY} and id = ?", channel_id, int(message_id)))

    def sent_with(self, nonce: str, since: float) -> Json | None:
        """The message that was sent with this nonce after that time."""
        query = "select body from messages where nonce = ? and id > ?"
        rows = self._db.rows(query, nonce, int(snowflake(since)))
        return self._present(rows)[0] if rows else None

    def add_message(self, message: Json, nonce: str | None = None) -> None:
        """Store a new message, with the nonce that makes it unique, if any."""
        query = "insert into messages (id, channel_id, nonce, body) values (?, ?, ?, ?)"
        self._db.rows(query, int(message["id"]), message["channel_id"], nonce, json.dumps(message))
        self._notify(message["channel_id"], message["id"])

    def edit_message(self, channel_id: str, message_id: str, fields: Json, at: float) -> Json:
        """Change what `fields` names, and return the message as it is then."""
        self.check_message(channel_id, message_id)
        self.replace_message(edited(self._stored(message_id), fields, at))
        return self.message(message_id)

    def files(self, message_id: str) -> list[Json]:
        """The files that a message was posted with, whether or not an embed shows them."""
        files: list[Json] = self._stored(message_id).get("files", [])
        return files

    def _stored(self, message_id: str) -> Json:
        """A message as it is stored: with all its files, and without what belongs to others."""
        ((body,),) = self._db.rows("select body from messages where id = ?", int(message_id))
        stored: Json = json.loads(body)
        return stored

    def replace_message(self, message: Json) -> None:
        """Store a message as it is now."""
        self._db.rows("update messages set body = ? where id = ?", json.dumps(message), int(message["id"]))
        self._notify(message["channel_id"], message["id"])

    def delete_message(self, channel_id: str, message_id: str) -> None:
        """Delete a message with its reactions and files."""
        self.message_in(channel_id, message_id)
        self._db.rows("delete from messages where id = ?", int(message_id))
        self._notify(channel_id, message_id)

    def add_reaction(
        self, channel_id: str, message_id: str, emoji: str, user_id: str, *, bot: bool, burst: bool = False
    ) -> None:
        """Store a reaction; a second one of the same user changes nothing."""
        self.check_message(channel_id, message_id)
        self.reactions.add(message_id, emoji, user_id, bot=bot, burst=burst)
        self._notify(channel_id, message_id)

    def delete_reaction(self, channel_id: str, message_id: str, emoji: str, user_id: str) -> None:
        """Delete a reaction, if there is one."""
        self.check_message(channel_id, message_id)
        self.reactions.remove(message_id, emoji, user_id)
        self._notify(channel_id, message_id)

    def add_attachment(self, attachment_id: str, message_id: str | None, content: bytes) -> None:
        """Store a file of a message, or one that a member attaches to an option."""
        if message_id is None:
            self._db.rows("insert into uploads values (?, ?)", int(attachment_id), content)
        else:
            self._db.rows("insert into attachments values (?, ?, ?)", int(attachment_id), int(message_id), content)

    def attachment(self, attachment_id: str) -> bytes:
        """The content of a file; KeyError when there is none."""
        query = "select content from attachments where id = ?1 union all select content from uploads where id = ?1"
        rows = self._db.rows(query, int(attachment_id))
        if not rows:
            raise KeyError(attachment_id)
        return bytes(rows[0][0])

    def add_interaction(self, interaction: Json, at: float) -> None:
        """Store an interaction that is delivered; a redelivery changes nothing."""
        query = "insert or ignore into interactions (token, issued_at, body) values (?, ?, ?)"
        self._db.rows(query, str(interaction["token"]), at, json.dumps(interaction))

    def delivered(self, token: str) -> Delivered | None:
        """The interaction with this token, if it was delivered."""
        rows = self._db.rows("select issued_at, body, reply_id from interactions where token = ?", token)
        return Delivered(rows[0][0], json.loads(rows[0][1]), str(rows[0][2]) if rows[0][2] else None) if rows else None

    def set_reply(self, token: str, message_id: str) -> None:
        """Store which message replies to an interaction."""
        self._db.rows("update interactions set reply_id = ? where token = ?", int(message_id), token)

    def commands(self, guild_id: str | None) -> list[Json]:
        """The registered commands: the global ones, or those of one server."""
        query = "select body from commands where scope = ? order by place"
        return [json.loads(body) for (body,) in self._db.rows(query, guild_id or "global")]

    def replace_commands(self, guild_id: str | None, commands: Iterable[Json]) -> None:
        """Replace all registered commands."""
        with self.lock, self._db.connection:
            self._db.rows("begin")
            self._db.rows("delete from commands where scope = ?", guild_id or "global")
            for place, command in enumerate(commands):
                self._db.rows("insert into commands values (?, ?, ?)", guild_id or "global", place, json.dumps(command))

    def _notify(self, channel_id: str, message_id: str) -> None:
        for listener in self.listeners:
            listener(channel_id, message_id)

    def _page(self, which: str, *arguments: object) -> list[Json]:
        return self._present(self._db.rows(f"{OF_EVERYBODY} {which}", *arguments))

    def _present(self, rows: list[tuple[str]]) -> list[Json]:
        """Messages as they are now, each with its reactions and the message that it answers."""
        messages = [_with_files(json.loads(body)) for (body,) in rows]
        reactions = self.reactions.of([int(message["id"]) for message in messages])
        originals = self._originals(messages)
        for message in messages:
            message.pop("reactions", None)  # as they were when it was edited
            if found := reactions.get(int(message["id"])):
                message["reactions"] = found
            if "referenced_message" in message:
                message["referenced_message"] = originals.get(message["message_reference"]["message_id"])
        return messages

    def _originals(self, messages: list[Json]) -> dict[str, Json]:
        """The messages that others answer, by their ids, without reactions and without what they answer themselves."""
        wanted = [message["message_reference"]["message_id"] for message in messages if "referenced_message" in message]
        if not wanted:
            return {}
        query = "select body from messages where id in (select value from json_each(?))"
        rows = self._db.rows(query, json.dumps([int(each) for each in wanted]))
        found = [_with_files(json.loads(body)) for (body,) in rows]
        left_out = ("reactions", "referenced_message")
        return {message["id"]: {key: message[key] for key in message if key not in left_out} for message in found}


def _with_files(stored: Json) -> Json:
    """A message as it is shown, from one that is stored with all its files."""
    files = stored.pop("files", None)
    return stored if files is None else with_files(stored, files)
