"""The database is away or slow: whoever clicks reads in time what happened."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.members import ADMIN, ALICE, BOB
from infra.local.supabase import LocalSupabase
from shared.interactions import dispatch, interaction
from shared.interactions.registry import REGISTRY
from tests.conftest import Surroundings
from tests.proxy import Proxy, dropped, late, lost, nobody, silence
from tests.shared.database.payments import earned
from tests.sql import Database

Json = dict[str, Any]
COMPLETED = [
    (command.name, command.option_name(parameter))
    for command in REGISTRY.commands.values()
    for parameter in command.parameters
    if command.completer(parameter) and parameter != "colour"  # its suggestions need no database
]


def timed(call: Callable[[], Reply]) -> tuple[Reply, float]:
    """A reply, and how many seconds it took."""
    start = time.monotonic()
    return call(), time.monotonic() - start


# --- Away


def test_nobody_answers_and_then_somebody_does(
    server: Client, message: Json, db: Database, surroundings: Surroundings, supabase: LocalSupabase
) -> None:
    surroundings.hurry()
    surroundings.set(SUPABASE_REST_URL=nobody())
    reply = server.click(message, "Claim", user=BOB)
    assert reply.ephemeral
    assert reply.text == dispatch.DATABASE_AWAY_PAID_ONCE
    assert earned(db) == []
    surroundings.set(SUPABASE_REST_URL=supabase.postgrest.url)
    assert "You got **5 RSNC**" in server.click(message, "Claim", user=BOB).text


@pytest.mark.parametrize(("path", "option"), COMPLETED)
def test_suggestions_are_empty_when_nobody_answers(
    server: Client, surroundings: Surroundings, path: str, option: str
) -> None:
    surroundings.hurry()
    surroundings.set(SUPABASE_REST_URL=nobody())
    reply = server.autocomplete(path, user=ADMIN, **{option: ""})
    assert (reply.kind, reply.choices) == (8, [])


def test_postgrest_is_killed_between_two_clicks(
    server: Client, message: Json, db: Database, supabase: LocalSupabase, surroundings: Surroundings
) -> None:
    assert "You got" in server.click(message, "Claim", user=BOB).text
    supabase.postgrest.kill()
    try:
        surroundings.hurry()
        assert server.click(message, "Claim", user=ALICE).text == dispatch.DATABASE_AWAY_PAID_ONCE
    finally:
        supabase.postgrest.start()
    surroundings.hurry(2.5)
    assert "You got" in server.click(message, "Claim", user=ALICE).text
    assert earned(db) == [5, 5]
    db.assert_books_agree(server.guild_id)


@contextmanager
def locked(supabase: LocalSupabase) -> Iterator[None]:
    """All drops are locked by somebody else."""
    with psycopg.connect(supabase.postgres.url()) as other:
        other.execute("select from discord_drops for update")
        yield
        other.rollback()


def waiting(db: Database) -> int:
    """The process id of the call that waits for a lock, as soon as one does."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        found = db.rows("select pid from pg_stat_activity where wait_event_type = 'Lock' and usename = 'authenticator'")
        if found:
            return int(found[0]["pid"])
        time.sleep(0.005)
    raise AssertionError("nobody waits for the lock")


@pytest.fixture
def background() -> Iterator[Callable[[Callable[[], Reply]], "Future[Reply]"]]:
    """A thread in which a member clicks while the test does something else."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit


def test_postgrest_is_killed_in_the_middle_of_a_click_and_comes_back(
    server: Client, message: Json, db: Database, supabase: LocalSupabase, surroundings: Surroundings, background: Any
) -> None:
    surroundings.hurry(5)  # a busy machine starts PostgREST slowly
    with locked(supabase):
        click = background(lambda: server.click(message, "Claim", user=BOB))
        waiting(db)
        supabase.postgrest.kill()
    supabase.postgrest.start()
    assert "You got **5 RSNC**" in click.result().text
    assert earned(db) == [5]
    db.assert_books_agree(server.guild_id)


def test_a_connection_of_the_database_is_cut_in_the_middle(
    server: Client, message: Json, db: Database, supabase: LocalSupabase, background: Any
) -> None:
    with locked(supabase):
        click = background(lambda: server.click(message, "Claim", user=BOB))
        db.run("select pg_terminate_backend(%s)", waiting(db))
    assert "You got **5 RSNC**" in click.result().text
    assert earned(db) == [5]


def test_a_statement_that_takes_too_long_is_cut_off(
    server: Client, message: Json, db: Database, supabase: LocalSupabase, background: Any
) -> None:
    with locked(supabase):
        click = background(lambda: server.click(message, "Claim", user=BOB))
        db.run("select pg_cancel_backend(%s)", waiting(db))  # 57014, as statement_timeout does
        assert click.result().text == dispatch.DATABASE_AWAY_PAID_ONCE
    assert earned(db) == []
    assert "You got" in server.click(message, "Claim", user=BOB).text


# --- Slow


def test_a_database_that_hangs_is_not_waited_for_longer_than_discord_does(
    server: Client, message: Json, surroundings: Surroundings
) -> None:
    assert interaction.REPLY_SECONDS == 2.4  # of the 3 that Discord waits, before this test is in a hurry
    surroundings.hurry(0.5)
    with silence() as url:
        surroundings.set(SUPABASE_REST_URL=url)
        reply, seconds = timed(lambda: server.click(message, "Claim", user=BOB))
    assert reply.text == dispatch.DATABASE_AWAY_PAID_ONCE
    assert 0.3 < seconds < 3  # what Discord waits; a noisy machine takes its share


@pytest.mark.parametrize(("path", "option"), COMPLETED)
def test_suggestions_do_not_wait_for_a_database_that_hangs(
    server: Client, surroundings: Surroundings, path: str, option: str
) -> None:
    surroundings.hurry()
    with silence() as url:
        surroundings.set(SUPABASE_REST_URL=url)
        reply = server.autocomplete(path, user=ADMIN, **{option: ""})
    assert (reply.kind, reply.choices) == (8, [])


def test_an_answer_too_late_is_told_at_the_next_click(
    server: Client, message: Json, db: Database, surroundings: Surroundings, rest_proxy: Proxy
) -> None:
    surroundings.hurry()
    rest_proxy.next(late(0.6), *[dropped] * 50)
    assert server.click(message, "Claim", user=BOB).text == dispatch.DATABASE_AWAY_PAID_ONCE
    surroundings.hurry(2.5)
    rest_proxy.troubles.clear()
    reply = server.click(message, "Claim", user=BOB)
    assert "already" in reply.text
    assert "**5 RSNC**" in reply.text
    assert earned(db) == [5]
    db.assert_books_agree(server.guild_id)


def test_an_answer_that_is_lost_is_asked_for_again(
    server: Client, message: Json, db: Database, rest_proxy: Proxy
) -> None:
    rest_proxy.next(lost)
    reply = server.click(message, "Claim", user=BOB)
    assert reply.text.startswith("You got **5 RSNC**")
    assert rest_proxy.paths() == ["/rpc/claim_drop"] * 2
    assert earned(db) == [5]
    db.assert_books_agree(server.guild_id)
