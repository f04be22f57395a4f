"""/history: the member's rows of the ledger, turned over by buttons that remember nothing."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.fake_discord import openapi
from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, BOB, CAROL
from shared.discord.reply import ephemeral_message
from shared.features import history
from tests.shared.features.rows import assert_said, by_hand, earned, labels, pressed
from tests.sql import HOUR, NOON, Database


def amounts(reply: Reply) -> list[float]:
    """The amounts of a page."""
    return [float(found.replace(",", "")) for found in re.findall(r"\*\*([+-][\d,.]+) RSNC\*\*", reply.text)]


@pytest.fixture
def pages(server: Client, db: Database) -> Client:
    """A server in which Bob has twelve rows and Carol one."""
    for number in range(1, 13):
        earned(db, server, BOB, number, NOON + number * HOUR)
    earned(db, server, CAROL, 99)
    return server


def test_the_newest_five_come_first(pages: Client, rpc_calls: list[str]) -> None:
    reply = pages.slash("history", user=BOB)
    assert rpc_calls == ["get_history"]
    assert reply.ephemeral
    assert amounts(reply) == [12, 11, 10, 9, 8]
    assert "Page 1 of 3, 12 entries" in reply.text
    assert labels(reply) == [("Previous", True), ("Next", False)]


def test_a_line_is_the_row_of_the_ledger(server: Client, db: Database) -> None:
    server.slash("daily", user=BOB)
    earned(db, server, BOB, 1_209.5, source="grant", reason="For the *best* photo", actor_id=ADMIN.id)
    earned(db, server, BOB, -9.5, source="reversal", reason="One too many")
    earned(db, server, BOB, 50, source="milestone", event_type="streak_milestone:7", reference="7")
    rows = db.rows("select floor(extract(epoch from created_at))::bigint as at from reward_ledger order by id desc")
    at = [f"<t:{row['at']}:R>" for row in rows]
    assert server.slash("history", user=BOB).text.splitlines()[1:] == [
        f"**+50 RSNC** 7-day streak bonus, {at[0]}, total 1,275 RSNC",
        f"**-9.5 RSNC** Taken back: News tracker (One too many), {at[1]}, total 1,225 RSNC",
        f"**+1,209.5 RSNC** Reward: News tracker (For the \\*best\\* photo), {at[2]}, total 1,234.5 RSNC",
        f"**+25 RSNC** Daily check-in, {at[3]}, total 25 RSNC",
    ]


def test_the_buttons_turn_the_page_of_the_message(pages: Client, rpc_calls: list[str]) -> None:
    first = pages.slash("history", user=BOB)
    rpc_calls.clear()
    second = first.click("Next")
    assert rpc_calls == ["get_history"]
    assert (second.kind, amounts(second)) == (7, [7, 6, 5, 4, 3])
    assert "Page 2 of 3" in second.text
    assert labels(second) == [("Previous", False), ("Next", False)]
    third = second.click("Next")
    assert (amounts(third), labels(third)) == ([2, 1], [("Previous", False), ("Next", True)])
    assert amounts(third.click("Previous")) == amounts(second)
    assert amounts(second.click("Previous")) == amounts(first)
    assert pages.redeliver(second).body == second.body


@pytest.mark.parametrize(("number", "buttons"), [(5, 0), (6, 2)])
def test_there_are_buttons_where_there_are_pages(server: Client, db: Database, number: int, buttons: int) -> None:
    for _ in range(number):
        earned(db, server, BOB, 1)
    reply = server.slash("history", user=BOB)
    assert len(labels(reply)) == buttons
    assert len(amounts(reply)) == min(number, 5)


def test_nothing_yet_says_how_to_begin(pages: Client) -> None:
    reply = pages.slash("history", user=ADMIN)
    assert "Nothing yet" in reply.text
    assert "/daily" in reply.text


def test_somebody_elses_buttons_are_theirs(pages: Client, rpc_calls: list[str]) -> None:
    first = pages.slash("history", user=BOB)
    rpc_calls.clear()
    reply = first.click("Next", user=CAROL)
    assert_said(reply)
    assert "belong to somebody else" in reply.text
    assert "/history" in reply.text
    assert rpc_calls == []


def test_the_buttons_of_a_page_are_its_neighbours(pages: Client) -> None:
    second = pages.slash("history", user=BOB).click("Next")
    ids = [button["custom_id"] for row in second.components for button in row["components"]]
    assert ids == [f"history:{BOB.id}:1", f"history:{BOB.id}:3"]


@pytest.mark.parametrize("page", [4, 99, 2**31 - 1])
def test_a_page_that_is_gone_is_a_sentence(pages: Client, page: int) -> None:
    reply = pressed(pages, f"history:{BOB.id}:{page}", BOB)
    assert_said(reply)
    assert f"There is no page {page:,} of your history: it has 3 pages." in reply.text


def test_a_page_of_an_empty_history_is_a_sentence(server: Client) -> None:
    assert_said(pressed(server, f"history:{BOB.id}:2", BOB))
    assert "Nothing yet" in pressed(server, f"history:{BOB.id}:1", BOB).text


@pytest.mark.parametrize(
    "custom_id",
    [
        "history",
        "history:",
        "history:1:0",
        "history:x:1",
        "history::1",
        f"history:{BOB.id}",
        f"history:{BOB.id}:",
        f"history:{BOB.id}:0",
        f"history:{BOB.id}:-1",
        f"history:{BOB.id}:x",
        f"history:{BOB.id}:1.5",
        f"history:{BOB.id}:1e3",
        f"history:{BOB.id}:NaN",
        f"history:{BOB.id}:99999999999999999999",
        f"history:{BOB.id}:2147483648",
        f"history:{BOB.id}:" + "9" * 60,
        f"history:{BOB.id}:1:1",
        f"history:{BOB.id}\n:1",
    ],
)
def test_a_button_made_by_hand_is_a_sentence(pages: Client, rpc_calls: list[str], custom_id: str) -> None:
    assert_said(pressed(pages, custom_id, BOB))
    assert rpc_calls == []


def test_it_stays_readable_after_a_disconnect(pages: Client) -> None:
    first = pages.slash("history", user=BOB)
    pages.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN)
    assert pages.slash("history", user=BOB).text == first.text
    assert amounts(first.click("Next")) == [7, 6, 5, 4, 3]


def test_a_server_that_was_never_connected_says_so(discord: Client) -> None:
    assert "not connected" in discord.slash("history", user=BOB).text
    assert_said(pressed(discord, f"history:{BOB.id}:1", BOB))


@pytest.mark.parametrize("value", [2, "2", None, []])
def test_an_option_that_it_does_not_have_is_a_sentence(server: Client, value: Any) -> None:
    assert_said(by_hand(server, "history", BOB, page=value))


# --- Words


ENTRY = {
    "amount": 27.5,
    "source": "daily",
    "event": "Daily check-in",
    "reason": None,
    "at": "2026-03-10T12:00:00+00:00",
    "balance": 1234.5,
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "Daily check-in"),
        ({"source": "drop", "event": "Quest"}, "Drop: Quest"),
        ({"source": "claim", "event": "Welcome bonus"}, "Welcome bonus"),
        ({"source": "milestone", "event": "streak_milestone:7"}, "7-day streak bonus"),
        ({"source": "grant", "event": "Quest", "reason": "well *done*"}, r"Reward: Quest (well \*done\*)"),
        ({"source": "activity", "event": "Chat"}, "Activity: Chat"),
        ({"source": "reversal", "event": "Quest", "reason": "twice"}, "Taken back: Quest (twice)"),
        ({"source": "reversal", "event": "streak_milestone:7"}, "Taken back: 7-day streak bonus"),
        ({"source": "claim", "event": "a_quest"}, r"a\_quest"),
        ({"source": "drop", "event": "{event} {0}"}, "Drop: {event} {0}"),
    ],
)
def test_a_line_of_the_history_says_what_for(facts: dict[str, Any], said: str) -> None:
    assert history.history_line(ENTRY | facts) == (f"**+27.5 RSNC** {said}, <t:1773144000:R>, total 1,234.5 RSNC")


def test_every_source_of_the_ledger_is_worded() -> None:
    for source in ("daily", "drop", "claim", "milestone", "grant", "activity", "reversal"):
        assert "RSNC" in history.history_line(ENTRY | {"source": source})


def test_what_was_taken_back_has_a_minus() -> None:
    assert history.history_line(ENTRY | {"amount": -50, "balance": -12.25}).startswith("**-50 RSNC**")
    assert history.history_line(ENTRY | {"balance": -12.25}).endswith("total -12.25 RSNC")


@given(st.text(max_size=5_000), st.text(max_size=5_000))
def test_a_page_of_the_history_fits(event: str, reason: str) -> None:
    entry = ENTRY | {"source": "grant", "event": event, "reason": reason, "amount": 1e12, "balance": 1e14}
    result = {"entries": [entry] * 5, "page": 2, "pages": 7, "total": 33}
    shown = history.render(result, "5" * 20)
    openapi.check_reply(json.loads(json.dumps(ephemeral_message(shown))))
    assert shown["embeds"][0]["description"].count("total 100,000,000,000,000 RSNC") == 5


def test_which_page_it_is_of_how_many_entries() -> None:
    assert history.page_of(2, 7, 33) == "Page 2 of 7, 33 entries"
    assert history.page_of(1, 1_000, 4_996) == "Page 1 of 1,000, 4,996 entries"
    assert history.page_of(1, 1, 5) == history.page_of(1, 0, 0) == ""
