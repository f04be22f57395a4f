"""Actions of members: delivered as Discord delivers them, and shown in the channel."""

import time
from dataclasses import dataclass, replace
from typing import Any

from nacl.signing import SigningKey

from infra.fake_discord.callback_type import CallbackType
from infra.fake_discord.client import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Client, Reply
from infra.fake_discord.contract import ContractError, Json
from infra.fake_discord.delivery import http_sender
from infra.fake_discord.errors import DiscordError
from infra.fake_discord.interaction_data import Command, click_data, menu_data, select_data
from infra.fake_discord.members import Member
from infra.fake_discord.resources.messages import EPHEMERAL
from infra.fake_discord.resources.servers import FORUM, THREAD
from infra.local.stack import Stack
from infra.playground.server import server_timing, world
from infra.playground.server.errors import RefusedError
from infra.playground.server.feed import Feed
from infra.playground.server.schemas import (
    Act,
    Click,
    Complete,
    Place,
    Select,
    Submit,
    Upload,
    UseCommand,
    UseMenu,
    Value,
)
from infra.playground.server.world import Channel, Server, World

USER_OPTION, MENTIONABLE_OPTION, ATTACHMENT_OPTION = 6, 9, 11  # types of options


@dataclass(frozen=True)
class Done:
    """An interaction that was delivered, its reply, and the message that shows it."""

    reply: Reply
    milliseconds: float
    problem: str | None
    message: Json | None

    def described(self) -> Json:
        """The same as JSON for the page, without what changed in the database."""
        is_fine = self.problem is None
        return {
            "interaction": self.reply.interaction | {"token": "…"},
            "reply": {"status": self.reply.status, "json": _json(self.reply)},
            "milliseconds": round(self.milliseconds, 1),
            **server_timing.read(self.reply.headers.get("server-timing", "")),
            "message": self.message,
            "modal": self.reply.data if is_fine and self.reply.kind == CallbackType.MODAL else None,
            "choices": self.reply.choices if is_fine and self.reply.kind == CallbackType.CHOICES else None,
            "problem": self.problem,
        }


