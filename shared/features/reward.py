"""/reward: give a member the reward of an event, or take a row of the ledger back."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.discord.reply import Reply, private, told
from shared.interactions.dispatch import typed_option
from shared.interactions.interaction import Interaction
from shared.interactions.options import Event, Member, Reason
from shared.interactions.registry import Level, OptionKind, command, group
from shared.text import care as words

group("reward", "Give rewards by hand, and take them back")


def entry_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The rows of the member's ledger that can be taken back, as far as they fit what was typed."""
    member = typed_option(interaction, "member")
    if not re.fullmatch(r"[0-9]{1,20}", member, re.ASCII):
        return []  # nobody is chosen yet
    sought = _without_sign(typed)
    result = interaction.rpc("list_revocable", member_id=member, typed=sought if sought.isdecimal() else None)
    shown = [(words.entry_choice(entry), str(entry["entry"])) for entry in result.get("entries", [])]
    return [choice for choice in shown if sought.casefold() in choice[0].casefold()]


def _without_sign(typed: str) -> str:
    """The number of a row, also where it was typed as it is shown: no. 123."""
    return typed.strip().lower().removeprefix("no.").removeprefix("#").strip()


def _entry_number(typed: str) -> str:
    number = _without_sign(typed)
    if not re.fullmatch(r"[0-9]{1,18}", number, re.ASCII):
        raise ValueError("should be picked from what is suggested, or the number of a row")
    return number


Entry = Annotated[
    str,
    AfterValidator(_entry_number),
    OptionKind(complete=entry_choices),
    Field(description="Which row of the member's history", min_length=1, max_length=100),
]
AllowNegative = Annotated[bool, Field(description="May the member's total fall below zero? Default: no")]


@command("reward give", requires=Level.EVENT_MANAGER)
def give(interaction: Interaction, member: Member, event: Event, reason: Reason | None = None) -> Reply:
    """Give a member the reward of an event, within its limits."""
    resolved = interaction.payload.data.resolved
    here = resolved.members.get(member)
    result = interaction.rpc(
        "give_reward",
        member_id=member,
        event_type=event,
        role_ids=here.roles if here else None,
        manages_server=here is not None and here.manages_server,
        is_bot=member in resolved.users and resolved.users[member].bot,
        reason=reason,
    )
    return private(words.about_member(result))


@command("reward revoke", requires=Level.EVENT_MANAGER)
def revoke(
    interaction: Interaction,
    member: Member,
    entry: Entry,
    reason: Reason | None = None,
    allow_negative: AllowNegative | None = None,
) -> Reply:
    """Take a reward of a member back."""
    result = interaction.rpc(
        "revoke_reward", member_id=member, entry=int(entry), reason=reason, allow_negative=bool(allow_negative)
    )
    return told(result)
