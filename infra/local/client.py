"""The client that behaves like Discord: members use the bundle, and Discord delivers it, signed.

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

import httpx
from nacl.signing import SigningKey
from starlette.requests import Request

from infra.local import openapi
from infra.local.discord import changed, new_message, numbered, snowflake, timestamp, user
from infra.local.gateway import function_url_event
from infra.local.openapi import Json

Headers = dict[str, str]
Send = Callable[[Headers, bytes], tuple[int, Headers, bytes]]

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 1, 2, 3, 4, 5
EPHEMERAL = 1 << 6
MANAGE_GUILD = 1 << 5
# ADD_REACTIONS, VIEW_CHANNEL, SEND_MESSAGES, EMBED_LINKS, READ_MESSAGE_HISTORY, USE_APPLICATION_COMMANDS
EVERYONE = 1 << 6 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 31

# Which replies Discord takes for which interaction.
# https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object
_REPLIES = {
    PING: {1},
    COMMAND: {4, 5, 9, 12},
    COMPONENT: {4, 5, 6, 7, 9, 12},
    AUTOCOMPLETE: {8},
    MODAL_SUBMIT: {4, 5, 6, 7},
}


class NotOfferedError(Exception):
    """Discord would not let a member do this: no such command, option or button."""


@dataclass(frozen=True)
class Member:
    """Somebody in the server."""

    name: str
    id: str
    roles: tuple[str, ...] = ()
    permissions: int = EVERYONE
    joined_at: float = 1_700_000_000

    def user(self) -> Json:
        """The user, as Discord describes one."""
        return user(self.id, self.name)

    def resolved(self) -> Json:
        """The member as it stands beside the resolved users: without the user, and without voice states."""
        return {
            "avatar": None,
            "banner": None,
            "communication_disabled_until": None,
            "flags": 0,
            "joined_at": timestamp(self.joined_at),
            "nick": None,
            "pending": False,
            "permissions": str(self.permissions),
            "premium_since": None,
            "roles": list(self.roles),
        }

    def member(self) -> Json:
        """The member who does something, as every interaction carries it."""
        return {**self.resolved(), "deaf": False, "mute": False, "user": self.user()}


ALICE = Member("Alice", "310000000000000001")
BOB = Member("Bob", "310000000000000002")
CAROL = Member("Carol", "310000000000000003")
DAVE = Member("Dave", "310000000000000004")
ERIN = Member("Erin", "310000000000000005")
ADMIN = Member("Admin", "310000000000000006", permissions=EVERYONE | MANAGE_GUILD)


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

    def ping(self) -> "Reply":
        """Discord's own check of the endpoint."""
        return self._deliver({**self._envelope(PING), "user": ADMIN.user()}, ADMIN)

    def slash(self, path: str, /, user: Member = ALICE, **options: Any) -> "Reply":
        """Run a slash command; `_` in the name of an option may stand for `-`."""
        command = _Command.find(self.commands, path)
        if command.rest:
            raise NotOfferedError(f"there is no /{path}")
        return self.interact(COMMAND, command.data(command.values(options), self.guild_id), user)

    def autocomplete(self, path: str, /, user: Member = ALICE, **options: Any) -> "Reply":
        """Type into an option: the last one given, or the one that ends the path."""
        command = _Command.find(self.commands, path)
        values = command.typed(options)
        focused = command.option(command.rest) if command.rest else list(values)[-1]
        return self.interact(AUTOCOMPLETE, command.data(values, self.guild_id, focused), user)

    def menu(self, name: str, message: Json, /, user: Member = ALICE) -> "Reply":
        """Use an entry of a message's context menu."""
        command = _named(self.commands, name, 3)
        data = {
            **_invoked(command),
            "target_id": message["id"],
            "resolved": {"messages": {message["id"]: message}},
        }
        return self.interact(COMMAND, data, user)

    def click(self, message: Json, label: str, /, user: Member = ALICE) -> "Reply":
        """Click a button of a message, named by its label or its custom_id."""
        button = _button(message, label)
        data = {"component_type": button["type"], "custom_id": button["custom_id"], "id": button["id"]}
        return self.interact(COMPONENT, data, user, message=message)

    def interact(self, kind: int, data: Json, user: Member, **fields: Any) -> "Reply":
        """Deliver an interaction of any kind, also one that no member could make; `fields` go on top."""
        here = {
            "guild_id": self.guild_id,
            "guild": {"id": self.guild_id, "locale": "en-US", "features": []},
            "channel_id": self.channel_id,
            "channel": _channel(self.channel_id, self.guild_id),
            "context": 0,
            "locale": "en-GB",
            "guild_locale": "en-US",
            "member": user.member(),
        }
        return self._deliver({**self._envelope(kind), **here, "data": data, **fields}, user)

    def redeliver(self, reply: "Reply") -> "Reply":
        """Send exactly the same bytes again, as Discord may."""
        return self._send(reply.interaction, reply.user, reply.signature, reply.sent)

    def _envelope(self, kind: int) -> Json:
        interaction_id = snowflake(self.clock())
        return {
            "id": interaction_id,
            "application_id": self.application_id,
            "type": kind,
            "token": base64.urlsafe_b64encode(f"interaction:{interaction_id}:{uuid.uuid4()}".encode()).decode(),
            "version": 1,
            "app_permissions": str(EVERYONE),
            "entitlements": [],
            "authorizing_integration_owners": {"0": self.guild_id},
            "attachment_size_limit": 10_485_760,
        }

    def _deliver(self, interaction: Json, user: Member) -> "Reply":
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
        reply.check()
        return reply


