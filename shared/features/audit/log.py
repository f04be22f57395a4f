"""/audit: what was changed in this server, by whom, a page at a time."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.discord.payload import Snowflake
from shared.discord.reply import MessagePayload, Reply, page, update
from shared.discord.reply import button as button_component
from shared.features.audit.entry import audit_line
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, outcome_reply, page_reply
from shared.interactions.registry import USER, Level, OptionKind, button, command

TITLE = "What was changed"
NEWER, OLDER = "Newer", "Older"
Kind = Literal["settings", "events", "drops", "watches", "rewards", "members"]

Somebody = Annotated[
    Snowflake, OptionKind(USER), Field(description="Only what this member did, or what was about them; default: all")
]
AuditType = Annotated[
    Kind,
    OptionKind(choice_name=str.capitalize),
    Field(description="Only changes of a kind; default: all"),
]

# Arguments of the buttons; empty if the option was not given.
MemberOrNone = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,20}$")]
TypeOrNone = Literal["", Kind]
EntryId = Annotated[int, Field(ge=0, le=2**63 - 1)]  # as Postgres counts them


@command("audit", requires=Level.VIEWER)
def audit(interaction: Interaction, member: Somebody | None = None, type: AuditType | None = None) -> Reply:  # noqa: A002
    """Show what was changed in this server and by whom, the newest first."""
    result = interaction.rpc("get_audit", member_id=member, type=type)
    return page_reply(result, "audit", lambda found: render(found, interaction.user_id))


@button("audit", requires=Level.VIEWER)
def turn(
    interaction: Interaction,
    owner_id: Snowflake,
    member: MemberOrNone,
    type: TypeOrNone,  # noqa: A002
    direction: Literal["before", "after"],
    entry: EntryId,
) -> Reply:
    """Turn to older or newer entries; only for the admin who asked."""
    if owner_id != interaction.user_id:
        return outcome_reply(interaction.conclude("not_your_audit"))
    result = interaction.rpc("get_audit", member_id=member or None, type=type or None, **{direction: entry})
    return page_reply(result, "audit", lambda found: render(found, owner_id), update)


def render(result: Facts, owner_id: str) -> MessagePayload:
    """A page, with buttons if there are newer or older entries."""
    has_more = result["entries"] and (result["has_newer"] or result["has_older"])
    return page(TITLE, audit_page(result), buttons=_around(result, owner_id) if has_more else [])


def _around(result: Facts, owner_id: str) -> list[dict[str, Any]]:
    asked = (owner_id, result["member_id"] or "", result["type"] or "")
    newest, oldest = result["entries"][0]["entry"], result["entries"][-1]["entry"]
    return [
        button_component(NEWER, turn.custom_id(*asked, "after", newest), disabled=not result["has_newer"]),
        button_component(OLDER, turn.custom_id(*asked, "before", oldest), disabled=not result["has_older"]),
    ]


# --- Words


def audit_page(facts: Facts) -> str:
    """A page of the log, an entry a line; above them the options that were given."""
    what = facts["type"] or ""
    about = f"what <@{facts['member_id']}> did, or what was about them" if facts["member_id"] else ""
    asked = f"Only {': '.join(filter(None, [what, about]))}.\n\n" if what or about else ""
    lines = "\n".join(map(audit_line, facts["entries"]))
    return asked + (lines or ("There is nothing of it in the log." if asked else "Nothing is in the log yet."))


declare(
    {"not_your_audit": lambda _: "These buttons belong to somebody else. See the log with `/audit`."},
)
