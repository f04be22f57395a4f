"""The history of a member's RSNC, a line for each row of the ledger."""

from shared.format import Facts, amount, change, escape, event_name, line, moment, number
from shared.text.sentences import HOW_TO_EARN

HISTORY_TITLE = "Your RSNC"
NO_HISTORY = f"Nothing yet. {HOW_TO_EARN}"
NOT_YOUR_HISTORY = "These buttons belong to somebody else. See your own with `/history`."
PREVIOUS, NEXT = "Previous", "Next"

_SOURCES = {
    "daily": "Daily check-in",
    "drop": "Drop: {event}",
    "grant": "Reward: {event}",
    "activity": "Activity: {event}",
    "reversal": "Taken back: {event}",
}


def history(entries: list[Facts]) -> str:
    """Rows of a member's ledger, a line each."""
    return "\n".join(map(history_line, entries)) or NO_HISTORY


def history_line(entry: Facts) -> str:
    """A row of the ledger: +27.5 RSNC Daily check-in, 2 hours ago, total 1,234.5 RSNC."""
    why = f" ({line(entry['reason'], 150)})" if entry["reason"] else ""
    what = escape(earned_for(entry))
    return f"**{change(entry['amount'])}** {what}{why}, {moment(entry['at'])}, total {amount(entry['balance'])}"


def earned_for(entry: Facts) -> str:
    """What a row of the ledger is for, as plain text: Drop: Quest."""
    return _SOURCES.get(entry["source"], "{event}").replace("{event}", event_name(entry["event"]))


def page_of(page: int, pages: int, total: int) -> str:
    """Which of the pages it is, and how many entries they have; empty where there is one page."""
    return f"Page {number(page)} of {number(pages)}, {number(total)} entries" if pages > 1 else ""
