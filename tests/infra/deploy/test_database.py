"""infra.deploy.database: functions are reloaded as a whole, nobody else's are touched, and no call is lost."""

import multiprocessing
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
import pytest

from infra.deploy import database
from infra.local.supabase import LocalSupabase
from tests.infra.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.infra.deploy import load
from tests.sql import Database

FUNCTIONS = """
    select p.oid::regprocedure::text as name, md5(pg_get_functiondef(p.oid)) as source, p.proacl::text,
        obj_description(p.oid, 'pg_proc') as mark
    from pg_proc as p where pronamespace in ('public'::regnamespace, 'internal'::regnamespace) order by 1
"""


def test_a_second_deploy_changes_nothing(spare: Database) -> None:
    before = spare.rows(FUNCTIONS)
    database.reload_functions(spare.url)
    assert spare.rows(FUNCTIONS) == before
    marked = [row for row in before if (row["mark"] or "").startswith(database.MARK)]
    assert len(marked) >= len(database.FUNCTION_FILES)
    hashed = f"{database.MARK} ({database.source_hash()})"
    assert {row["mark"].rpartition(" ")[0] for row in marked} == {hashed}
    made = database.definitions(spare.connection)
    assert [row["mark"] for row in marked] == [f"{hashed} {made[row['name']]}" for row in marked]


