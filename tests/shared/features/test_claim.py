"""/claim: what an admin lets members take, paid as the event says."""

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client
from infra.fake_discord.members import BOB, CAROL
from shared.features.claim import next_claim
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, claimable
from tests.shared.features.test_refusals import AT
from tests.sql import Database

AN_HOUR_ON = "select floor(extract(epoch from created_at + interval '1 hour'))::bigint from reward_ledger"


def test_an_event_is_paid_as_the_ledger_says(server: Client, db: Database, rpc_calls: list[str]) -> None:
    claimable(db, server, label="A *quest*")
    rpc_calls.clear()
    reply = server.slash("claim", event="quest", user=BOB)
    assert rpc_calls == ["claim_event"]
    assert reply.ephemeral
    assert reply.text == "You got **40 RSNC** for A \\*quest\\*!\nYour total is now **40 RSNC**."
    row = db.one("select amount, source, discord_user_id, balance_after from reward_ledger")
    assert row == {"amount": 40, "source": "claim", "discord_user_id": BOB.id, "balance_after": 40}
    db.assert_books_agree(server.guild_id)


def test_a_cooldown_is_told_with_the_payment_and_with_the_refusal(server: Client, db: Database) -> None:
    claimable(db, server, cooldown_hours=1)
    reply = server.slash("claim", event="quest", user=BOB)
    at = f"<t:{db.value(AN_HOUR_ON)}:R>"
    assert f"You can take it again {at}." in reply.text
    refused = server.slash("claim", event="quest", user=BOB)
    assert refused.text == f"You can earn **quest** again {at}."
    assert "40 RSNC" in server.slash("claim", event="quest", user=CAROL).text
    assert db.value("select count(*) from reward_ledger") == 2


def test_what_is_left_is_counted_down(server: Client, db: Database) -> None:
    claimable(db, server, max_claims_per_user=3)
    replies = [server.slash("claim", event="quest", user=BOB).text for _ in range(4)]
    assert "You can take it 2 more times." in replies[0]
    assert "You can take it 1 more time." in replies[1]
    assert "That was the last time that you could take it." in replies[2]
    assert "as often as one member can: 3 times" in replies[3]
    assert [row["balance_after"] for row in db.rows("select balance_after from reward_ledger order by id")] == [
        40,
        80,
        120,
    ]


def test_a_bonus_is_shown(server: Client, db: Database) -> None:
    claimable(db, server)
    bonus = Jsonb({"role_bonuses": {"77": {"multiplier": 1.5, "flat": 2.25}}})
    db.run("update discord_server_configs set config_metadata = %s", bonus)
    data = {"name": "claim", "options": [{"name": "event", "type": 3, "value": "quest"}]}
    reply = server.interact(2, data, BOB, member=BOB.member() | {"roles": ["77"]})
    assert "**62.25 RSNC** for quest! (40 RSNC, role ×1.5, role +2.25 RSNC)" in reply.text


def test_the_same_click_twice_is_paid_and_told_once(server: Client, db: Database) -> None:
    claimable(db, server, max_claims_per_user=2)
    first = server.slash("claim", event="quest", user=BOB)
    server.slash("claim", event="quest", user=BOB)
    assert server.redeliver(first).body == first.body
    assert db.value("select count(*) from reward_ledger") == 2
    db.assert_books_agree(server.guild_id)


@pytest.mark.parametrize(("event", "command"), [("daily_checkin", "/daily"), ("welcome_bonus", "/join")])
def test_what_has_a_command_of_its_own_names_it(server: Client, db: Database, event: str, command: str) -> None:
    db.run("update monitoring_rules set claimable = true")
    reply = server.slash("claim", event=event, user=BOB)
    assert f"has a command of its own: `{command}`" in reply.text
    assert db.value("select count(*) from reward_ledger") == 0


def test_what_nobody_may_take_says_so(server: Client, db: Database) -> None:
    reply = server.slash("claim", event="news_tracker", user=BOB)
    assert "**News tracker** cannot be taken with `/claim`" in reply.text
    assert "/cooldowns" in reply.text
    assert db.value("select count(*) from reward_ledger") == 0


def test_an_event_that_is_off_says_so(server: Client, db: Database) -> None:
    claimable(db, server, is_enabled=False)
    assert "switched off" in server.slash("claim", event="quest", user=BOB).text


@pytest.mark.parametrize(
    "event", ["nothing", "Quest", "a quest", "x" * 51, "x" * 100, "`**<@1>", "квест", "%_", "'; --"]
)
def test_an_event_that_is_not_there_is_named(server: Client, db: Database, event: str) -> None:
    claimable(db, server)
    reply = by_hand(server, "claim", BOB, event=event)
    assert_said(reply)
    assert f"There is no event `{event.replace('`', chr(39))}` in this server" in reply.text
    assert db.value("select count(*) from reward_ledger") == 0


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
def test_an_odd_event_is_a_sentence(server: Client, db: Database, value: Any) -> None:
    assert_said(by_hand(server, "claim", BOB, event=value))
    assert_said(by_hand(server, "claim", BOB, other=value))
    assert db.value("select count(*) from reward_ledger") == 0


