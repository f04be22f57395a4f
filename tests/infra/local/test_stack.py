import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from nacl.signing import SigningKey

from infra.deploy.redaction import split_password
from infra.fake_discord.client import Client
from infra.fake_discord.delivery import http_sender
from infra.fake_discord.members import ADMIN
from infra.local.child import StackError
from infra.local.environment import ROOT
from infra.local.keys import Keys
from infra.local.ports import Reservation
from infra.local.program import Program
from infra.local.stack import BRAND_NAME, DISCORD, SUPABASE, Ports, Stack
from infra.local.state import clean, remember
from infra.local.supabase import LocalSupabase

NODE_MODULES = [f"{folder}/node_modules" for folder in ("infra/deploy", "infra/local", "infra/playground", "tests")]
INSTALLED = [f"--assume-old={folder}/.installed" for folder in (".venv", *NODE_MODULES)]  # make installs nothing here
DIRECTLY = [sys.executable, "-m", "infra.local"]
BY_MAKE = ["make", *INSTALLED, f"PYTHON={sys.executable}", "run"]
LOCAL = dict.fromkeys([*SUPABASE, *DISCORD, "SUPABASE_REST_URL", "DISCORD_API_URL"], "")
REAL = LOCAL | {
    "SUPABASE_URL": "https://example.supabase.co",
    "SUPABASE_SECRET_KEY": "sb_secret_of_a_project",
    "DISCORD_APPLICATION_ID": "1",
    "DISCORD_PUBLIC_KEY": "ab" * 32,
    "DISCORD_BOT_TOKEN": "another secret",
}


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder outside of pytest's own, which every new session of pytest closes to users such as Postgres's."""
    with TemporaryDirectory(prefix="resonance-") as directory:
        yield Path(directory)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with TemporaryDirectory(prefix="resonance-") as directory, Stack(Path(directory)) as stack:
        yield stack


def until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not (fulfilled := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return fulfilled


def rest_status(stack: Stack) -> int:
    try:
        headers = {"Authorization": f"Bearer {stack.description.service_key}"}
        return httpx.get(f"{stack.description.rest_url}/discord_drops", headers=headers).status_code
    except httpx.TransportError:
        return 0


def alive(processes: list[psutil.Process]) -> list[str]:
    """The names of those that still run; a dead one may stay listed where no init process takes note of it."""
    names = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                names.append(process.name())
    return names


def until_ready(output: IO[str]) -> list[str]:
    """The lines that it prints before it prints how to stop it."""
    lines: list[str] = []
    for line in output:
        if "Ctrl-C stops it" in line:
            return lines
        lines.append(line)
    raise AssertionError("".join(lines))


@contextmanager
def running(
    command: list[str], state: Path, variables: dict[str, str] = LOCAL, output: list[str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`make run` in a session of its own, from when it prints how to stop it; `output` gets the lines before that."""
    environment = {**os.environ, "RESONANCE_STATE": str(state), **variables}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        try:
            lines = until_ready(process.stdout)
            if output is not None:
                output += lines
            yield process
        finally:
            process.kill()


def test_stack_json_tells_other_programs_all_they_need(stack: Stack) -> None:
    description = json.loads(stack.description_file.read_text())

    assert set(description) >= {
        *("interactions_url", "supabase_url", "rest_url", "discord_url", "database_url"),
        *("service_key", "anon_key", "application_id", "public_key", "signing_key"),
        *("events_url", "events_public_key", "events_signing_key"),
        *("brand_id", "brand_key"),
    }
    assert all(description.values())
    assert stat.S_IMODE(stack.description_file.stat().st_mode) == 0o600
    assert httpx.post(description["interactions_url"], content=b"{}").status_code == 401
    assert httpx.post(description["events_url"], content=b"{}").status_code == 401
    program = Program.of(description["events_signing_key"], http_sender(description["events_url"]))
    assert program.public_key == description["events_public_key"]
    assert program.post("77", {"id": "x"}).results == [
        {"id": "x", "result": "refused", "refused": [{"outcome": "server_not_connected"}]}
    ]
    assert httpx.get(f"{description['discord_url']}/_local/requests").status_code == 200
    headers = {"apikey": description["service_key"], "Authorization": f"Bearer {description['service_key']}"}
    drops = httpx.get(f"{description['supabase_url']}/rest/v1/discord_drops", headers=headers)
    assert (drops.status_code, drops.json()) == (200, [])
    with psycopg.connect(description["database_url"]) as connection:
        assert connection.execute("select count(*) from discord_drops").fetchone() == (0,)


