"""The REST routes of Discord that the bundle calls: what each of them does.

Of the replies to interactions those are known here that make a message: at once (4) or later (5).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from infra.fake_discord import request as asked
from infra.fake_discord.contract import Json, Problem
from infra.fake_discord.refusals import DiscordError, invalid_form, refusal
from infra.fake_discord.resources import (
    EPHEMERAL,
    GRANTED,
    LOADING,
    application,
    bot_member,
    changed,
    emoji_name,
    new_attachment,
    new_command,
    new_message,
    new_reply,
    replying,
    role,
    snowflake,
    user,
)
from infra.fake_discord.store import Issued, Store

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
REACTIONS = MESSAGE + "/reactions/{emoji_name}"
OWN_REACTION = REACTIONS + "/@me"
COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"

ME = "/users/@me"
MY_APPLICATION = "/applications/@me"
ROLES = "/guilds/{guild_id}/roles"
MEMBER = "/guilds/{guild_id}/members/{user_id}"

NONCE_SECONDS = 300
# Of an interaction's token: until when the first reply is taken, and until when changes of it are.
REPLY_SECONDS, TOKEN_SECONDS = 3, 900
FILE_BYTES, REQUEST_BYTES = 10 * 2**20, 25 * 2**20
MESSAGE_NOW, MESSAGE_LATER = 4, 5  # kinds of replies

Answer = tuple[int, Any]
Call = Callable[[Request, Any], Answer]


@dataclass
class Endpoint:
    """Where Discord sends interactions: the key that it signs them with, and the URL, where one was saved."""

    public_key: str
    url: str | None = None


class Routes:
    """Answers the calls of one application's bot, out of what the store holds."""

    def __init__(self, store: Store, application_id: str, endpoint: Endpoint, clock: Callable[[], float]) -> None:
        self._store = store
        self._application_id = application_id
        self._endpoint = endpoint
        self._clock = clock

    def calls(self) -> Iterator[tuple[str, str, Call]]:
        """Each route's method, path template and call, which takes the request and its parsed body."""
        yield "POST", MESSAGES, self._create_message
        yield "GET", MESSAGES, self._list_messages
        yield "GET", MESSAGE, self._get_message
        yield "PATCH", MESSAGE, self._update_message
        yield "DELETE", MESSAGE, self._delete_message
        yield "PUT", OWN_REACTION, self._add_own_reaction
        yield "GET", REACTIONS, self._list_reactions
        yield "POST", CALLBACK, self._reply
        yield "GET", ORIGINAL, self._get_reply
        yield "PATCH", ORIGINAL, self._update_reply
        yield "GET", ME, self._get_me
        yield "GET", MY_APPLICATION, self._get_application
        yield "GET", ROLES, self._list_roles
        yield "GET", MEMBER, self._get_member
        for template in (COMMANDS, GUILD_COMMANDS):
            yield "GET", template, self._list_commands
            yield "PUT", template, self._set_commands

    def _create_message(self, request: Request, body: Json) -> Answer:
        now = self._clock()
        nonce = str(body["nonce"]) if body.get("enforce_nonce") and body.get("nonce") is not None else None
        if nonce is not None and (sent := self._store.sent_with(nonce, since=now - NONCE_SECONDS)):
            return 200, sent
        message = new_message(request.path_params["channel_id"], self._bot(), body, now)
        if reference := body.get("message_reference"):
            message = self._replying(message, reference)
        self._store.add_message(message, nonce)
        return 200, message

    def _replying(self, message: Json, reference: Json) -> Json:
        """The message as the reply that it is to be; as it is, where what it answers is missing and may be."""
        try:
            original = self._store.message_in(message["channel_id"], str(reference["message_id"]))
        except DiscordError:
            if reference.get("fail_if_not_exists") is False:
                return message
            unknown = Problem(("message_reference",), "Unknown message", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
            raise invalid_form([unknown]) from None
        return replying(message, original)

    def _list_messages(self, request: Request, _: None) -> Answer:
        limit, before, after = asked.limit(request, 50), asked.cursor(request, "before"), asked.cursor(request, "after")
        messages = [
            message
            for message in reversed(self._store.messages(request.path_params["channel_id"]))
            if (before is None or int(message["id"]) < before) and (after is None or int(message["id"]) > after)
        ]
        return 200, messages[-limit:] if after is not None and before is None else messages[:limit]

    def _get_message(self, request: Request, _: None) -> Answer:
        return 200, self._message(request)

    def _update_message(self, request: Request, body: Json) -> Answer:
        message = self._message(request)
        if message["author"]["id"] != self._application_id:
            raise refusal(50005)
        if not any(changed(message, body, 0)[part] for part in ("content", "embeds", "components", "attachments")):
            raise refusal(50006)
        return 200, self._store.edit_message(message["channel_id"], message["id"], body, self._clock())

    def _delete_message(self, request: Request, _: None) -> Answer:
        message = self._message(request)
        self._store.delete_message(message["channel_id"], message["id"])
        return 204, None

    def _add_own_reaction(self, request: Request, _: None) -> Answer:
        message, emoji = self._message(request), asked.emoji(request)
        names = {emoji_name(reaction["emoji"]) for reaction in message.get("reactions", ())}
        if emoji not in names and len(names) >= 20:
            raise refusal(30010)
        self._store.add_reaction(message["channel_id"], message["id"], emoji, self._application_id, bot=True)
        return 204, None

    def _list_reactions(self, request: Request, _: None) -> Answer:
        message, emoji = self._message(request), asked.emoji(request)
        after, limit = asked.cursor(request, "after") or 0, asked.limit(request, 25)
        users = self._store.reacted(message["id"], emoji, after, limit)
        return 200, [self._user(user_id, bot=bot) for user_id, bot in users]

    def _reply(self, request: Request, body: Json) -> Answer:
        token, now = request.path_params["interaction_token"], self._clock()
        issued = self._store.issued(token)
        if issued is None or issued.interaction["id"] != request.path_params["interaction_id"]:
            raise refusal(10062)
        if issued.reply_id:
            raise refusal(40060)
        if now > issued.at + REPLY_SECONDS:
            raise refusal(10062)
        if body["type"] not in (MESSAGE_NOW, MESSAGE_LATER):
            raise invalid_form([Problem(("type",), "no reply that the local Discord knows")])
        data = body.get("data") or {}
        if body["type"] == MESSAGE_LATER:
            data = {"flags": (data.get("flags") or 0) & EPHEMERAL | LOADING}
        message = new_reply({"application_id": self._application_id, **issued.interaction}, data, now)
        self._store.add_message(message)
        self._store.set_reply(token, message["id"])
        return 204, None

    def _get_reply(self, request: Request, _: None) -> Answer:
        return 200, self._store.message(self._replied(request)[1])

    def _update_reply(self, request: Request, body: Json) -> Answer:
        issued, reply_id = self._replied(request)
        message, files = self._store.message(reply_id), request.state.files
        limit = issued.interaction.get("attachment_size_limit", FILE_BYTES)
        if any(len(file.content) > limit for file in files.values()) or request.state.size > REQUEST_BYTES:
            raise refusal(40005)
        fresh = {**changed(message, body, self._clock()), "flags": message["flags"] & ~LOADING}
        named = body.get("attachments")
        kept = [old for old in message["attachments"] if named is None or old["id"] in [new["id"] for new in named]]
        fresh["attachments"] = [*kept, *(self._attach(request, message, file) for file in files.values())]
        if not any(fresh[part] for part in ("content", "embeds", "components", "attachments")):
            raise refusal(50006)
        self._store.replace_message(fresh)
        return 200, fresh

    def _replied(self, request: Request) -> tuple[Issued, str]:
        """The interaction whose token is in the path, and the id of the reply to it."""
        if request.path_params["webhook_id"] != self._application_id:
            raise refusal(10015)
        issued = self._store.issued(request.path_params["webhook_token"])
        if issued is None or self._clock() >= issued.at + TOKEN_SECONDS:
            raise refusal(50027)
        if issued.reply_id is None:
            raise refusal(10015)
        return issued, issued.reply_id

    def _attach(self, request: Request, message: Json, file: asked.File) -> Json:
        folder = f"{request.base_url}attachments/{message['channel_id']}"
        attachment = new_attachment(*file, folder=folder, at=self._clock())
        self._store.add_attachment(attachment["id"], message["id"], file.content)
        return {**attachment, **({"ephemeral": True} if message["flags"] & EPHEMERAL else {})}

    def _list_commands(self, request: Request, _: None) -> Answer:
        return 200, self._store.commands(request.path_params.get("guild_id"))

    def _set_commands(self, request: Request, body: list[Json] | None) -> Answer:
        guild_id = request.path_params.get("guild_id")
        known = {(command["type"], command["name"]): command for command in self._store.commands(guild_id)}
        fresh = [self._registered(command, known, guild_id) for command in body or []]
        self._store.replace_commands(guild_id, fresh)
        return 200, fresh

    def _registered(self, command: Json, known: Mapping[tuple[int, str], Json], guild_id: str | None) -> Json:
        """A command as Discord gives it back; it keeps its id while its name and type stay."""
        fields = {**new_command(command), "application_id": self._application_id}
        if guild_id:
            fields["guild_id"] = guild_id
        old = known.get((fields["type"], fields["name"]), {})
        fields["id"] = old.get("id") or snowflake(self._clock())
        same = {**fields, "version": old.get("version")} == old
        return old if same else {**fields, "version": snowflake(self._clock())}

    def _get_me(self, _: Request, __: None) -> Answer:
        return 200, {**self._bot(), "mfa_enabled": True, "locale": "en-US"}

    def _get_application(self, _: Request, __: None) -> Answer:
        return 200, application(self._application_id, self._endpoint.public_key, self._endpoint.url)

    def _list_roles(self, request: Request, _: None) -> Answer:
        guild_id = request.path_params["guild_id"]
        return 200, [role(guild_id), {**role(_bot_role(guild_id)), "permissions": str(GRANTED)}]

    def _get_member(self, request: Request, _: None) -> Answer:
        if request.path_params["user_id"] != self._application_id:
            raise refusal(10007)
        return 200, bot_member(self._application_id, _bot_role(request.path_params["guild_id"]), self._clock())

    def _message(self, request: Request) -> Json:
        return self._store.message_in(request.path_params["channel_id"], request.path_params["message_id"])

    def _user(self, user_id: str, *, bot: bool) -> Json:
        return self._bot() if user_id == self._application_id else user(user_id, bot=bot)

    def _bot(self) -> Json:
        return user(self._application_id, "Resonance", bot=True)


def _bot_role(guild_id: str) -> str:
    """The role that Discord makes in a server for the bot; @everyone has the server's own id."""
    return str(int(guild_id) + 1)
