"""The lines of /setup check fit one page, whatever is wrong."""

from typing import Any

from shared.text.check import check_page

from shared.format import PAGE_LIMIT

WORST: dict[str, Any] = {
    "is_connected": True,
    "brand_id": "`" * 500,
    "server_name": "*" * 500,
    "missing_migrations": ["008", "009", "010"],
    "events": 100_000,
    "events_off": 99_999,
    "missing_events": ["daily_checkin", "news_tracker", "regular_engagement", "welcome_bonus"],
    "settings_problem": "_" * 1000,
    "drops_overdue": 2,
    "drops_behind": 200,
    "channels_behind": [str(10**18 + number) for number in range(200)],
}


def test_the_worst_fits() -> None:
    page = check_page(WORST, ["View Channel", "Send Messages"])
    assert len(page) <= PAGE_LIMIT
    assert len(page.split("\n")) == 7
    assert "100,000 events, 99,999 of them off." in page
    assert "I lack **View Channel** and **Send Messages**, so" in page
    assert "… and 187 more; I keep trying." in page
    assert "lacks migration 008, 009 and 010, so" in page


def test_every_line_says_whether_it_is_fine() -> None:
    lines = check_page(WORST, []).split("\n")
    assert [line[0] for line in lines] == ["✅", "✅", "⚠", "⚠", "⚠", "⚠", "⚠"]
