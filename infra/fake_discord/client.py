"""A client that behaves like Discord: members use the bundle, and their interactions are delivered, signed.

    discord = Client(http_sender(url), signing_key, application_id, guild_id, channel_id, commands)
    reply = discord.slash("drop create", event="news_tracker", lifespan="5m", user=ADMIN)
    reply.click("Claim", user=BOB)

Interactions have the shape that Discord documents; every reply is checked against Discord's contract.
"""

import base64
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nacl.signing import SigningKey

from infra.fake_discord import openapi
from infra.fake_discord.callback_type import CallbackType
from infra.fake_discord.contract import ContractError, Json, Problem
from infra.fake_discord.delivery import Headers, Send, sign
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.interaction_data import Command, Form, NotOfferedError, click_data, menu_data, select_data
from infra.fake_discord.members import ADMIN, ALICE, EVERYONE, Member
from infra.fake_discord.resources.components import numbered, walk
from infra.fake_discord.resources.messages import EPHEMERAL, edited, new_reply
from infra.fake_discord.resources.servers import TEXT, Channel, channel
from infra.fake_discord.resources.snowflakes import snowflake

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 1, 2, 3, 4, 5

# Which types of replies Discord accepts for which interaction.
# https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
_MESSAGES = {CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE}
_UPDATES = {CallbackType.UPDATE, CallbackType.DEFERRED_UPDATE}
_OPENS = {CallbackType.MODAL, CallbackType.ACTIVITY}
_REPLIES = {
    PING: {CallbackType.PONG},
    COMMAND: _MESSAGES | _OPENS,
    COMPONENT: _MESSAGES | _UPDATES | _OPENS,
    AUTOCOMPLETE: {CallbackType.CHOICES},
    MODAL_SUBMIT: _MESSAGES | _UPDATES,
}


