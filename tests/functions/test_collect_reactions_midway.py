"""collect_reactions: what happens while a list is read, and runs that die at any request or call."""

import hashlib
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE
from shared import database
from shared.discord import rest
from tests.drops import Killed, admin
from tests.functions.reaction_drops import Collect, Make, ReactionDrop
from tests.reactions import members
from tests.sql import Database

Change = Callable[[Client, FakeDiscord, Database, ReactionDrop], Any]
DISABLED = "update monitoring_rules set is_enabled = false"


def drawn(drop: ReactionDrop, user_ids: list[str]) -> list[str]:
    """Members in the order that the drop's id draws."""
    return sorted(user_ids, key=lambda user_id: hashlib.sha256(f"{drop.id}:{user_id}".encode()).hexdigest())


def before_the_second_page(monkeypatch: pytest.MonkeyPatch, change: Callable[[], Any]) -> None:
    """Let something happen when the first page of a list is paid."""
    send, pages = rest.send_now, itertools.count()

    def changed(request: rest.Request, *, timeout: float) -> Any:
        if "/reactions/" in request.path and request.method == "GET" and next(pages) == 1:
            change()
        return send(request, timeout=timeout)

    monkeypatch.setattr(rest, "send_now", changed)


def dying(monkeypatch: pytest.MonkeyPatch, place: int, *, is_done: bool) -> None:
    """Kill the process at a request or a call of the database, before it or when it is done."""
    steps = itertools.count()

    def killed(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            is_last = next(steps) == place
            if is_last and is_done:
                function(*arguments, **named)
            if is_last:
                raise Killed
            return function(*arguments, **named)

        return step

    monkeypatch.setattr(rest, "send_now", killed(rest.send_now))
    monkeypatch.setattr(database, "rpc", killed(database.rpc))


@pytest.mark.parametrize(
    ("change", "paid", "reason"),
    [
        (
            lambda _, discord, __, drop: discord.delete_message(drop.channel_id, drop.message["id"]),
            100,
            "message_deleted",
        ),
        (lambda _, discord, __, drop: discord.forbid(drop.channel_id, 10003), 100, "message_deleted"),
        (lambda _, __, db, ___: db.run("delete from monitoring_rules"), 100, "event_deleted"),
        (lambda server, *_: server.slash("setup disconnect", confirm="DISCONNECT", user=ADMIN), 100, "server_left"),
        (lambda server, _, __, drop: admin(server, "cancel", drop=drop.id), 100, "cancelled"),
        (lambda server, _, __, drop: admin(server, "end", drop=drop.id), 250, "ended"),
        (lambda _, discord, __, drop: discord.deny(drop.channel_id, "READ_MESSAGE_HISTORY"), 250, "expired"),
        (lambda _, __, db, ___: db.run(DISABLED), 250, "expired"),
        (lambda _, __, db, ___: db.run("update brands set is_active = false"), 250, "expired"),
    ],
)
def test_what_happens_while_a_list_is_read(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    drop_on: Make,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    paid: int,
    reason: str,
) -> None:
    drop = drop_on()
    drop.react(*members(250))
    before_the_second_page(monkeypatch, lambda: change(server, local_discord, db, drop))
    collect()
    assert len(drop.paid) == (250 if reason == "ended" else 100)
    local_discord.grant(server.channel_id, "READ_MESSAGE_HISTORY")
    db.run("update monitoring_rules set is_enabled = true")
    db.run("update brands set is_active = true")
    db.run("update discord_drops set expires_at = now() where ended_at is null")
    collect()
    assert (len(drop.paid), drop.row["end_reason"], drop.row["is_collected"]) == (paid, reason, True)
    db.assert_books_agree(server.guild_id)


def test_a_limit_that_comes_while_a_list_is_read_is_drawn_among_the_rest(
    server: Client, db: Database, drop_on: Make, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop, reactors = drop_on(), members(250)
    drop.react(*reactors)
    before_the_second_page(monkeypatch, lambda: admin(server, "edit", drop=drop.id, max_claims="150"))
    collect()
    assert drop.paid == {*reactors[:100], *drawn(drop, reactors[100:])[:50]}
    assert drop.row["end_reason"] == "sold_out"
    db.assert_books_agree(server.guild_id)


@pytest.mark.parametrize(("needs_roles", "places"), [(False, range(1, 7)), (True, range(1, 25, 4))])
def test_a_run_that_dies_anywhere_changes_nothing_about_who_is_paid(
    server: Client,
    db: Database,
    local_discord: FakeDiscord,
    drop_on: Make,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
    needs_roles: bool,
    places: range,
) -> None:
    monkeypatch.setattr("functions.collect_reactions.SHARED_PER_SECOND", 500)
    db.set_settings({"role_bonuses": {"777": {"multiplier": 2}}} if needs_roles else {})
    early, late = members(5), members(130, first=100_000)
    for user_id in early + late:
        local_discord.set_member(server.guild_id, user_id)
    for place, is_done in itertools.product(places, (False, True)):
        drop = drop_on(max_claims=12)
        drop.react(*early)
        collect()
        drop.react(*late[:60], burst=True)
        drop.react(*late[60:], ALICE.id)
        with monkeypatch.context() as killed:
            dying(killed, place, is_done=is_done)
            with pytest.raises(Killed):
                collect()
        collect()
        claims = db.rows(
            "select discord_user_id as id from discord_drop_claims where drop_id = %s order by place", drop.id
        )
        assert [claim["id"] for claim in claims] == [*drawn(drop, early), *drawn(drop, late)[:7]], (place, is_done)
        local_discord.delete_message(drop.channel_id, drop.message["id"])
    db.assert_books_agree(server.guild_id)
