"""preview_drop: the terms of a drop are kept, and shown as the drop that they would be."""

import pytest

from tests.infra.supabase.previews import TERMS
from tests.sql import ADMIN, HOUR, MINUTE, NOON, Database, Row


def test_it_answers_with_the_facts_of_the_drop(seeded: Database) -> None:
    look = {"colour": 5, "image": "image.png"}
    found = seeded.call("preview_drop", ADMIN, terms=TERMS | {"look": look, "reward": 7, "label": "Go"}, now=NOON)
    assert found["outcome"] == "drop_previewed"
    drop = found["drop"]
    assert (drop["title"], drop["reward"], drop["label"], drop["max_claims"]) == ("Quick", 7, "Go", 3)
    assert drop["look"] == look | {"is_titled": True}
    assert drop["expires_at"].startswith((NOON + MINUTE).isoformat()[:16])
    assert (drop["end_reason"], drop["claims_count"], drop["message_id"]) == (None, 0, None)
    row = seeded.one("select * from drop_previews")
    assert (str(row["preview_id"]), row["created_by"]) == (found["preview_id"], ADMIN.user_id)
    assert row["expires_at"] == NOON + HOUR


def test_a_redelivery_keeps_one(seeded: Database) -> None:
    first = seeded.call("preview_drop", ADMIN, terms=TERMS, now=NOON)
    assert seeded.call("preview_drop", ADMIN, terms=TERMS, now=NOON) == first
    assert seeded.value("select count(*) from drop_previews") == 1


@pytest.mark.parametrize(
    ("terms", "outcome"),
    [
        ({"event_type": "nothing"}, "event_not_found"),
        ({"missing_permissions": ["Send Messages"]}, "permissions_missing"),
        ({"missing_permissions_of_caller": ["Send Messages"]}, "post_not_allowed"),
    ],
)
def test_what_would_be_refused_is_not_kept(seeded: Database, terms: Row, outcome: str) -> None:
    assert seeded.call("preview_drop", ADMIN, terms=TERMS | terms, now=NOON)["outcome"] == outcome
    assert seeded.rows("select * from drop_previews") == []


def test_the_schedule_forgets_it_after_an_hour(seeded: Database) -> None:
    seeded.call("preview_drop", ADMIN, terms=TERMS, now=NOON)
    seeded.call("expire_drops", now=NOON + HOUR - MINUTE)
    assert seeded.value("select count(*) from drop_previews") == 1
    seeded.call("expire_drops", now=NOON + HOUR)
    assert seeded.rows("select * from drop_previews") == []
