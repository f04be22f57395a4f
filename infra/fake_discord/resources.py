"""Discord's resources as its API shows them: users, messages, reactions, commands, channels and roles."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from infra.fake_discord.contract import Json, Where

EPOCH = 1_420_070_400_000  # Discord's: the first millisecond of 2015

# What servers grant the bot: VIEW_CHANNEL, SEND_MESSAGES, EMBED_LINKS, READ_MESSAGE_HISTORY, SEND_MESSAGES_IN_THREADS
GRANTED = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 38
EPHEMERAL, LOADING = 1 << 6, 1 << 7  # flags of a message

_increment = itertools.count()


def snowflake(at: float) -> str:
    """Make an id that Discord could have made at that time (seconds since 1970)."""
    return str(int(first_snowflake(at)) | next(_increment) & 0xFFF)


def first_snowflake(at: float) -> str:
    """The lowest id of that time, the same whoever asks."""
    return str((int(at * 1000) - EPOCH) << 22)


def timestamp(at: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")


def user(user_id: str, name: str | None = None, *, bot: bool = False) -> Json:
    """A user as Discord describes one."""
    return {
        "id": user_id,
        "username": (name or f"user-{user_id}").lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
        "avatar_decoration_data": None,
        **({"bot": True} if bot else {}),
    }


def application(application_id: str, public_key: str, url: str | None) -> Json:
    """An application as Discord describes it to its own bot."""
    asked = {"scopes": ["applications.commands", "bot"], "permissions": str(GRANTED)}
    return {
        "id": application_id,
        "name": "Resonance",
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(application_id, "Resonance", bot=True),
        "verify_key": public_key,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": url,
        "role_connections_verification_url": None,
        "owner": user("310000000000000006", "Admin"),
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {"oauth2_install_params": asked}},
    }


def bot_member(application_id: str, role_id: str, at: float) -> Json:
    """The bot as a member of a server, with the role that Discord made for it."""
    return {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": timestamp(at),
        "nick": None,
        "pending": False,
        "premium_since": None,
        "roles": [role_id],
        "user": user(application_id, "Resonance", bot=True),
        "mute": False,
        "deaf": False,
    }


def new_message(channel_id: str, author: Json, body: Json, at: float) -> Json:
    """A message as Discord describes it after it was posted."""
    message = {
        "id": snowflake(at),
        "type": 0,
        "channel_id": channel_id,
        "author": author,
        "timestamp": timestamp(at),
        "edited_timestamp": None,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "pinned": False,
        "tts": bool(body.get("tts")),
        **_parts({"content": "", "embeds": [], "components": [], "flags": 0, **body}),
    }
    if body.get("nonce") is not None:
        message["nonce"] = body["nonce"]
    return message


def replying(message: Json, original: Json) -> Json:
    """A new message as the reply to another one of its channel."""
    reference = {"type": 0, "channel_id": original["channel_id"], "message_id": original["id"]}
    return {**message, "type": 19, "message_reference": reference, "referenced_message": original}


def new_reply(interaction: Json, body: Json, at: float) -> Json:
    """A message that answers an interaction, as Discord describes it."""
    application_id, kind = interaction["application_id"], interaction["type"]
    member = (interaction.get("member") or interaction)["user"]
    metadata = {
        "id": interaction["id"],
        "type": kind,
        "user": user(member["id"], member.get("global_name")),
        "authorizing_integration_owners": interaction.get("authorizing_integration_owners", {}),
    }
    if kind == 3:
        metadata["interacted_message_id"] = interaction["message"]["id"]
    return {
        **new_message(interaction["channel_id"], user(application_id, "Resonance", bot=True), body, at),
        "application_id": application_id,
        "webhook_id": application_id,
        # 19 is a reply to the message with the button, 20 the answer to a command.
        "type": 19 if kind == 3 else 20,
        "interaction_metadata": metadata,
        # An interaction that somebody only issued a token for need not have data.
        **({"interaction": _command(interaction, metadata)} if kind == 2 and "data" in interaction else {}),
    }


def _command(interaction: Json, metadata: Json) -> Json:
    """Which command a message answers: its path, or the entry of the menu."""
    name, options = interaction["data"]["name"], interaction["data"].get("options", [])
    while options and options[0]["type"] in (1, 2):  # a subcommand, or a group of them
        name, options = f"{name} {options[0]['name']}", options[0].get("options", [])
    return {**{key: metadata[key] for key in ("id", "type", "user")}, "name": name}


def new_attachment(filename: str, content: bytes, content_type: str, folder: str, at: float) -> Json:
    """A file of a message as Discord describes it; `folder` is the URL that it lies under."""
    attachment_id = snowflake(at)
    url = f"{folder}/{attachment_id}/{quote(filename)}"
    described = {"id": attachment_id, "filename": filename, "size": len(content), "content_type": content_type}
    return {**described, "url": url, "proxy_url": url}


def changed(message: Json, fields: Json, at: float) -> Json:
    """The message after an edit: what `fields` leaves out stays."""
    return {**message, **_parts(fields), "edited_timestamp": timestamp(at)}


def _parts(body: Json) -> Json:
    parts: Json = {}
    if "content" in body:
        parts["content"] = body["content"] or ""
    if "embeds" in body:
        parts["embeds"] = [_embed(embed) for embed in body["embeds"] or []]
    if "components" in body:
        parts["components"] = numbered(body["components"] or [], itertools.count(1))
    if body.get("flags") is not None:
        parts["flags"] = body["flags"]
    return parts


def _embed(embed: Json) -> Json:
    plain = {"type": "rich", **_plain(embed)}
    if "fields" in plain:
        plain["fields"] = [{"inline": False, **field} for field in plain["fields"]]
    return plain


def numbered(components: list[Json], ids: Iterator[int]) -> list[Json]:
    """The components with the ids that Discord gives them, in reading order."""
    result = []
    for component in components:
        plain = _plain(component)
        plain.setdefault("id", next(ids))
        if "components" in plain:
            plain["components"] = numbered(plain["components"], ids)
        for part in ("component", "accessory"):
            if part in plain:
                plain[part] = numbered([plain[part]], ids)[0]
        result.append(plain)
    return result


def walk(components: list[Json], where: Where = ("components",)) -> Iterator[tuple[Where, Json]]:
    """Every component of a message or modal with its place, those inside others included."""
    for index, component in enumerate(components):
        here = (*where, index)
        yield here, component
        yield from walk(component.get("components") or [], (*here, "components"))
        for part in ("component", "accessory"):
            if part in component:
                yield (*here, part), component[part]


def reaction(emoji: str, count: int, *, me: bool) -> Json:
    """The reactions to a message with one emoji."""
    name, _, custom_id = emoji.partition(":")
    return {
        "emoji": {"id": custom_id or None, "name": name},
        "count": count,
        "count_details": {"burst": 0, "normal": count},
        "burst_colors": [],
        "me_burst": False,
        "me": me,
    }


def emoji_name(emoji: Json) -> str:
    """An emoji as the path of a request names it."""
    return f"{emoji['name']}:{emoji['id']}" if emoji["id"] else str(emoji["name"])


_COMMAND_DEFAULTS: Json = {
    "type": 1,
    "description": "",
    "name_localizations": None,
    "description_localizations": None,
    "default_member_permissions": None,
    "contexts": None,
    "integration_types": [0],
    "nsfw": False,
}


def new_command(command: Json) -> Json:
    """A command as Discord describes it after it was registered, but for where and when that was."""
    fields = {**_COMMAND_DEFAULTS, **_plain(command, _IMPLIED)}
    if fields["default_member_permissions"] is not None:
        fields["default_member_permissions"] = str(fields["default_member_permissions"])
    return fields


def channel(channel_id: str, guild_id: str, permissions: int, name: str = "general") -> Json:
    """A text channel, with what the member may do there."""
    return {
        "id": channel_id,
        "type": 0,
        "guild_id": guild_id,
        "name": name,
        "flags": 0,
        "last_message_id": None,
        "nsfw": False,
        "parent_id": None,
        "permissions": str(permissions),
        "position": 0,
        "rate_limit_per_user": 0,
        "topic": None,
    }


def role(role_id: str) -> Json:
    """A role that allows nothing."""
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


_IMPLIED = ("required", "autocomplete", "choices", "options")  # an option without it is as one where it is empty


def _plain(value: Any, implied: tuple[str, ...] = ()) -> Any:
    """Without what Discord leaves out of its answers: nulls, and what is implied where it is false or empty."""
    if isinstance(value, dict):
        return {
            k: _plain(item, implied) for k, item in value.items() if item is not None and (item or k not in implied)
        }
    return [_plain(item, implied) for item in value] if isinstance(value, list) else value
