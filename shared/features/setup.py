"""/setup: connect a server to a brand."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared import text
from shared.discord.permissions import missing
from shared.discord.reply import Reply, embed, message_payload, private, private_message, told
from shared.interactions.interaction import Interaction
from shared.interactions.registry import Level, OptionKind, command, group
from shared.text import check as words

CONFIRMATION = "DISCONNECT"

group("setup", "Connect this server to a Resonance brand")

Trimmed = StringConstraints(strip_whitespace=True)
BrandId = Annotated[
    str,
    Trimmed,
    OptionKind(name="brand_id"),
    Field(description="The brand's id, from the Partner Portal", min_length=1, max_length=100),
]
ServerName = Annotated[str, Trimmed, Field(description="How the brand knows this server", min_length=1, max_length=100)]


@command("setup connect", requires=Level.FULL_ADMIN)
def connect(interaction: Interaction, brand_id: BrandId, name: ServerName | None = None) -> Reply:
    """Connect this server to a brand, with the usual events; running it again repairs."""
    return told(interaction.rpc("connect_server", brand_id=brand_id, server_name=name))


@command("setup status", requires=Level.FULL_ADMIN)
def status(interaction: Interaction) -> Reply:
    """Show which brand this server is connected to."""
    return told(interaction.rpc("get_server"))


@command("setup check", requires=Level.FULL_ADMIN)
def check(interaction: Interaction) -> Reply:
    """Check what this server needs: permissions, events, settings, drops."""
    result = interaction.rpc("check_server")
    if result["outcome"] != "server_check":
        return told(result)
    payload = interaction.payload
    lacking = missing(int(payload.app_permissions), payload.channel.type if payload.channel else 0)
    return private_message(message_payload(embeds=[embed(words.CHECK_TITLE, words.check_page(result, lacking))]))


@command("setup disconnect", requires=Level.FULL_ADMIN)
def disconnect(
    interaction: Interaction,
    confirm: Annotated[str, Field(description="Type DISCONNECT to confirm", max_length=100)],
) -> Reply:
    """Disconnect this server from its brand; what members have earned is kept."""
    if confirm.strip() != CONFIRMATION:
        interaction.outcome = "confirmation_missing"
        return private(text.sentence(interaction.outcome, {}))
    return told(interaction.rpc("disconnect_server"))
