"""post_preview: the terms become one drop, however often it is asked for."""

from dataclasses import replace

from tests.infra.supabase.previews import previewed
from tests.sql import ADMIN, HOUR, MINUTE, NOON, Database


def test_the_terms_become_a_drop(seeded: Database) -> None:
    preview = previewed(seeded, reward=7, description="Words", look={"emoji": "🎁"})
    found = seeded.call("post_preview", ADMIN.again(), preview_id=preview, now=NOON)
    assert found["outcome"] == "drop_created"
    row = seeded.drop(found["drop"]["drop_id"])
    assert (row["title"], row["reward_amount"], row["description"], row["max_claims"]) == ("Quick", 7, "Words", 3)
    assert (row["expires_at"], row["channel_id"]) == (NOON + MINUTE, "88")
    assert row["look"] == {"emoji": "🎁", "is_titled": True}


def test_asked_again_it_gives_the_same_drop(seeded: Database) -> None:
    preview, caller = previewed(seeded), ADMIN.again()
    first = seeded.call("post_preview", caller, preview_id=preview, now=NOON)
    assert seeded.call("post_preview", caller, preview_id=preview, now=NOON) == first
    assert seeded.call("post_preview", ADMIN.again(), preview_id=preview, now=NOON + HOUR) == first
    assert seeded.value("select count(*) from discord_drops where title = 'Quick'") == 1


def test_at_once_it_gives_one_drop(seeded: Database) -> None:
    preview = previewed(seeded)
    found = seeded.race([lambda db: db.call("post_preview", ADMIN.again(), preview_id=preview, now=NOON)] * 20)
    assert len({answer["drop"]["drop_id"] for answer in found}) == 1
    assert seeded.value("select count(*) from discord_drops where title = 'Quick'") == 1


def test_it_counts_for_the_channel_that_it_was_written_for(seeded: Database) -> None:
    preview = previewed(seeded, replace(ADMIN, channel_id="88"), channel_id="88")
    seeded.set_settings({"excluded_channels": ["88"]})
    found = seeded.call("post_preview", replace(ADMIN, channel_id="99").again(), preview_id=preview, now=NOON)
    assert found["outcome"] == "channel_excluded"


def test_nobody_else_posts_it_and_not_after_an_hour(seeded: Database) -> None:
    preview = previewed(seeded)
    asked = {"preview_id": preview}
    other = replace(ADMIN, user_id="9002").again()
    assert seeded.call("post_preview", other, **asked, now=NOON)["outcome"] == "preview_over"
    member = replace(ADMIN, manages_server=False).again()
    assert seeded.call("post_preview", member, **asked, now=NOON)["outcome"] == "not_allowed"
    assert seeded.call("post_preview", ADMIN.again(), **asked, now=NOON + HOUR)["outcome"] == "preview_over"
    assert seeded.rows("select * from discord_drops where title = 'Quick'") == []
