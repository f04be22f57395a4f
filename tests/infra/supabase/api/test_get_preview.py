"""get_preview: its admin reads the terms, nobody else."""

from dataclasses import replace

from tests.infra.supabase.previews import TERMS, previewed
from tests.sql import ADMIN, HOUR, NOON, Database

OVER = {"outcome": "preview_over"}


def test_its_admin_reads_the_terms(seeded: Database) -> None:
    found = seeded.call("get_preview", ADMIN.again(), preview_id=previewed(seeded), now=NOON)
    assert found["outcome"] == "preview"
    assert found["terms"].items() >= TERMS.items()


def test_nobody_else_does_and_not_for_ever(seeded: Database) -> None:
    preview = previewed(seeded)
    asked = {"preview_id": preview, "now": NOON}
    assert seeded.call("get_preview", replace(ADMIN, user_id="9002"), **asked) == OVER
    seeded.connect_server("78")
    assert seeded.call("get_preview", replace(ADMIN, server_id="78"), **asked) == OVER
    assert seeded.call("get_preview", replace(ADMIN, manages_server=False), **asked)["outcome"] == "not_allowed"
    assert seeded.call("get_preview", ADMIN, preview_id=preview, now=NOON + HOUR) == OVER
