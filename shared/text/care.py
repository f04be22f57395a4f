"""What admins read about a member."""

from shared.format import CHOICE_LIMIT, Facts, amount, change, code, count, cut, line, moment
from shared.text.history import earned_for, history_line
from shared.text.sentences import Sentences, current_streak, sentence, total_limit_reached, total_of

MEMBER_TITLE = "How a member stands"

# The refusals of earning, told to the admin who wanted to give something.
_ABOUT: Sentences = {
    "event_not_found": lambda f: (
        f"There is no event {code(cut(f['event'], 100))} in this server. `/config events list` shows what there is."
    ),
    "event_disabled": lambda f: (
        f"**{line(f['event'], 80)}** is switched off. A full admin can change that with `/config events toggle`."
    ),
    "member_disabled": lambda f: (
        f"The rewards of <@{f['member_id']}> are paused"
        + (f": {line(f['reason'], 300).rstrip('.')}" if f.get("reason") else "")
        + ". A full admin can lift that with `/config member enable`."
    ),
    "test_mode": lambda f: f"Test mode is on, and <@{f['member_id']}> is neither a tester nor an admin.",
    "cooldown": lambda f: (
        _limit_reached(f)
        if "limit" in f
        else total_limit_reached({**f, "limit": f["total_limit"]})
        if "total_limit" in f
        else f"<@{f['member_id']}> can earn **{line(f['event'], 80)}** again {moment(f['retry_at'])}."
    ),
    "limit_reached": lambda f: _limit_reached(f),  # noqa: PLW0108  (it is defined below)
}


def about_member(facts: Facts) -> str:
    """An outcome as it is told to an admin who acts for a member."""
    if "member_id" in facts and facts["outcome"] in _ABOUT:
        return _ABOUT[facts["outcome"]](facts)
    return sentence(facts["outcome"], facts)


def entry_choice(entry: Facts) -> str:
    """A row of the ledger as a suggestion: +25 RSNC Daily check-in, 2026-11-24 (no. 123)."""
    which = f", {entry['day']} (no. {entry['entry']})"
    return cut(f"{change(entry['amount'])} {earned_for(entry)}", CHOICE_LIMIT - len(which)) + which


def member_page(facts: Facts) -> str:
    """How a member stands."""
    longest = f", the longest was {count(facts['longest'], 'day')}" if facts["longest"] > facts["streak"] else ""
    last = facts["last"]
    lines = [
        _standing(facts),
        f"{total_of(facts['member_id'])} **{amount(facts['total'])}**.",
        f"{current_streak(facts['streak'], is_own=False)}{longest}.",
        f"Last: {history_line(last)} (no. {last['entry']})" if last else "Nothing in the ledger yet.",
    ]
    return "\n".join(lines)


def _standing(facts: Facts) -> str:
    disabled = facts["disabled"]
    if not disabled:
        return f"<@{facts['member_id']}> may earn."
    why = f": {line(disabled['reason'], 300).rstrip('.')}" if disabled["reason"] else ""
    return (
        f"The rewards of <@{facts['member_id']}> were paused {moment(disabled['since'])} by <@{disabled['by']}>{why}."
    )


def _limit_reached(facts: Facts) -> str:
    if not facts["limit"]:
        return f"**{line(facts['event'], 80)}** cannot be earned at the moment."
    return (
        f"<@{facts['member_id']}> has earned **{line(facts['event'], 80)}** as often as one member can: "
        f"{count(facts['limit'], 'time')}."
    )
