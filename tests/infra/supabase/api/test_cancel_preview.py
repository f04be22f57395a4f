"""cancel_preview: its admin gives it up."""

from dataclasses import replace

from tests.infra.supabase.previews import previewed
from tests.sql import ADMIN, NOON, Database

CANCELLED, OVER = {"outcome": "preview_cancelled"}, {"outcome": "preview_over"}


def test_it_is_gone(seeded: Database) -> None:
    preview = previewed(seeded)
    for _ in range(2):
        assert seeded.call("cancel_preview", ADMIN.again(), preview_id=preview, now=NOON) == CANCELLED
    assert seeded.call("post_preview", ADMIN.again(), preview_id=preview, now=NOON) == OVER


def test_what_is_posted_stays(seeded: Database) -> None:
    preview = previewed(seeded)
    drop = seeded.call("post_preview", ADMIN.again(), preview_id=preview, now=NOON)["drop"]["drop_id"]
    assert seeded.call("cancel_preview", ADMIN.again(), preview_id=preview, now=NOON) == OVER
    assert seeded.drop(drop)["ended_at"] is None


def test_nobody_else_cancels_it(seeded: Database) -> None:
    preview = previewed(seeded)
    seeded.call("cancel_preview", replace(ADMIN, user_id="9002").again(), preview_id=preview, now=NOON)
    assert seeded.value("select count(*) from drop_previews") == 1