class Actions:
    """Delivers the actions of members and applies the replies, as Discord does."""

    def __init__(self, stack: Stack, people: World, feed: Feed) -> None:
        assert stack.discord is not None
        self._stack = stack
        self._discord = stack.discord
        self._people = people
        self._feed = feed
        self._send = http_sender(stack.description.interactions_url)
        self._key = SigningKey(bytes.fromhex(stack.keys.signing_key))
        self._uploads: dict[str, Json] = {}  # what members have attached to options, by id
        self._forms: dict[tuple[str, str], Reply] = {}  # the last form that was opened, by channel and member

    def upload(self, file: Upload) -> Json:
        """Keep a file that a member attaches to an option."""
        folder = f"{self._stack.description.discord_url}/attachments/1"
        kept = self._discord.upload(file.filename, file.content, file.content_type, folder)
        self._uploads[kept["id"]] = kept
        return kept

    def perform(self, act: Act) -> Done:
        """Deliver an action and show its reply in the channel."""
        member = self._member(act)
        client = self._client_for(act)
        started = time.perf_counter()
        reply = self._deliver(act, client, member)
        milliseconds = (time.perf_counter() - started) * 1000
        problem = _problem(reply)
        if problem is None and reply.kind == CallbackType.MODAL:
            self._forms[act.channel, act.member] = reply
        return Done(reply, milliseconds, problem, self.show(reply) if problem is None else None)

    def client(self, server_id: str, channel_id: str) -> Client:
        """A client in one channel; RefusedError when there is no such channel in the server."""
        server, channel = _place(server_id, channel_id)
        return Client(
            send=self._send,
            signing_key=self._key,
            application_id=self._stack.keys.application_id,
            guild_id=server.id,
            channel_id=channel.id,
            commands=self._discord.commands(),
            app_permissions=channel.app_permissions,
            discord=self._discord,
            channel_name=channel.name,
            strict=False,
        )

    def _client_for(self, act: Act) -> Client:
        """A client where the member acts: in a forum that is one of its posts, which are threads."""
        client = self.client(act.server, act.channel)
        if world.channel(act.channel)[1].type != FORUM:
            return client
        if isinstance(act, Submit) and (opened := self._forms.get((act.channel, act.member))):
            return opened.client
        if not isinstance(act, UseMenu | Click | Select):
            raise RefusedError(400, "A forum takes no commands: send them in another channel.")
        post_id = self._feed.message(act.channel, act.member, act.message)["channel_id"]
        return replace(client, channel_id=post_id, channel_type=THREAD, parent_id=act.channel, channel_name="post")

    def _member(self, act: Place) -> Member:
        member = self._people.person(act.member).member
        if member.bot:
            raise RefusedError(400, "Discord lets no bot use commands and buttons: be somebody else.")
        return member

    def _deliver(self, act: Act, client: Client, member: Member) -> Reply:
        match act:
            case UseCommand():
                command = _command(client, act.command)
                values = command.values(self._named(command, act.options))
                data = command.data(values, client.guild_id, member, client.app_permissions)
                return client.interact(COMMAND, _named_places(data), member)
            case Complete():
                command = _command(client, act.command)
                typed = {act.focused: ""} | self._named(command, act.options)
                data = command.data(command.typed(typed), client.guild_id, member, client.app_permissions, act.focused)
                return client.interact(AUTOCOMPLETE, data, member)
            case UseMenu():
                message = self._feed.message(act.channel, act.member, act.message)
                return client.interact(COMMAND, menu_data(client.commands, act.name, message), member)
            case Click():
                message = self._feed.message(act.channel, act.member, act.message)
                return client.interact(COMPONENT, click_data(message, act.custom_id), member, message=message)
            case Select():
                return self._select(act, client, member)
            case Submit():
                return self._submit(act, client, member)

    def _select(self, act: Select, client: Client, member: Member) -> Reply:
        message = self._feed.message(act.channel, act.member, act.message)
        values = self._people_of(act.values)
        data = select_data(message, act.custom_id, values, client.guild_id, member, client.app_permissions)
        return client.interact(COMPONENT, _named_places(data), member, message=message)

    def _submit(self, act: Submit, client: Client, member: Member) -> Reply:
        opened = self._forms.get((act.channel, act.member))
        if opened is None or opened.data["custom_id"] != act.custom_id:
            raise RefusedError(409, "This form is not open any more: open it again.")
        fields = {
            name: self._people_of(value) if isinstance(value, list) else value for name, value in act.fields.items()
        }
        from_message = {name: opened.interaction[name] for name in ("message",) if name in opened.interaction}
        return client.interact(MODAL_SUBMIT, _named_places(opened.filled_in(fields, member)), member, **from_message)

    def _people_of(self, values: list[str]) -> list[Any]:
        """The values of a select with members in place of their ids, so that they are described by name."""
        people = self._people.people
        return [people[value].member if value in people else value for value in values]

    def _named(self, command: Command, options: dict[str, Value]) -> dict[str, Any]:
        """The options with members in place of their ids, so that they are described by name."""
        people = self._people.people
        kinds = {name: option["type"] for name, option in command.options.items()}
        names = {name for name in options if kinds.get(name) in (USER_OPTION, MENTIONABLE_OPTION)}
        known = {name: people[str(options[name])].member for name in names if str(options[name]) in people}
        files = {name for name in options if kinds.get(name) == ATTACHMENT_OPTION}
        attached = {name: self._uploads[str(options[name])] for name in files if str(options[name]) in self._uploads}
        if missing := files - attached.keys():
            raise RefusedError(400, f"Choose a file for {', '.join(sorted(missing))}.")
        return options | known | attached

    def show(self, reply: Reply) -> Json | None:
        """Show the message that a reply makes or changes to everybody who may see it, and return it."""
        if reply.kind == CallbackType.MESSAGE:
            self._keep(reply)
            return self._feed.shown(reply.message)
        if reply.kind == CallbackType.UPDATE:
            return self._update(reply)
        return self._feed.shown(reply.message) if reply.status == 202 else None

    def _keep(self, reply: Reply) -> None:
        if reply.ephemeral:
            self._feed.keep(reply.user.id, reply.message)
        else:
            self._discord.keep_reply(reply.message)

    def _update(self, reply: Reply) -> Json | None:
        original = reply.interaction["message"]
        if original["flags"] & EPHEMERAL:
            self._feed.keep(reply.user.id, reply.message)
            return self._feed.shown(reply.message)
        try:
            return self._discord.edit_message(original["channel_id"], original["id"], reply.data)
        except DiscordError:  # the message was deleted meanwhile
            return None


def _place(server_id: str, channel_id: str) -> tuple[Server, Channel]:
    server, channel = world.channel(channel_id)
    if server.id != server_id:
        raise RefusedError(404, "This channel is in another server.")
    return server, channel


def _command(client: Client, path: str) -> Command:
    command = Command.find(client.commands, path)
    if command.rest:
        raise RefusedError(404, f"There is no command /{path}.")
    return command


def _named_places(data: Json) -> Json:
    """Give the resolved channels and roles the names and permissions of the world."""
    resolved = data.get("resolved", {})
    for channel_id, described in resolved.get("channels", {}).items():
        channel = world.channel(channel_id)[1]
        named = {"name": channel.name, "type": channel.type}
        described |= {**named, "app_permissions": str(channel.app_permissions)}
    for role in world.ROLES:
        if role.id in resolved.get("roles", {}):
            resolved["roles"][role.id] |= {"name": role.name, "mentionable": role.mentionable}
    return data


def _json(reply: Reply) -> Any:
    """The JSON of a reply; None for an empty 202 and for what is not JSON."""
    try:
        return reply.json
    except ValueError:
        return None


def _problem(reply: Reply) -> str | None:
    """Why Discord would refuse a reply and tell the member that the application did not respond; None if it is fine."""
    if reply.status not in (200, 202):
        return f"The answer has the status {reply.status}: to the member, the application did not respond."
    try:
        reply.check()
    except ContractError as error:
        return str(error)
    except ValueError:
        return "The answer is not JSON."
    return None
