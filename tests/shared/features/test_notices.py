"""What admins read in their channel."""

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


def test_the_drops_of_a_watched_channel_are_told_in_one_line() -> None:
    one = {"watched": "6", "paid": {"drops": 1, "claims": 1, "amount": 2.5}}
    several = {"watched": "5", "paid": {"drops": 2, "claims": 5, "amount": 25.25}}
    assert notices_page({"notices": [one, several], "more": 0}).splitlines() == [
        "A watched message in <#6> has ended: it paid 2.5 RSNC for 1 reaction.",
        "2 watched messages in <#5> have ended: they paid 25.25 RSNC for 5 reactions.",
    ]


def test_nothing_is_sent_where_nothing_is_worth_telling() -> None:
    assert message_request({"channel_id": "1", "notices": [{"notice": 1}], "more": 3}) is None


def test_every_pause_is_told() -> None:
    for reason in PAUSES:
        assert PAUSES[reason] in notice_line({"watch": {"channel_id": "88", "reason": reason}})


def test_what_is_gone_is_left_out_and_what_has_no_room_is_counted() -> None:
    ended = {"drop": DROP, "paid": {"claims": 0, "amount": 0}}
    assert notices_page({"notices": [{"notice": 1}, ended], "more": 0}) == notice_line(ended)
    page = notices_page({"notices": [ended] * 100, "more": 20})
    assert len(page) < 4096
    assert page.endswith(f"… and {120 - page.count('quest')} more")