def test_a_function_that_left_the_files_is_dropped(
    spare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = spare.rows(FUNCTIONS)
    passing = tmp_path / "passing.sql"
    passing.write_text(
        "create function public.passing(p_now timestamptz) returns jsonb language sql as $$ select '1'::jsonb $$"
    )
    with monkeypatch.context() as patch:
        patch.setattr(database, "FUNCTION_FILES", [*database.FUNCTION_FILES, passing])
        database.reload_functions(spare.url)
        assert spare.value("select has_function_privilege('service_role', 'passing(timestamptz)', 'execute')") is True
        assert spare.value("select has_function_privilege('anon', 'passing(timestamptz)', 'execute')") is False
        passing.write_text(passing.read_text().replace("p_now timestamptz", "p_other text"))
        database.reload_functions(spare.url)
        names = [row["name"] for row in spare.rows(FUNCTIONS) if "passing" in row["name"]]
        assert names == ["passing(text)"]  # no overload stays behind
    database.reload_functions(spare.url)
    assert spare.rows(FUNCTIONS) == before


def test_a_foreign_function_stays_as_it_is(spare: Database) -> None:
    spare.run("create function public.theirs() returns integer language sql as 'select 42'")
    spare.run("comment on function public.theirs() is 'made by the portal'")
    spare.run("grant execute on function public.theirs() to anon")
    foreign = [row for row in spare.rows(FUNCTIONS) if not (row["mark"] or "").startswith(database.MARK)]
    assert "theirs()" in {row["name"] for row in foreign}
    database.reload_functions(spare.url)
    assert [row for row in spare.rows(FUNCTIONS) if row in foreign] == foreign
    assert spare.value("select public.theirs()") == 42


def test_a_broken_file_leaves_everything_as_it_was(
    spare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = spare.rows(FUNCTIONS)
    broken = tmp_path / "broken.sql"
    broken.write_text("create function public.broken( returns")
    monkeypatch.setattr(database, "FUNCTION_FILES", [*database.FUNCTION_FILES, broken])
    with pytest.raises(psycopg.errors.SyntaxError):
        database.reload_functions(spare.url)
    assert spare.rows(FUNCTIONS) == before


def test_what_else_uses_a_function_of_ours_keeps_it_or_stops_the_deploy(
    spare: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare.run("create view public.theirs as select public.reset_streaks() as result")
    before = spare.rows(FUNCTIONS)
    database.reload_functions(spare.url)
    assert spare.one("select result from theirs") == {"result": {"reset": 0}}

    others = [path for path in database.FUNCTION_FILES if path.stem != "reset_streaks"]
    monkeypatch.setattr(database, "FUNCTION_FILES", others)
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        database.reload_functions(spare.url)
    assert spare.rows(FUNCTIONS) == before
    assert spare.value("select count(*) from pg_views where viewname = 'theirs'") == 1


def test_a_function_may_change_the_type_of_its_result(
    spare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = tmp_path / "passing.sql"
    passing.write_text("create function public.passing() returns integer language sql as 'select 1'")
    monkeypatch.setattr(database, "FUNCTION_FILES", [*database.FUNCTION_FILES, passing])
    database.reload_functions(spare.url)
    passing.write_text("create function public.passing() returns text language sql as $$ select 'one' $$")
    database.reload_functions(spare.url)
    assert spare.value("select public.passing()") == "one"


def test_somebody_elses_function_of_the_same_name_stops_the_deploy(spare: Database) -> None:
    spare.run("drop function public.get_level(internal.caller, timestamptz)")
    spare.run(
        "create function public.get_level(p_caller internal.caller, p_now timestamptz default now())"
        " returns jsonb language sql as $$ select '42'::jsonb $$"
    )
    with pytest.raises(database.DeployError, match="Somebody else made get_level"):
        database.reload_functions(spare.url)
    assert spare.value("select public.get_level(null::internal.caller)") == 42


def test_deploys_at_once_come_one_after_the_other(spare: Database) -> None:
    before = spare.rows(FUNCTIONS)
    spare.race([lambda db: database.reload_functions(db.url)] * 3, at_once=3)
    assert spare.rows(FUNCTIONS) == before


@pytest.mark.parametrize("password", ["hunter2", "hun%2Fter2", "hun/t@r2"])
def test_the_password_does_not_stand_in_the_arguments_of_a_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, password: str
) -> None:
    cli, seen = tmp_path / "supabase", tmp_path / "seen"
    cli.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PGPASSWORD" "$@" >{seen}\n')
    cli.chmod(0o700)
    monkeypatch.setattr(database, "SUPABASE_CLI", cli)
    database.push_migrations(f"postgresql://postgres.abcd:{password}@127.0.0.1:1/postgres?sslmode=require")
    in_environment, *arguments = seen.read_text().splitlines()
    assert in_environment == unquote(password)
    assert "--remote=postgresql://postgres.abcd@127.0.0.1:1/postgres?sslmode=require" in arguments


def test_without_a_password_that_of_the_environment_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cli, seen = tmp_path / "supabase", tmp_path / "seen"
    cli.write_text(f'#!/bin/sh\nprintf "%s" "$PGPASSWORD" >{seen}\n')
    cli.chmod(0o700)
    monkeypatch.setattr(database, "SUPABASE_CLI", cli)
    monkeypatch.setenv("PGPASSWORD", "from the environment")
    database.push_migrations("postgresql://postgres@127.0.0.1:1/postgres")
    assert seen.read_text() == "from the environment"


def test_the_connection_string_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    deployed: list[str] = []
    monkeypatch.setattr(database, "deploy", deployed.append)
    monkeypatch.setattr("sys.argv", ["database", "deploy"])
    monkeypatch.delenv(database.URL_VARIABLE, raising=False)
    with pytest.raises(SystemExit):
        database.main()
    monkeypatch.setenv(database.URL_VARIABLE, "postgresql://from-the-environment")
    assert database.main() == 0
    monkeypatch.setattr("sys.argv", ["database", "deploy", "postgresql://given"])
    assert database.main() == 0
    assert deployed == ["postgresql://from-the-environment", "postgresql://given"]


def test_a_failed_push_does_not_tell_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SUPABASE_CLI", "false")
    url = "postgresql://postgres:hunter2@127.0.0.1:1/postgres"
    with pytest.raises(database.DeployError) as caught:
        database.push_migrations(url)
    assert "hunter2" not in str(caught.value)


def test_a_failed_connection_does_not_tell_the_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(database, "push_migrations", lambda _: None)
    monkeypatch.setattr("sys.argv", ["database", "deploy", "postgresql://postgres:hun/ter2@127.0.0.1:1/postgres"])
    assert database.main() == 1
    told = capsys.readouterr().err
    assert "The database was not deployed." in told
    assert "hun" not in told


def test_a_redeploy_loses_no_call(seeded: Database, rest: Rest, supabase: LocalSupabase) -> None:
    over = threading.Event()
    answers: Counter[str] = Counter()
    drop = seeded.add_drop()

    def click(number: int) -> None:
        api = rest(role="service_role")
        sent = 0
        while not over.is_set():
            sent += 1
            caller = {"server_id": "77", "role_ids": [], "user_id": f"{number}", "interaction_id": f"{number}{sent:09}"}
            response = api.post("/rpc/claim_drop", json={"p_caller": caller, "p_drop_id": drop})
            answers[response.json().get("outcome") or response.text] += 1

    threads = [threading.Thread(target=click, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        database.reload_functions(supabase.postgres.url())
    over.set()
    for thread in threads:
        thread.join()
    assert answers.pop("claimed") == 8
    assert answers.pop("already_claimed") > 8
    assert answers == {}
    seeded.leased_drops()  # counts what a crowd has claimed
    seeded.assert_books_agree()


def test_a_call_under_way_still_finds_what_its_older_body_calls(
    spare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {name: tmp_path / f"{name}.sql" for name in ("older", "going")}
    files["going"].write_text("create function internal.going() returns integer language sql as 'select 1'")
    body = "begin perform pg_advisory_xact_lock(1); return {}; end"
    head = "create function public.older(p_now timestamptz default now()) returns integer language plpgsql volatile as"
    files["older"].write_text(f"{head} $$ {body.format('internal.going()')} $$")
    with monkeypatch.context() as patch:
        patch.setattr(database, "FUNCTION_FILES", [*database.FUNCTION_FILES, *files.values()])
        database.reload_functions(spare.url)
    files["older"].write_text(f"{head} $$ {body.format('2')} $$")
    monkeypatch.setattr(database, "FUNCTION_FILES", [*database.FUNCTION_FILES, files["older"]])

    waiting, wait_for_end = threading.Event(), database.wait_for_end

    def wait(*arguments: Any) -> None:
        waiting.set()
        wait_for_end(*arguments)

    monkeypatch.setattr(database, "wait_for_end", wait)
    there = "select to_regprocedure('internal.going()') is not null"
    with psycopg.connect(spare.url) as holding, ThreadPoolExecutor(2) as pool:
        holding.execute("select pg_advisory_xact_lock(1)")
        under_way = pool.submit(spare.race, [lambda db: db.value("select public.older()")])
        wait_until(spare, "select exists (select from pg_locks where locktype = 'advisory' and not granted)")
        deploying = pool.submit(database.reload_functions, spare.url)
        assert waiting.wait(30)
        assert "going" not in spare.value("select prosrc from pg_proc where proname = 'older'")
        assert spare.value(there) is True
        holding.rollback()
        assert under_way.result() == [1]
        deploying.result()
    assert spare.value(there) is False
    assert spare.value("select public.older()") == 2


def test_a_deploy_does_not_wait_for_ever(spare: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "UNDER_WAY_SECONDS", 0.1)
    before = spare.rows(FUNCTIONS)
    with psycopg.connect(spare.url) as idle:
        idle.execute("select 1")
        database.reload_functions(spare.url)
    assert spare.rows(FUNCTIONS) == before


def test_a_call_under_way_keeps_its_rights(make_database: MakeDatabase) -> None:
    """The functions of the release before 013 write with the rights of service_role."""
    spare = make_database(MIGRATIONS)
    spare.run(
        "create function public.older() returns void language plpgsql set search_path = '' as $$ begin"
        " perform pg_advisory_xact_lock(1);"
        " insert into public.discord_audit_log (server_id, action) values ('77', 'x'); end $$"
    )
    with psycopg.connect(spare.url) as holding, ThreadPoolExecutor(2) as pool:
        holding.execute("select pg_advisory_xact_lock(1)")
        under_way = pool.submit(spare.race, [lambda db: db.call("older")])
        wait_until(spare, "select exists (select from pg_locks where locktype = 'advisory' and not granted)")
        deploying = pool.submit(database.reload_functions, spare.url)
        wait_until(spare, "select to_regproc('public.claim_drop') is not null")
        holding.rollback()
        under_way.result()
        deploying.result()
    assert spare.value("select count(*) from discord_audit_log") == 1
    assert spare.value("select has_table_privilege('service_role', 'discord_audit_log', 'insert')") is False


def wait_until(db: Database, condition: str) -> None:
    """Return when the query is true."""
    deadline = time.monotonic() + 30
    while not db.value(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.01)


# --- A redeploy under load

PROCESSES = 4
CLAIM_DROP = database.INFRA / "supabase" / "api" / "claim_drop.sql"


def another_body(source: str) -> str:
    """Same answer, different body."""
    return source.replace("\nbegin\n", "\nbegin\n    perform 1; -- of another release\n")


def another_argument(source: str) -> str:
    """The function takes one more argument, which the previous release does not know."""
    return source.replace(
        "    p_message_id text default null,", "    p_message_id text default null,\n    p_hint text default null,"
    )


def another_result(source: str) -> str:
    """The function gives one more fact."""
    return re.sub(r"'outcome', 'claimed',", "'outcome', 'claimed', 'hint', 1,", source)


RELEASES: list[Callable[[str], str]] = [str, another_body, another_argument, another_result, another_argument, str]


@pytest.mark.parametrize("change", [another_body, another_argument, another_result])
def test_a_release_of_the_test_is_another_one(change: Callable[[str], str]) -> None:
    assert change(CLAIM_DROP.read_text()) != CLAIM_DROP.read_text()


def test_redeploys_under_load_lose_no_click(
    seeded: Database, functions: Any, supabase: LocalSupabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / CLAIM_DROP.name
    files = [changed if path == CLAIM_DROP else path for path in database.FUNCTION_FILES]
    monkeypatch.setattr(database, "FUNCTION_FILES", files)
    drop = seeded.add_drop()

    def await_claims(more: int = 20) -> None:
        """Until this release has been used."""
        target = claims() + more
        while claims() < target:
            assert not [future.result() for future in clicking if future.done()], "the load has ended"
            time.sleep(0.01)

    def claims() -> int:
        return int(seeded.value("select count(*) from discord_drop_claims"))

    spawn = multiprocessing.get_context("spawn")
    over = spawn.Event()
    with ProcessPoolExecutor(PROCESSES, spawn, initializer=load.prepare, initargs=(over,)) as pool:
        clicking = [pool.submit(load.click, process, drop) for process in range(PROCESSES)]
        try:
            for release in [*RELEASES, *RELEASES]:
                await_claims()
                changed.write_text(release(CLAIM_DROP.read_text()))
                database.reload_functions(supabase.postgres.url())
            await_claims()
        finally:
            over.set()
        loads = [future.result() for future in clicking]
    outcomes: Counter[str] = sum((each.outcomes for each in loads), Counter())
    members = sum(each.members for each in loads)
    assert outcomes == {"claimed": members, "already_claimed": members * (load.CLICKS - 1)}
    assert sum(each.requests for each in loads) >= outcomes.total()  # what is above are retries
    assert claims() == members
    seeded.leased_drops()  # counts what a crowd has claimed
    seeded.assert_books_agree()
