"""get_history: a member's rows of the ledger, newest first, five a page."""

import pytest

from tests.sql import HOUR, NOON, Caller, Database, Row

BOB = Caller(user_id="1002")


def history(db: Database, page: int | None = None, member: Caller = BOB) -> Row:
    """A page, or what no page shows."""
    return db.call("get_history", member, **{} if page is None else {"page": page})


def amounts(db: Database, page: int) -> list[float]:
    """The amounts of a page."""
    return [entry["amount"] for entry in history(db, page)["entries"]]


def test_an_entry_says_all_that_the_ledger_has(seeded: Database) -> None:
    seeded.run("update monitoring_rules set label = 'Quest!'")
    seeded.add_reward(10)
    seeded.add_reward(2.5, NOON + HOUR, source="grant", event_type="art", reason="nice one", reference="r1")
    assert history(seeded) == {
        "outcome": "history",
        "page": 1,
        "pages": 1,
        "total": 2,
        "entries": [
            {
                "amount": 2.5,
                "source": "grant",
                "event": "art",
                "reason": "nice one",
                "at": "2026-03-10T13:00:00+00:00",
                "balance": 12.5,
            },
            {
                "amount": 10,
                "source": "claim",
                "event": "Quest!",
                "reason": None,
                "at": "2026-03-10T12:00:00+00:00",
                "balance": 10,
            },
        ],
    }


def test_pages_of_five_with_the_newest_first(seeded: Database) -> None:
    for amount in range(1, 13):
        seeded.add_reward(amount)  # all at one moment: the order is that of the ledger
    assert [amounts(seeded, page) for page in (1, 2, 3)] == [[12, 11, 10, 9, 8], [7, 6, 5, 4, 3], [2, 1]]
    assert {(h["page"], h["pages"], h["total"]) for h in (history(seeded, 2),)} == {(2, 3, 12)}


@pytest.mark.parametrize(("rows", "pages"), [(0, 0), (1, 1), (4, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_how_many_pages_there_are(seeded: Database, rows: int, pages: int) -> None:
    for _ in range(rows):
        seeded.add_reward(1)
    found = history(seeded)
    assert (found["outcome"], found["page"], found["pages"], found["total"]) == ("history", 1, pages, rows)
    assert len(found["entries"]) == min(rows, 5)
    assert history(seeded, pages + 1)["outcome"] == ("page_gone" if rows else "history")


@pytest.mark.parametrize("page", [3, 2**31 - 1, 0, -1, -(2**31)])
def test_a_page_that_is_not_there(seeded: Database, page: int) -> None:
    for _ in range(7):
        seeded.add_reward(1)
    assert history(seeded, page) == {"outcome": "page_gone", "page": page, "pages": 2}


@pytest.mark.parametrize("page", [2, 2**31 - 1, 0])
def test_an_empty_history_has_its_first_page_only(seeded: Database, page: int) -> None:
    assert history(seeded, page) == {"outcome": "page_gone", "page": page, "pages": 0}


def test_rows_of_other_servers_and_members_never_show(seeded: Database) -> None:
    seeded.connect_server("78")
    seeded.add_reward(5, member="1003")
    seeded.add_reward(5, server_id="78")
    assert history(seeded)["total"] == 0
    assert history(seeded)["entries"] == []


def test_a_row_has_the_label_of_the_brand_that_paid_it(seeded: Database) -> None:
    seeded.add_event("quest", 1, brand_id="former", label="Former quest")
    seeded.add_event("raid", 1, server_id=None, label="Brand raid")
    seeded.add_event("art", 1, brand_id="former", label="Art")
    for event_type, brand in (("quest", "former"), ("quest", "brand"), ("raid", "brand"), ("art", "brand")):
        seeded.add_reward(1, event_type=event_type, brand_id=brand)
    assert [entry["event"] for entry in history(seeded)["entries"]] == ["art", "Brand raid", "quest", "Former quest"]


def test_what_was_taken_back_shows_as_it_is(seeded: Database) -> None:
    seeded.add_reward(10)
    taken_back = seeded.value("select id from reward_ledger")
    seeded.add_reward(-10, source="reversal", reference=str(taken_back), reason="by mistake")
    newest = history(seeded)["entries"][0]
    assert (newest["amount"], newest["source"], newest["balance"]) == (-10, "reversal", 0)
    assert newest["reason"] == "by mistake"


def test_a_milestone_is_told_by_its_event(seeded: Database) -> None:
    seeded.add_reward(50, event_type="streak_milestone:7", source="milestone", reference="7")
    entry = history(seeded)["entries"][0]
    assert (entry["event"], entry["source"]) == ("streak_milestone:7", "milestone")


def test_what_was_paid_by_a_command_is_there(seeded: Database) -> None:
    seeded.run("update monitoring_rules set claimable = true")
    paid = seeded.call("claim_event", BOB.again(), event_type="quest", now=NOON)
    entry = history(seeded)["entries"][0]
    assert (entry["amount"], entry["balance"], entry["source"]) == (paid["amount"], paid["balance"], "claim")


def test_what_was_earned_can_be_read_where_the_server_is_disconnected(seeded: Database) -> None:
    seeded.add_reward(10)
    seeded.run("update discord_server_configs set is_active = false")
    assert history(seeded)["total"] == 1


def test_a_server_that_was_never_connected(seeded: Database) -> None:
    for page in (1, 0, 99):
        assert history(seeded, page, Caller(server_id="78")) == {"outcome": "server_not_connected"}


def test_a_payment_by_a_reaction_is_marked(seeded: Database) -> None:
    by_reaction, by_button = seeded.add_drop(drop_type="reaction", emoji="🎉"), seeded.add_drop()
    by_others = ("another program's", "ffffffff-ffff-4fff-8fff-ffffffffffff")
    with seeded.without_triggers():
        for reference in (by_button, by_reaction, *by_others):
            seeded.add_reward(5, source="drop", reference=reference)
        seeded.add_reward(5, source="claim", reference=by_reaction)
    entries = seeded.call("get_history", BOB, now=NOON)["entries"]
    assert [entry.get("by_reaction", False) for entry in entries] == [False, False, False, True, False]
