"""The message of a drop, and drops as lines of a list."""

from shared.format import (
    CHOICE_LIMIT,
    PAGE_LIMIT,
    Facts,
    amount,
    count,
    cut,
    escape,
    fitting,
    line,
    moment,
    number,
    span,
)

DROP_BUTTON = "Claim"

DROP_ENDINGS = {
    "expired": "This drop has ended: its time was up.",
    "sold_out": "This drop has ended: every claim was taken.",
    "ended": "This drop was ended by an admin.",
    "cancelled": "This drop was cancelled by an admin. What was paid stays paid.",
    "message_deleted": "This drop has ended.",
    "not_posted": "This drop was closed before it was posted.",
}


def drop_title(drop: Facts) -> str:
    """The headline of a drop's message."""
    return f"Drop: {escape(drop['title'])}"


def drop_lines(drop: Facts) -> str:
    """What a drop's message says below its headline."""
    if drop["end_reason"]:
        ending = DROP_ENDINGS[drop["end_reason"]]
        return ending if drop["end_reason"] == "cancelled" else f"{ending}\n{claimed(drop)}"
    so_far = " so far" if drop["max_claims"] is None else ""
    return f"Press the button for **{amount(drop['reward'])}**, once per member.\n{claimed(drop)}{so_far}{_ends(drop)}"


def claimed(drop: Facts) -> str:
    """How much of a drop is taken: 3 claims, 3 of 100 claimed."""
    if drop["max_claims"] is None:
        return count(drop["claims_count"], "claim")
    return f"{number(drop['claims_count'])} of {number(drop['max_claims'])} claimed"


def _ends(drop: Facts) -> str:
    return f", ends {moment(drop['expires_at'])}" if drop["expires_at"] else ""


# --- For admins

OPEN_DROPS = "Open drops"
NO_OPEN_DROPS = "No drop is open in this server. Post one with `/drop create`."

# How a drop ended; the time follows.
ENDED_FOR_ADMINS = {
    "expired": "Its time was up",
    "sold_out": "Its last claim was taken",
    "ended": "An admin ended it",
    "cancelled": "An admin cancelled it",
    "message_deleted": "Its message was deleted, which closed it",
    "not_posted": "It was closed without having been posted",
}


def drop_name(drop: Facts) -> str:
    """What admins know a drop by: its title, and what its button says where that is its own."""
    label = f" ({line(drop['label'], 80)})" if drop["label"] else ""
    return f"**{line(drop['title'], 80)}**{label}"


def drop_line(drop: Facts) -> str:
    """An open drop as one line of a list."""
    ends = _ends(drop) or ", permanent"
    return f"{drop_name(drop)}: {amount(drop['reward'])}, {claimed(drop)}{ends}, {_where(drop)}"


def _where(drop: Facts) -> str:
    if not drop["channel_id"] or not drop["message_id"]:
        return "not posted yet"
    return f"[message]({message_link(drop)}) in <#{drop['channel_id']}>"


def message_link(drop: Facts) -> str:
    """Where Discord shows the message of a drop."""
    return f"https://discord.com/channels/{drop['server_id']}/{drop['channel_id']}/{drop['message_id']}"


def drop_list(found: Facts) -> str:
    """Open drops as lines, as many as there is room for."""
    return "\n".join(fitting([drop_line(drop) for drop in found["drops"]], PAGE_LIMIT - 100, found["total"]))


def drop_choice(drop: Facts) -> str:
    """An open drop as a suggestion, which knows no markup: News tracker (Grab it): 3 of 100 claimed, 2 hours left."""
    left = "permanent" if drop["seconds_left"] is None else f"{span(drop['seconds_left'])} left"
    figures = f": {claimed(drop)}, {left}"
    name = f"{drop['title']} ({drop['label']})" if drop["label"] else str(drop["title"])
    return cut(" ".join(name.split()), CHOICE_LIMIT - len(figures)) + figures
