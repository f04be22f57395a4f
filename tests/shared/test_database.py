"""The database away, slow or broken: the right sentence in time, nothing lost, nobody paid twice."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from infra.fake_discord.client import Client, Reply
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB
from infra.local.supabase import LocalSupabase
from shared import database
from shared.interactions import dispatch, interaction
from shared.interactions.interaction import Pays
from shared.interactions.registry import REGISTRY
from tests.conftest import Surroundings
from tests.proxy import Proxy, Trouble, broken, dropped, late, lost, moved, nobody, silence
from tests.sql import Database

Json = dict[str, Any]
COMPLETED = [
    (command.name, command.option_name(parameter))
    for command in REGISTRY.commands.values()
    for parameter in command.parameters
    if command.completer(parameter) and parameter != "colour"  # its suggestions need no database
]


@pytest.fixture
def message(server: Client, local_discord: FakeDiscord) -> Json:
    """The message of an open drop that pays 5."""
    server.slash("drop create", event="news_tracker", user=ADMIN)
    (posted,) = local_discord.messages(server.channel_id)
    return posted


def earned(db: Database) -> list[int]:
    """What was paid, a figure for each payment."""
    return [row["amount"] for row in db.rows("select amount from reward_ledger order by created_at")]


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


# --- Paid, and the answer lost


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


# --- Broken

GATEWAY_ERRORS = [502, 503, 504, 520, 521, 522, 524]


@pytest.mark.parametrize("status", GATEWAY_ERRORS)
def test_a_gateway_without_its_database_is_asked_again(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, status: int
) -> None:
    rest_proxy.next(broken(status))
    assert "You got" in server.click(message, "Claim", user=BOB).text
    assert earned(db) == [5]


JSON_TYPE = {"content_type": "application/json; charset=utf-8"}
UPSTREAM = '{"message":"An invalid response was received from the upstream server"}'
TROUBLES = {  # what gateways and PostgREST answer in the place of Postgres
    "408": broken(408, "408 Request Time-out"),
    "429 of Kong": broken(429, '{"message":"API rate limit exceeded"}', **JSON_TYPE),
    "502 of Kong": broken(502, UPSTREAM, **JSON_TYPE),
    "503 of Kong": broken(503, '{"message":"name resolution failed"}', **JSON_TYPE),
    "503 with a number": broken(503, '{"code":503,"message":"Service Unavailable"}', **JSON_TYPE),
    "504 of Kong": broken(504, '{"message":"The upstream server is timing out"}', **JSON_TYPE),
    "503 of Envoy": broken(503, "upstream connect error or disconnect/reset before headers", content_type="text/plain"),
    "503 of PostgREST": broken(503, '{"code":"PGRST001","details":null,"hint":null,"message":"m"}', **JSON_TYPE),
    "503 with a list": broken(503, "[]", **JSON_TYPE),
    "520 that is empty": broken(520, ""),
    "540 of a paused project": broken(540, '{"message":"Project paused"}', **JSON_TYPE),
    "544 of a time limit": broken(544, '{"error":"timeout"}', **JSON_TYPE),
    "400 that is empty": broken(400, "", **JSON_TYPE),
    "400 without a code": broken(400, '{"code":"","details":null,"hint":null,"message":""}', **JSON_TYPE),
    "400 with no code at all": broken(400, '{"message":"connection lost"}', **JSON_TYPE),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_an_answer_that_is_no_verdict_of_postgres_is_asked_for_again(rest_proxy: Proxy, trouble: Trouble) -> None:
    rest_proxy.next(trouble, trouble)
    assert database.rpc("reset_streaks", timeout=5) == {"reset": 0}
    assert len(rest_proxy.requests) == 3


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_a_gateway_in_trouble_is_the_databases_absence_and_no_bug(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, surroundings: Surroundings, trouble: Trouble
) -> None:
    surroundings.hurry()
    rest_proxy.next(*[trouble] * 50)
    reply = server.click(message, "Claim", user=BOB)
    assert (reply.text, reply.ephemeral) == (dispatch.DATABASE_AWAY_PAID_ONCE, True)
    assert earned(db) == []
    rest_proxy.troubles.clear()
    surroundings.hurry(2.5)
    assert "You got **5 RSNC**" in server.click(message, "Claim", user=BOB).text


def test_the_absence_is_told_with_its_status_and_what_was_answered(rest_proxy: Proxy) -> None:
    rest_proxy.next(*[TROUBLES["502 of Kong"]] * 50)
    with pytest.raises(database.DatabaseUnavailableError, match=r"reset_streaks: 502 .*invalid response") as caught:
        database.rpc("reset_streaks", timeout=0.2)
    assert caught.value.code == "502"


@pytest.mark.parametrize("code", ["22P02", "P0001", "PGRST102"])
def test_a_400_that_names_its_error_is_a_bug_of_ours(rest_proxy: Proxy, code: str) -> None:
    rest_proxy.next(broken(400, f'{{"code":"{code}","message":"m"}}', **JSON_TYPE))
    with pytest.raises(database.DatabaseError) as caught:
        database.rpc("reset_streaks", timeout=2)
    assert not isinstance(caught.value, database.DatabaseUnavailableError)
    assert (caught.value.code, len(rest_proxy.requests)) == (code, 1)


@pytest.mark.parametrize("status", GATEWAY_ERRORS)
def test_a_gateway_that_stays_without_its_database_is_told(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, surroundings: Surroundings, status: int
) -> None:
    surroundings.hurry()
    rest_proxy.next(*[broken(status)] * 50)
    assert server.click(message, "Claim", user=BOB).text == dispatch.DATABASE_AWAY_PAID_ONCE
    assert earned(db) == []


@pytest.mark.parametrize(
    "trouble",
    [
        broken(500),
        broken(500, '{"message":"boom"}', content_type="application/json"),
        broken(200),
        broken(200, ""),
        broken(200, "null"),
        broken(200, "[]", content_type="application/json"),
        broken(200, "{", content_type="application/json"),
        broken(404),
        broken(404, '["not an object"]', content_type="application/json"),
    ],
)
def test_nonsense_is_our_fault_and_pays_nothing(
    server: Client, message: Json, db: Database, rest_proxy: Proxy, trouble: Trouble
) -> None:
    rest_proxy.next(trouble)
    reply = server.click(message, "Claim", user=BOB)
    assert reply.ephemeral
    assert reply.text == dispatch.OUR_FAULT
    assert earned(db) == []
    assert "You got" in server.click(message, "Claim", user=BOB).text


def test_a_function_that_is_missing_says_that_an_upgrade_is_under_way(
    server: Client, message: Json, rest_proxy: Proxy
) -> None:
    rest_proxy.next(moved("/rpc/claim_drop_of_tomorrow"))
    reply = server.click(message, "Claim", user=BOB)
    assert reply.text == dispatch.SCHEMA_BEHIND
    assert rest_proxy.paths() == ["/rpc/claim_drop"]  # asking again would not help


@pytest.mark.parametrize("key", ["wrong", "sb_secret_wrong", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"])
def test_a_wrong_key_lets_nobody_in(
    server: Client, message: Json, db: Database, surroundings: Surroundings, key: str
) -> None:
    surroundings.set(SUPABASE_SECRET_KEY=key)
    reply = server.click(message, "Claim", user=BOB)
    assert reply.text == dispatch.OUR_FAULT
    assert earned(db) == []


def test_the_anon_key_lets_nobody_in(
    server: Client, message: Json, db: Database, surroundings: Surroundings, keys: Any
) -> None:
    surroundings.set(SUPABASE_SECRET_KEY=keys.anon_key)
    assert server.click(message, "Claim", user=BOB).text in (dispatch.OUR_FAULT, dispatch.SCHEMA_BEHIND)
    assert earned(db) == []


# --- The client itself


def test_a_new_style_key_is_no_bearer(rest_proxy: Proxy, surroundings: Surroundings, keys: Any) -> None:
    rest_proxy.next(broken(500), broken(500))
    for key in (keys.service_key, "sb_secret_abc"):
        surroundings.set(SUPABASE_SECRET_KEY=key)
        with pytest.raises(database.DatabaseError):
            database.rpc("reset_streaks", timeout=1)
    old, new = ({name.lower(): value for name, value in r.headers.items()} for r in rest_proxy.requests)
    assert (old["apikey"], old["authorization"]) == (keys.service_key, f"Bearer {keys.service_key}")
    assert new["apikey"] == "sb_secret_abc"
    assert "authorization" not in new


def test_arguments_become_parameters(rest_proxy: Proxy) -> None:
    assert database.rpc("reset_streaks", timeout=2, batch=5) == {"reset": 0}
    (request,) = rest_proxy.requests
    assert (request.method, request.path, request.body) == ("POST", "/rpc/reset_streaks", b'{"p_batch":5}')


def test_one_connection_serves_many_calls(rest_proxy: Proxy) -> None:
    assert database.client() is database.client()
    for _ in range(3):
        database.rpc("reset_streaks", timeout=2)
    assert len(rest_proxy.requests) == 3


def test_a_bug_of_ours_is_told_with_its_code_and_not_repeated(rest_proxy: Proxy) -> None:
    with pytest.raises(database.DatabaseError) as caught:
        database.rpc("claim_drop", timeout=2, caller={}, drop_id="no uuid")
    assert caught.value.code == "22P02"
    assert not isinstance(caught.value, database.DatabaseUnavailableError)
    assert not caught.value.is_schema_behind
    assert len(rest_proxy.requests) == 1


@pytest.mark.parametrize("code", ["PGRST202", "42883", "42P01", "42703"])
def test_what_a_schema_that_is_behind_lacks(code: str) -> None:
    assert database.DatabaseError("f", code, "").is_schema_behind
    assert not database.DatabaseError("f", "42501", "").is_schema_behind


def test_retries_end_with_the_time(rest_proxy: Proxy) -> None:
    rest_proxy.next(*[broken(503)] * 50)
    start = time.monotonic()
    with pytest.raises(database.DatabaseUnavailableError):
        database.rpc("reset_streaks", timeout=0.35)
    assert time.monotonic() - start < 3
    assert 2 <= len(rest_proxy.requests) <= 4


@pytest.mark.parametrize(
    "code", ["PGRST000", "PGRST001", "PGRST002", "PGRST003", "57P01", "57P02", "57P03", "53300", "40P01"]
)
def test_what_passes_is_tried_again(rest_proxy: Proxy, code: str) -> None:
    rest_proxy.next(broken(503, f'{{"code":"{code}","message":"m"}}', content_type="application/json"))
    assert database.rpc("reset_streaks", timeout=2) == {"reset": 0}
    assert len(rest_proxy.requests) == 2