def test_no_event_at_all_is_a_sentence(server: Client) -> None:
    assert "`event` is missing" in by_hand(server, "claim", BOB).text


def test_a_server_that_is_not_connected_says_so(discord: Client) -> None:
    assert "not connected" in discord.slash("claim", event="quest", user=BOB).text


# --- Suggestions


def suggested(client: Client, typed: str) -> list[tuple[str, str]]:
    """What is suggested for /claim, as it is shown and as it is sent."""
    found = client.autocomplete("claim", event=typed, user=BOB).choices
    return [(choice["name"], choice["value"]) for choice in found]


@pytest.fixture
def offering(server: Client, db: Database) -> Client:
    """A server with some events to take."""
    claimable(db, server, "photo_contest", label="Show a photo")
    claimable(db, server, "show_up")
    claimable(db, server, "bug_report", label="Report a bug")
    claimable(db, server, "hidden", label="Not shown", is_enabled=False)
    claimable(db, server, "secret", claimable=False)
    return server


def test_a_suggestion_shows_label_and_name_and_sends_the_name(offering: Client, rpc_calls: list[str]) -> None:
    rpc_calls.clear()
    assert suggested(offering, "") == [
        ("Report a bug (bug_report)", "bug_report"),
        ("Show a photo (photo_contest)", "photo_contest"),
        ("show_up", "show_up"),
    ]
    assert rpc_calls == ["list_claimable_events"]


@pytest.mark.parametrize(
    ("typed", "events"),
    [
        ("show", ["photo_contest", "show_up"]),
        ("SHOW A", ["photo_contest"]),
        ("photo", ["photo_contest"]),
        ("rep", ["bug_report"]),
        ("o", ["bug_report", "photo_contest", "show_up"]),
        ("up", ["show_up"]),
        ("p", ["photo_contest", "bug_report", "show_up"]),
        (" bug ", ["bug_report"]),
        ("secret", []),
        ("not shown", []),
        ("zzz", []),
        ("%", []),
        ("\x00", []),
        ("x" * 5_000, []),
    ],
)
def test_suggestions_begin_with_what_begins_so(offering: Client, typed: str, events: list[str]) -> None:
    assert [value for _, value in suggested(offering, typed)] == events


def test_suggestions_are_at_most_25_and_fit(server: Client, db: Database) -> None:
    for number in range(40):
        claimable(db, server, f"{'long_' * 15}{number:02}", label="*" * 300)
    claimable(db, server, "x" * 101)
    found = suggested(server, "")
    assert len(found) == 25
    assert all(shown.endswith(f" ({value})") and len(shown) <= 100 for shown, value in found)
    reply = server.slash("claim", event=found[0][1], user=BOB)
    assert "You got **40 RSNC**" in reply.text


@pytest.mark.parametrize("value", [5, 1.5, True, None])
def test_an_odd_thing_that_is_typed_is_no_error(offering: Client, value: Any) -> None:
    options = [{"name": "event", "type": 3, "value": value, "focused": True}]
    reply = offering.interact(4, {"name": "claim", "options": options}, BOB)
    assert reply.kind == 8


def test_a_server_that_is_not_connected_suggests_nothing(discord: Client) -> None:
    assert suggested(discord, "") == []


# --- Words


@pytest.mark.parametrize(
    ("claims_left", "retry_at", "said"),
    [
        (None, None, ""),
        (0, "2026-03-10T12:00:00+00:00", "That was the last time that you could take it."),
        (2, None, "You can take it 2 more times."),
        (1, "2026-03-10T12:00:00+00:00", "You can take it again <t:1773144000:R>. You can take it 1 more time."),
        (None, "2026-03-10T12:00:00+00:00", "You can take it again <t:1773144000:R>."),
    ],
)
def test_a_claim_says_when_the_next_can_be(claims_left: int | None, retry_at: str | None, said: str) -> None:
    assert next_claim({"claims_left": claims_left, "retry_at": retry_at}) == said


@pytest.mark.parametrize(("retry_at", "said"), [(None, ""), (AT, "You can take it again <t:1773144000:R>.")])
def test_an_event_without_a_limit_need_not_count_claims(retry_at: str | None, said: str) -> None:
    assert next_claim({"retry_at": retry_at}) == said


def test_what_all_members_share_is_not_promised_to_one() -> None:
    shared = {"is_shared": True, "claims_left": 2, "retry_at": AT}
    assert next_claim(shared) == (
        "You can take it again <t:1773144000:R>. You can take it 2 more times. "
        "It ends when this server's claims are used up."
    )
