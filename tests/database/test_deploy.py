"""infra.database: the functions are reloaded as a whole, nobody else's are touched, and no call is lost meanwhile."""

import threading
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from infra import database
from infra.local.supabase import LocalSupabase
from tests.database.conftest import MIGRATIONS, MakeDatabase, Rest
from tests.sql import Database

FUNCTIONS = """
    select p.oid::regprocedure::text as name, md5(pg_get_functiondef(p.oid)) as source, p.proacl::text,
        obj_description(p.oid, 'pg_proc') as mark
    from pg_proc as p where pronamespace in ('public'::regnamespace, 'internal'::regnamespace) order by 1
"""


@pytest.fixture
def spare(make_database: MakeDatabase) -> Database:
    """A database with the migrations, where the functions have been loaded once."""
    made = make_database(MIGRATIONS)
    database.reload_functions(made.url)
    return made


def test_a_second_deploy_changes_nothing(spare: Database) -> None:
    before = spare.rows(FUNCTIONS)
    database.reload_functions(spare.url)
    assert spare.rows(FUNCTIONS) == before
    marked = [row for row in before if (row["mark"] or "").startswith(database.MARK)]
    assert len(marked) >= len(database.FUNCTION_FILES)
    assert {row["mark"] for row in marked} == {f"{database.MARK} ({database.source_hash()})"}


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


def test_a_failed_push_does_not_tell_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SUPABASE_CLI", "false")
    url = "postgresql://postgres:hunter2@127.0.0.1:1/postgres"
    with pytest.raises(database.DeployError) as caught:
        database.push_migrations(url)
    assert "hunter2" not in str(caught.value)


def test_a_redeploy_loses_no_call(room: Database, rest: Rest, supabase: LocalSupabase) -> None:
    over = threading.Event()
    answers: Counter[str] = Counter()
    drop = room.add_drop()

    def click(number: int) -> None:
        api = rest(role="service_role")
        sent = 0
        while not over.is_set():
            sent += 1
            caller = {"server_id": "77", "role_ids": [], "user_id": f"{number}", "interaction_id": f"{number} {sent}"}
            response = api.post("/rpc/claim_drop", json={"p_caller": caller, "p_drop_id": drop})
            answers[response.json().get("outcome") or response.text] += 1

    threads = [threading.Thread(target=click, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 2
    deploys = 0
    while time.monotonic() < end:
        database.reload_functions(supabase.postgres.url())
        deploys += 1
    over.set()
    for thread in threads:
        thread.join()
    assert deploys >= 2
    assert answers.pop("claimed") == 8
    assert answers.pop("already_claimed") > 8
    assert answers == {}
    room.assert_books_agree()
