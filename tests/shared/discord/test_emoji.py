"""What counts as an emoji, and how it is written."""

import pytest

from shared.discord.emoji import Emoji


@pytest.mark.parametrize(
    ("written", "shown", "in_path"),
    [
        ("🎉", "🎉", "🎉"),
        (" ❤️ ", "❤️", "❤️"),
        ("👍🏽", "👍🏽", "👍🏽"),
        ("1️⃣", "1️⃣", "1️⃣"),
        ("ℹ️", "ℹ️", "ℹ️"),  # noqa: RUF001
        ("↔️", "↔️", "↔️"),
        ("‼️", "‼️", "‼️"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        ("🇩🇪", "🇩🇪", "🇩🇪"),
        ("👩‍👩‍👧", "👩‍👩‍👧", "👩‍👩‍👧"),
        ("<:party:123>", "<:party:123>", "party:123"),
        ("<a:party:123>", "<a:party:123>", "party:123"),
        ("party:123", "<:party:123>", "party:123"),
        ("a_b:123", "<:a_b:123>", "a_b:123"),
    ],
)
def test_an_emoji_is_read_and_written(written: str, shown: str, in_path: str) -> None:
    emoji = Emoji.parse(written)
    assert emoji is not None
    assert (str(emoji), emoji.in_path) == (shown, in_path)


@pytest.mark.parametrize(
    "written", ["", "party", ":party:", "🎉 🎉", "a/b", "<:x:1>", "1", "é", "<:party:123456789012345678901>"]
)
def test_anything_else_is_none(written: str) -> None:
    assert Emoji.parse(written) is None


def test_a_reaction_is_recognised() -> None:
    heart, party = Emoji("❤"), Emoji("party", "123")
    assert heart.is_same({"id": None, "name": "❤️"})
    assert party.is_same({"id": "123", "name": "renamed"})
    assert not party.is_same({"id": None, "name": "party"})
    assert not heart.is_same({"id": "123", "name": "❤"})
