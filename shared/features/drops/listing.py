"""Open drops as lines of a list and as suggestions; /drop list."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.discord.reply import Reply, ephemeral, page
from shared.features.drops import emoji
from shared.features.drops.message import claimed, drop_name, ends, message_link
from shared.format import CHOICE_LIMIT, PAGE_LIMIT, amount, cut, is_id, one_line, span, truncate_lines
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import Level, OptionKind, command

TITLE = "Open drops"
NO_OPEN_DROPS = "No drop is open in this server. Post one with `/drop create`."
DROP_ID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def drop_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The server's open drops that match what was typed."""
    found = interaction.rpc("list_drops", search=typed.strip())
    return [(drop_choice(drop), drop["drop_id"]) for drop in found.get("drops", [])]


OpenDrop = Annotated[
    str,
    OptionKind(complete=drop_choices, not_chosen="Choose a drop from the list."),
    StringConstraints(pattern=DROP_ID),
    Field(description="Which open drop"),
]


@command("drop list", requires=Level.EVENT_MANAGER)
def list_drops(interaction: Interaction) -> Reply:
    """List the open drops of this server."""
    result = interaction.rpc("list_drops")
    if result["outcome"] == "drops" and not result["drops"]:
        return ephemeral(NO_OPEN_DROPS)
    return page_reply(result, "drops", lambda found: page(TITLE, drop_list(found)))


# --- Words


def drop_list(found: Facts) -> str:
    """Open drops as lines, as many as there is room for."""
    return "\n".join(truncate_lines([drop_line(drop) for drop in found["drops"]], PAGE_LIMIT - 100, found["total"]))


def drop_line(drop: Facts) -> str:
    """An open drop as one line of a list."""
    figures = [amount(drop["reward"]), claimed(drop), ends(drop) or "permanent", _where(drop)]
    return f"{drop_name(drop)}: {', '.join(figures)}"


def drop_choice(drop: Facts) -> str:
    """An open drop as a suggestion, in plain text: News tracker (Grab it): 3 of 100 claimed, 2 hours left."""
    left = "permanent" if drop["seconds_left"] is None else f"{span(drop['seconds_left'])} left"
    figures = f"{claimed(drop)}, {left}"
    sign = emoji.in_plain(drop["emoji"]) if "emoji" in drop else drop["label"]
    name = f"{drop['title']} ({sign})" if sign else str(drop["title"])
    return f"{cut(one_line(name), CHOICE_LIMIT - len(figures) - 2)}: {figures}"


def _where(drop: Facts) -> str:
    if not (is_id(drop["channel_id"]) and is_id(drop["message_id"])):
        return "not posted yet"
    if drop.get("is_own_message", True):
        return f"[message]({message_link(drop)}) in <#{drop['channel_id']}>"
    return f"[reactions to a message]({message_link(drop)}) in <#{drop['channel_id']}>"
