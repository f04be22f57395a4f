"""What admins read in their channel."""

from shared.features.notices import PAUSES, notice_line, notices_page

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


def test_every_pause_is_told() -> None:
    for reason in PAUSES:
        assert PAUSES[reason] in notice_line({"watch": {"channel_id": "88", "reason": reason}})


def test_what_is_gone_is_left_out_and_what_has_no_room_is_counted() -> None:
    ended = {"drop": DROP, "paid": {"claims": 0, "amount": 0}}
    assert notices_page({"notices": [{"notice": 1}, ended], "more": 0}) == notice_line(ended)
    page = notices_page({"notices": [ended] * 100, "more": 20})
    assert len(page) < 4096
    assert page.endswith(f"… and {120 - page.count('quest')} more")