@pytest.mark.parametrize("password", ["", ":", ":postgres", ":wrong"])
def test_postgres_wants_the_password(stack: Stack, password: str) -> None:
    assert stack.supabase
    address, right = split_password(stack.supabase.postgres.url())
    assert len(right) >= 32
    url = address.replace("postgres@", f"postgres{password}@")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url, passfile="nowhere")


def test_only_its_owner_enters_by_the_socket(stack: Stack) -> None:
    assert stack.supabase
    folder = stack.supabase.postgres.directory / "socket"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with psycopg.connect(stack.supabase.postgres.socket_url()) as connection:
        assert connection.execute("select current_user").fetchone() == ("postgres",)


def test_a_cluster_of_an_earlier_release_gets_a_password(state: Path) -> None:
    keys = Keys.make()
    first = LocalSupabase(state, keys)
    try:
        first.postgres.start()
        with psycopg.connect(first.postgres.socket_url()) as connection:
            connection.execute("alter role postgres password null")
    finally:
        first.stop()
    (state / "postgres" / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 trust\n")
    again = LocalSupabase(state, keys)
    try:
        again.postgres.start()
        psycopg.connect(again.postgres.url()).close()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(split_password(again.postgres.url())[0], passfile="nowhere")
    finally:
        again.stop()


def test_the_commands_are_registered_with_the_local_discord(stack: Stack) -> None:
    assert stack.discord
    assert "daily" in {command["name"] for command in stack.discord.commands()}


def test_a_file_is_found_by_the_token_alone(stack: Stack) -> None:
    here = stack.description
    assert stack.discord
    key = SigningKey(bytes.fromhex(stack.keys.signing_key))
    guild_id, channel_id, commands = "900000000000000001", "900000000000000002", stack.discord.commands()
    members = Client(http_sender(here.interactions_url), key, here.application_id, guild_id, channel_id, commands)
    members.slash("setup connect", brand_id=here.brand_id, key=here.brand_key, user=ADMIN)
    reply = members.slash("export", type="audit", user=ADMIN)
    assert (reply.status, reply.body) == (202, b"")
    original = f"/api/v10/webhooks/{here.application_id}/{reply.interaction['token']}/messages/@original"
    anybody = {"User-Agent": "DiscordBot (https://example.org, 1.0)"}
    (file,) = httpx.get(f"{here.discord_url}{original}", headers=anybody).json()["attachments"]
    assert b"server.created" in httpx.get(file["url"]).content


def test_the_brand_has_a_name_for_people(stack: Stack) -> None:
    with psycopg.connect(stack.description.database_url or "") as connection:
        named = connection.execute("select brand_id, name from brands").fetchall()
    assert named == [(stack.description.brand_id, BRAND_NAME)]


def test_a_second_stack_is_refused_while_one_runs(stack: Stack) -> None:
    with pytest.raises(StackError, match=f"process {os.getpid()}.*already runs"), Stack(stack.directory):
        pass
    with pytest.raises(StackError, match="already runs"):
        clean(stack.directory)
    assert stack.description_file.exists()


def test_half_a_real_project_is_refused(state: Path) -> None:
    with pytest.raises(StackError, match="SUPABASE_URL is set without SUPABASE_SECRET_KEY"):
        Stack(state, environment={"SUPABASE_URL": "https://example.supabase.co"})


def test_nobody_takes_a_port_before_its_part_has_started(state: Path) -> None:
    project = LocalSupabase(state, Keys.make())
    try:
        for port in (project.postgres.port, httpx.URL(project.postgrest.url).port):
            with socket.socket() as grabber, pytest.raises(OSError, match="in use"):
                grabber.bind(("127.0.0.1", port))
        project.start()
    finally:
        project.stop()


@pytest.mark.parametrize("part", ["gateway", "discord", "rest", "database"])
def test_a_port_in_use_is_refused(stack: Stack, state: Path, part: str) -> None:
    port = httpx.URL(stack.description.rest_url).port
    assert port
    with pytest.raises(StackError, match=f"Port {port} cannot be used"), Stack(state, ports=Ports(**{part: port})):
        pass


def test_the_doctor_finds_the_local_discord_and_functions_well(stack: Stack) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.doctor", "--only", "discord", "--guild", "7"],
        cwd=ROOT,
        env=os.environ | stack.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "8 fine, 0 to look at, 0 failed." in done.stdout


def test_postgrest_comes_back_by_itself_on_the_same_port(stack: Stack) -> None:
    assert stack.supabase
    assert rest_status(stack) == 200
    killed = stack.supabase.postgrest.pid
    assert killed

    os.kill(killed, signal.SIGKILL)

    assert until(lambda: stack.supabase is not None and stack.supabase.postgrest.pid != killed)
    assert until(lambda: rest_status(stack) == 200)


def test_a_killed_postgrest_stays_away_until_it_is_started(stack: Stack) -> None:
    assert stack.supabase
    stack.supabase.postgrest.kill()
    assert not until(lambda: rest_status(stack) != 0, seconds=0.5)

    stack.supabase.postgrest.start()
    assert rest_status(stack) == 200


def test_a_stopped_stack_leaves_no_process_and_keeps_its_state(state: Path) -> None:
    before = psutil.Process().children()
    with Stack(state) as stack:
        assert stack.discord
        assert stack.description.database_url
        keys = stack.keys
        stack.move_clock(7200)
        stack.discord.say("1", "still here", "2")
        with psycopg.connect(stack.description.database_url) as connection:
            connection.execute("insert into discord_server_configs (server_id, brand_id) values ('1', 'b')")
        children = [child for child in psutil.Process().children() if child not in before]
        started = [*children, *(below for child in children for below in child.children(recursive=True))]
        assert {"postgres", "postgrest"} <= set(alive(started))
    assert until(lambda: not alive(started), seconds=1), alive(started)
    assert not stack.description_file.exists()

    with Stack(state) as stack:
        assert stack.discord
        assert stack.description.database_url
        assert stack.keys == keys
        assert [message["content"] for message in stack.discord.messages("1")] == ["still here"]
        assert stack.clock_offset == stack.gateway.clock_offset == stack.schedules.clock_offset == 7200
        assert 7190 < stack.discord.now() - time.time() < 7210
        with psycopg.connect(stack.description.database_url) as connection:
            assert connection.execute("select server_id from discord_server_configs").fetchall() == [("1",)]


def playground_url(output: list[str]) -> str:
    return next(line for line in output if line.startswith("  playground"))


def test_the_playground_takes_another_port_when_its_last_one_is_taken(state: Path) -> None:
    output: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        remember(state, playground_port=port)
        with running(DIRECTLY, state, LOCAL, output):
            assert str(port) not in playground_url(output)


def test_a_real_database_keeps_the_real_time(state: Path) -> None:
    remember(state, clock_offset=7200)
    with Stack(state, environment={name: REAL[name] for name in SUPABASE}) as stack:
        assert stack.clock_offset == stack.gateway.clock_offset == 0


def test_make_run_starts_again_after_a_crash_and_ends_with_ctrl_c(state: Path) -> None:
    output: list[list[str]] = [[], []]
    with running(DIRECTLY, state, LOCAL, output[0]) as crashing:
        started = psutil.Process(crashing.pid).children(recursive=True)
        assert "postgres" in alive(started)
        crashing.kill()
        assert until(lambda: not alive(started)), alive(started)

    with running(BY_MAKE, state, LOCAL, output[1]) as make:
        assert playground_url(output[0]) == playground_url(output[1])  # an open page finds it again
        started = psutil.Process(make.pid).children(recursive=True)
        assert "postgrest" in alive(started)
        os.killpg(make.pid, signal.SIGINT)  # what a terminal does
        assert make.stdout
        assert "nothing is left running" in make.stdout.read()
        assert until(lambda: not alive(started)), alive(started)
        assert not (state / "stack.json").exists()


def test_an_open_page_of_the_playground_does_not_hinder_ctrl_c(state: Path) -> None:
    output: list[str] = []
    reservation = Reservation()
    port = reservation.port
    reservation.hand_over()
    variables = LOCAL | {"RESONANCE_PLAYGROUND_PORT": str(port)}
    with reservation, running(DIRECTLY, state, variables, output) as process:
        assert f"  playground    http://127.0.0.1:{port}\n" in output
        assert any(
            line.startswith("  Postgres      postgresql://postgres@127.0.0.1:") for line in output
        )  # no password
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
        with httpx.stream("GET", f"http://127.0.0.1:{port}/api/events", timeout=20) as page:
            texts = page.iter_text()
            next(texts)  # it listens
            started = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            assert all(text.startswith(":") for text in texts)  # the stream ends as it should
        assert until(lambda: not alive(started)), alive(started)


def test_real_parts_are_left_out_and_sigterm_ends_the_rest(state: Path) -> None:
    output: list[str] = []
    with running(DIRECTLY, state, REAL, output) as process:
        assert "  playground    not here, Discord is real\n" in output
        started = psutil.Process(process.pid).children(recursive=True)
        assert not {"postgres", "postgrest"} & set(alive(started))
        text = (state / "stack.json").read_text()
        description = json.loads(text)
        assert description["supabase_url"] == "https://example.supabase.co"
        assert description["rest_url"] == "https://example.supabase.co/rest/v1"
        assert description["discord_url"] == "https://discord.com"
        assert "secret" not in text

        process.terminate()
        assert process.wait(10) == 0
        assert until(lambda: not alive(started)), alive(started)
