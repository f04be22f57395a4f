"""What says more than a sentence: drops, cooldowns, history, leaderboards, help."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.reply import cut
from shared.text.figures import Facts, amount, called, change, code, count, escape, fitting, line, moment, number

# --- The message of a drop

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


# --- Cooldowns

COOLDOWNS_TITLE = "What you can take, and when"
SECTION_LIMIT = 1_000  # three of them go into an embed


def cooldowns(facts: Facts) -> str:
    """What a member can take now, what later, and what is used up."""
    sections = [
        _check_in_line(facts["daily"]) if facts["daily"] else "",
        _section("Ready", [f"{called(e)}: **{amount(e['reward'])}**, {claim_hint(e)}" for e in facts["ready"]]),
        _section("Later", [f"{called(e)}: {moment(e['retry_at'])}" for e in facts["waiting"]]),
        _section("Taken as often as it can be", [called(e) for e in facts["used_up"]]),
    ]
    return "\n\n".join(filter(None, sections)) or "There is nothing to take at the moment. Look out for drops."


def claim_hint(event: Facts) -> str:
    """How to take an event."""
    return "`/join`" if event["event"] == "welcome_bonus" else code(f"/claim event:{cut(event['event'], 100)}")


def _check_in_line(daily: Facts) -> str:
    when = f"opens {moment(daily['next_at'])}" if daily["next_at"] else "ready, take it with `/daily`"
    kept = f". Your streak is {count(daily['streak'], 'day')}" if daily["streak"] else ""
    return f"Daily check-in: {when}{kept}."


def _section(heading: str, lines: list[str]) -> str:
    return "\n".join([f"**{heading}**", *fitting(lines, SECTION_LIMIT)]) if lines else ""


# --- The history

HISTORY_TITLE = "Your RSNC"
NO_HISTORY = (
    "Nothing yet. Check in with `/daily`, press the button of a drop, or see `/cooldowns` for what you can take."
)
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
    what = _SOURCES.get(entry["source"], "{event}").replace("{event}", _earned_for(entry))
    return f"**{change(entry['amount'])}** {what}{why}, {moment(entry['at'])}, total {amount(entry['balance'])}"


def _earned_for(entry: Facts) -> str:
    kind, _, days = entry["event"].partition(":")
    if kind == "streak_milestone":
        return f"{line(days, 20)}-day streak bonus"
    return line(entry["event"], 80)


def page_of(page: int, pages: int) -> str:
    """Where a list stands; empty where there is one page."""
    return f"Page {number(page)} of {number(pages)}" if pages > 1 else ""


# --- Leaderboards


@dataclass(frozen=True)
class Board:
    """How a leaderboard is called and written."""

    name: str
    title: str
    value: Callable[[float], str]
    hint: str
    has_periods: bool = False


_EARN = "Check in with `/daily`, press the button of a drop, or see `/cooldowns` for what you can take."

BOARDS = {
    "rsnc_earned": Board("RSNC earned", "Most RSNC earned", amount, _EARN, has_periods=True),
    "claims": Board("Claims", "Most rewards claimed", lambda v: count(v, "claim"), _EARN, has_periods=True),
    "streak": Board(
        "Streaks", "🔥 Longest streaks", lambda v: count(v, "day"), "Check in with `/daily` to begin a streak."
    ),
    "messages": Board("Messages", "Most messages", lambda v: count(v, "message"), "Write something."),
    "voice": Board("Voice", "Most time in voice", lambda v: count(v, "minute"), "Join a voice channel."),
    "reactions": Board(
        "Reactions",
        "Most reactions received",
        lambda v: f"{count(v, 'reaction')} received",
        "Write something that others react to.",
    ),
}
PERIODS = {"all": "All time", "month": "This month", "week": "This week"}
_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


def leaderboard_title(facts: Facts) -> str:
    """The headline of a leaderboard."""
    board = BOARDS[facts["type"]]
    return f"{board.title}, {PERIODS[facts['period']].lower()}" if board.has_periods else board.title


def leaderboard(facts: Facts, user_id: str) -> str:
    """A leaderboard below its headline, as the member sees it who asked."""
    board = BOARDS[facts["type"]]
    lines = "\n".join(_rank_line(board, entry, user_id) for entry in facts["top"])
    about = [
        "This one counts in total only: it has no weeks and months."
        if facts["asked_period"] != facts["period"]
        else "",
        f"{PERIODS[facts['period']]} ends {moment(facts['ends_at'])}." if facts["ends_at"] else "",
    ]
    parts = [lines, _own_rank(board, facts, user_id), "\n".join(filter(None, about))]
    return "\n\n".join(filter(None, parts))


def _rank_line(board: Board, entry: Facts, user_id: str) -> str:
    medal = _MEDALS.get(entry["rank"], f"**{number(entry['rank'])}.**")
    own = " (you)" if entry["user_id"] == user_id else ""
    return f"{medal} <@{entry['user_id']}> {board.value(entry['value'])}{own}"


def _own_rank(board: Board, facts: Facts, user_id: str) -> str:
    """The line below the ten; empty where the member is one of them."""
    if any(entry["user_id"] == user_id for entry in facts["top"]):
        return ""
    if facts["own"]:
        return f"**{number(facts['own']['rank'])}.** <@{user_id}> {board.value(facts['own']['value'])} (you)"
    return f"{'You are not' if facts['top'] else 'Nobody is'} on it yet. {board.hint}"


# --- Help

HELP_TITLE = "What you can do here"
HELP_LIMIT = 3_500  # what an embed shows of a description


def help_page(commands: list[tuple[str, str]]) -> str:
    """The commands that somebody may use, with what each does as long as there is room for that."""
    lines = "\n".join(f"`/{path}` {description}" for path, description in commands)
    return lines if len(lines) <= HELP_LIMIT else ", ".join(f"`/{path}`" for path, _ in commands)
