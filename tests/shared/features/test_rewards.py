"""/reward: what an admin gives by hand, and takes back."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from infra.fake_discord.client import COMMAND, Client, Reply
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, Member
from shared.features.rewards import ABOUT_MEMBER, entry_choice
from shared.interactions.outcomes import Facts, sentence
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, claimable, earned, sentence_of, stamp
from tests.sql import DAY, HOUR, NOON, Database

pytestmark = pytest.mark.usefixtures("at_noon")


def give(client: Client, member: Member = BOB, event: str = "quest", **options: Any) -> Reply:
    """An admin's /reward give."""
    return client.slash("reward give", user=ADMIN, member=member, event=event, **options)


def revoke(client: Client, entry: object, member: Member = BOB, **options: Any) -> Reply:
    """An admin's /reward revoke."""
    return client.slash("reward revoke", user=ADMIN, member=member, entry=str(entry), **options)


def newest(db: Database) -> int:
    """The number of the newest row of the ledger."""
    return int(db.value("select max(id) from reward_ledger"))


# --- Give


def test_a_reward_is_paid_to_the_member_as_the_ledger_says(server: Client, db: Database, rpc_calls: list[str]) -> None:
    claimable(db, server, label="A *quest*")
    rpc_calls.clear()
    reply = give(server, reason="  For **help**  ")
    assert rpc_calls == ["give_reward"]
    assert reply.ephemeral
    assert reply.text == (
        f"<@{BOB.id}> got **40 RSNC** for A \\*quest\\*.\n"
        f"The total of <@{BOB.id}> is now **40 RSNC**. They see it in `/history`."
    )
    row = db.one("select amount, source, discord_user_id, actor_id, reason from reward_ledger")
    assert list(row.values()) == [40, "grant", BOB.id, ADMIN.id, "For **help**"]
    assert r"Reward: A \*quest\* (For \*\*help\*\*)" in server.slash("history", user=BOB).text
    assert "40 RSNC" in server.slash("balance", user=BOB).text
    db.assert_books_agree(server.guild_id)


def test_the_members_roles_count_as_discord_resolved_them(server: Client, db: Database) -> None:
    claimable(db, server)
    bonus = Jsonb({"role_bonuses": {"77": {"multiplier": 1.5, "flat": 2}, "78": {"multiplier": 5}}})
    db.run("update discord_server_configs set config_metadata = %s", bonus)
    reply = server.slash(
        "reward give", user=replace(ADMIN, roles=("78",)), member=replace(BOB, roles=("77",)), event="quest"
    )
    assert "got **62 RSNC** for quest. (40 RSNC, role ×1.5, role +2 RSNC)" in reply.text


def test_the_same_command_twice_is_paid_and_told_once(server: Client, db: Database) -> None:
    claimable(db, server)
    first = give(server)
    give(server)
    assert server.redeliver(first).body == first.body
    assert db.value("select count(*) from reward_ledger") == 2


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"cooldown_hours": 1}, f"<@{BOB.id}> can earn **quest** again {stamp(NOON + HOUR)}."),
        ({"max_claims_per_user": 1}, f"<@{BOB.id}> has earned **quest** as often as one member can: 1 time."),
        ({"max_claims_per_user": 1, "cooldown_hours": 1}, "as often as one member can: 1 time."),
        ({"max_total_claims": 1}, "**quest** is used up: all members together can earn it 1 time."),
    ],
)
def test_limits_hold_and_are_told_about_the_member(
    server: Client, db: Database, columns: dict[str, Any], said: str
) -> None:
    claimable(db, server, **columns)
    assert "40 RSNC" in give(server).text
    reply = give(server)
    assert said in reply.text
    assert "You" not in reply.text
    assert db.value("select count(*) from reward_ledger") == 1


def test_an_event_that_is_off_or_not_there_says_so(server: Client, db: Database) -> None:
    claimable(db, server, is_enabled=False)
    assert "/config events toggle" in give(server).text
    assert "no event `nothing`" in give(server, event="nothing").text


def test_a_member_whose_rewards_are_paused_gets_nothing(server: Client, db: Database) -> None:
    claimable(db, server)
    server.slash("config member disable", user=ADMIN, member=BOB, reason="Spam.")
    assert f"The rewards of <@{BOB.id}> are paused: Spam. A full admin can lift" in give(server).text
    assert "40 RSNC" in give(server, CAROL).text


