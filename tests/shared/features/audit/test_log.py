"""/audit: who changed what, turned over by buttons that remember nothing."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, BOB, CAROL
from shared.features.audit import log as commands
from tests.conftest import BRAND
from tests.shared.features.rows import ODD_VALUES, assert_said, by_hand, claimable, labels, pressed, stamp
from tests.sql import KEY, NOON, Database

VIEWER_ROLE = "900000000000000001"
VIEWER = replace(CAROL, roles=(VIEWER_ROLE,))


def note(db: Database, client: Client, action: str = "reward.given", **columns: Any) -> int:
    """A row of the log at noon; gives its number."""
    row: dict[str, Any] = {"server_id": client.guild_id, "brand_id": BRAND, "actor_type": "admin", "actor_id": ADMIN.id}
    row |= {"action": action, "created_at": NOON} | columns
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    query = f"insert into discord_audit_log ({names}) values ({places}) returning id"
    return int(db.value(query, *row.values()))


def numbered(db: Database, client: Client, rows: int, **columns: Any) -> None:
    """Rows of the log that can be told apart."""
    for number in range(1, rows + 1):
        note(db, client, after_state=Jsonb({"amount": number}), **columns)


def lines(reply: Reply) -> list[str]:
    """The entries of a page."""
    return [line for line in reply.text.splitlines() if line.startswith("<t:")]


def amounts(reply: Reply) -> list[int]:
    """The amounts of a page of rewards."""
    return [int(line.partition(" RSNC")[0].rpartition(" ")[2]) for line in lines(reply)]


@pytest.fixture
def pages(server: Client, db: Database) -> Client:
    """A server with twenty rewards in its log, after its setup."""
    numbered(db, server, 20, target_user_id=BOB.id)
    return server


def test_the_newest_eight_come_first_for_the_admin_alone(pages: Client, rpc_calls: list[str]) -> None:
    reply = pages.slash("audit", user=ADMIN)
    assert rpc_calls == ["get_audit"]
    assert reply.ephemeral
    assert reply.data["allowed_mentions"] == {"parse": []}
    assert amounts(reply) == [20, 19, 18, 17, 16, 15, 14, 13]
    assert lines(reply)[0] == f"{stamp(NOON)}, <@{ADMIN.id}> gave <@{BOB.id}> 20 RSNC"
    assert labels(reply) == [("Newer", True), ("Older", False)]


def test_the_buttons_turn_the_page_of_the_message(pages: Client, rpc_calls: list[str]) -> None:
    first = pages.slash("audit", user=ADMIN, type="rewards")
    rpc_calls.clear()
    second = first.click("Older")
    assert rpc_calls == ["get_audit"]
    assert (second.kind, amounts(second)) == (7, [12, 11, 10, 9, 8, 7, 6, 5])
    assert labels(second) == [("Newer", False), ("Older", False)]
    third = second.click("Older")
    assert (amounts(third), labels(third)) == ([4, 3, 2, 1], [("Newer", False), ("Older", True)])
    assert amounts(third.click("Newer")) == amounts(second)
    assert amounts(second.click("Newer")) == amounts(first)
    assert "Only rewards." in third.text


def test_a_press_that_is_delivered_twice_gets_the_same_page(pages: Client) -> None:
    second = pages.slash("audit", user=ADMIN).click("Older")
    assert pages.redeliver(second).body == second.body


def test_what_happens_meanwhile_moves_no_page(pages: Client, db: Database) -> None:
    first = pages.slash("audit", user=ADMIN, type="rewards")
    numbered(db, pages, 3)
    second = first.click("Older")
    assert amounts(second) == [12, 11, 10, 9, 8, 7, 6, 5]
    assert amounts(second.click("Newer")) == [20, 19, 18, 17, 16, 15, 14, 13]
    assert amounts(second.click("Newer").click("Newer")) == [3, 2, 1, 20, 19, 18, 17, 16]


def test_a_member_and_a_type_are_kept_by_the_buttons(pages: Client, db: Database) -> None:
    numbered(db, pages, 9, target_user_id=CAROL.id)
    note(db, pages, "member.enabled", target_user_id=CAROL.id)
    first = pages.slash("audit", user=ADMIN, member=CAROL, type="rewards")
    assert amounts(first) == [9, 8, 7, 6, 5, 4, 3, 2]
    assert f"Only rewards: what <@{CAROL.id}> did, or what was about them." in first.text
    assert amounts(first.click("Older")) == [1]
    assert len(lines(pages.slash("audit", user=ADMIN, member=CAROL).click("Older"))) == 2
    assert amounts(pages.slash("audit", user=ADMIN, member=BOB)) == [20, 19, 18, 17, 16, 15, 14, 13]


def test_the_buttons_carry_all_that_a_page_needs(pages: Client, db: Database) -> None:
    newest = int(db.value("select max(id) from discord_audit_log"))
    reply = pages.slash("audit", user=ADMIN, member=BOB)
    ids = [button["custom_id"] for row in reply.components for button in row["components"]]
    assert ids == [f"audit:{ADMIN.id}:{BOB.id}::after:{newest}", f"audit:{ADMIN.id}:{BOB.id}::before:{newest - 7}"]
    longest = commands.turn.custom_id("9" * 20, "9" * 20, "settings", "before", 2**63 - 1)
    assert len(longest) <= 100


def test_there_are_no_buttons_where_there_is_one_page(server: Client) -> None:
    assert labels(server.slash("audit", user=ADMIN)) == []
    assert "There is nothing of that in the log." in server.slash("audit", user=ADMIN, type="drops").text


def test_somebody_elses_buttons_are_theirs(pages: Client, db: Database, rpc_calls: list[str]) -> None:
    first = pages.slash("audit", user=ADMIN)
    assert "This needs the level **viewer**" in first.click("Older", user=VIEWER).text
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"admin_roles": {VIEWER_ROLE: 1}}))
    rpc_calls.clear()
    reply = first.click("Older", user=VIEWER)
    assert_said(reply)
    assert "belong to somebody else" in reply.text
    assert rpc_calls == ["get_level"]


def test_a_role_that_lost_its_level_turns_no_page(pages: Client, db: Database) -> None:
    roles = Jsonb({"admin_roles": {VIEWER_ROLE: 1}})
    db.run("update discord_server_configs set config_metadata = %s", roles)
    first = pages.slash("audit", user=VIEWER)
    assert first.click("Older").kind == 7
    db.run("update discord_server_configs set config_metadata = '{}'")
    refused = first.click("Older")
    assert refused.kind == 4
    assert_said(refused)
    assert "This needs the level **viewer**" in refused.text


def test_a_button_of_another_server_shows_this_ones_log(pages: Client) -> None:
    first = pages.slash("audit", user=ADMIN)
    button = first.components[0]["components"][1]["custom_id"]
    elsewhere = replace(pages, guild_id="520000000000000001")
    assert "not connected" in pressed(elsewhere, button, ADMIN).text


@pytest.mark.parametrize(
    "custom_id",
    [
        "audit",
        f"audit:{ADMIN.id}",
        f"audit:{ADMIN.id}:::before:1:1",
        f"audit:{ADMIN.id}:::between:1",
        f"audit:{ADMIN.id}:::before:",
        f"audit:{ADMIN.id}:::before:-1",
        f"audit:{ADMIN.id}:::before:x",
        f"audit:{ADMIN.id}:::before:9223372036854775808",
        f"audit:{ADMIN.id}:x::before:1",
        f"audit:{ADMIN.id}::reward:before:1",
        f"audit:{ADMIN.id}:1' or true::before:1",
        f"audit:{ADMIN.id}\n:::before:1",
        "audit::::before:1",
    ],
)
def test_a_button_made_by_hand_is_a_sentence(pages: Client, rpc_calls: list[str], custom_id: str) -> None:
    assert_said(pressed(pages, custom_id, ADMIN))
    assert rpc_calls == []


def test_a_cursor_made_by_hand_is_a_page(pages: Client) -> None:
    assert "Nothing is in the log yet." in pressed(pages, f"audit:{ADMIN.id}:::before:0", ADMIN).text
    assert amounts(pressed(pages, f"audit:{ADMIN.id}:::after:9223372036854775807", ADMIN))[0] == 20


def test_what_admins_do_is_told_in_words(server: Client, db: Database) -> None:
    claimable(db, server, label="A *quest*")
    server.slash("config events edit", user=ADMIN, name="quest", reward=20, max_claims=3)
    server.slash("config events toggle", user=ADMIN, name="quest", enabled=False)
    server.slash("config events toggle", user=ADMIN, name="quest", enabled=True)
    server.slash("drop create", user=ADMIN, event="quest", max_claims=5)
    drop = str(db.value("select drop_id from discord_drops"))
    server.slash("drop edit", user=ADMIN, drop=drop, max_claims=9)
    server.slash("drop end", user=ADMIN, drop=drop)
    server.slash("reward give", user=ADMIN, member=BOB, event="quest", reason="For *help*")
    entry = str(db.value("select id from reward_ledger"))
    server.slash("reward revoke", user=ADMIN, member=BOB, entry=entry, reason="By mistake")
    server.slash("config member disable", user=ADMIN, member=BOB, reason="Spam")
    server.slash("config member disable", user=ADMIN, member=BOB, reason="More spam")
    server.slash("config member enable", user=ADMIN, member=BOB)
    server.slash("setup disconnect", user=ADMIN, confirm="DISCONNECT")
    server.slash("setup connect", user=ADMIN, brand_id=BRAND, key=KEY)
    newest = server.slash("audit", user=ADMIN)
    older = newest.click("Older")
    said = [line.partition(f", <@{ADMIN.id}> ")[2] for line in lines(newest) + lines(older)][:13]
    assert said == [
        "connected this server again",
        "disconnected this server",
        f"let <@{BOB.id}> earn again",
        f"changed why the rewards of <@{BOB.id}> are paused (More spam)",
        f"paused the rewards of <@{BOB.id}> (Spam)",
        rf"took 20 RSNC for A \*quest\* back from <@{BOB.id}> (By mistake)",
        rf"gave <@{BOB.id}> 20 RSNC for A \*quest\* (For \*help\*)",
        r"ended the drop **A \*quest\***",
        r"changed the drop **A \*quest\***: claims in all 5 → 9",
        *[said[9]],
        "changed the event `quest`: off → on",
        "changed the event `quest`: on → off",
        "changed the event `quest`: reward 40 → 20, claims per member none → 3",
    ]
    assert said[9].startswith(
        rf"created the drop **A \*quest\*** in <#{server.channel_id}>: reward 20, claims in all 5, ends <t:"
    )


def test_the_portal_and_sql_are_named(server: Client, db: Database) -> None:
    db.run("update discord_server_configs set config_metadata = %s", Jsonb({"streak": {"grace_hours": 48}}))
    note(db, server, "event.deleted", actor_type="system", actor_id="partner-portal")
    said = lines(server.slash("audit", user=ADMIN))
    assert said[0].endswith("the portal (`partner-portal`) deleted the event without a name")
    assert said[1].endswith("SQL (`postgres`) changed the settings: streak grace default → 48")


def test_changes_of_the_brand_show_and_those_of_others_do_not(server: Client, db: Database) -> None:
    db.add_event("raid", 5, brand_id=BRAND, server_id=None)
    db.add_event("other", 5, brand_id="other", server_id=None)
    db.add_event("foreign", 5, brand_id=BRAND, server_id="1")
    text = server.slash("audit", user=ADMIN, type="events").text
    assert "created the brand-wide event `raid`: reward 5" in text
    assert "other" not in text
    assert "foreign" not in text


def test_the_log_of_a_disconnected_server_stays_readable(server: Client) -> None:
    server.slash("setup disconnect", user=ADMIN, confirm="DISCONNECT")
    assert "disconnected this server" in server.slash("audit", user=ADMIN).text


def test_a_server_that_is_not_connected_says_so(discord: Client) -> None:
    reply = discord.slash("audit", user=ADMIN)
    assert_said(reply)
    assert "not connected" in reply.text


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("option", ["member", "type", "other"])
def test_odd_options_are_a_sentence(server: Client, option: str, value: Any) -> None:
    assert_said_or_shown(by_hand(server, "audit", ADMIN, **{option: value}), value)


def assert_said_or_shown(reply: Reply, value: Any) -> None:
    """Nothing given is all that there is; everything else is a sentence."""
    if value is None and reply.embeds:
        assert reply.ephemeral
        return
    assert_said(reply)
