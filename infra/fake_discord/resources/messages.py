"""Messages as Discord describes them."""

import itertools

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.components import numbered
from infra.fake_discord.resources.nulls import without_nulls
from infra.fake_discord.resources.snowflakes import snowflake, timestamp
from infra.fake_discord.resources.users import user

EPHEMERAL, LOADING = 1 << 6, 1 << 7  # flags of a message
# The types of what is written: messages, and replies to messages, commands and menu entries. Others are the system's.
WRITTEN = (0, 19, 20, 23)


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


def with_reference(message: Json, original: Json) -> Json:
    """A new message as an answer to another one of its channel."""
    reference = {"type": 0, "channel_id": original["channel_id"], "message_id": original["id"]}
    return {**message, "type": 19, "message_reference": reference, "referenced_message": original}


def new_reply(interaction: Json, body: Json, at: float) -> Json:
    """A message that replies to an interaction, as Discord describes it."""
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
        # An interaction that was only issued for its token need not have data.
        **({"interaction": _command(interaction, metadata)} if kind == 2 and "data" in interaction else {}),
    }


def _command(interaction: Json, metadata: Json) -> Json:
    """Which command a message replies to: its path, or the name of the menu entry."""
    name, options = interaction["data"]["name"], interaction["data"].get("options", [])
    while options and options[0]["type"] in (1, 2):  # a subcommand, or a group of them
        name, options = f"{name} {options[0]['name']}", options[0].get("options", [])
    return {**{key: metadata[key] for key in ("id", "type", "user")}, "name": name}


def edited(message: Json, fields: Json, at: float) -> Json:
    """The message after an edit: what `fields` leaves out stays."""
    return {**message, **_parts(fields), "edited_timestamp": timestamp(at)}


def is_system_message(message: Json) -> bool:
    """Did Discord itself write the message?"""
    return message["type"] not in WRITTEN


def without_content(message: Json) -> Json:
    """Somebody else's message as a bot gets it that has no MESSAGE_CONTENT intent."""
    return {**message, "content": "", "embeds": [], "attachments": [], "components": []}


def is_empty(message: Json) -> bool:
    """Does the message show nothing?"""
    return not any(message[part] for part in ("content", "embeds", "components", "attachments"))


def _parts(body: Json) -> Json:
    parts: Json = {}
    if "content" in body:
        parts["content"] = body["content"] or ""
    if "embeds" in body:
        parts["embeds"] = [_embed(embed) for embed in body["embeds"] or []]
    if "components" in body:
        parts["components"] = numbered(body["components"] or [], itertools.count(1))
    if "files" in body:  # stored, and shown as resources.attachments says
        parts["files"] = body["files"]
    if body.get("flags") is not None:
        parts["flags"] = body["flags"]
    return parts


def _embed(embed: Json) -> Json:
    plain = {"type": "rich", **without_nulls(embed)}
    if "fields" in plain:
        plain["fields"] = [{"inline": False, **field} for field in plain["fields"]]
    return plain