def test_test_mode_is_told_about_the_member(server: Client, db: Database) -> None:
    claimable(db, server)
    mode = Jsonb({"test_mode": {"enabled": True, "role": "77"}})
    db.run("update discord_server_configs set config_metadata = %s", mode)
    assert f"<@{BOB.id}> is neither a tester nor an admin" in give(server).text
    assert "40 RSNC" in give(server, replace(BOB, roles=("77",))).text
    assert "40 RSNC" in give(server, ADMIN).text


def test_a_bot_is_never_paid(server: Client, db: Database) -> None:
    claimable(db, server)
    sent = give(server).interaction["data"]
    sent["resolved"]["users"][BOB.id]["bot"] = True
    assert "is a bot" in server.interact(COMMAND, sent, ADMIN).text
    assert db.value("select count(*) from reward_ledger") == 1


@pytest.mark.parametrize("part", ["members", "users", ""])
def test_whoever_discord_does_not_resolve_is_not_paid(server: Client, db: Database, part: str) -> None:
    claimable(db, server)
    sent = give(server).interaction["data"]
    resolved = {} if not part else {part: {CAROL.id: sent["resolved"][part][BOB.id]}}
    assert "is not in this server" in server.interact(COMMAND, sent | {"resolved": resolved}, ADMIN).text
    assert db.value("select count(*) from reward_ledger") == 1


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
def test_odd_options_are_a_sentence(server: Client, db: Database, value: Any) -> None:
    for path in ("reward give", "reward revoke"):
        for option in ("member", "event", "entry", "reason", "allow-negative", "other"):
            assert_said(
                by_hand(server, path, ADMIN, **{"member": BOB.id, "event": "quest", "entry": "1", option: value})
            )
    assert db.value("select count(*) from reward_ledger") == 0


@pytest.mark.parametrize("path", ["reward give", "reward revoke"])
def test_a_server_that_is_not_connected_says_so(discord: Client, path: str) -> None:
    options = {"event": "quest"} if path == "reward give" else {"entry": "1"}
    assert "not connected" in discord.slash(path, user=ADMIN, member=BOB, **options).text


# --- Revoke


def test_a_reward_is_taken_back(server: Client, db: Database, rpc_calls: list[str]) -> None:
    claimable(db, server, label="A *quest*")
    give(server)
    rpc_calls.clear()
    reply = revoke(server, newest(db), reason="By mistake")
    assert rpc_calls == ["revoke_reward"]
    assert reply.ephemeral
    assert f"Taken back from <@{BOB.id}>: **40 RSNC** for A \\*quest\\*." in reply.text
    assert f"The total of <@{BOB.id}> is now **0 RSNC**." in reply.text
    assert r"**-40 RSNC** Taken back: A \*quest\* (By mistake)" in server.slash("history", user=BOB).text
    assert server.redeliver(reply).body == reply.body
    db.assert_books_agree(server.guild_id)


def test_a_row_is_taken_back_once(server: Client, db: Database) -> None:
    earned(db, server, BOB, 40)
    number = newest(db)
    revoke(server, number)
    said = f"Row number {number} of **40 RSNC** is taken back already: <@{ADMIN.id}> did it {stamp(NOON)}."
    assert revoke(server, number).text == said
    assert "cannot be undone" in revoke(server, newest(db)).text


def test_what_is_left_is_told_before_a_total_falls_below_zero(server: Client, db: Database) -> None:
    earned(db, server, BOB, 40)
    number = newest(db)
    earned(db, server, BOB, -15, source="grant")
    refused = revoke(server, number)
    assert "has only **25 RSNC** left, and **40 RSNC** would be taken back" in refused.text
    assert "`allow-negative`" in refused.text
    assert refused.text == revoke(server, number, allow_negative=False).text
    assert "is now **-15 RSNC**" in revoke(server, number, allow_negative=True).text


def test_rows_of_others_are_not_there(server: Client, db: Database) -> None:
    earned(db, server, CAROL, 40)
    earned(db, replace(server, guild_id="78"), BOB, 40)
    for number in (newest(db), newest(db) - 1):
        assert f"has no row number {number}" in revoke(server, number).text
    assert db.value("select count(*) from reward_ledger") == 2


@pytest.mark.parametrize("typed", ["no. {}", "#{}", " {} ", "No.{}"])
def test_a_number_may_be_typed_as_it_is_shown(server: Client, db: Database, typed: str) -> None:
    earned(db, server, BOB, 40)
    assert "Taken back" in revoke(server, typed.format(newest(db))).text


