"""What admins read in their channel."""

from typing import Any

from shared.features.notices import PAUSES, message_request, notice_line, notices_page

DROP = {
    "title": "A *quest*",
    "label": None,
    "server_id": "77",
    "channel_id": "88",
    "message_id": "99",
    "end_reason": "expired",
    "end_cause": "expired",
}


def test_the_end_of_a_drop_tells_its_result() -> None:
    link = "https://discord.com/channels/77/88/99"
    ended = f"**A \\*quest\\*** ([message]({link})): This drop has ended: its time was up."
    assert notice_line({"drop": DROP, "paid": {"claims": 2, "amount": 10}}) == f"{ended} It paid 10 RSNC to 2 members."
    assert notice_line({"drop": DROP | {"message_id": None}, "paid": {"claims": 0, "amount": 0}}) == (
        "**A \\*quest\\***: This drop has ended: its time was up. It paid nobody."
    )


def watched(channel_id: str, claims: int, amount: float) -> dict[str, Any]:
    """The end of a drop that a watch has made."""
    return {"watched": channel_id, "paid": {"claims": claims, "amount": amount}}


def test_the_drops_of_a_watched_channel_are_told_in_one_line_without_those_that_nobody_took() -> None:
    ended = [watched("5", 2, 10), watched("6", 1, 2.5), watched("5", 0, 0), watched("5", 3, 15.25), watched("7", 0, 0)]
    assert notices_page({"notices": ended, "more": 0}).splitlines() == [
        "2 watched messages in <#5> have ended: they paid 25.25 RSNC for 5 reactions.",
        "A watched message in <#6> has ended: it paid 2.5 RSNC for 1 reaction.",
    ]


def test_nothing_is_sent_where_nothing_is_worth_telling() -> None:
    assert message_request({"channel_id": "1", "notices": [{"notice": 1}, watched("5", 0, 0)], "more": 3}) is None


def test_every_pause_is_told() -> None:
    for reason in PAUSES:
        assert PAUSES[reason] in notice_line({"watch": {"channel_id": "88", "reason": reason}})


def test_what_is_gone_is_left_out_and_what_has_no_room_is_counted() -> None:
    ended = {"drop": DROP, "paid": {"claims": 0, "amount": 0}}
    assert notices_page({"notices": [{"notice": 1}, ended], "more": 0}) == notice_line(ended)
    page = notices_page({"notices": [ended] * 100, "more": 20})
    assert len(page) < 4096
    assert page.endswith(f"… and {120 - page.count('quest')} more")
