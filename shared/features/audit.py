"""/audit: what was changed in this server, by whom, a page at a time."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.discord.payload import Snowflake
from shared.discord.reply import MessagePayload, Reply, embed, message_payload, private, private_message, told, update
from shared.discord.reply import button as button_component
from shared.interactions.interaction import Interaction
from shared.interactions.registry import USER, Level, OptionKind, button, command
from shared.text import audit as words

Somebody = Annotated[
    Snowflake, OptionKind(USER), Field(description="Only what this member did, or what was about them; default: all")
]
AuditType = Annotated[
    Literal["settings", "events", "drops", "rewards", "members"],
    OptionKind(choice_name=lambda value: words.TYPES[value]),
    Field(description="Only changes of a kind; default: all"),
]

# What a button carries: empty where it was not asked for.
MemberOrNone = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,20}$")]
TypeOrNone = Literal["", "settings", "events", "drops", "rewards", "members"]
EntryId = Annotated[int, Field(ge=0, le=2**63 - 1)]  # as Postgres counts them


@command("audit", requires=Level.VIEWER)
def audit(interaction: Interaction, member: Somebody | None = None, type: AuditType | None = None) -> Reply:  # noqa: A002
    """Show what was changed in this server and by whom, the newest first."""
    result = interaction.rpc("get_audit", member_id=member, type=type)
    if result["outcome"] != "audit":
        return told(result)
    return private_message(render(result, interaction.user_id))


@button("audit", requires=Level.VIEWER)
def turn(
    interaction: Interaction,
    owner_id: Snowflake,
    member: MemberOrNone,
    type: TypeOrNone,  # noqa: A002
    direction: Literal["before", "after"],
    entry: EntryId,
) -> Reply:
    """Turn to what is older or newer; only for the admin who asked."""
    if owner_id != interaction.user_id:
        interaction.outcome = "not_your_audit"
        return private(words.NOT_YOUR_AUDIT)
    result = interaction.rpc("get_audit", member_id=member or None, type=type or None, **{direction: entry})
    if result["outcome"] != "audit":
        return told(result)
    return update(render(result, owner_id))


def render(result: dict[str, Any], owner_id: str) -> MessagePayload:
    """A page, with buttons where there is more."""
    shown = embed(words.AUDIT_TITLE, words.audit_page(result))
    has_more = result["entries"] and (result["has_newer"] or result["has_older"])
    return message_payload(embeds=[shown], buttons=_around(result, owner_id) if has_more else [])


def _around(result: dict[str, Any], owner_id: str) -> list[dict[str, Any]]:
    asked = (owner_id, result["member_id"] or "", result["type"] or "")
    newest, oldest = result["entries"][0]["entry"], result["entries"][-1]["entry"]
    return [
        button_component(words.NEWER, turn.custom_id(*asked, "after", newest), disabled=not result["has_newer"]),
        button_component(words.OLDER, turn.custom_id(*asked, "before", oldest), disabled=not result["has_older"]),
    ]
