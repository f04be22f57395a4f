"""/leaderboard: who is ahead, by what, and in which period."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from shared.discord.reply import Reply, page, public_message
from shared.features.earning import HOW_TO_EARN
from shared.format import amount, count, member_mention, moment, number
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import OptionKind, command

BoardType = Annotated[
    Literal["rsnc_earned", "claims", "streak", "messages", "voice", "reactions"],
    OptionKind(choice_name=lambda value: BOARDS[value].name),
    Field(description="What to rank by; default: RSNC earned"),
]
Period = Annotated[
    Literal["all", "month", "week"],
    OptionKind(choice_name=lambda value: PERIODS[value]),
    Field(description="Which period; default: all time"),
]


@command("leaderboard")
def leaderboard(interaction: Interaction, type: BoardType = "rsnc_earned", period: Period = "all") -> Reply:  # noqa: A002
    """Show who is ahead in this server, and where you are."""
    return show(interaction, type, period)


def show(interaction: Interaction, board: str, period: str) -> Reply:
    """A leaderboard for everybody in the channel; a refusal only for the one who asked."""
    return page_reply(
        interaction.rpc("get_leaderboard", type=board, period=period),
        "leaderboard",
        lambda found: page(leaderboard_title(found), leaderboard_page(found, interaction.user_id)),
        public_message,
    )


# --- Words


@dataclass(frozen=True)
class Board:
    """How a leaderboard is called and written."""

    name: str
    title: str
    value: Callable[[float], str]
    hint: str
    has_periods: bool = False


BOARDS = {
    "rsnc_earned": Board("RSNC earned", "Most RSNC earned", amount, HOW_TO_EARN, has_periods=True),
    "claims": Board("Claims", "Most rewards claimed", lambda v: count(v, "claim"), HOW_TO_EARN, has_periods=True),
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


def leaderboard_page(facts: Facts, user_id: str) -> str:
    """A leaderboard below its headline, for the member who asked."""
    board = BOARDS[facts["type"]]
    lines = "\n".join(_rank_line(board, entry, user_id) for entry in facts["top"])
    about = [
        "This leaderboard has no weeks or months." if facts["asked_period"] != facts["period"] else "",
        f"{PERIODS[facts['period']]} ends {moment(facts['ends_at'])}." if facts["ends_at"] else "",
    ]
    parts = [lines, _own_rank(board, facts, user_id), "\n".join(filter(None, about))]
    return "\n\n".join(filter(None, parts))


def _rank_line(board: Board, entry: Facts, user_id: str) -> str:
    medal = _MEDALS.get(entry["rank"], f"**{number(entry['rank'])}.**")
    own = " (you)" if entry["user_id"] == user_id else ""
    return f"{medal} {member_mention(entry['user_id'])} {board.value(entry['value'])}{own}"


def _own_rank(board: Board, facts: Facts, user_id: str) -> str:
    """The member's own line below the ten; empty if the member is one of them."""
    if any(entry["user_id"] == user_id for entry in facts["top"]):
        return ""
    if facts["own"]:
        return f"**{number(facts['own']['rank'])}.** <@{user_id}> {board.value(facts['own']['value'])} (you)"
    # The whole channel reads this: name the member instead of saying "you".
    who = f"<@{user_id}> is not" if facts["top"] else "Nobody is"
    return f"{who} on it yet. {board.hint}"
