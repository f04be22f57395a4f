"""/config member: who may earn, and how a member stands."""

from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, BOB, CAROL
from tests.shared.features.rows import ODD_VALUES, assert_said, claimable, earned, has_streak, stamp
from tests.sql import NOON, Database

pytestmark = pytest.mark.usefixtures("at_noon")


def config(client: Client, command: str, /, **options: Any) -> Reply:
    """An admin's /config member command about Bob."""
    return client.slash(f"config member {command}", user=ADMIN, **{"member": BOB} | options)


def test_whoever_is_disabled_is_told_at_every_command_that_pays(server: Client, db: Database) -> None:
    claimable(db, server)
    drop = server.slash("drop create", event="quest", user=ADMIN)
    assert "The drop is in" in drop.text
    reply = config(server, "disable", reason="Spam.")
    assert reply.ephemeral
    assert reply.text.startswith(f"The rewards of <@{BOB.id}> are paused: Spam. They read the reason")
    for path, options in (("daily", {}), ("join", {}), ("claim", {"event": "quest"}), ("streak claim", {})):
        refused = server.slash(path, user=BOB, **options).text
        assert refused == (
            "An admin has paused your rewards in this server: Spam. They resume when an admin lifts it."
        ), path
    assert "Checked in" in server.slash("daily", user=CAROL).text
    assert db.value("select count(*) from reward_ledger where discord_user_id = %s", BOB.id) == 0


def test_enable_lets_the_member_earn_again(server: Client) -> None:
    assert config(server, "enable").text == f"Nothing has changed: the rewards of <@{BOB.id}> are not paused."
    config(server, "disable", reason="Spam")
    reply = config(server, "enable")
    assert reply.text == f"<@{BOB.id}> can earn again."
    assert server.redeliver(reply).text == reply.text
    assert "Checked in" in server.slash("daily", user=BOB).text


def test_the_same_reason_says_so_and_leaves_no_row(server: Client, db: Database) -> None:
    config(server, "disable", reason="Spam.")
    before = db.value("select count(*) from discord_audit_log")
    said = config(server, "disable", reason="Spam.").text
    assert said.startswith(f"Nothing has changed: <@{ADMIN.id}> paused the rewards of <@{BOB.id}> <t:")
    assert db.value("select count(*) from discord_audit_log") == before


def test_a_redelivery_does_not_disable_again(server: Client) -> None:
    first = config(server, "disable", reason="Spam")
    config(server, "enable")
    assert server.redeliver(first).body == first.body
    assert "Checked in" in server.slash("daily", user=BOB).text


def test_a_reason_formats_nothing(server: Client) -> None:
    assert r"paused: \*\*loud\*\* \<@1>" in config(server, "disable", reason="**loud**\n<@1>").text.replace(r"\>", ">")


def test_status_of_whoever_has_done_nothing(server: Client) -> None:
    reply = config(server, "status")
    assert reply.ephemeral
    assert reply.embeds[0]["description"] == (
        f"<@{BOB.id}> may earn.\nThe total of <@{BOB.id}> is **0 RSNC**.\n"
        "They have no streak at the moment.\nNothing in the ledger yet."
    )


def test_status_tells_everything(server: Client, db: Database, rpc_calls: list[str]) -> None:
    has_streak(db, server, BOB, 5)
    db.run("update discord_user_streaks set longest_streak = 9")
    earned(db, server, BOB, 12.5, reason="for *help*")
    config(server, "disable", reason="Spam.")
    rpc_calls.clear()
    number = db.value("select id from reward_ledger")
    assert config(server, "status").embeds[0]["description"] == (
        f"<@{ADMIN.id}> paused the rewards of <@{BOB.id}> {stamp(NOON)}: Spam.\n"
        f"The total of <@{BOB.id}> is **12.5 RSNC**.\n"
        "Their streak is **5 days**. Their longest was 9 days.\n"
        f"Last: **+12.5 RSNC** News tracker (for \\*help\\*), {stamp(NOON)}, total 12.5 RSNC (no. {number})"
    )
    assert rpc_calls == ["get_member"]


def test_status_of_whoever_was_disabled_by_another_program_without_a_reason(server: Client, db: Database) -> None:
    query = "insert into disabled_members values (%s, %s, null, '9009', 'infinity')"
    db.run(query, server.guild_id, BOB.id)
    assert f"<@9009> paused the rewards of <@{BOB.id}> in the far future." in config(server, "status").text


@pytest.mark.parametrize("reason", ["", " ", "x" * 301])
def test_a_reason_is_needed_and_has_bounds(server: Client, db: Database, reason: str) -> None:
    assert "`reason`" in config(server, "disable", reason=reason).text
    assert db.value("select count(*) from disabled_members") == 0


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("command", ["disable", "enable", "status"])
def test_odd_options_are_a_sentence(server: Client, db: Database, command: str, value: Any) -> None:
    options = [{"name": "member", "type": 6, "value": value}, {"name": "reason", "type": 3, "value": value}]
    inner = {"name": command, "type": 1, "options": options}
    data = {"name": "config", "options": [{"name": "member", "type": 2, "options": [inner]}]}
    assert_said(server.interact(2, data, ADMIN))
    assert db.value("select count(*) from disabled_members") == 0


@pytest.mark.parametrize("command", ["disable", "enable", "status"])
def test_a_server_that_is_not_connected_is_told_how(discord: Client, command: str) -> None:
    options = {"reason": "spam"} if command == "disable" else {}
    assert "/setup connect" in config(discord, command, **options).text
