"""Changes of an open drop: /drop edit, end and cancel."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from shared.discord.reply import Reply
from shared.features.drops.listing import OpenDrop, drop_line
from shared.features.drops.look import Colour, Title
from shared.features.drops.message import drop_name, end_cause, message_link, show
from shared.features.drops.options import Description, Label, parse_lifespan
from shared.format import amount, count, moment, number, sentences
from shared.interactions.interaction import Interaction
from shared.interactions.options import limit_or_none
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.interactions.registry import Level, OptionKind, command

NO_LIMIT = -1  # what admins and SQL give to lift a limit


def _new_lifespan(typed: str) -> int:
    lifespan: timedelta | None = parse_lifespan(typed)
    return NO_LIMIT if lifespan is None else int(lifespan.total_seconds())


NewLifespan = Annotated[
    int,
    BeforeValidator(_new_lifespan),
    OptionKind(),
    Field(description="How long it stays open from now on: 90s, 5m, 24h, at most 168h, or permanent"),
]
NewMaxClaims = Annotated[
    int,
    AfterValidator(limit_or_none),
    Field(description="How many members can claim it, with those who have; -1: no limit", ge=-1, le=1_000_000),
]


@command("drop edit", requires=Level.EVENT_MANAGER)
def edit(
    interaction: Interaction,
    drop: OpenDrop,
    lifespan: NewLifespan | None = None,
    max_claims: NewMaxClaims | None = None,
    label: Label | None = None,
    description: Description | None = None,
    title: Title | None = None,
    colour: Colour | None = None,
) -> Reply:
    """Change an open drop; what you leave out stays."""
    result = interaction.rpc(
        "edit_drop",
        drop_id=drop,
        lifespan_seconds=lifespan,
        max_claims=max_claims,
        label=label,
        description=description,
        title=title,
        colour=colour,
    )
    return _changed(interaction, result)


@command("drop end", requires=Level.EVENT_MANAGER)
def end(interaction: Interaction, drop: OpenDrop) -> Reply:
    """End a drop before its time."""
    return _changed(interaction, interaction.rpc("end_drop", drop_id=drop))


@command("drop cancel", requires=Level.EVENT_MANAGER)
def cancel(interaction: Interaction, drop: OpenDrop) -> Reply:
    """Close a drop without a result; what it has paid stays paid."""
    return _changed(interaction, interaction.rpc("cancel_drop", drop_id=drop))


def _changed(interaction: Interaction, result: dict[str, Any]) -> Reply:
    """Tell the admin; before that, update the message if SQL leaves it to us ("yours")."""
    if result.get("message") == "yours":
        result |= show(interaction, result["drop"])
    return outcome_reply(result)


# --- Words

# How a drop ended, and when.
ENDED = {
    "expired": "Its time was up {when}.",
    "sold_out": "Its last claim was taken {when}.",
    "ended": "An admin ended it {when}.",
    "cancelled": "An admin cancelled it {when}.",
    "message_deleted": "Its message was deleted, which closed it {when}.",
    "not_posted": "It was closed without having been posted {when}.",
    "server_left": "This server left the brand that it was for, which ended it {when}.",
    "event_deleted": "Its event was deleted, which ended it {when}.",
}


def _edited(facts: Facts) -> str:
    drop = facts["drop"]
    if not drop["end_reason"]:
        return _with_note(f"The drop is changed:\n{drop_line(drop)}", facts)
    taken, limit = number(drop["claims_count"]), number(drop["max_claims"])
    return _with_note(
        f"The drop {drop_name(drop)} has ended with that: every claim is taken, {taken} of {limit}.", facts
    )


def _cancelled(facts: Facts) -> str:
    paid = facts["paid"]
    reward, members = amount(paid["amount"]), count(paid["claims"], "member")
    told = sentences(
        f"The drop {drop_name(facts['drop'])} is cancelled.",
        f"What was paid stays paid: **{reward}** to {members}." if paid["claims"] else "It has paid nothing.",
        "Reactions pay no more." if "emoji" in facts["drop"] else "",
    )
    return _with_note(told, facts)


def _closed(facts: Facts) -> str:
    paid_so_far = _paid_by_reactions if "emoji" in facts["drop"] else _paid
    return _with_note(
        sentences(f"The drop {drop_name(facts['drop'])} has ended.", paid_so_far(facts["paid"])),
        facts,
    )


def _paid(paid: Facts) -> str:
    if not paid["claims"]:
        return "It paid nothing."
    return f"It paid **{amount(paid['amount'])}** to {count(paid['claims'], 'member')}."


def _paid_by_reactions(paid: Facts) -> str:
    if not paid["claims"]:
        return "It has paid nothing; whoever has reacted and is not paid yet is paid within a minute."
    reward, members = amount(paid["amount"]), count(paid["claims"], "member")
    return f"It has paid **{reward}** to {members}; whoever has reacted and is not paid yet is paid within a minute."


def _with_note(told: str, facts: Facts) -> str:
    """What has become of a drop, and why its message does not show it yet."""
    note = {
        "shown": "",
        "later": "Its message follows within a few minutes.",
        "refused": f"Discord did not let me change its message. {facts.get('problem')} I try again later.",
        "gone": "Its message has been deleted, so nobody can claim it any more: the drop is closed.",
    }[facts["message"]]
    return f"{told}\n{note}" if note else told


declare(
    {
        "drop_edited": _edited,
        "drop_unchanged": lambda f: (
            f"Nothing has changed: the drop is as you want it already, or you have said nothing to change.\n"
            f"{drop_line(f['drop'])}"
        ),
        "drop_closed": _closed,
        "drop_cancelled": _cancelled,
    }
)
declare_refusals(
    {
        "drop_unknown": lambda _: (
            "There is no such drop in this server. Pick one from what Discord suggests, or see `/drop list`."
        ),
        "drop_over": lambda f: (
            f"Nothing has changed: the drop {drop_name(f['drop'])} is over already. "
            f"{ENDED[end_cause(f['drop'])].format(when=moment(f['ended_at']))}"
        ),
        "field_not_shown": lambda f: (
            f"Nothing has changed: the drop {drop_name(f['drop'])} pays reactions, so it has no button to label."
            if f["field"] == "label"
            else f"Nothing has changed: the drop {drop_name(f['drop'])} pays reactions to [a message that is not "
            f"mine]({message_link(f['drop'])}), which stays as it is: `{f['field']}` would be seen nowhere."
        ),
        "max_claims_too_low": lambda f: (
            f"Nothing has changed: {number(f['max_claims'])} is less than what is claimed of {drop_name(f['drop'])} "
            f"already, {count(f['drop']['claims_count'], 'claim')}. "
            "Give at least that, or end the drop with `/drop end`."
        ),
    }
)