@dataclass(frozen=True)
class Reply:
    """What came back for one interaction, and what a member can do with it."""

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
        """The callback type: 4 a message, 7 an update of the message, 8 choices, 9 a modal."""
        return self.json.get("type") if self.status == 200 else None

    @property
    def data(self) -> Json:
        """What the reply carries beside its type."""
        return self.json.get("data") or {}

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
        """The rows of buttons, or what a modal asks for."""
        return self.data.get("components") or []

    @property
    def choices(self) -> list[Json]:
        """What autocomplete offers."""
        return self.data.get("choices") or []

    @property
    def text(self) -> str:
        """Everything a person would read, but for the buttons."""
        return "\n".join(filter(None, [self.content, *_shown(self.embeds, self.components)]))

    @cached_property
    def message(self) -> Json:
        """The message as it stands after this reply."""
        now = self.client.clock()
        if self.kind in (6, 7):
            return changed(self.interaction["message"], self.data, now)
        author = user(self.client.application_id, "Resonance", bot=True)
        message = new_message(self.client.channel_id, author, self.data, now)
        origin = {"application_id": self.client.application_id, "webhook_id": self.client.application_id}
        # 19 is a reply to the message with the button, 20 the answer to a command.
        kind = 19 if self.interaction["type"] == COMPONENT else 20
        return {**message, **origin, "type": kind, "interaction_metadata": self._metadata()}

    def click(self, label: str, /, user: Member | None = None) -> "Reply":
        """Click a button under this reply; the same member does, unless another is named."""
        return self.client.click(self.message, label, user=user or self.user)

    def submit(self, user: Member | None = None, **fields: Any) -> "Reply":
        """Fill in and send the modal that this reply opened; fields go by custom_id, `_` may be `-`."""
        if self.kind != 9:
            raise NotOfferedError("this reply opened no modal")
        form = _Form(fields)
        components = form.fill(numbered(self.components, itertools.count(1)))
        if form.unused:
            raise NotOfferedError(f"the modal has no field {', '.join(sorted(form.unused))}")
        data = {"custom_id": self.data["custom_id"], "components": components}
        message = {name: self.interaction[name] for name in ("message",) if name in self.interaction}
        return self.client.interact(MODAL_SUBMIT, data, user or self.user, **message)

    def check(self) -> None:
        """Raise ContractError when Discord would not take this reply."""
        if self.status != 200:
            return
        problems = list(self._problems())
        if problems:
            raise openapi.ContractError("reply", problems)
        openapi.check_reply(self.json)

    def _problems(self) -> Iterator[openapi.Problem]:
        if self.headers.get("content-type", "").partition(";")[0] != "application/json":
            yield openapi.Problem((), "Content-Type is not application/json")
        elif self.kind not in _REPLIES[self.interaction["type"]]:
            yield openapi.Problem(("type",), f"no reply to an interaction of type {self.interaction['type']}")
        elif self.kind in (6, 7) and "message" not in self.interaction:
            yield openapi.Problem(("type",), "there is no message to update")

    def _metadata(self) -> Json:
        metadata = {
            "id": self.interaction["id"],
            "type": self.interaction["type"],
            "user": self.user.user(),
            "authorizing_integration_owners": self.interaction["authorizing_integration_owners"],
        }
        if self.interaction["type"] == COMPONENT:
            metadata["interacted_message_id"] = self.interaction["message"]["id"]
        return metadata


