"""What goes back to Discord: interaction responses as the dictionaries that become JSON.

https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from discord_interactions import InteractionResponseFlags, InteractionResponseType

from shared.discord.emoji import Emoji
from shared.format import CHOICE_LIMIT, PAGE_LIMIT, cut

Reply = dict[str, Any]
MessagePayload = dict[str, Any]

PONG: Reply = {"type": InteractionResponseType.PONG}
ACKNOWLEDGED: Reply = {}  # the reply went to Discord over REST: the HTTP response is an empty 202

_NO_MENTIONS: dict[str, list[str]] = {"parse": []}
ACTION_ROW, BUTTON, SELECT, TEXT_INPUT, LABEL = 1, 2, 3, 4, 18  # component types
PRIMARY, SECONDARY, DANGER = 1, 2, 4  # button styles
ONE_LINE, PARAGRAPH = 1, 2  # text input styles
COLOUR = 0x5865F2  # of the edge of an embed
MOST_OPTIONS = 25  # entries of a select


@dataclass(frozen=True)
class Choice:
    """An entry of a select: what people read, and what is sent."""

    name: str
    value: str
    description: str = ""


def message_payload(
    content: str = "",
    *,
    embeds: Iterable[dict[str, Any]] = (),
    buttons: Iterable[dict[str, Any]] = (),
    select: dict[str, Any] | None = None,
) -> MessagePayload:
    """A message that pings nobody. Every field is set, so that an edit replaces all of the old message."""
    rows = [list(buttons), [select] if select else []]
    return {
        "content": cut(content, 2000),
        "embeds": list(embeds),
        "components": [{"type": ACTION_ROW, "components": row} for row in rows if row],
        "allowed_mentions": _NO_MENTIONS,
    }


def embed(title: str, description: str, colour: int = COLOUR, *, footer: str = "") -> dict[str, Any]:
    """An embed with a coloured edge."""
    shown = {"title": cut(title, 256), "description": cut(description, PAGE_LIMIT), "color": colour}
    return shown | {"footer": {"text": cut(footer, 1000)}} if footer else shown


def page(
    title: str,
    text: str,
    colour: int = COLOUR,
    *,
    footer: str = "",
    buttons: Iterable[dict[str, Any]] = (),
    select: dict[str, Any] | None = None,
) -> MessagePayload:
    """A message of one embed."""
    return message_payload(embeds=[embed(title, text, colour, footer=footer)], buttons=buttons, select=select)


def pinging(message: MessagePayload, role_id: str) -> MessagePayload:
    """The same message, which pings the one role if it mentions it. An edit pings nobody."""
    return message | {"allowed_mentions": {"parse": [], "roles": [role_id]}}


def button(
    label: str, custom_id: str, *, disabled: bool = False, style: int = PRIMARY, emoji: Emoji | None = None
) -> dict[str, Any]:
    """A button component; one that cannot be pressed is grey."""
    style = SECONDARY if disabled else style
    shown = {"type": BUTTON, "style": style, "label": cut(label, 80), "custom_id": custom_id, "disabled": disabled}
    return shown | ({"emoji": emoji.in_component} if emoji else {})


def select_menu(
    custom_id: str, options: Iterable[tuple[str, str]], *, placeholder: str, chosen: str = ""
) -> dict[str, Any]:
    """A select menu of up to 25 pairs of a shown name and a value; `chosen` is the value that is selected already."""
    shown = [_select_option(Choice(*pair), is_chosen=pair[1] == chosen) for pair in options][:MOST_OPTIONS]
    return {"type": SELECT, "custom_id": custom_id, "options": shown, "placeholder": cut(placeholder, 150)}


def text_input(
    label: str,
    custom_id: str,
    *,
    description: str,
    value: str = "",
    is_required: bool,
    max_length: int | None = None,
    is_long: bool = False,
) -> dict[str, Any]:
    """A field of a modal, with its label above it."""
    field = {
        "type": TEXT_INPUT,
        "custom_id": custom_id,
        "style": PARAGRAPH if is_long else ONE_LINE,
        "required": is_required,
        **({"max_length": max_length} if max_length else {}),
        **({"value": value} if value else {}),
    }
    return _labelled(label, description, field)


def select_input(
    label: str, custom_id: str, choices: Iterable[Choice], *, description: str = "", value: str = "", is_required: bool
) -> dict[str, Any]:
    """A select of a modal, with its label above it; the choice of the value is chosen already."""
    field = {
        "type": SELECT,
        "custom_id": custom_id,
        "required": is_required,
        "options": [_select_option(choice, is_chosen=choice.value == value) for choice in choices],
    }
    return _labelled(label, description, field)


def _select_option(choice: Choice, *, is_chosen: bool) -> dict[str, Any]:
    option = {"label": cut(choice.name, 100), "value": choice.value, "default": is_chosen}
    return option | ({"description": cut(choice.description, 100)} if choice.description else {})


def _labelled(label: str, description: str, field: dict[str, Any]) -> dict[str, Any]:
    above = {"label": label} | ({"description": cut(description, 100)} if description else {})
    return {"type": LABEL, **above, "component": field}


def modal(custom_id: str, title: str, fields: list[dict[str, Any]]) -> Reply:
    """Ask for something in a modal of up to five fields."""
    return {
        "type": InteractionResponseType.MODAL,
        "data": {"custom_id": custom_id, "title": title, "components": fields},
    }


def ephemeral(content: str) -> Reply:
    """A text that only the one who acted sees."""
    return ephemeral_message(message_payload(content))


def ephemeral_message(message: MessagePayload) -> Reply:
    """A message that only the one who acted sees."""
    return public_message(message | {"flags": InteractionResponseFlags.EPHEMERAL})


def public_message(message: MessagePayload) -> Reply:
    """A message that everybody in the channel sees."""
    return {"type": InteractionResponseType.CHANNEL_MESSAGE_WITH_SOURCE, "data": message}


def update(message: MessagePayload) -> Reply:
    """Replace the message whose component was used."""
    return {"type": InteractionResponseType.UPDATE_MESSAGE, "data": message}


def choices(names: Iterable[tuple[str, str]]) -> Reply:
    """Suggest up to 25 pairs of a shown name and a value; leave out values that Discord would refuse."""
    pairs = [{"name": cut(name, CHOICE_LIMIT), "value": value} for name, value in names if 1 <= len(value) <= 100][:25]
    return {
        "type": InteractionResponseType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT,
        "data": {"choices": pairs},
    }