@pytest.mark.parametrize("typed", ["+40 RSNC", "9" * 19, "-1", "1.5", "٣", "no."])
def test_what_is_no_number_says_so(server: Client, typed: str) -> None:
    assert "should be picked from what is suggested" in revoke(server, typed).text


# --- Suggestions


def suggested(client: Client, typed: str = "", **options: Any) -> list[tuple[str, str]]:
    """What is suggested for the row, as it is shown and as it is sent."""
    found = client.autocomplete("reward revoke", user=ADMIN, **options, entry=typed).choices
    return [(choice["name"], choice["value"]) for choice in found]


def test_the_members_rows_are_suggested(server: Client, db: Database) -> None:
    earned(db, server, CAROL, 99)
    earned(db, server, BOB, 25, NOON - DAY, event_type="daily_checkin", source="daily")
    earned(db, server, BOB, 12.5, source="drop")
    number = newest(db)
    shown = [
        (f"+12.5 RSNC Drop: News tracker, 2026-03-10 (no. {number})", str(number)),
        (f"+25 RSNC Daily check-in, 2026-03-09 (no. {number - 1})", str(number - 1)),
    ]
    assert suggested(server, member=BOB) == shown
    assert suggested(server, "CHECK", member=BOB) == shown[1:]
    assert suggested(server, f"no. {number}", member=BOB) == shown[:1]
    assert suggested(server, "zzz", member=BOB) == []
    revoke(server, number)
    assert suggested(server, member=BOB) == shown[1:]


def test_a_long_name_leaves_room_for_the_number(server: Client, db: Database) -> None:
    earned(db, server, BOB, 10**12, event_type="*" * 500, source="drop")
    name, number = suggested(server, member=BOB)[0]
    assert len(name) <= 100
    assert name.endswith(f"(no. {number})")


def test_without_a_member_nothing_is_suggested(server: Client, db: Database) -> None:
    earned(db, server, BOB, 25)
    assert suggested(server) == []
    assert suggested(server, "\x00", member=BOB) == []


def test_the_events_are_suggested_to_whoever_may_give_them(server: Client) -> None:
    found = server.autocomplete("reward give", user=ADMIN, member=BOB, event="news").choices
    assert [choice["value"] for choice in found] == ["news_tracker"]
    assert server.autocomplete("reward give", user=ALICE, member=BOB, event="news").choices == []


# --- Words


AT = "2026-03-10T12:00:00.9+00:00"
FACTS: dict[str, Any] = {"member_id": "1002", "event": "Quest", "reason": "spam", "retry_at": AT, "limit": 2}
ENTRY: dict[str, Any] = {"amount": -0.5, "source": "drop", "event": "Quest", "day": "2026-03-10", "entry": 123}


def about_member(result: Facts) -> str:
    """What the admin reads."""
    return sentence(result, ABOUT_MEMBER)


@pytest.mark.parametrize("outcome", sorted(ABOUT_MEMBER))
def test_a_refusal_is_not_told_as_if_the_admin_were_refused(outcome: str) -> None:
    said = about_member(FACTS | {"outcome": outcome})
    assert "you" not in said.lower()
    assert said != sentence_of(outcome, FACTS)


def test_a_cooldown_says_when() -> None:
    facts = {"outcome": "cooldown", "member_id": "1002", "event": "Quest", "retry_at": AT}
    assert about_member(facts) == "<@1002> can earn **Quest** again <t:1773144000:R>."


def test_a_limit_of_none_is_nobodys_fault() -> None:
    said = about_member(FACTS | {"outcome": "limit_reached", "limit": 0})
    assert said == "**Quest** cannot be earned at the moment."


def test_what_is_not_about_a_member_is_told_as_usual() -> None:
    said = about_member({"outcome": "not_allowed", "required_level": 3})
    assert "**event manager**" in said


def test_a_suggestion_has_the_amount_what_for_the_day_and_the_number() -> None:
    assert entry_choice(ENTRY) == "-0.5 RSNC Drop: Quest, 2026-03-10 (no. 123)"
    assert "7-day streak bonus" in entry_choice(ENTRY | {"source": "milestone", "event": "streak_milestone:7"})


@given(st.text(max_size=5_000), st.sampled_from(["drop", "grant", "claim"]))
def test_a_suggestion_fits(event: str, source: str) -> None:
    facts = {"event": event, "source": source, "amount": 1e12, "entry": 10**15}
    assert len(entry_choice(ENTRY | facts)) <= 100
