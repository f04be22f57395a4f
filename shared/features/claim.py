"""/claim: take the reward of an event that members may take themselves."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply
from shared.features.earning import breakdown
from shared.format import amount, count, line, moment
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.options import EVENT_NAME_LIMIT, event_suggestions
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.interactions.registry import OptionKind, command


def claimable_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The events that members may take themselves and that match what was typed."""
    return event_suggestions(interaction.rpc("list_claimable_events"), typed)


ClaimableEvent = Annotated[
    str,
    OptionKind(complete=claimable_choices),
    Field(description="Which event", min_length=1, max_length=EVENT_NAME_LIMIT),
]


@command("claim", pays=Pays.AGAIN)
def claim(interaction: Interaction, event: ClaimableEvent) -> Reply:
    """Take the reward of an event that members may take themselves."""
    return outcome_reply(interaction.rpc("claim_event", event_type=event))


def next_claim(facts: Facts) -> str:
    """When the member can claim the event again, and how often; empty where nothing limits it."""
    claims_left = facts.get("claims_left")
    if claims_left == 0:
        return "That was the last time that you could take it. "
    left = f"You can take it {count(claims_left, 'more time')}" if claims_left is not None else ""
    last = ", while this server's claims last" if facts.get("is_shared") else ""
    if not facts["retry_at"]:
        return f"{left}{last}. " if left else ""
    return f"{left or 'You can take it again'}{', next' if left else ''} {moment(facts['retry_at'])}{last}. "


declare(
    {
        "event_claimed": lambda f: (
            f"You got **{amount(f['amount'])}** for {line(f['event'], 80)}!{breakdown(f)}\n"
            f"{next_claim(f)}Your total is now **{amount(f['balance'])}**."
        ),
    }
)
declare_refusals(
    {
        "event_not_claimable": lambda f: (
            f"**{line(f['event'], 80)}** has a command of its own: `{f['command']}`."
            if f["command"]
            else f"**{line(f['event'], 80)}** cannot be taken with `/claim`: it is paid when you do it, or by a drop. "
            "`/cooldowns` shows what you can take."
        ),
    }
)
