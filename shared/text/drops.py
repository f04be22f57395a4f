"""The message of a drop."""

from shared.text.figures import Facts, amount, count, escape, moment, number

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
    claimed = (
        f"{count(drop['claims_count'], 'claim')} so far"
        if drop["max_claims"] is None
        else f"{number(drop['claims_count'])} of {number(drop['max_claims'])} claimed"
    )
    if drop["end_reason"]:
        ending = DROP_ENDINGS[drop["end_reason"]]
        return f"{ending}\n{claimed.removesuffix(' so far')}"
    ends = f", ends {moment(drop['expires_at'])}" if drop["expires_at"] else ""
    return f"Press the button for **{amount(drop['reward'])}**, once per member.\n{claimed}{ends}"