@dataclass(frozen=True)
class Client:
    """One channel of one server in which members use the bundle; `dataclasses.replace` makes another."""

    send: Send = field(repr=False)
    signing_key: SigningKey = field(repr=False)
    application_id: str
    guild_id: str
    channel_id: str
    commands: list[Json] = field(repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)
    app_permissions: int | None = EVERYONE  # what the bot may do in every channel; None: Discord does not say
    discord: FakeDiscord | None = field(default=None, repr=False)  # where replies over REST (202) are read
    attachment_size_limit: int = 10_485_760
    channel_name: str = "general"
    channel_type: int = TEXT
    parent_id: str | None = None  # the channel of a thread, or the category of a channel
    strict: bool = True  # raise ContractError for a reply that Discord would refuse

    def ping(self) -> "Reply":
        """Discord's own check of the endpoint."""
        return self._deliver({**self._envelope(PING), "user": ADMIN.user()}, ADMIN)

    def slash(self, path: str, /, user: Member = ALICE, **options: Any) -> "Reply":
        """Run a slash command; options may be spelled with `_` for `-`."""
        command = Command.find(self.commands, path)
        if command.rest:
            raise NotOfferedError(f"there is no /{path}")
        data = command.data(command.values(options), self.guild_id, user, self.app_permissions)
        return self.interact(COMMAND, data, user)

    def autocomplete(self, path: str, /, user: Member = ALICE, **options: Any) -> "Reply":
        """Type into an option: the last one given, or the one that ends the path."""
        command = Command.find(self.commands, path)
        values = command.typed(options)
        focused = command.option(command.rest) if command.rest else list(values)[-1]
        data = command.data(values, self.guild_id, user, self.app_permissions, focused)
        return self.interact(AUTOCOMPLETE, data, user)

    def menu(self, name: str, message: Json, /, user: Member = ALICE) -> "Reply":
        """Use an entry of a message's context menu."""
        return self.interact(COMMAND, menu_data(self.commands, name, message), user)

    def click(self, message: Json, label: str, /, user: Member = ALICE) -> "Reply":
        """Click a button of a message, named by its label or its custom_id."""
        return self.interact(COMPONENT, click_data(message, label), user, message=message)

    def select(self, message: Json, name: str, /, *values: Any, user: Member = ALICE) -> "Reply":
        """Choose in a select of a message, named by its placeholder or its custom_id."""
        data = select_data(message, name, values, self.guild_id, user, self.app_permissions)
        return self.interact(COMPONENT, data, user, message=message)

    def interact(self, kind: int, data: Json, user: Member, **fields: Any) -> "Reply":
        """Deliver any interaction, also one that no member could make; `fields` replace its own."""
        here = {
            "guild_id": self.guild_id,
            "guild": {"id": self.guild_id, "locale": "en-US", "features": []},
            "channel_id": self.channel_id,
            "channel": channel(self._place(), self.guild_id, EVERYONE, self.channel_name),
            "context": 0,
            "locale": user.locale,
            "guild_locale": "en-US",
            "member": user.member(),
        }
        return self._deliver({**self._envelope(kind), **here, "data": data, **fields}, user)

    def redeliver(self, reply: "Reply") -> "Reply":
        """Send exactly the same bytes again, as Discord may."""
        return self._send(reply.interaction, reply.user, reply.signature, reply.sent)

    def _place(self) -> Channel:
        return Channel(self.channel_id, self.channel_type, self.parent_id)

    def _envelope(self, kind: int) -> Json:
        interaction_id = snowflake(self.clock())
        return {
            "id": interaction_id,
            "application_id": self.application_id,
            "type": kind,
            "token": base64.urlsafe_b64encode(f"interaction:{interaction_id}:{uuid.uuid4()}".encode()).decode(),
            "version": 1,
            **({} if self.app_permissions is None else {"app_permissions": str(self.app_permissions)}),
            "entitlements": [],
            "authorizing_integration_owners": {"0": self.guild_id},
            "attachment_size_limit": self.attachment_size_limit,
        }

    def _deliver(self, interaction: Json, user: Member) -> "Reply":
        if self.discord:
            self.discord.issue(interaction)
        body = json.dumps(interaction, ensure_ascii=False, separators=(",", ":")).encode()
        return self._send(interaction, user, sign(body, self.signing_key, str(int(self.clock()))), body)

    def _send(self, interaction: Json, user: Member, signature: Headers, body: bytes) -> "Reply":
        headers = {
            "content-type": "application/json",
            "user-agent": "Discord-Interactions/1.0 (+https://discord.com)",
            **signature,
        }
        status, reply_headers, reply_body = self.send(headers, body)
        names = {name.lower(): value for name, value in reply_headers.items()}
        reply = Reply(self, user, interaction, signature, body, status, names, reply_body)
        if self.strict:
            reply.check()
        return reply


