"""collect_reactions and members' roles: asked for where a payment depends on them, and no oftener."""

import itertools
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ALICE, BOB, CAROL
from tests.drops import Killed
from tests.functions.reaction_drops import Collect, Make, asked, kill_at
from tests.reactions import members
from tests.sql import Database

_roles = itertools.count(730_000_000_000_000_001)


def test_roles_are_asked_for_where_a_bonus_depends_on_them(
    drop_on: Make,
    db: Database,
    server: Client,
    local_discord: FakeDiscord,
    collect: Collect,
    functions: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.reactions.known.MOST_MEMBERS", 60)
    role = str(next(_roles))
    db.set_settings({"role_bonuses": {role: {"multiplier": 2}}})
    for place, user_id in enumerate(members(130)):
        if place < 120:  # the others have left
            local_discord.set_member(server.guild_id, user_id, [role] if place % 2 else [])
    drop = drop_on()
    drop.react(*members(130))
    assert collect() == {"channels": 1, "read": 1, "paid": 60}
    assert drop.paid == set(members(60))
    assert collect()["paid"] == 60
    assert collect()["paid"] == 10
    assert asked(local_discord, "GET", "/members/") == 130
    amounts = {
        int(row["reward_amount"]): row["number"]
        for row in db.rows("select reward_amount, count(*) as number from discord_drop_claims group by 1")
    }
    assert amounts == {5: 70, 10: 60}
    db.assert_books_agree(server.guild_id)


def test_the_same_members_at_many_drops_are_asked_for_about_once(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    for place in range(8):
        drop = drop_on(local_discord.say(f"{server.channel_id}{place}", "Look", ALICE.id))
        drop.react(*members(30))
    assert collect()["paid"] == 240
    assert asked(local_discord, "GET", "/members/") < 60  # some twice, by those who would else wait


def test_a_run_that_is_killed_while_it_asks_for_roles_has_come_further(
    drop_on: Make, db: Database, server: Client, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    drop, limited = drop_on(), drop_on(max_claims=50)
    drop.react(*members(60))
    limited.react(*members(60, first=50_000))
    with monkeypatch.context() as dying:
        kill_at(dying, "/members/", after=100)
        with pytest.raises(Killed):
            collect()
    before = len(drop.paid) + len(limited.paid)
    assert before >= 75
    assert collect()["paid"] == 110 - before
    db.assert_books_agree(server.guild_id)


def test_a_channel_is_not_quiet_before_a_list_is_done(
    drop_on: Make, db: Database, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.reactions.known.MOST_MEMBERS", 1)
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    drop_on().react(*members(4))
    for _ in range(4):
        assert collect()["paid"] == 1
        assert db.value("select quiet_looks from reaction_channels") == 0
    collect()
    assert db.value("select quiet_looks from reaction_channels") == 1


def test_nobody_is_asked_for_roles_without_need(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    db.set_settings({"role_bonuses": {str(next(_roles)): {"multiplier": 2}}})
    db.run("update monitoring_rules set max_claims_per_user = 0")
    drop = drop_on()
    drop.react("11", "12")
    assert collect() == {"channels": 1, "read": 1, "refused": 2}
    assert asked(local_discord, "GET", "/members/") == 0


def test_in_test_mode_only_testers_are_paid(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    role = str(next(_roles))
    db.set_settings({"test_mode": {"enabled": True, "role": role}})
    local_discord.set_member(server.guild_id, BOB.id, [role])
    drop = drop_on()
    drop.react(BOB.id, CAROL.id)
    assert collect() == {"channels": 1, "read": 1, "paid": 1, "refused": 1}
    assert drop.paid == {BOB.id}


def test_a_thread_of_an_excluded_category_pays_nobody(
    drop_on: Make, db: Database, server: Client, local_discord: FakeDiscord, collect: Collect
) -> None:
    category, thread = "860000000000000001", "860000000000000002"
    local_discord.add_channel(server.channel_id, server.guild_id, category)
    local_discord.add_thread(thread, server.channel_id)
    db.set_settings({"excluded_channels": [category]})
    drop = drop_on(local_discord.say(thread, "Look", ALICE.id))
    drop.react("11")
    assert collect() == {"channels": 1, "read": 1, "refused": 1}
    refusal = db.value("select refusal from reaction_refusals")
    assert (refusal["outcome"], refusal["excluded"]) == ("channel_excluded", category)
