"""/setup connect and status: which brand a server belongs to."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.discord.reply import Reply
from shared.features.events import event_list
from shared.format import amount, as_name, count
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.interactions.registry import Level, OptionKind, command, group

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
    return outcome_reply(interaction.rpc("connect_server", brand_id=brand_id, server_name=name))


@command("setup status", requires=Level.FULL_ADMIN)
def status(interaction: Interaction) -> Reply:
    """Show which brand this server is connected to."""
    return outcome_reply(interaction.rpc("get_server"))


def _server(facts: Facts) -> str:
    name = as_name(facts.get("server_name"))
    return (
        f"Connected to the brand `{facts['brand_id']}`{name}.\n"
        f"{count(len(facts['events']), 'event')}, {count(facts['open_drops'], 'open drop')}, "
        f"**{amount(facts['distributed'])}** earned by {count(facts['members'], 'member')}."
    )


declare(
    {
        "connected": lambda f: (
            f"This server is connected to the brand `{f['brand_id']}`. "
            f"These events are ready:\n{event_list(f['events'])}\n"
            "Post a drop with `/drop create`, change events with `/config events edit`."
        ),
        "server": _server,
    }
)
declare_refusals(
    {
        "connected_elsewhere": lambda f: (
            f"This server is connected to another brand, `{f['brand_id']}`. "
            "Run `/setup disconnect` first if you want to move it; what members have earned stays."
        ),
    }
)