@dataclass(frozen=True)
class Reply:
    """The reply to one interaction, and what a member can do with it."""

    client: Client = field(repr=False)
    user: Member
    interaction: Json = field(repr=False)
    signature: Headers = field(repr=False)
    sent: bytes = field(repr=False)
    status: int
    headers: Headers
    body: bytes

    @cached_property
    def json(self) -> Json:
        """The reply's JSON."""
        return dict(json.loads(self.body))

    @property
    def kind(self) -> int | None:
        """The reply's type, as in callback_types; None where there is none."""
        return self.json.get("type") if self.status == 200 else None

    @property
    def data(self) -> Json:
        """The reply's data; of a reply over REST (202) the message that it became."""
        return self.message if self.status == 202 else self.json.get("data") or {}

    @property
    def content(self) -> str:
        """The text above the embeds."""
        return self.data.get("content") or ""

    @property
    def ephemeral(self) -> bool:
        """Does only the member see it?"""
        return bool((self.data.get("flags") or 0) & EPHEMERAL)

    @property
    def embeds(self) -> list[Json]:
        """The embeds."""
        return self.data.get("embeds") or []

    @property
    def components(self) -> list[Json]:
        """The rows of buttons, or the fields of a modal."""
        return self.data.get("components") or []

    @property
    def choices(self) -> list[Json]:
        """The choices that autocomplete offers."""
        return self.data.get("choices") or []

    @property
    def text(self) -> str:
        """Everything that a person would read, without the buttons."""
        return "\n".join(filter(None, [self.content, *_shown(self.embeds, self.components)]))

    @cached_property
    def message(self) -> Json:
        """The message as it stands after this reply."""
        if self.status == 202:
            assert self.client.discord is not None
            return self.client.discord.reply(self.interaction["token"])
        now = self.client.discord.now() if self.client.discord else self.client.clock()
        if self.kind in _UPDATES:
            return edited(self.interaction["message"], self.data, now)
        return new_reply(self.interaction, self.data, now)

    @property
    def files(self) -> dict[str, bytes]:
        """The files of the reply, by name."""
        discord, attachments = self.client.discord, self.message["attachments"]
        return {file["filename"]: discord.attachment(file["id"]) for file in attachments} if discord else {}

    def click(self, label: str, /, user: Member | None = None) -> "Reply":
        """Click a button under this reply, as the same member or as `user`."""
        return self.client.click(self.message, label, user=user or self.user)

    def select(self, name: str, /, *values: Any, user: Member | None = None) -> "Reply":
        """Choose in a select under this reply, as the same member or as `user`."""
        return self.client.select(self.message, name, *values, user=user or self.user)

    def submit(self, user: Member | None = None, **fields: Any) -> "Reply":
        """Fill in and send the modal that this reply opened; fields go by custom_id, `_` may be `-`."""
        return self.submit_fields(fields, user)

    def submit_fields(self, fields: Mapping[str, Any], user: Member | None = None) -> "Reply":
        """The same with fields of any name."""
        message = {name: self.interaction[name] for name in ("message",) if name in self.interaction}
        member = user or self.user
        return self.client.interact(MODAL_SUBMIT, self.filled_in(fields, member), member, **message)

    def filled_in(self, fields: Mapping[str, Any], user: Member) -> Json:
        """The data of the modal that this reply opened, filled in by a user who can do so; else NotOfferedError."""
        if self.kind != CallbackType.MODAL:
            raise NotOfferedError("this reply opened no modal")
        form = Form(fields)
        components = form.fill(numbered(self.components, itertools.count(1)))
        if form.unused:
            raise NotOfferedError(f"the modal has no field {', '.join(sorted(form.unused))}")
        resolved = form.resolved(self.client.guild_id, user, self.client.app_permissions)
        return {
            "custom_id": self.data["custom_id"],
            "components": components,
            **({"resolved": resolved} if resolved else {}),
        }

    def check(self) -> None:
        """Raise ContractError when Discord would not take this reply."""
        if self.status == 202:
            self._check_sent()
        if self.status != 200:
            return
        problems = list(self._problems())
        if problems:
            raise ContractError("reply", problems)
        openapi.check_reply(self.json)

    def _check_sent(self) -> None:
        if self.body:
            raise ContractError("reply", [Problem((), "a 202 has no body")])
        try:
            if self.client.discord:
                self.client.discord.reply(self.interaction["token"])
        except KeyError:
            raise ContractError("reply", [Problem((), "a 202, but no reply was sent to Discord")]) from None

    def _problems(self) -> Iterator[Problem]:
        if self.headers.get("content-type", "").partition(";")[0] != "application/json":
            yield Problem((), "Content-Type is not application/json")
        elif self.kind not in _REPLIES[self.interaction["type"]]:
            yield Problem(("type",), f"no reply to an interaction of type {self.interaction['type']}")
        elif self.kind in _UPDATES and "message" not in self.interaction:
            yield Problem(("type",), "there is no message to update")


def _shown(embeds: list[Json], components: list[Json]) -> Iterator[str]:
    for embed in embeds:
        yield (embed.get("author") or {}).get("name", "")
        yield embed.get("title") or ""
        yield embed.get("description") or ""
        for item in embed.get("fields") or []:
            yield item["name"]
            yield item["value"]
        yield (embed.get("footer") or {}).get("text", "")
    yield from (component["content"] for _, component in walk(components) if component["type"] == 10)
