"""toggle_event: on, off, or the other way round."""

import pytest

from tests.sql import ADMIN, Database


def enabled(db: Database, event: str = "quest") -> object:
    """Is the server's own event on?"""
    return db.value("select is_enabled from monitoring_rules where server_id = '77' and event_type = %s", event)


@pytest.mark.parametrize(
    ("before", "given", "after"),
    [
        (True, None, False),
        (False, None, True),
        (None, None, False),  # NULL counts as on
        (True, False, False),
        (False, True, True),
    ],
)
def test_toggle(seeded: Database, before: bool | None, given: bool | None, after: bool) -> None:
    seeded.add_event("raid", 7)
    seeded.run("update monitoring_rules set is_enabled = %s where event_type = 'quest'", before)
    result = seeded.call("toggle_event", ADMIN, event_type="quest", enabled=given)
    assert (result["outcome"], result["event"]["enabled"], enabled(seeded)) == ("event_toggled", after, after)
    assert enabled(seeded, "raid") is True


@pytest.mark.parametrize("server_id", ["77", None])
@pytest.mark.parametrize(("stored", "given"), [(True, True), (None, True), (False, False)])
def test_what_is_so_already_is_told_and_leaves_nothing(
    seeded: Database, stored: bool | None, given: bool, server_id: str | None
) -> None:
    seeded.run("update monitoring_rules set is_enabled = %s, server_id = %s", stored, server_id)
    before = seeded.contents()
    told = seeded.call("toggle_event", ADMIN, event_type="quest", enabled=given)
    assert (told["outcome"], told["event"]["enabled"]) == ("event_unchanged", given)
    assert seeded.contents() == before


def test_a_redelivery_does_not_toggle_back(seeded: Database) -> None:
    first = seeded.call("toggle_event", ADMIN, event_type="quest")
    before = seeded.contents()
    assert seeded.call("toggle_event", ADMIN, event_type="quest") == first
    assert seeded.contents() == before
    assert seeded.call("toggle_event", ADMIN.again(), event_type="quest")["event"]["enabled"] is True


@pytest.mark.parametrize("server_id", ["77", None])
def test_one_command_delivered_twenty_times_at_once_toggles_once(seeded: Database, server_id: str | None) -> None:
    seeded.add_event("raid", 7, server_id=server_id)
    answers = seeded.race([lambda db: db.call("toggle_event", ADMIN, event_type="raid")] * 20)
    assert all(answer == answers[0] for answer in answers)
    assert enabled(seeded, "raid") is False


def test_twenty_commands_at_once_toggle_twenty_times(seeded: Database) -> None:
    answers = seeded.race([lambda db: db.call("toggle_event", ADMIN.again(), event_type="quest")] * 20)
    assert sorted(answer["event"]["enabled"] for answer in answers) == [False] * 10 + [True] * 10
    assert enabled(seeded) is True


def test_toggling_a_brand_wide_event_leaves_the_brands_other_servers_alone(seeded: Database) -> None:
    seeded.add_event("raid", 7, server_id=None)
    result = seeded.call("toggle_event", ADMIN, event_type="raid")
    assert (result["event"]["enabled"], result["event"]["brand_wide"]) == (False, False)
    assert seeded.value("select is_enabled from monitoring_rules where server_id is null") is True
    assert enabled(seeded, "raid") is False


def test_an_event_that_is_not_there(seeded: Database) -> None:
    seeded.add_event("foreign", 1, server_id="78")
    before = seeded.contents()
    for event in ("nothing", "foreign"):
        result = seeded.call("toggle_event", ADMIN.again(), event_type=event)
        assert result == {"outcome": "event_not_found", "event": event, "events": ["quest"]}
    assert seeded.contents() == before


def test_a_server_that_is_not_connected(db: Database) -> None:
    db.add_event("quest", 7)
    assert db.call("toggle_event", ADMIN, event_type="quest") == {"outcome": "server_not_connected"}
    assert enabled(db) is True
