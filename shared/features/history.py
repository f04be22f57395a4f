"""/history: the member's rows of the ledger, a page at a time."""

from typing import Annotated

from pydantic import Field

from shared.discord.payload import Snowflake
from shared.discord.reply import MessagePayload, Reply, page, update
from shared.discord.reply import button as button_component
from shared.features.earning import HOW_TO_EARN
from shared.format import amount, change, count, escape, event_name, line, moment, number
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply, page_reply
from shared.interactions.registry import button, command

TITLE = "Your RSNC"
PREVIOUS, NEXT = "Previous", "Next"

Page = Annotated[int, Field(ge=1, le=2**31 - 1)]  # as Postgres counts them


@command("history")
def history(interaction: Interaction) -> Reply:
    """Show what you have earned, the newest first."""
    result = interaction.rpc("get_history", page=1)
    return page_reply(result, "history", lambda found: render(found, interaction.user_id))


@button("history")
def turn(interaction: Interaction, owner_id: Snowflake, page: Page) -> Reply:
    """Turn to another page; only for the member whose history it is."""
    if owner_id != interaction.user_id:
        return outcome_reply(interaction.conclude("not_your_history"))
    result = interaction.rpc("get_history", page=page)
    return page_reply(result, "history", lambda found: render(found, owner_id), update)


def render(result: Facts, owner_id: str) -> MessagePayload:
    """A page, with buttons if there are others."""
    current, last = result["page"], result["pages"]
    around = [
        button_component(PREVIOUS, turn.custom_id(owner_id, current - 1), disabled=current <= 1),
        button_component(NEXT, turn.custom_id(owner_id, current + 1), disabled=current >= last),
    ]
    return page(
        TITLE,
        history_page(result["entries"]),
        footer=page_of(current, last, result["total"]),
        buttons=around if last > 1 else [],
    )


# --- Words

_SOURCES = {
    "daily": "Daily check-in",
    "drop": "Drop: {event}",
    "reaction": "Reaction: {event}",
    "grant": "Reward: {event}",
    "activity": "Activity: {event}",
    "reversal": "Taken back: {event}",
}


def history_page(entries: list[Facts]) -> str:
    """Rows of a member's ledger, a line each."""
    return "\n".join(map(history_line, entries)) or f"Nothing yet. {HOW_TO_EARN}"


def history_line(entry: Facts) -> str:
    """A row of the ledger: +27.5 RSNC Daily check-in, 2 hours ago, total 1,234.5 RSNC."""
    what = escape(earned_for(entry))
    if entry["reason"]:
        what = f"{what} ({line(entry['reason'], 150)})"
    return f"**{change(entry['amount'])}** {what}, {moment(entry['at'])}, total {amount(entry['balance'])}"


def earned_for(entry: Facts) -> str:
    """What a row of the ledger is for, as plain text: Drop: Quest."""
    source = "reaction" if entry.get("by_reaction") else entry["source"]
    return _SOURCES.get(source, "{event}").replace("{event}", event_name(entry["event"]))


def page_of(page: int, pages: int, total: int) -> str:
    """Which page it is, and how many entries all pages have; empty for a single page."""
    return f"Page {number(page)} of {number(pages)}, {number(total)} entries" if pages > 1 else ""


declare(
    {"not_your_history": lambda _: "These buttons belong to somebody else. See your own with `/history`."},
)
declare_refusals(
    {
        "page_gone": lambda f: (
            f"There is no page {number(f['page'])} of your history: it has {count(f['pages'], 'page')}. "
            "See the newest with `/history`."
            if f["pages"]
            else "Your history is empty so far."
        ),
    }
)
