"""A form that was sent in vain: the reply keeps what was written, and a button opens the form with it again.

What was written is kept in the reply alone, which Discord sends back with the press of its button: no row, no log and
no custom_id holds it.
"""

import re
from collections.abc import Mapping
from typing import Any

from discord_interactions import InteractionResponseFlags

from shared.discord.payload import Message
from shared.discord.reply import ACTION_ROW, Reply, button, embed, update
from shared.format import visible
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import is_refusal
from shared.interactions.registry import Form

PREFIX = "again:"  # before the custom_id of a form: of the button, and of the form that it opens
KEPT_LIMIT = 1024  # characters of a field of an embed
FINAL = {"not_allowed", "already_done"}  # refusals after which there is nothing to send again

TRY_AGAIN = "Try again"
TITLE = "What you entered"
NOT_KEPT = "{name} is not kept, because it is secret. Please enter it again."
CUT = "{name} is too long to be kept whole: its end is missing."


def form_id(custom_id: str) -> str:
    """The custom_id of a form, also where it belongs to the button or to the form that the button has opened."""
    return custom_id.removeprefix(PREFIX)


def is_of_use(interaction: Interaction) -> bool:
    """Whether nothing has happened, and may if the form is sent again."""
    return interaction.outcome == "invalid_options" or (
        is_refusal(interaction.outcome) and interaction.outcome not in FINAL
    )


def with_entries(reply: Reply, form: Form, custom_id: str, written: Mapping[str, str]) -> Reply:
    """A reply to a form with what was written into it, and the button that opens it again."""
    row = {"type": ACTION_ROW, "components": [button(TRY_AGAIN, f"{PREFIX}{form_id(custom_id)}")]}
    entries = {name: written[name] for name in form.asked if written.get(name)}
    data = reply["data"]
    more = {"embeds": data["embeds"] + _embeds(form, entries), "components": [*data["components"], row]}
    return reply | {"data": data | more}


def _embeds(form: Form, entries: Mapping[str, str]) -> list[dict[str, Any]]:
    withheld = [name for name in entries if _is_withheld(form, entries, name)]
    kept = {name: _sendable(text) for name, text in entries.items() if name not in withheld}
    notes = [NOT_KEPT.format(name=form.shown(name)) for name in withheld]
    notes += [CUT.format(name=form.shown(name)) for name, text in kept.items() if len(text) > KEPT_LIMIT]
    fields = [{"name": form.label(name), "value": text[:KEPT_LIMIT]} for name, text in kept.items() if text]
    return [embed(TITLE, "\n".join(notes)) | {"fields": fields}] if fields or notes else []


def entries_of(message: Message | None, form: Form) -> dict[str, str]:
    """What a reply has kept of a form, by parameter. Whatever else the message holds is ignored."""
    embeds = message.embeds if message else []
    kept = {field.name: _sendable(field.value) for shown in embeds for field in shown.fields}
    asked = [name for name in form.asked if not form.kind(name).withheld]
    return {name: kept[form.label(name)] for name in asked if form.label(name) in kept}


def reopen(interaction: Interaction, form: Form, carried: Mapping[str, str]) -> Reply:
    """Open a form as it was sent."""
    reply = form.open(interaction, *carried.values(), **entries_of(interaction.payload.message, form))
    reply["data"]["custom_id"] = f"{PREFIX}{reply['data']['custom_id']}"
    return reply


def in_place(interaction: Interaction, reply: Reply) -> Reply:
    """Let a private reply to a form that was opened again replace the one before, and so its button."""
    was_reopened = interaction.payload.data.custom_id.startswith(PREFIX) and interaction.payload.message
    data = dict(reply["data"])
    return update(data) if was_reopened and data.pop("flags", 0) == InteractionResponseFlags.EPHEMERAL else reply


def _is_withheld(form: Form, entries: Mapping[str, Any], name: str) -> bool:
    """Whether a text is a secret, or what belongs into the field of one: it may have been written into another."""
    patterns = {other: pattern for other in form.asked if (pattern := form.kind(other).withheld)}
    return any(
        name == other or entries[name] == entries.get(other) or re.search(pattern, entries[name])
        for other, pattern in patterns.items()
    )


def _sendable(text: str) -> str:
    """A text as Discord takes it and gives it back."""
    return visible(text.encode(errors="replace").decode()).strip()
