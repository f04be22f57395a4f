"""/config events: what members are paid for."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.discord.reply import Reply, told
from shared.interactions.interaction import Interaction
from shared.interactions.options import Event, EventName
from shared.interactions.registry import Level, command, group

group("config", "Configure this server")
group("config events", "The events that members earn RSNC for")

MOST = 1_000_000

Reward = Annotated[int, Field(description="RSNC it pays, 1 to 10,000", ge=1, le=10_000)]
Cooldown = Annotated[int, Field(description="Hours until a member can earn it again; 0 or -1: none", ge=-1, le=8_760)]
MaxClaims = Annotated[int, Field(description="How often one member can earn it in all; -1: no limit", ge=-1, le=MOST)]
MaxTotalClaims = Annotated[int, Field(description="How often all members together can; -1: no limit", ge=-1, le=MOST)]
Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Field(description="What members read instead of the name", min_length=1, max_length=80),
]
Claimable = Annotated[bool, Field(description="May members take it themselves?")]
Enabled = Annotated[bool, Field(description="On or off")]


@command("config events list", requires=Level.FULL_ADMIN)
def list_events(interaction: Interaction) -> Reply:
    """List the events of this server."""
    return told(interaction.rpc("list_events"))


@command("config events create", requires=Level.FULL_ADMIN)
def create(
    interaction: Interaction,
    name: EventName,
    reward: Reward,
    cooldown: Cooldown | None = None,
    max_claims: MaxClaims | None = None,
    max_total_claims: MaxTotalClaims | None = None,
    label: Label | None = None,
    claimable: Claimable | None = None,
    enabled: Enabled | None = None,
) -> Reply:
    """Create an event."""
    result = interaction.rpc(
        "create_event",
        event_type=name,
        reward=reward,
        cooldown_hours=cooldown,
        max_claims=max_claims,
        max_total_claims=max_total_claims,
        label=label,
        claimable=claimable,
        enabled=enabled,
    )
    return told(result)


@command("config events edit", requires=Level.FULL_ADMIN)
def edit(
    interaction: Interaction,
    name: Event,
    reward: Reward | None = None,
    cooldown: Cooldown | None = None,
    max_claims: MaxClaims | None = None,
    max_total_claims: MaxTotalClaims | None = None,
    label: Label | None = None,
    claimable: Claimable | None = None,
    enabled: Enabled | None = None,
) -> Reply:
    """Change an event; what you leave out stays."""
    result = interaction.rpc(
        "edit_event",
        event_type=name,
        reward=reward,
        cooldown_hours=cooldown,
        max_claims=max_claims,
        max_total_claims=max_total_claims,
        label=label,
        claimable=claimable,
        enabled=enabled,
    )
    return told(result)


@command("config events delete", requires=Level.FULL_ADMIN)
def delete(interaction: Interaction, name: Event) -> Reply:
    """Delete an event; what it has paid stays paid."""
    return told(interaction.rpc("delete_event", event_type=name))


@command("config events toggle", requires=Level.FULL_ADMIN)
def toggle(interaction: Interaction, name: Event, enabled: Enabled | None = None) -> Reply:
    """Switch an event on or off."""
    return told(interaction.rpc("toggle_event", event_type=name, enabled=enabled))
