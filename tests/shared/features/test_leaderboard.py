"""/leaderboard: who is ahead, page by page, as the ledger and the counters say; one's own rank is told in private."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, BOB, CAROL, DAVE
from shared.features import leaderboard as leaderboards
from shared.interactions.registration import registration
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, earned, labels, pressed, stamp, stats
from tests.sql import DAY, MINUTE, NOON, SECOND, Database

MESSAGE, UPDATE = 4, 7  # types of replies
pytestmark = pytest.mark.usefixtures("at_noon")


def ranks(reply: Reply) -> list[str]:
    """The lines of a leaderboard that name somebody."""
    return [line for line in reply.text.splitlines() if "<@" in line]


def test_by_default_it_is_rsnc_of_all_time_for_everybody_to_see(
    server: Client, db: Database, rpc_calls: list[str]
) -> None:
    earned(db, server, BOB, 1_000, NOON - 400 * DAY)
    earned(db, server, BOB, 234.5)
    earned(db, server, CAROL, 2_000)
    earned(db, server, CAROL, -1_990, source="reversal")
    earned(db, server, DAVE, 50)
    rpc_calls.clear()
    reply = server.slash("leaderboard", user=BOB)
    assert rpc_calls == ["get_leaderboard"]
    assert not reply.ephemeral
    assert reply.data["allowed_mentions"] == {"parse": []}
    assert reply.text.splitlines() == [
        "Most RSNC earned · All time",
        f"🥇 <@{BOB.id}> 1,234.5 RSNC",
        f"🥈 <@{DAVE.id}> 50 RSNC",
        f"🥉 <@{CAROL.id}> 10 RSNC",
    ]


@pytest.fixture
def crowd(server: Client, db: Database) -> Client:
    """A server in which Bob is 15th of fifteen."""
    for number in range(1, 15):
        earned(db, server, f"3200000000000000{number:02}", 100 - number)
    earned(db, server, BOB, 86, NOON + MINUTE)  # as much as the 14th, and later
    return server


def test_whoever_presses_turns_the_page_for_everybody(crowd: Client, rpc_calls: list[str]) -> None:
    first = crowd.slash("leaderboard", user=BOB)
    assert len(ranks(first)) == 10
    assert ranks(first)[9] == "**10.** <@320000000000000010> 90 RSNC"
    assert labels(first) == [("◀", True), ("▶", False), ("My rank", False)]
    rpc_calls.clear()
    second = first.click("▶", user=CAROL)
    assert rpc_calls == ["get_leaderboard"]
    assert second.kind == UPDATE
    assert second.message["id"] == first.message["id"]
    assert [line.split()[0] for line in ranks(second)] == [f"**{rank}.**" for rank in range(11, 16)]
    assert ranks(second)[4] == f"**15.** <@{BOB.id}> 86 RSNC"
    assert second.text.endswith("\nPage 2")
    assert labels(second) == [("◀", False), ("▶", True), ("My rank", False)]
    assert second.click("◀", user=DAVE).text == first.text


def test_the_own_rank_is_told_in_private(crowd: Client, rpc_calls: list[str]) -> None:
    board = crowd.slash("leaderboard", user=DAVE)
    rpc_calls.clear()
    own = board.click("My rank", user=BOB)
    assert rpc_calls == ["get_rank"]
    assert (own.ephemeral, own.kind) == (True, MESSAGE)
    assert own.text == "Most RSNC earned · All time\nYou have rank **15** with 86 RSNC."
    assert "rank **15**" in crowd.slash("balance", user=BOB).text
    none = board.click("My rank", user=CAROL)
    assert none.text.startswith("Most RSNC earned · All time\nYou are not on it yet. Check in with `/daily`")


def test_a_page_that_nobody_is_on_any_more_leads_back(crowd: Client, db: Database) -> None:
    first = crowd.slash("leaderboard", user=BOB)
    db.run("delete from member_earnings where rsnc < 90")
    gone = first.click("▶")
    assert "Nobody is as far down as this any more." in gone.text
    assert labels(gone) == [("◀", False), ("▶", True), ("My rank", False)]
    assert gone.click("◀").text == first.text.removesuffix("\nPage 1")


def test_the_buttons_of_a_server_that_has_left_say_so_in_private(crowd: Client) -> None:
    board = crowd.slash("leaderboard", user=BOB)
    crowd.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    for label in ("▶", "My rank"):
        reply = board.click(label)
        assert_said(reply)
        assert "not connected" in reply.text


@pytest.mark.parametrize(
    "custom_id", ["leaderboard:rsnc:all:1", "leaderboard:claims:all:0", "leaderboard:claims:all:101", "rank:claims:day"]
)
def test_a_button_that_was_made_by_hand_is_a_sentence(server: Client, custom_id: str) -> None:
    assert_said(pressed(server, custom_id, BOB))


@pytest.mark.parametrize("period", ["all", "month", "week"])
@pytest.mark.parametrize("board", ["rsnc_earned", "claims", "streak", "messages", "voice", "reactions"])
def test_an_empty_one_is_said_nicely(server: Client, board: str, period: str) -> None:
    reply = server.slash("leaderboard", type=board, period=period, user=BOB)
    assert not reply.ephemeral
    assert reply.components == []
    assert {
        "streak": "Nobody has a streak",
        "rsnc_earned": "Nobody is on it yet.",
        "claims": "Nobody is on it yet.",
    }.get(board, "not counted here yet") in reply.text


@pytest.mark.parametrize(("period", "days"), [("week", 8), ("month", 32)])
def test_a_period_counts_what_was_earned_in_it(server: Client, db: Database, period: str, days: int) -> None:
    earned(db, server, CAROL, 900, NOON - days * DAY)
    earned(db, server, CAROL, 7.5)
    earned(db, server, BOB, 20)
    earned(db, server, BOB, 1)
    in_period = server.slash("leaderboard", period=period, user=BOB)
    assert ranks(in_period) == [f"🥇 <@{BOB.id}> 21 RSNC", f"🥈 <@{CAROL.id}> 7.5 RSNC"]
    claims = server.slash("leaderboard", type="claims", period=period, user=BOB)
    assert ranks(claims) == [f"🥇 <@{BOB.id}> 2 claims", f"🥈 <@{CAROL.id}> 1 claim"]
    assert ranks(server.slash("leaderboard", user=BOB))[0] == f"🥇 <@{CAROL.id}> 907.5 RSNC"


def test_a_period_begins_and_ends_by_the_servers_clock(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"timezone": "Pacific/Auckland"}))
    monday = datetime(2026, 3, 8, 11, tzinfo=UTC)  # begins there
    earned(db, server, BOB, 1, monday)
    earned(db, server, CAROL, 5, monday - SECOND)
    reply = server.slash("leaderboard", period="week", user=BOB)
    assert ranks(reply) == [f"🥇 <@{BOB.id}> 1 RSNC"]
    assert reply.text.endswith(f"This week ends {stamp(monday + 7 * DAY)}.")


@pytest.mark.parametrize(
    ("board", "column", "value", "written"),
    [
        ("messages", "messages_count", 1_200, "1,200 messages"),
        ("voice", "voice_minutes", 90, "90 minutes"),
        ("reactions", "reactions_received", 1, "1 reaction"),
    ],
)
@pytest.mark.parametrize("period", ["all", "week"])
def test_what_others_count_has_no_periods(
    server: Client, db: Database, board: str, column: str, value: int, written: str, period: str
) -> None:
    stats(db, server, BOB, **{column: value})
    stats(db, server, CAROL, **{column: 0})
    reply = server.slash("leaderboard", type=board, period=period, user=BOB)
    assert ranks(reply) == [f"🥇 <@{BOB.id}> {written}"]
    assert ("no weeks or months" in reply.text) == (period != "all")


def test_another_server_counts_for_itself(server: Client, db: Database) -> None:
    earned(db, server, BOB, 5, server_id="1")
    assert "Nobody is on it yet" in server.slash("leaderboard", user=BOB).text


def test_a_server_that_is_not_connected_says_so_to_the_one_who_asks(discord: Client) -> None:
    reply = discord.slash("leaderboard", user=BOB)
    assert_said(reply)
    assert "not connected" in reply.text


@pytest.mark.parametrize("value", ["rsnc", "RSNC earned", "ALL", *ODD_VALUES[:-2]], ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("option", ["type", "period"])
def test_a_choice_that_there_is_not_names_those_that_there_are(server: Client, option: str, value: Any) -> None:
    reply = by_hand(server, "leaderboard", BOB, **{option: value})
    if value is None:
        assert not reply.ephemeral
        return
    assert_said(reply)
    if isinstance(value, str) and value != "\x00":
        assert f"`{option}` must be one of these: " in reply.text
        assert ("RSNC earned," if option == "type" else "This month,") in reply.text


@pytest.fixture
def without_008(db: Database) -> Iterator[None]:
    """The database as it is without migration 008."""
    rename = "alter table discord_user_stats rename column {} to {}"
    db.run(rename.format("reactions_received", "of_a_later_migration"))
    yield
    db.run(rename.format("of_a_later_migration", "reactions_received"))


@pytest.mark.usefixtures("without_008")
def test_without_migration_008_one_leaderboard_says_what_is_missing(server: Client, db: Database) -> None:
    earned(db, server, BOB, 5)
    reply = server.slash("leaderboard", type="reactions", user=BOB)
    assert_said(reply)
    assert "the database lacks migration 008" in reply.text
    for board in ("rsnc_earned", "claims", "streak", "messages", "voice"):
        assert not server.slash("leaderboard", type=board, user=CAROL).ephemeral
    assert "rank **1**" in server.slash("balance", user=BOB).text
    assert "Checked in" in server.slash("daily", user=BOB).text


# --- Words


AT = "2026-03-10T12:00:00+00:00"
BOARD: dict[str, Any] = {
    "type": "rsnc_earned",
    "period": "all",
    "asked_period": "all",
    "ends_at": None,
    "page": 1,
    "has_more": False,
    "top": [{"rank": 1, "user_id": "5", "value": 1234.5}],
    "own": None,
}


def test_every_choice_has_a_name_and_a_board() -> None:
    (command,) = (c for c in registration() if c["name"] == "leaderboard")
    types, periods = ({choice["value"] for choice in option["choices"]} for option in command["options"])
    assert types == set(leaderboards.BOARDS)
    assert periods == set(leaderboards.PERIODS)


@pytest.mark.parametrize(
    ("board", "written"),
    [
        ("rsnc_earned", "1,234.5 RSNC"),
        ("claims", "1,234.5 claims"),
        ("streak", "1,234.5 days"),
        ("messages", "1,234.5 messages"),
        ("voice", "1,234.5 minutes"),
        ("reactions", "1,234.5 reactions"),
    ],
)
def test_a_value_has_its_unit(board: str, written: str) -> None:
    assert leaderboards.leaderboard_page(BOARD | {"type": board}) == f"🥇 <@5> {written}"


def test_the_first_three_have_medals_and_the_others_numbers() -> None:
    top = [{"rank": rank, "user_id": str(rank), "value": 20 - rank} for rank in range(1, 11)]
    lines = leaderboards.leaderboard_page(BOARD | {"top": top}).splitlines()
    assert [line.split()[0] for line in lines] == ["🥇", "🥈", "🥉", *(f"**{rank}.**" for rank in range(4, 11))]


def test_a_rank_is_a_figure_with_what_it_is_for() -> None:
    own = BOARD | {"own": {"rank": 1_014, "value": 2.25}}
    assert leaderboards.rank_page(own) == "You have rank **1,014** with 2.25 RSNC."


@pytest.mark.parametrize("board", list(leaderboards.BOARDS))
def test_who_is_not_on_it_is_told_how_to_get_there(board: str) -> None:
    facts = BOARD | {"type": board, "top": []}
    assert leaderboards.rank_page(facts) == f"You are not on it yet. {leaderboards.BOARDS[board].hint}"
    assert leaderboards.leaderboard_page(facts) == leaderboards.BOARDS[board].empty


def test_a_window_tells_when_it_ends() -> None:
    facts = BOARD | {"period": "week", "asked_period": "week", "ends_at": AT}
    assert leaderboards.leaderboard_title(facts) == "Most RSNC earned · This week"
    assert leaderboards.leaderboard_page(facts).endswith("This week ends <t:1773144000:R>.")
    assert leaderboards.leaderboard_title(BOARD) == "Most RSNC earned · All time"


def test_what_has_no_windows_says_so_only_when_one_was_asked_for() -> None:
    facts = BOARD | {"type": "voice"}
    assert leaderboards.leaderboard_title(facts) == "Most time in voice"
    assert "no weeks or months" not in leaderboards.leaderboard_page(facts)
    assert "no weeks or months" in leaderboards.leaderboard_page(facts | {"asked_period": "month"})
