"""Why a member earns nothing: the refusals of earning, in the order in which SQL checks them. Keep the order.

A drop is checked first (claim_drop), then everything that every way to earn checks (internal.check_earning).
"""

from shared.format import amount, clause, code, count, cut, line, moment, truncate_lines
from shared.interactions.outcomes import Facts, declare_refusals

DROP_OVER = ("drop_ended", "drop_expired", "drop_full")  # answered with the drop's current message

# Events that members know by their command, not by their name.
_OWN_COMMANDS = {
    "daily_checkin": "There is no daily check-in in this server.",
    "welcome_bonus": "There is no welcome bonus in this server.",
}


def _event_not_found(facts: Facts) -> str:
    if "events" in facts:  # in reply to an admin
        return _event_not_among(facts)
    event = facts["event"]
    missing = _OWN_COMMANDS.get(event) or f"There is no event {code(event)} in this server."
    return f"{missing} `/cooldowns` shows what you can take; an admin can see all with `/config events list`."


def _event_not_among(facts: Facts) -> str:
    names = truncate_lines([code(cut(event, 100)) for event in facts["events"]], 1_000)
    known = f"These are there: {', '.join(names)}." if names else "There is none yet."
    return (
        f"There is no event {code(cut(facts['event'], 100))} in this server. {known} "
        "A full admin sees them with `/config events list`, and creates one with `/config events create`."
    )


def _member_disabled(facts: Facts) -> str:
    if not facts.get("reason"):
        return "An admin has paused your rewards in this server. They resume when an admin lifts it."
    return (
        f"An admin has paused your rewards in this server: {clause(facts['reason'], 300)}. "
        "They resume when an admin lifts it."
    )


def cooldown(facts: Facts, member: str = "") -> str:
    """When the cooldown ends; the limit instead, if the member can never earn the event again.

    `member` is their mention in a sentence for somebody else.
    """
    if "limit" in facts:
        return limit_reached(facts, member)
    if "total_limit" in facts:
        return _total_limit_reached({**facts, "limit": facts["total_limit"]})
    event, when = line(facts["event"], 80), moment(facts["retry_at"])
    return f"{member} can earn **{event}** again {when}." if member else f"You can earn **{event}** again {when}."


def limit_reached(facts: Facts, member: str = "") -> str:
    """That a member has reached their limit; `member` as for `cooldown`."""
    if not facts["limit"]:
        return _cannot_be_earned(facts)
    event, times = line(facts["event"], 80), count(facts["limit"], "time")
    if member:
        return f"{member} has earned **{event}** as often as one member can: {times}."
    return f"You have earned **{event}** as often as one member can: {times}."


def _total_limit_reached(facts: Facts) -> str:
    if not facts["limit"]:
        return _cannot_be_earned(facts)
    event, times = line(facts["event"], 80), count(facts["limit"], "time")
    return f"**{event}** is used up: all members together can earn it {times}."


def _cannot_be_earned(facts: Facts) -> str:
    return f"**{line(facts['event'], 80)}** cannot be earned at the moment."


declare_refusals(
    {
        "drop_not_found": lambda _: "This drop no longer exists.",
        # DROP_OVER is checked here.
        "already_claimed": lambda f: (
            f"You already have this one: you claimed **{amount(f['amount'])}** {moment(f['claimed_at'])}."
        ),
        "server_not_connected": lambda _: (
            "This server is not connected to a Resonance brand yet. An admin can do that with `/setup connect`."
        ),
        "brand_disabled": lambda _: (
            "Nobody earns here at the moment: the brand of this server is switched off. "
            "Its people can switch it on again."
        ),
        "event_not_found": _event_not_found,
        "event_disabled": lambda f: (
            f"**{line(f['event'], 80)}** is switched off at the moment. Ask an admin when it is back."
        ),
        "member_disabled": _member_disabled,
        "member_pending": lambda _: (
            "You can earn here as soon as you have accepted this server's rules, which Discord shows you above the "
            "field for messages. Then please try again."
        ),
        "member_timed_out": lambda f: f"You are in time-out here. You can earn again {moment(f['until'])}.",
        "test_mode": lambda _: "Test mode is on: only testers earn until an admin switches it off.",
        "channel_excluded": lambda _: "Rewards are off in this channel. Please try in another one.",
        "cooldown": cooldown,
        "limit_reached": limit_reached,
        "total_limit_reached": _total_limit_reached,
    },
    shown=DROP_OVER,
)
