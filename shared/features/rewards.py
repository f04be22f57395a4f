"""/reward: give a member the reward of an event, or take a row of the ledger back."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.discord.reply import Reply, page, public_message
from shared.features.earning import breakdown
from shared.features.history import earned_for
from shared.features.members import total_of
from shared.features.refusals import cooldown, limit_reached
from shared.format import (
    CHOICE_LIMIT,
    amount,
    change,
    clause,
    code,
    cut,
    escape,
    event_name,
    is_id,
    line,
    member_mention,
    moment,
    sentences,
)
from shared.interactions.dispatch import typed_option
from shared.interactions.interaction import Interaction
from shared.interactions.options import Event, Member, Reason
from shared.interactions.outcomes import Facts, Sentences, declare, declare_refusals, outcome_reply
from shared.interactions.problems import WrongValueError
from shared.interactions.registry import Level, OptionKind, command, group

group("reward", "Give rewards by hand, and take them back")


def entry_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The rows of the member's ledger that can be taken back and that match what was typed."""
    member = typed_option(interaction, "member")
    if not is_id(member):
        return []  # nobody is chosen yet
    sought = _without_sign(typed)
    result = interaction.rpc("list_revocable", member_id=member, typed=sought if sought.isdecimal() else None)
    shown = [(entry_choice(entry), str(entry["entry"])) for entry in result.get("entries", [])]
    return [choice for choice in shown if sought.casefold() in choice[0].casefold()]


def _without_sign(typed: str) -> str:
    """The number of a row, typed as 123, #123 or no. 123."""
    return typed.strip().lower().removeprefix("no.").removeprefix("#").strip()


def _entry_number(typed: str) -> str:
    number = _without_sign(typed)
    if not re.fullmatch(r"[0-9]{1,18}", number, re.ASCII):
        raise WrongValueError("Choose an entry from the list, or type its number.")
    return number


Entry = Annotated[
    str,
    AfterValidator(_entry_number),
    OptionKind(complete=entry_choices),
    Field(description="Which entry of the member's history", min_length=1, max_length=100),
]
Announce = Annotated[bool, Field(description="Tell everybody in this channel? Default: no")]
AllowNegative = Annotated[bool, Field(description="May the member's total fall below zero? Default: no")]


@command("reward give", requires=Level.EVENT_MANAGER)
def give(
    interaction: Interaction, member: Member, event: Event, reason: Reason | None = None, announce: Announce = False
) -> Reply:
    """Give a member the reward of an event, within its limits."""
    resolved = interaction.payload.data.resolved
    here = resolved.members.get(member)
    result = interaction.rpc(
        "give_reward",
        member_id=member,
        event_type=event,
        role_ids=(here.roles or []) if here else None,
        manages_server=here is not None and here.manages_server,
        is_bot=member in resolved.users and resolved.users[member].bot,
        reason=reason,
    )
    if announce and result["outcome"] == "reward_given":
        return public_message(page(TITLE, announcement(result, interaction.user_id, reason)))
    return outcome_reply(result, instead=ABOUT_MEMBER)


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
    return outcome_reply(result)


# --- Words

TITLE = "A reward"


def announcement(facts: Facts, admin_id: str, reason: str | None) -> str:
    """What everybody reads of a reward; the member's total is theirs alone."""
    given = (
        f"<@{facts['member_id']}> got **{amount(facts['amount'])}** for {line(facts['event'], 80)}, given by "
        f"<@{admin_id}>."
    )
    return f"{given}\n> {line(reason, 400)}" if reason else given


def entry_choice(entry: Facts) -> str:
    """A row of the ledger as a suggestion: +25 RSNC Daily check-in, 2026-11-24 (no. 123)."""
    which = f"{entry['day']} (no. {entry['entry']})"
    what = cut(f"{change(entry['amount'])} {earned_for(entry)}", CHOICE_LIMIT - len(which) - 2)
    return f"{what}, {which}"


def _member_disabled(facts: Facts) -> str:
    who, reason = f"<@{facts['member_id']}>", clause(facts.get("reason") or "", 300)
    paused = f"The rewards of {who} are paused: {reason}." if reason else f"The rewards of {who} are paused."
    return f"{paused} A full admin can let them earn again with `/config member enable`."


# The refusals of earning in the words for an admin who gives a member a reward.
ABOUT_MEMBER: Sentences = {
    "event_not_found": lambda f: (
        f"There is no event {code(cut(f['event'], 100))} in this server. Choose one from the list; "
        "a full admin sees them all with `/config events list`."
    ),
    "event_disabled": lambda f: (
        f"**{line(f['event'], 80)}** is switched off. A full admin can switch it on with `/config events toggle`."
    ),
    "member_disabled": _member_disabled,
    "test_mode": lambda f: (
        f"Test mode is on, and <@{f['member_id']}> is neither a tester nor an admin. "
        "A full admin can switch it off with `/config test-mode enabled:False`."
    ),
    "cooldown": lambda f: cooldown(f, f"<@{f['member_id']}>"),
    "limit_reached": lambda f: limit_reached(f, f"<@{f['member_id']}>"),
}


def _given(facts: Facts) -> str:
    member, event = f"<@{facts['member_id']}>", line(facts["event"], 80)
    return "\n".join(
        [
            sentences(f"{member} got **{amount(facts['amount'])}** for {event}.", breakdown(facts)),
            f"{total_of(facts['member_id'], facts['balance'])} They see it in `/history`.",
        ]
    )


declare(
    {
        "reward_given": _given,
        "reward_revoked": lambda f: (
            f"Taken back from <@{f['member_id']}>: **{amount(f['amount'])}** for {escape(event_name(f['event']))}.\n"
            f"{total_of(f['member_id'], f['balance'])} The claim itself still counts towards the event's limits."
        ),
    }
)
declare_refusals(
    {
        "member_not_here": lambda f: (
            f"<@{f['member_id']}> is not in this server any more, as far as Discord says, and cannot be rewarded."
        ),
        "bot_not_paid": lambda f: f"<@{f['member_id']}> is a bot, and bots are never paid.",
        "entry_not_found": lambda f: (
            f"<@{f['member_id']}> has no entry no. {f['entry']} in this server. Choose one from the list."
        ),
        "entry_is_reversal": lambda f: (
            f"Entry no. {f['entry']} takes another one back, and that cannot be undone. "
            "You can give the reward once more with `/reward give`."
        ),
        "already_revoked": lambda f: (
            f"Nothing has changed: {member_mention(f['actor_id'])} took entry no. {f['entry']} of "
            f"**{amount(f['amount'])}** back already, {moment(f['revoked_at'])}."
        ),
        "balance_too_low": lambda f: (
            f"Nothing has changed: <@{f['member_id']}> has only **{amount(f['total'])}** left, "
            f"and **{amount(f['amount'])}** would be taken back. "
            "If the total may fall below zero, add `allow-negative:True`."
        ),
    }
)
