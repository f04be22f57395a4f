"""/leaderboard: who is ahead, by what, and in which period."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.discord.reply import MessagePayload, Reply, page, public_message, update
from shared.discord.reply import button as button_component
from shared.features.earning import HOW_TO_EARN
from shared.format import amount, count, member_mention, moment, number
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import OptionKind, button, command

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
Page = Annotated[int, Field(ge=1, le=100)]  # as get_leaderboard has them

PREVIOUS, NEXT, MY_RANK = "◀", "▶", "My rank"


@command("leaderboard")
def leaderboard(interaction: Interaction, type: BoardType = "rsnc_earned", period: Period = "all") -> Reply:  # noqa: A002
    """Show who is ahead in this server; a button tells you your rank."""
    return show(interaction, type, period)


def show(interaction: Interaction, board: str, period: str) -> Reply:
    """A leaderboard for everybody in the channel; a refusal only for the one who asked."""
    result = interaction.rpc("get_leaderboard", type=board, period=period, page=1)
    return page_reply(result, "leaderboard", render, public_message)


@button("leaderboard")
def turn(interaction: Interaction, board: BoardType, period: Period, page: Page) -> Reply:
    """Turn the page for everybody; whoever likes may."""
    result = interaction.rpc("get_leaderboard", type=board, period=period, page=page)
    return page_reply(result, "leaderboard", render, update)


@button("rank")
def show_rank(interaction: Interaction, board: BoardType, period: Period) -> Reply:
    """Tell the one who presses their own rank, in private."""
    result = interaction.rpc("get_rank", type=board, period=period)
    return page_reply(result, "rank", lambda found: page(leaderboard_title(found), rank_page(found)))


def render(facts: Facts) -> MessagePayload:
    """A page of a leaderboard, with buttons for the pages around it and for one's own rank."""
    return page(leaderboard_title(facts), leaderboard_page(facts), footer=_footer(facts), buttons=_buttons(facts))


def _buttons(facts: Facts) -> list[dict[str, Any]]:
    board, period, current = facts["type"], facts["asked_period"], facts["page"]
    around = [
        button_component(PREVIOUS, turn.custom_id(board, period, current - 1), disabled=current <= 1),
        button_component(NEXT, turn.custom_id(board, period, current + 1), disabled=not facts["has_more"]),
    ]
    shown = around if current > 1 or facts["has_more"] else []
    return [*shown, button_component(MY_RANK, show_rank.custom_id(board, period))] if shown or facts["top"] else []


# --- Words


@dataclass(frozen=True)
class Board:
    """How a leaderboard is called and written."""

    name: str
    title: str
    value: Callable[[float], str]
    hint: str  # how to get on it
    empty: str
    has_periods: bool = False


_NOBODY_YET = f"Nobody is on it yet. {HOW_TO_EARN}"
BOARDS = {
    "rsnc_earned": Board("RSNC earned", "Most RSNC earned", amount, HOW_TO_EARN, _NOBODY_YET, has_periods=True),
    "claims": Board(
        "Claims", "Most rewards claimed", lambda v: count(v, "claim"), HOW_TO_EARN, _NOBODY_YET, has_periods=True
    ),
    "streak": Board(
        "Current streaks",
        "🔥 Current streaks",
        lambda v: count(v, "day"),
        "Check in with `/daily` to begin a streak.",
        "Nobody has a streak at the moment. Check in with `/daily` to begin one.",
    ),
    "messages": Board(
        "Messages",
        "Most messages",
        lambda v: count(v, "message"),
        "Write something.",
        "Messages are not counted here yet. This board fills once an admin connects a program that counts them.",
    ),
    "voice": Board(
        "Voice",
        "Most time in voice",
        lambda v: count(v, "minute"),
        "Join a voice channel.",
        "Time in voice is not counted here yet. This board fills once an admin connects a program that counts it.",
    ),
    "reactions": Board(
        "Reactions",
        "Most reactions received",
        lambda v: count(v, "reaction"),
        "Write something that others react to.",
        "Reactions are not counted here yet. This board fills once an admin connects a program that counts them.",
    ),
}
PERIODS = {"all": "All time", "month": "This month", "week": "This week"}
_ENDS: dict[str, Callable[[str], str]] = {
    "month": lambda at: f"This month ends {moment(at)}.",
    "week": lambda at: f"This week ends {moment(at)}.",
}
_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


def leaderboard_title(facts: Facts) -> str:
    """The headline of a leaderboard."""
    board = BOARDS[facts["type"]]
    return f"{board.title} · {PERIODS[facts['period']]}" if board.has_periods else board.title


def leaderboard_page(facts: Facts) -> str:
    """A page of a leaderboard below its headline."""
    board = BOARDS[facts["type"]]
    lines = "\n".join(_rank_line(board, entry) for entry in facts["top"])
    about = [
        "This leaderboard has no weeks or months." if facts["asked_period"] != facts["period"] else "",
        period_end(facts),
    ]
    nobody = board.empty if facts["page"] == 1 else "Nobody is as far down as this any more."
    return "\n\n".join(filter(None, [lines or nobody, "\n".join(filter(None, about))]))


def period_end(facts: Facts) -> str:
    """When the period of a leaderboard or of figures ends; empty for all time."""
    write = _ENDS.get(facts["period"])
    return write(facts["ends_at"]) if write and facts["ends_at"] else ""


def rank_page(facts: Facts) -> str:
    """Where a member stands, for their eyes only."""
    board, own = BOARDS[facts["type"]], facts["own"]
    if own:
        return f"You have rank **{number(own['rank'])}** with {board.value(own['value'])}."
    return f"You are not on it yet. {board.hint}"


def _rank_line(board: Board, entry: Facts) -> str:
    medal = _MEDALS.get(entry["rank"], f"**{number(entry['rank'])}.**")
    return f"{medal} {member_mention(entry['user_id'])} {board.value(entry['value'])}"


def _footer(facts: Facts) -> str:
    """Which page it is, where there are others."""
    return f"Page {number(facts['page'])}" if facts["page"] > 1 or facts["has_more"] else ""
