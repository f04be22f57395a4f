"""list_drops: what is open in the caller's server, and nothing else."""

import pytest

from tests.sql import ADMIN, DAY, HOUR, MINUTE, NOON, SECOND, Caller, Database, Row


def listed(db: Database, **arguments: object) -> list[Row]:
    """The drops of the list."""
    drops: list[Row] = db.call("list_drops", ADMIN, **{"now": NOON} | arguments)["drops"]
    return drops


def test_the_open_ones_are_listed_those_that_end_first_first(seeded: Database) -> None:
    seeded.add_drop(title="permanent")
    seeded.add_drop(title="later", expires_at=NOON + DAY)
    seeded.add_drop(title="soon", expires_at=NOON + 90 * SECOND, max_claims=9, claims_count=3, label="Grab")
    seeded.add_drop(title="never", expires_at="9000-01-01", message_id=None, event_id="gone")
    seeded.add_drop(title="elsewhere", server_id="78")
    seeded.add_drop(title="due", expires_at=NOON)
    seeded.add_drop(title="full", max_claims=3, claims_count=3)
    seeded.add_drop(title="over", ended_at=NOON - MINUTE, end_reason="ended")
    before = seeded.contents()
    result = seeded.call("list_drops", ADMIN, now=NOON)
    assert (result["outcome"], result["total"]) == ("drops", 4)
    assert [drop["title"] for drop in result["drops"]] == ["soon", "later", "never", "permanent"]
    assert [drop["seconds_left"] for drop in result["drops"]] == [90, 86_400, 10**10, None]
    assert [drop["reward"] for drop in result["drops"]] == [10, 10, 0, 10]
    soon = result["drops"][0]
    assert (soon["claims_count"], soon["max_claims"], soon["label"]) == (3, 9, "Grab")
    assert seeded.contents() == before


@pytest.mark.parametrize(
    ("search", "found"),
    [("", 3), ("QUEST", 2), ("grab", 1), ("first come", 1), ("raid", 1), ("%", 0), ("_", 0), ("\\", 0), ("nothing", 0)],
)
def test_a_search_looks_at_the_words_of_a_drop(seeded: Database, search: str, found: int) -> None:
    seeded.add_drop(title="Quest complete", label="Grab")
    seeded.add_drop(description="First come!")
    seeded.add_drop(event_id="raid", title="Boss!")
    assert len(listed(seeded, search=search)) == found


def test_nothing_is_open(seeded: Database) -> None:
    assert seeded.call("list_drops", ADMIN, now=NOON) == {"outcome": "drops", "drops": [], "total": 0}


def test_of_very_many_the_first_hundred_and_how_many_there_are(seeded: Database) -> None:
    for number in range(103):
        seeded.add_drop(expires_at=NOON + HOUR + number * SECOND)
    result = seeded.call("list_drops", ADMIN, now=NOON)
    assert (len(result["drops"]), result["total"]) == (100, 103)
    assert result["drops"][-1]["seconds_left"] == 3_699


def test_who_may_not_and_who_is_not_connected(seeded: Database) -> None:
    seeded.add_drop()
    assert seeded.call("list_drops", Caller(required_level=3), now=NOON)["outcome"] == "not_allowed"
    seeded.run("update discord_server_configs set is_active = false")
    assert seeded.call("list_drops", ADMIN, now=NOON) == {"outcome": "server_not_connected"}
