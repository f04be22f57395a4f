"""change_preview: some terms change, the others stay."""

from dataclasses import replace

from tests.infra.supabase.previews import previewed
from tests.sql import ADMIN, HOUR, NOON, Database


def test_what_is_given_changes_and_the_rest_stays(seeded: Database) -> None:
    preview = previewed(seeded, look={"colour": 5}, description="Words")
    terms = {"title": None, "max_claims": 9}
    found = seeded.call("change_preview", ADMIN.again(), preview_id=preview, terms=terms, now=NOON)
    assert (found["outcome"], found["preview_id"]) == ("drop_previewed", preview)
    drop = found["drop"]
    assert (drop["title"], drop["max_claims"], drop["description"]) == ("quest", 9, "Words")
    assert drop["look"] == {"colour": 5}
    posted = seeded.call("post_preview", ADMIN.again(), preview_id=preview, now=NOON)["drop"]
    assert (posted["title"], posted["max_claims"], posted["look"]) == ("quest", 9, {"colour": 5})


def test_what_would_be_refused_changes_nothing(seeded: Database) -> None:
    preview = previewed(seeded)
    before = seeded.contents("drop_previews")
    wrong = {"event_type": "nothing"}
    found = seeded.call("change_preview", ADMIN.again(), preview_id=preview, terms=wrong, now=NOON)
    assert found["outcome"] == "event_not_found"
    assert seeded.contents("drop_previews") == before


def test_only_its_admin_changes_it_and_only_before_it_is_over(seeded: Database) -> None:
    preview = previewed(seeded)
    asked = {"preview_id": preview, "terms": {"max_claims": 9}}
    other = replace(ADMIN, user_id="9002").again()
    assert seeded.call("change_preview", other, **asked, now=NOON)["outcome"] == "preview_over"
    assert seeded.call("change_preview", ADMIN.again(), **asked, now=NOON + HOUR)["outcome"] == "preview_over"
    seeded.call("post_preview", ADMIN.again(), preview_id=preview, now=NOON)
    assert seeded.call("change_preview", ADMIN.again(), **asked, now=NOON)["outcome"] == "preview_over"
