"""/setup connect: which brand a server belongs to."""

import hashlib
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.discord.reply import Reply
from shared.features.events import event_list
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Sentences, declare, declare_refusals, outcome_reply
from shared.interactions.problems import InvalidOptionsError, Problem
from shared.interactions.registry import Level, OptionKind, command, form, group

group("setup", "Connect this server to a Resonance brand")

Trimmed = StringConstraints(strip_whitespace=True)
BrandId = Annotated[
    str,
    Trimmed,
    OptionKind(name="brand_id"),
    Field(description="The brand's id, from the Partner Portal", min_length=1, max_length=100),
]
ConnectKey = Annotated[
    str,
    Trimmed,
    OptionKind(withheld=r"(?<![\w-])[\w-]{43}(?![\w-])"),
    Field(description="The brand's connect key, from the Partner Portal", min_length=1, max_length=100),
]
ServerName = Annotated[str, Trimmed, Field(description="How the brand knows this server", min_length=1, max_length=100)]


@command("setup connect", requires=Level.FULL_ADMIN)
def connect(
    interaction: Interaction,
    brand_id: BrandId | None = None,
    key: ConnectKey | None = None,
    name: ServerName | None = None,
) -> Reply:
    """Connect this server to a brand; without its key, a form asks for it; running it again repairs."""
    if brand_id is None or key is None:  # the form asks for the key again: a reply must not hold it
        return connect_form.open(interaction, brand_id=brand_id or "", name=name or "")
    return _connect(interaction, brand_id, key, name)


@form("connect", "Connect this server", requires=Level.FULL_ADMIN)
def connect_form(interaction: Interaction, brand_id: BrandId, key: ConnectKey, name: ServerName | None = None) -> Reply:
    """Connect this server to a brand; the key then stands in no command line."""
    return _connect(interaction, brand_id, key, name)


def _connect(interaction: Interaction, brand_id: str, key: str, name: str | None) -> Reply:
    if name and key in name:
        raise InvalidOptionsError([Problem("name", KEY_IN_NAME)])
    # The key itself goes nowhere: no log of the database or of anything before it may hold it.
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    result = interaction.rpc("connect_server", brand_id=brand_id, server_name=name, key_hash=key_hash)
    return outcome_reply(result, instead=TO_ADMIN)


KEY_IN_NAME = "{name} holds the connect key, which many could read there. Choose another name, or leave it out."
TO_ADMIN: Sentences = {
    "brand_disabled": lambda _: (
        "This brand is switched off, so nobody would earn here. Its people can switch it on again; nothing has changed."
    ),
}

declare(
    {
        "connected": lambda f: (
            f"This server is connected to the brand `{f['brand_id']}`. "
            f"These events are ready:\n{event_list(f['events'])}\n"
            "Post a drop with `/drop create`, change events with `/config events edit`."
        ),
    }
)
declare_refusals(
    {
        "brand_key_refused": lambda _: (
            "There is no brand with this id and this connect key. Nothing has changed. Please copy both from the "
            "Partner Portal; of several connect keys only the newest works."
        ),
        "connected_elsewhere": lambda f: (
            f"This server is connected to another brand, `{f['brand_id']}`. "
            "Run `/setup disconnect` first if you want to move it; what members have earned stays."
        ),
    }
)
