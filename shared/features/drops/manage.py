"""Changes of an open drop: /drop edit, end and cancel."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from shared.discord.reply import Reply
from shared.features.drops.listing import OpenDrop, drop_line
from shared.features.drops.look import Colour, Title
from shared.features.drops.message import drop_name, end_cause, message_link, show
from shared.features.drops.options import Description, Label, parse_lifespan
from shared.format import amount, count, moment, number
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

# How a drop ended; the time follows.
ENDED = {
    "expired": "Its time was up",
    "sold_out": "Its last claim was taken",
    "ended": "An admin ended it",
    "cancelled": "An admin cancelled it",
    "message_deleted": "Its message was deleted, which closed it",
    "not_posted": "It was closed without having been posted",
    "server_left": "This server left the brand that it was for, which ended it",
    "event_deleted": "Its event was deleted, which ended it",
}


def _edited(facts: Facts) -> str:
    drop = facts["drop"]
    if not drop["end_reason"]:
        return f"The drop is changed:\n{drop_line(drop)}{_message_note(facts)}"
    return (
        f"The drop {drop_name(drop)} has ended with that: {count(drop['claims_count'], 'claim')} of "
        f"{number(drop['max_claims'])} are taken.{_message_note(facts)}"
    )


def _cancelled(facts: Facts) -> str:
    paid = facts["paid"]
    kept = f"What was paid stays paid: {_paid(paid)}." if paid["claims"] else "It has paid nothing."
    no_more = " Reactions pay no more." if "emoji" in facts["drop"] else ""
    return f"The drop {drop_name(facts['drop'])} is cancelled. {kept}{no_more}{_message_note(facts)}"


def _closed(facts: Facts) -> str:
    paid = f"It paid {_paid(facts['paid'])}."
    if "emoji" in facts["drop"]:
        paid = f"It has paid {_paid(facts['paid'])}; whoever has reacted and is not paid yet is paid within a minute."
    return f"The drop {drop_name(facts['drop'])} has ended. {paid}{_message_note(facts)}"


def _paid(paid: Facts) -> str:
    """What a drop has paid: 15 RSNC to 3 members."""
    return f"**{amount(paid['amount'])}** to {count(paid['claims'], 'member')}" if paid["claims"] else "nothing"


def _message_note(facts: Facts) -> str:
    """Why the message of a changed drop does not show the change; empty if it does."""
    return {
        "shown": "",
        "later": "\nIts message follows within a few minutes.",
        "refused": f"\nDiscord did not let me change its message: {facts.get('problem')}. I try again later.",
        "gone": "\nIts message has been deleted, so nobody can claim it any more: the drop is closed.",
    }[facts["message"]]


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
            f"{ENDED[end_cause(f['drop'])]} {moment(f['ended_at'])}."
        ),
        "field_not_shown": lambda f: (
            f"Nothing has changed: the drop {drop_name(f['drop'])} pays reactions, so it has no button to label."
            if f["field"] == "label"
            else f"Nothing has changed: the drop {drop_name(f['drop'])} pays reactions to [a message that is not "
            f"mine]({message_link(f['drop'])}), which stays as it is: a {f['field']} would be seen nowhere."
        ),
        "max_claims_too_low": lambda f: (
            f"Nothing has changed: {number(f['max_claims'])} is less than what is claimed of {drop_name(f['drop'])} "
            f"already, {count(f['drop']['claims_count'], 'claim')}. "
            "Give at least that, or end the drop with `/drop end`."
        ),
    }
)
