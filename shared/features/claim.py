"""/claim: take the reward of an event that members may take themselves."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply
from shared.features.earning import breakdown
from shared.format import amount, count, line, moment, sentences
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
    left = facts.get("claims_left")
    if left == 0:
        return "That was the last time that you could take it."
    if left is None and not facts["retry_at"]:
        return ""
    return sentences(
        f"You can take it again {moment(facts['retry_at'])}." if facts["retry_at"] else "",
        f"You can take it {count(left, 'more time')}." if left is not None else "",
        "It ends when this server's claims are used up." if facts.get("is_shared") else "",
    )


def _claimed(facts: Facts) -> str:
    lines = [
        sentences(f"You got **{amount(facts['amount'])}** for {line(facts['event'], 80)}!", breakdown(facts)),
        next_claim(facts),
        f"Your total is now **{amount(facts['balance'])}**.",
    ]
    return "\n".join(filter(None, lines))


declare({"event_claimed": _claimed})
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
