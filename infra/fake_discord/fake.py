"""Discord on one machine: the REST routes that the bundle calls, as strict as the real ones.

`FakeDiscord.app` serves them under /api/v10. What tests and the demo do to it (read messages, react as a
member, delete by hand, forbid a channel, make requests fail) are its methods; other programs reach the same
over HTTP:

    POST /_local/<method>    the method's arguments as a JSON object; answers its result as JSON
                             (add_channel, add_thread, add_post, archive, open, messages, message, say, react,
                             unreact, edit_message, delete_message, set_member, remove_member, block, unblock,
                             add_emoji, remove_emoji, add_role, deny, grant, issue, reply, commands, forbid,
                             allow, fail)
    GET  /_local/requests    {"requests": [...], "invalid_requests": n}

An example: POST /_local/react {"channel_id": "1", "message_id": "2", "emoji": "🎉", "user_id": "3"}.

Where the bundle answers an interaction with an empty 202, its reply came over REST: POST /_local/reply
{"token": "..."} gives the message, and each of its attachments has a url. A token is accepted only if its
interaction is known. Whatever passes the local gateway is known; a program that calls a handler in another way
first sends POST /_local/issue {"interaction": {...}}.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.fake_discord.contract import Json
from infra.fake_discord.control import control_routes
from infra.fake_discord.faults import Faults
from infra.fake_discord.members import EVERYONE
from infra.fake_discord.rate_limits import GLOBAL_LIMIT, LIMITS, Limits, RateLimits
from infra.fake_discord.request_log import LoggedRequest, RequestLog
from infra.fake_discord.resources.attachments import new_attachment
from infra.fake_discord.resources.members import described_member, member_of_server
from infra.fake_discord.resources.messages import new_message, with_reference
from infra.fake_discord.resources.servers import TEXT, Channel, channel
from infra.fake_discord.resources.threads import thread_of
from infra.fake_discord.resources.users import user
from infra.fake_discord.rest.api import RestApi
from infra.fake_discord.rest.bot import Bot, InteractionsEndpoint
from infra.fake_discord.store import Store


class FakeDiscord:
    """A Discord with one application; its state is kept in a file (":memory:" for nowhere).

    `latency` is in seconds. `log_size` is how many requests the log keeps, None for all.
    """

    def __init__(
        self,
        state_path: str,
        bot_token: str,
        application_id: str,
        *,
        public_key: str = "",
        limits: Limits = LIMITS,
        global_limit: int = GLOBAL_LIMIT[0],
        latency: float = 0,
        log_size: int | None = 1000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._application_id = application_id
        self._store = Store(state_path, application_id)
        self.listeners = self._store.listeners
        self.endpoint = InteractionsEndpoint(public_key)
        self.rate_limits = RateLimits(limits, global_limit)
        self.log = RequestLog(clock, log_size)
        self.faults = Faults(self._store.lock)
        self.forbid, self.allow, self.fail = self.faults.forbid, self.faults.allow, self.faults.fail
        bot = Bot(application_id, self.endpoint, self._store, self.faults, clock)
        api = RestApi(bot, bot_token, self.rate_limits, self.log, latency)
        self.app = Starlette(
            routes=[*api.routes(), *control_routes(self._controls(), self.log), self.attachment_route()],
            exception_handlers={HTTPException: _http_error},
        )

    def close(self) -> None:
        """Close the state file."""
        self._store.close()

    def _controls(self) -> list[Callable[..., Any]]:
        """What other programs may do over HTTP."""
        return [
            *(self.add_channel, self.add_thread, self.add_post, self.archive, self.open),
            *(self.messages, self.message, self.say, self.edit_message, self.delete_message),
            *(self.react, self.unreact, self.add_emoji, self.remove_emoji, self.add_role),
            *(self.set_member, self.remove_member, self.block, self.unblock, self.deny, self.grant),
            *(self.issue, self.reply, self.commands, self.forbid, self.allow, self.fail),
        ]

    @property
    def requests(self) -> deque[LoggedRequest]:
        """The requests to the REST API, the oldest first."""
        return self.log.requests

    @property
    def invalid_requests(self) -> int:
        """Answers of the last ten minutes that count towards Discord's ban (401, 403, own 429)."""
        return self.log.invalid_requests

    def now(self) -> float:
        """Discord's time in seconds since 1970."""
        return self._clock()

    def add_channel(
        self,
        channel_id: str,
        guild_id: str,
        parent_id: str | None = None,
        type: int = TEXT,  # noqa: A002 (as Discord names it)
        name: str = "general",
    ) -> None:
        """Make a channel known, with its category; messages can be posted in any channel without that.

        `type` is 0 of a text channel, 5 of a news channel, 15 of a forum.
        """
        self._store.channels.add(channel(Channel(channel_id, type, parent_id), guild_id, EVERYONE, name))

    def add_thread(self, thread_id: str, parent_id: str, name: str = "thread", owner_id: str | None = None) -> Json:
        """Open a thread in a channel that was made known; DiscordError when that is unknown."""
        parent = self._store.channels.get(parent_id)
        opened = thread_of(parent, thread_id, name, owner_id or self._application_id, self._clock())
        self._store.channels.add(opened)
        return opened

    def add_post(
        self,
        channel_id: str,
        name: str,
        content: str,
        user_id: str,
        user_name: str | None = None,
        bot: bool = False,
    ) -> Json:
        """Open a post in a forum: a thread whose first message has its id. Returns that message."""
        message = self._written("", content, user_id, user_name, bot=bot)
        message["channel_id"] = self.add_thread(message["id"], channel_id, name, user_id)["id"]
        self._store.add_message(message)
        return message

    def posts(self, forum_id: str) -> list[Json]:
        """The first messages of a forum's posts, the oldest first."""
        return [
            self._store.message(post_id)
            for post_id in self._store.channels.threads(forum_id)
            if self._store.has_message(post_id, post_id)
        ]

    def parent(self, thread_id: str) -> str | None:
        """The forum or channel that a thread belongs to; None where it is no thread."""
        return self._store.channels.place(thread_id).parent_id

    def messages(self, channel_id: str) -> list[Json]:
        """All messages of a channel, the oldest first."""
        return self._store.messages(channel_id)

    def message(self, message_id: str) -> Json:
        """One message; KeyError when there is none."""
        return self._store.message(message_id)

    def message_in(self, channel_id: str, message_id: str) -> Json:
        """One message of a channel that everybody sees; DiscordError when there is none."""
        return self._store.message_in(channel_id, message_id)

    def say(
        self,
        channel_id: str,
        content: str,
        user_id: str,
        name: str | None = None,
        bot: bool = False,
        type: int = 0,  # noqa: A002 (as Discord names it)
        webhook_id: str | None = None,
        reply_to: str | None = None,
    ) -> Json:
        """Post a message as a member, as another bot, or as a webhook, whose id is then the author's.

        A `type` other than 0 makes it a message of the system, such as 7 where somebody joins. `reply_to` is the id of
        a message that it answers.
        """
        message = self._written(channel_id, content, webhook_id or user_id, name, bot=bot or webhook_id is not None)
        message |= {"type": type, **({"webhook_id": webhook_id} if webhook_id else {})}
        if reply_to:
            message = with_reference(message, self.message_in(channel_id, reply_to))
        self._store.add_message(message)
        return message

    def _written(self, channel_id: str, content: str, user_id: str, name: str | None, *, bot: bool) -> Json:
        return new_message(channel_id, user(user_id, name, bot=bot), {"content": content}, self._clock())

    def keep_reply(self, message: Json) -> None:
        """Put a reply that came in the HTTP response to an interaction into its channel."""
        self._store.add_message(message)

    def react(
        self, channel_id: str, message_id: str, emoji: str, user_id: str, bot: bool = False, burst: bool = False
    ) -> None:
        """Add a reaction as a member, or as another bot; `burst` makes it a super reaction.

        Who has reacted with the emoji already, in either way, changes nothing.
        """
        self._store.add_reaction(channel_id, message_id, emoji, user_id, bot=bot, burst=burst)

    def unreact(self, channel_id: str, message_id: str, emoji: str, user_id: str) -> None:
        """Remove a member's reaction."""
        self._store.delete_reaction(channel_id, message_id, emoji, user_id)

    def reactors(self, message_id: str, emoji: str, limit: int = 100) -> list[str]:
        """The ids of those who reacted to a message with an emoji, in order, bots included."""
        return [reactor.id for reactor in self._store.reactions.users(message_id, emoji, 0, limit)]

    def add_emoji(self, guild_id: str, emoji_id: str, name: str, animated: bool = False) -> None:
        """Make an emoji of a server known, or rename it; until the first is, the bot knows every one there."""
        self._store.emojis.add(guild_id, emoji_id, name, animated=animated)

    def add_role(self, guild_id: str, role_id: str, name: str) -> None:
        """Make a role of a server known, or rename it."""
        self._store.roles.add(guild_id, role_id, name)

    def remove_emoji(self, emoji_id: str) -> None:
        """Delete an emoji of a server."""
        self._store.emojis.remove(emoji_id)

    def set_member(
        self,
        guild_id: str,
        user_id: str,
        roles: list[str] | None = None,
        name: str | None = None,
        bot: bool = False,
    ) -> None:
        """Make a member of a server known, with their roles; whoever uses a command or a button is known as well."""
        self._store.members.set(guild_id, member_of_server(user(user_id, name, bot=bot), roles or []))

    def remove_member(self, guild_id: str, user_id: str) -> None:
        """Let a member leave a server."""
        self._store.members.remove(guild_id, user_id)

    def block(self, user_id: str) -> None:
        """Let a user block the bot: it cannot react to what they write."""
        self._store.members.block(user_id)

    def unblock(self, user_id: str) -> None:
        """Undo `block`."""
        self._store.members.unblock(user_id)

    def deny(self, channel_id: str, permission: str) -> None:
        """Take a permission of the bot away in a channel and its threads: READ_MESSAGE_HISTORY or ADD_REACTIONS."""
        self._store.channels.deny(channel_id, permission)

    def grant(self, channel_id: str, permission: str) -> None:
        """Undo `deny`."""
        self._store.channels.grant(channel_id, permission)

    def edit_message(self, channel_id: str, message_id: str, fields: Json) -> Json:
        """Edit a message; `fields` are the data of a reply of type UPDATE_MESSAGE."""
        return self._store.edit_message(channel_id, message_id, fields, self._clock())

    def delete_message(self, channel_id: str, message_id: str) -> None:
        """Delete a message by hand."""
        self._store.delete_message(channel_id, message_id)

    def archive(self, thread_id: str, locked: bool = False) -> None:
        """Archive a thread; a locked one can be opened by those who manage threads only."""
        self._store.channels.archive(thread_id, locked=locked)

    def open(self, thread_id: str) -> None:
        """Open a thread that was archived."""
        self._store.channels.open(thread_id)

    def issue(self, interaction: Json) -> None:
        """Accept the token of an interaction that is about to be delivered, for 15 minutes."""
        self._store.add_interaction(interaction, self._clock())
        if interaction.get("guild_id") and isinstance(interaction.get("member", {}).get("user"), dict):
            self._store.members.set(interaction["guild_id"], described_member(interaction["member"]))

    def reply(self, token: str) -> Json:
        """The message that an interaction was answered with over REST; KeyError when there is none."""
        delivered = self._store.delivered(token)
        if delivered is None or delivered.reply_id is None:
            raise KeyError("no reply")
        return self._store.message(delivered.reply_id)

    def attachment(self, attachment_id: str) -> bytes:
        """The content of a message's file; KeyError when there is none."""
        return self._store.attachment(attachment_id)

    def upload(self, filename: str, content: bytes, content_type: str, folder: str) -> Json:
        """A file as a member attaches it to an option; `folder` is the URL that this Discord's files lie under."""
        described = new_attachment(filename, content, content_type, folder, self._clock())
        self._store.add_attachment(described["id"], None, content)
        return {**described, "ephemeral": True}

    def commands(self, guild_id: str | None = None) -> list[Json]:
        """The registered commands: the global ones, or those of one server."""
        return self._store.commands(guild_id)

    def attachment_route(self) -> Route:
        """Serve the files of messages, to be saved and never shown, whatever is in them."""

        async def endpoint(request: Request) -> Response:
            headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(request.path_params['filename'])}"}
            try:
                content = self.attachment(request.path_params["attachment_id"])
                return Response(content, headers=headers, media_type="application/octet-stream")
            except (KeyError, ValueError):
                return JSONResponse({"message": "404: Not Found"}, 404)

        return Route("/attachments/{channel_id}/{attachment_id}/{filename}", endpoint)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": f"{error.status_code}: {error.detail}", "code": 0}, error.status_code)