def _shown(embeds: list[Json], components: list[Json]) -> Iterator[str]:
    for embed in embeds:
        yield (embed.get("author") or {}).get("name", "")
        yield embed.get("title") or ""
        yield embed.get("description") or ""
        for item in embed.get("fields") or []:
            yield item["name"]
            yield item["value"]
        yield (embed.get("footer") or {}).get("text", "")
    yield from (component["content"] for _, component in openapi.walk(components) if component["type"] == 10)


def _button(message: Json, label: str) -> Json:
    buttons = [component for _, component in openapi.walk(message["components"]) if component["type"] == 2]
    for button in buttons:
        if label in (button.get("label"), button.get("custom_id")):
            if button.get("disabled"):
                raise NotOfferedError(f"the button {label!r} is disabled")
            return button
    labels = ", ".join(repr(button.get("label")) for button in buttons)
    raise NotOfferedError(f"there is no button {label!r}, only: {labels or 'none'}")


# Commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Command:
    """A slash command that was found by its path, and the subcommands on the way."""

    command: Json
    path: tuple[Json, ...]
    rest: str

    @staticmethod
    def find(commands: list[Json], path: str) -> "_Command":
        name, *words = path.split()
        command = place = _named(commands, name, 1)
        inner: list[Json] = []
        while words and (found := [part for part in _options(place) if part["name"] == words[0] and part["type"] < 3]):
            place = found[0]
            inner.append(place)
            words.pop(0)
        if any(part["type"] < 3 for part in _options(place)):
            raise NotOfferedError(f"/{path} needs a subcommand")
        return _Command(command, tuple(inner), " ".join(words))

    @property
    def options(self) -> dict[str, Json]:
        return {option["name"]: option for option in _options(self.path[-1] if self.path else self.command)}

    def option(self, name: str) -> str:
        for known in (name, name.replace("_", "-")):
            if known in self.options:
                return known
        raise NotOfferedError(f"/{self.command['name']} has no option {name!r}, only: {', '.join(self.options)}")

    def typed(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {self.option(name): value for name, value in options.items() if value is not None}

    def values(self, options: Mapping[str, Any]) -> dict[str, Any]:
        values = self.typed(options)
        missing = [name for name, option in self.options.items() if option.get("required") and name not in values]
        if missing:
            raise NotOfferedError(f"/{self.command['name']} needs {', '.join(missing)}")
        return {name: _chosen(self.options[name], value) for name, value in values.items()}

    def data(self, values: Mapping[str, Any], guild_id: str, focused: str | None = None) -> Json:
        options = [self._sent(name, value, focused) for name, value in values.items()]
        for part in reversed(self.path):
            options = [{"name": part["name"], "type": part["type"], "options": options}]
        resolved = _resolved([(self.options[name]["type"], value) for name, value in values.items()], guild_id)
        data = _invoked(self.command)
        return {
            **data,
            **({"options": options} if options else {}),
            **({"resolved": resolved} if resolved else {}),
        }

    def _sent(self, name: str, value: Any, focused: str | None) -> Json:
        sent = {"name": name, "type": self.options[name]["type"], "value": _id(value)}
        return {**sent, "focused": True} if name == focused else sent


def _options(part: Json) -> list[Json]:
    return part.get("options") or []


def _named(commands: list[Json], name: str, kind: int) -> Json:
    for command in commands:
        if command["name"] == name and (command.get("type") or 1) == kind:
            return command
    raise NotOfferedError(f"there is no command {name!r}")


def _invoked(command: Json) -> Json:
    data = {"id": command.get("id", "0"), "name": command["name"], "type": command.get("type") or 1}
    return {**data, **({"guild_id": command["guild_id"]} if "guild_id" in command else {})}


def _chosen(option: Json, value: Any) -> Any:
    """The value of a choice that is given by its value or by the name that a member sees."""
    choices = option.get("choices") or []
    for choice in choices:
        if value in (choice["value"], choice["name"]):
            return choice["value"]
    if choices:
        raise NotOfferedError(f"{option['name']} offers only: {', '.join(choice['name'] for choice in choices)}")
    return value


def _id(value: Any) -> Any:
    return value.id if isinstance(value, Member) else value


def _resolved(values: list[tuple[int, Any]], guild_id: str) -> Json:
    """The users, members, channels and roles that options point to."""
    resolved: Json = {}
    for kind, value in values:
        if kind == 6 or (kind == 9 and isinstance(value, Member)):
            member = value if isinstance(value, Member) else Member(f"User{value}", value)
            resolved.setdefault("users", {})[member.id] = member.user()
            resolved.setdefault("members", {})[member.id] = member.resolved()
        elif kind == 7:
            resolved.setdefault("channels", {})[value] = _channel(value, guild_id)
        elif kind in (8, 9):
            resolved.setdefault("roles", {})[value] = _role(value)
    return resolved


def _channel(channel_id: str, guild_id: str) -> Json:
    return {
        "id": channel_id,
        "type": 0,
        "guild_id": guild_id,
        "name": "general",
        "flags": 0,
        "last_message_id": None,
        "nsfw": False,
        "parent_id": None,
        "permissions": str(EVERYONE),
        "position": 0,
        "rate_limit_per_user": 0,
        "topic": None,
    }


def _role(role_id: str) -> Json:
    return {
        "id": role_id,
        "name": f"role-{role_id}",
        "permissions": "0",
        "position": 1,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


class _Form:
    """What a member writes into a modal."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = {name.replace("_", "-"): value for name, value in fields.items()}
        self.unused = set(self._fields)

    def fill(self, components: list[Json]) -> list[Json]:
        return [self._answered(component) for component in components]

    def _answered(self, component: Json) -> Json:
        answer = {"type": component["type"], "id": component["id"]}
        if component["type"] == 10:
            return answer
        if component["type"] == 1:
            return {**answer, "components": self.fill(component["components"])}
        if component["type"] == 18:
            return {**answer, "component": self._answered(component["component"])}
        answer["custom_id"] = component["custom_id"]
        return {**answer, "value" if component["type"] == 4 else "values": self._value(component)}

    def _value(self, component: Json) -> Any:
        name = component["custom_id"].replace("_", "-")
        self.unused.discard(name)
        value = self._fields.get(name, component.get("value", "" if component["type"] == 4 else []))
        if not value and component.get("required", True):
            raise NotOfferedError(f"the modal needs {component['custom_id']}")
        return value


# Delivery --------------------------------------------------------------------------------------------------


def sign(body: bytes, signing_key: SigningKey, signed_at: str) -> Headers:
    """The two headers that prove that a body came from Discord."""
    signature = signing_key.sign(signed_at.encode() + body).signature
    return {"x-signature-ed25519": signature.hex(), "x-signature-timestamp": signed_at}


def sign_event(event: Json, signing_key: SigningKey, signed_at: str | None = None) -> Json:
    """A Lambda event with its signature headers, however spelled, filled in; absent ones stay absent."""
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    signature = sign(raw, signing_key, signed_at or str(int(time.time())))
    headers = {name: signature.get(name.lower(), value) for name, value in event["headers"].items()}
    return {**event, "headers": headers}


def http_sender(interactions_url: str) -> Send:
    """Deliver over HTTP."""
    # Without TLS there is nothing to verify, and loading the certificates costs 20 ms a call.
    verify = interactions_url.startswith("https:")

    def send(headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        response = httpx.post(interactions_url, headers=headers, content=body, timeout=10, verify=verify)
        return response.status_code, dict(response.headers), response.content

    return send


def lambda_sender(handler: Callable[[Json, Any], Json], context_factory: Callable[[], Any]) -> Send:
    """Deliver straight into a Lambda handler, as a Function URL would."""

    def send(headers: Headers, body: bytes) -> tuple[int, Headers, bytes]:
        result = handler(function_url_event(_request(headers), body), context_factory())
        text = result.get("body") or ""
        raw = base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
        return result["statusCode"], result.get("headers") or {}, raw

    return send


def _request(headers: Headers) -> Request:
    known = {"host": "abcdefg.lambda-url.eu-west-1.on.aws", "x-forwarded-proto": "https", **headers}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in known.items()],
        "client": ("203.0.113.7", 443),
    }
    return Request(scope)
