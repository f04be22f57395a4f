"""/claim: take the reward of an event that members may take themselves."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply, told
from shared.interactions.interaction import Interaction
from shared.interactions.options import EVENT_NAME_LIMIT, matching
from shared.interactions.registry import OptionKind, command


def claimable_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The events that members may take themselves, as far as they fit what was typed."""
    return matching(interaction.rpc("list_claimable_events"), typed)


ClaimableEvent = Annotated[
    str,
    OptionKind(complete=claimable_choices),
    Field(description="Which event", min_length=1, max_length=EVENT_NAME_LIMIT),
]


@command("claim")
def claim(interaction: Interaction, event: ClaimableEvent) -> Reply:
    """Take the reward of an event that members may take themselves."""
    return told(interaction.rpc("claim_event", event_type=event))
