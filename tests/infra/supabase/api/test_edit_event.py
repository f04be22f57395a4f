"""edit_event: what is given changes, the rest stays."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql import ADMIN, Database, Row


@pytest.fixture
def seeded(db: Database) -> Database:
    """A connected server whose raid has something of everything, and others that must not change."""
    db.connect_server()
    everything = {"cooldown_hours": 2, "max_claims_per_user": 3, "max_total_claims": 100, "label": "Raid!"}
    db.add_event("raid", 7, claimable=True, **everything)
    db.add_event("raid", 8, server_id="78", **everything)
    db.add_event("quest", 10)
    return db


FACTS = {
    "event": "raid",
    "label": "Raid!",
    "reward": 7,
    "cooldown_hours": 2,
    "ignored_cooldown_hours": None,
    "max_claims": 3,
    "max_total_claims": 100,
    "claimable": True,
    "enabled": True,
    "brand_wide": False,
    "detection": None,
}


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"reward": 70}, {"reward": 70}),
        ({"cooldown_hours": 5, "label": "Raids"}, {"cooldown_hours": 5, "label": "Raids"}),
        ({"cooldown_hours": -1}, {"cooldown_hours": None}),
        ({"cooldown_hours": 0}, {"cooldown_hours": None}),
        ({"max_claims": -1}, {"max_claims": None}),
        ({"max_claims": 0}, {"max_claims": 0}),
        ({"max_total_claims": -1}, {"max_total_claims": None}),
        ({"claimable": False, "enabled": False}, {"claimable": False, "enabled": False}),
    ],
)
def test_what_is_given_changes(seeded: Database, given: dict[str, Any], changed: dict[str, Any]) -> None:
    others = seeded.rows("select * from monitoring_rules where (server_id, event_type) <> ('77', 'raid') order by id")
    result = seeded.call("edit_event", ADMIN, event_type="raid", **given)
    assert result == {"outcome": "event_edited", "event": FACTS | changed}
    assert others == seeded.rows(
        "select * from monitoring_rules where (server_id, event_type) <> ('77', 'raid') order by id"
    )


def test_the_check_in_takes_no_cooldown(seeded: Database) -> None:
    seeded.add_event("daily_checkin", 25, server_id=None, cooldown_hours=72)
    before = seeded.contents()
    refused = seeded.call("edit_event", ADMIN.again(), event_type="daily_checkin", reward=30, cooldown_hours=24)
    assert refused == {"outcome": "cooldown_not_taken", "event": "daily_checkin"}
    assert seeded.contents() == before
    edited = seeded.call("edit_event", ADMIN.again(), event_type="daily_checkin", reward=30)["event"]
    assert (edited["reward"], edited["cooldown_hours"], edited["ignored_cooldown_hours"]) == (30, None, 72)
    lifted = seeded.call("edit_event", ADMIN.again(), event_type="daily_checkin", cooldown_hours=-1)["event"]
    assert (lifted["cooldown_hours"], lifted["ignored_cooldown_hours"]) == (None, None)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"reward": None, "label": None, "enabled": None},
        {"reward": 7},
        {"reward": 7.0, "cooldown_hours": 2, "max_claims": 3, "max_total_claims": 100, "label": "Raid!"},
        {"claimable": True, "enabled": True},
    ],
)
@pytest.mark.parametrize("server_id", ["77", None])
def test_what_is_so_already_is_told_and_leaves_nothing(seeded: Database, given: Row, server_id: str | None) -> None:
    if server_id is None:  # nor does it give the server an event of its own
        seeded.run("update monitoring_rules set server_id = null where (server_id, event_type) = ('77', 'raid')")
    before = seeded.contents()
    told = seeded.call("edit_event", ADMIN, event_type="raid", **given)
    assert told == {"outcome": "event_unchanged", "event": FACTS | {"brand_wide": server_id is None}}
    assert seeded.contents() == before


@pytest.mark.parametrize("limit", ["cooldown_hours", "max_claims", "max_total_claims"])
@pytest.mark.parametrize("stored", [None, -1, -7])
def test_no_limit_is_no_limit_however_it_is_written(seeded: Database, limit: str, stored: int | None) -> None:
    column = "max_claims_per_user" if limit == "max_claims" else limit
    seeded.run(f"update monitoring_rules set {column} = %s where event_type = 'quest'", stored)
    before = seeded.contents()
    told = seeded.call("edit_event", ADMIN, event_type="quest", **{limit: -1})
    assert (told["outcome"], told["event"][limit]) == ("event_unchanged", None)
    assert seeded.contents() == before


def test_two_admins_at_once_both_change_a_brand_wide_event(seeded: Database) -> None:
    for number in range(5):
        seeded.add_event(f"boss{number}", 5, server_id=None)
        changes: list[Row] = [{"reward": 6}, {"label": "Boss"}, {"max_claims": 9}, {"enabled": False}]

        def edit(db: Database, given: Row, event: str = f"boss{number}") -> Row:
            return db.call("edit_event", ADMIN.again(), event_type=event, **given)

        seeded.race([partial(edit, given=given) for given in changes], at_once=4)
        own = seeded.one("select * from monitoring_rules where (server_id, event_type) = ('77', %s)", f"boss{number}")
        found = (own["reward_amount"], own["label"], own["max_claims_per_user"], own["is_enabled"])
        assert found == (6, "Boss", 9, False)


@pytest.mark.parametrize(("function", "given"), [("edit_event", {"reward": 70}), ("toggle_event", {"enabled": False})])
def test_what_the_portal_changes_at_the_same_moment_stays(seeded: Database, function: str, given: Row) -> None:
    with psycopg.connect(seeded.url) as portal, ThreadPoolExecutor(1) as pool:
        portal.execute("update monitoring_rules set label = 'Theirs' where (server_id, event_type) = ('77', 'raid')")
        change = partial(seeded.race, [lambda db: db.call(function, ADMIN, event_type="raid", **given)])
        changing = pool.submit(change)
        with psycopg.connect(seeded.url, autocommit=True) as looking:
            while not looking.execute("select from pg_locks where not granted").fetchall():
                assert not changing.done()
        portal.commit()
        (told,) = changing.result()
    assert told["event"]["label"] == "Theirs"
    assert told["event"] == FACTS | {"label": "Theirs"} | given


def test_editing_a_brand_wide_event_gives_the_server_one_of_its_own(seeded: Database) -> None:
    seeded.add_event("boss", 5, server_id=None, label="Boss", cooldown_hours=4, claimable=True)
    brand_wide = seeded.one("select * from monitoring_rules where server_id is null")
    result = seeded.call("edit_event", ADMIN, event_type="boss", reward=6)
    assert (result["event"]["reward"], result["event"]["brand_wide"]) == (6, False)
    own = seeded.one("select * from monitoring_rules where server_id = '77' and event_type = 'boss'")
    same = {name for name in own if own[name] == brand_wide[name]}
    assert set(own) - same == {"id", "server_id", "reward_amount"}
    assert seeded.one("select * from monitoring_rules where server_id is null") == brand_wide


def test_a_redelivery_and_twins_get_the_same_answer(seeded: Database) -> None:
    seeded.add_event("boss", 5, server_id=None)
    answers = seeded.race([lambda db: db.call("edit_event", ADMIN, event_type="boss", reward=6)] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert seeded.value("select count(*) from monitoring_rules where event_type = 'boss'") == 2
    actions = seeded.rows("select action from discord_audit_log where interaction_id = %s", ADMIN.interaction_id)
    assert [row["action"] for row in actions] == ["event.created", "event.updated"]


@pytest.mark.parametrize("event", ["nothing", "foreign"])
def test_an_event_that_is_not_there(seeded: Database, event: str) -> None:
    seeded.add_event("foreign", 1, brand_id="another", server_id=None)
    before = seeded.contents()
    told = seeded.call("edit_event", ADMIN, event_type=event, reward=6)
    assert told == {"outcome": "event_not_found", "event": event, "events": ["quest", "raid"]}
    assert seeded.contents() == before


def test_a_server_that_is_not_connected(db: Database) -> None:
    db.add_event("raid", 7)
    assert db.call("edit_event", ADMIN, event_type="raid", reward=6) == {"outcome": "server_not_connected"}
    assert db.value("select reward_amount from monitoring_rules") == 7


KEYWORDS: Row = {"trigger": "keyword", "keywords": ["gm"], "match": "whole"}


def test_a_trigger_is_set_changed_left_and_removed(seeded: Database) -> None:
    steps: list[tuple[Row, Row | None]] = [
        ({"detection": KEYWORDS}, KEYWORDS),
        ({"reward": 9}, KEYWORDS),
        ({"detection": {"trigger": "join"}}, {"trigger": "join"}),
        ({"detection": {}}, None),
    ]
    for given, expected in steps:
        edited = seeded.call("edit_event", ADMIN.again(), event_type="raid", **given)
        assert (edited["outcome"], edited["event"]["detection"]) == ("event_edited", expected)
    unchanged = seeded.call("edit_event", ADMIN.again(), event_type="raid", detection={})
    assert unchanged["outcome"] == "event_unchanged"


def test_a_trigger_that_cannot_be_changes_nothing(seeded: Database) -> None:
    before = seeded.contents()
    wrong = {"trigger": "keyword", "keywords": []}
    refused = seeded.call("edit_event", ADMIN.again(), event_type="raid", detection=wrong)
    assert refused == {"outcome": "detection_invalid", "field": "keywords"}
    refused = seeded.call("edit_event", ADMIN.again(), event_type="daily_checkin", detection=KEYWORDS)
    assert refused == {"outcome": "trigger_not_taken", "event": "daily_checkin"}
    assert seeded.contents() == before


def test_a_trigger_of_the_brand_comes_along_to_the_server(seeded: Database) -> None:
    wrong = {"trigger": "keyword", "of": "another program, from before migration 021"}
    with seeded.without_triggers():
        row: Row = {"id": "22222222-2222-4222-8222-222222222222", "server_id": None, "detection_config": Jsonb(wrong)}
        seeded.add_event("art", 3, **row)
    edited = seeded.call("edit_event", ADMIN.again(), event_type="art", reward=4)
    assert (edited["event"]["brand_wide"], edited["event"]["detection"]) == (False, wrong)
    assert seeded.call("edit_event", ADMIN.again(), event_type="art", reward=5)["outcome"] == "event_edited"
    assert seeded.call("edit_event", ADMIN.again(), event_type="art", detection=KEYWORDS)["outcome"] == "event_edited"
