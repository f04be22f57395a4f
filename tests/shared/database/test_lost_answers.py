"""Answers of the database that are lost: nothing is paid twice, and what was paid is told."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, BOB
from shared.interactions import dispatch
from shared.interactions.interaction import Pays
from shared.interactions.registry import REGISTRY
from tests.conftest import Surroundings
from tests.proxy import Proxy, Trouble, broken, dropped, lost
from tests.shared.database.payments import earned
from tests.sql import Database

Json = dict[str, Any]


def losing(function: str) -> Trouble:
    """Calls of the function take effect, and no answer arrives; other requests go through."""
    return lambda request, forward: lost(request, forward) if request.path == f"/rpc/{function}" else forward(request)


def failing_after(trouble: Trouble) -> list[Trouble]:
    """The trouble at first; then nothing gets through."""
    return [trouble, *[dropped] * 50]


PAYING: dict[str, tuple[str, Callable[[Client, Json], Reply], str, str]] = {
    "drop": (
        "claim_drop",
        lambda server, message: server.click(message, "Claim", user=BOB),
        "You got **5 RSNC** for News tracker.",
        dispatch.DATABASE_AWAY_PAID_ONCE,
    ),
    "daily": (
        "check_in",
        lambda server, _: server.slash("daily", user=BOB),
        "You got **25 RSNC** for Daily check-in.",
        dispatch.DATABASE_AWAY_PAID_ONCE,
    ),
    "join": (
        "claim_welcome_bonus",
        lambda server, _: server.slash("join", user=BOB),
        "You got **50 RSNC** for Welcome bonus.",
        dispatch.DATABASE_AWAY_PAID_ONCE,
    ),
    "streak claim": (
        "claim_milestone",
        lambda server, _: server.slash("streak claim", user=BOB),
        "You got **50 RSNC** for 7-day streak bonus.",
        dispatch.DATABASE_AWAY_PAID_ONCE,
    ),
    "claim": (
        "claim_event",
        lambda server, _: server.slash("claim", event="quest", user=BOB),
        "You got **40 RSNC** for Quest.",
        dispatch.DATABASE_AWAY_PAID_AGAIN,
    ),
}


@pytest.fixture
def earning(server: Client, db: Database) -> Client:
    """A server where BOB can earn by every command, and an event twice."""
    server.slash(
        "config events create",
        name="quest",
        reward=40,
        user=ADMIN,
        **{"max-claims": 2, "label": "Quest", "claimable": True},
    )
    db.add_streak(BOB.id, 7, server_id=server.guild_id)
    return server


@pytest.mark.parametrize("paying", PAYING)
def test_a_payment_whose_answers_are_all_lost_is_told(
    earning: Client, message: Json, db: Database, rest_proxy: Proxy, surroundings: Surroundings, paying: str
) -> None:
    function, use, told, _ = PAYING[paying]
    surroundings.hurry(1.5)
    rest_proxy.next(*[losing(function)] * 50)
    reply = use(earning, message)
    assert reply.text.startswith(told)
    assert "no need to try again" in reply.text
    assert len(earned(db)) == 1
    assert rest_proxy.paths()[-1] == "/rpc/get_payment"


@pytest.mark.parametrize("paying", PAYING)
def test_a_payment_that_nobody_can_ask_for_is_not_denied(
    earning: Client, message: Json, db: Database, rest_proxy: Proxy, surroundings: Surroundings, paying: str
) -> None:
    _, use, _, told = PAYING[paying]
    surroundings.hurry()
    rest_proxy.next(*failing_after(lost))
    reply = use(earning, message)
    assert reply.text == told
    assert ("trying again is safe" in told) == (paying != "claim")
    assert ("/history" in told) == (paying == "claim")
    assert len(earned(db)) == 1


@pytest.mark.parametrize("paying", PAYING)
def test_where_nothing_was_paid_the_answer_is_as_unsure(
    earning: Client, message: Json, db: Database, rest_proxy: Proxy, surroundings: Surroundings, paying: str
) -> None:
    function, use, _, told = PAYING[paying]
    surroundings.hurry(0.6)
    away = broken(503)
    rest_proxy.next(*[lambda q, f: away(q, f) if q.path == f"/rpc/{function}" else f(q)] * 50)
    assert use(earning, message).text == told
    assert earned(db) == []


def test_every_command_that_pays_a_member_declares_it() -> None:
    paying = {name: handler.pays for name, handler in REGISTRY.commands.items() if handler.pays is not Pays.NOTHING}
    assert paying == {
        **dict.fromkeys(("daily", "join", "streak claim"), Pays.ONCE),
        "claim": Pays.AGAIN,
    }
    assert {name for name, handler in REGISTRY.buttons.items() if handler.pays is Pays.ONCE} == {
        *("claim", "daily", "milestone"),
    }


def test_a_command_that_pays_nothing_says_nothing_of_it(
    server: Client, rest_proxy: Proxy, surroundings: Surroundings
) -> None:
    surroundings.hurry()
    rest_proxy.next(*[dropped] * 50)
    assert server.slash("balance", user=BOB).text == dispatch.DATABASE_AWAY
    assert "paid" not in dispatch.DATABASE_AWAY
    assert "/rpc/get_payment" not in rest_proxy.paths()


def test_a_request_that_is_lost_is_sent_again(server: Client, message: Json, db: Database, rest_proxy: Proxy) -> None:
    rest_proxy.next(dropped, dropped)
    assert "You got" in server.click(message, "Claim", user=BOB).text
    assert earned(db) == [5]


def test_an_answer_that_cannot_be_unpacked_is_asked_for_again(
    server: Client, message: Json, db: Database, rest_proxy: Proxy
) -> None:
    rest_proxy.next(broken(200, content_encoding="gzip"))
    assert "You got" in server.click(message, "Claim", user=BOB).text
    assert earned(db) == [5]


def test_a_check_in_whose_answer_is_lost_counts_once(server: Client, db: Database, rest_proxy: Proxy) -> None:
    rest_proxy.next(lost)
    assert "You got **25 RSNC**!" in server.slash("daily", user=BOB).text
    assert earned(db) == [25]
    assert db.value("select current_streak from discord_user_streaks") == 1


def test_a_create_whose_answer_is_lost_makes_one_drop(
    server: Client, db: Database, rest_proxy: Proxy, local_discord: FakeDiscord
) -> None:
    rest_proxy.next(lost)
    assert "The drop is in" in server.slash("drop create", event="news_tracker", user=ADMIN).text
    assert db.value("select count(*) from discord_drops") == 1
    assert len(local_discord.messages(server.channel_id)) == 1
