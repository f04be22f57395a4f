"""docs/integrate.md: its programs run as they stand there, by the clients that it names; what it forbids is refused."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from postgrest import APIError
from starlette.applications import Starlette
from supabase import Client, ClientOptions, create_client

from infra.local.keys import YEAR_2100, Keys
from infra.local.rest import rest_route
from infra.local.server import HttpServer
from infra.local.supabase import LocalSupabase
from tests import ROOT
from tests.infra.supabase.portal import FOREIGN, OURS, SERVER, SUBJECT, THEIRS, fill, person
from tests.snapshots.access import DOCUMENT
from tests.sql import ADMIN, HOUR, NOON, Database, Row

SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.M | re.S)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
REFUSAL = re.compile(r"^\| (the secret key|a token|the publishable key) \| (.+?) \| (.+?) \|$", re.M)
CONNECT, FOLLOW, SEND = "Connect", "Follow changes", "Send events"
LINES = 10


def programs() -> list[tuple[str, str, str]]:
    """Section, language and text of each program of the document."""
    sections = SECTION.findall(DOCUMENT.read_text())
    return [(name, language, code) for name, text in sections for language, code in BLOCK.findall(text)]


def program(section: str, language: str, place: int = 0) -> str:
    """One program of a section, below the lines that connect."""
    before = [code for name, known, code in programs() if (name, known) == (CONNECT, language) and section != SEND]
    return "".join(before) + [code for name, known, code in programs() if (name, known) == (section, language)][place]


@pytest.fixture(scope="module")
def url(supabase: LocalSupabase) -> Iterator[str]:
    """Where the clients look for a Supabase project."""
    server = HttpServer(Starlette(routes=[rest_route(supabase.postgrest.url)]))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def world(db: Database) -> Database:
    """Two brands with rows in every table, and an event of ours that the programs change."""
    fill(db)
    db.add_event("quest_complete", 40, brand_id=OURS, server_id=None)
    for member, hours in (("1008", 2), ("1005", 0), ("1006", 1), ("1007", 2)):  # two of them at the same moment
        db.add_reward(3.25, NOON + hours * HOUR, member=member, brand_id=OURS)
    return db


@pytest.fixture
def given(url: str, keys: Keys) -> Row:
    """What the programs of the document are given."""
    token = jwt.encode({"exp": YEAR_2100} | person(OURS), keys.jwt_secret, algorithm="HS256")
    known = {"url": url, "token": token, "server": SERVER, "brand": OURS, "before": 10**9}
    return known | {"publishableKey": keys.anon_key, "publishable_key": keys.anon_key}


Run = Callable[..., Any]


def run_in_node(given: Row, section: str, result: str, place: int = 0) -> Any:
    """Run a JavaScript program; gives what a variable of it then holds."""
    code = f"{program(section, 'js', place)}\nconsole.log(JSON.stringify({result}));"
    return ran(["node", "--input-type=module", "--eval", f"Object.assign(globalThis, {json.dumps(given)});\n{code}"])


def run_in_python(given: Row, section: str, result: str, place: int = 0) -> Any:
    """Run a Python program; gives what a variable of it then holds."""
    code = f"{program(section, 'python', place)}\nimport json\nprint(json.dumps({result}))"
    names = "\n".join(f"{name} = {value!r}" for name, value in given.items())
    return ran([sys.executable, "-c", f"{names}\n{code}"])


def ran(command: list[str]) -> Any:
    """What a program printed."""
    ended = subprocess.run(command, cwd=ROOT / "tests", capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


in_both = pytest.mark.parametrize("run", [run_in_node, run_in_python])

# --- The programs


@in_both
def test_a_leaderboard_is_the_one_that_members_see(world: Database, given: Row, run: Run) -> None:
    leaders = run(given, "Read a leaderboard", "leaders")
    board = world.call("get_leaderboard", ADMIN, type="rsnc_earned", period="all", now=NOON)
    assert [(each["discord_user_id"], each["rsnc"]) for each in leaders] == [
        (each["user_id"], each["value"]) for each in board["top"]
    ]
    assert len(leaders) == 6


@in_both
def test_the_books_are_read_page_by_page(world: Database, given: Row, run: Run) -> None:
    ledger = run(given, "Read the books", "ledger")
    assert [(row["discord_user_id"], row["rsnc"]) for row in ledger[:2]] == [("1007", "3.25"), ("1006", "3.25")]
    rest = run(given | {"before": ledger[1]["id"]}, "Read the books", "ledger")
    assert rest == ledger[2:]
    assert len(ledger) == world.value("select count(*) from reward_ledger where server_id = %s", SERVER)


@in_both
def test_drops_are_read_with_their_claims(world: Database, given: Row, run: Run) -> None:
    (drop,) = run(given, "Read the books", "drops")
    assert (drop["server_id"], len(drop["discord_drop_claims"])) == (SERVER, 1)


@in_both
def test_an_event_is_changed_and_who_did_it_is_known(world: Database, given: Row, run: Run) -> None:
    (changed,) = run(given, "Change an event", "changed")
    assert (changed["event_type"], changed["reward_amount"], changed["label"]) == (
        "quest_complete",
        60,
        "Quest of the week",
    )
    last = world.call("get_server", ADMIN, now=NOON)["changed_otherwise"]
    assert (last["actor_id"], last["after"]) == (SUBJECT, changed)


@in_both
def test_a_change_that_reaches_no_event_does_not_pass_unseen(world: Database, given: Row, run: Run) -> None:
    with pytest.raises(AssertionError, match="This brand has no such event"):
        run(given | {"brand": THEIRS}, "Change an event", "changed")


@in_both
def test_an_event_is_added_once_and_then_changed(world: Database, given: Row, run: Run) -> None:
    (made,) = run(given, "Change an event", "made", place=1)
    world.run("update monitoring_rules set reward_amount = 1, cooldown_hours = 7 where event_type = 'survey'")
    (again,) = run(given, "Change an event", "made", place=1)
    assert again == made | {"cooldown_hours": 7}
    assert (made["brand_id"], made["server_id"], made["reward_amount"], made["claimable"]) == (OURS, None, 15, False)


def test_the_program_that_follows_changes_is_one_of_the_client(given: Row) -> None:
    """There is no Realtime server here: it subscribes to nothing, and ends."""
    section, code = FOLLOW, "(supabase.realtime.disconnect(), supabase.getChannels().length)"
    before = {"url": "http://127.0.0.1:9"}
    names = given | before
    assert run_in_node(names | {"refresh": None}, section, code) in (0, 1)


def test_the_program_that_follows_changes_in_python_is_python() -> None:
    compile(program(FOLLOW, "python"), str(DOCUMENT), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)


def test_every_program_is_short_and_stands_in_both_languages() -> None:
    assert max(len(code.strip().splitlines()) for _, _, code in programs()) <= LINES
    assert {language for _, language, _ in programs()} == {"js", "python", "sh", "json"}
    for language in ("js", "python"):
        found = [name for name, known, _ in programs() if known == language]
        expected = [CONNECT, "Read a leaderboard", "Read the books", *["Change an event"] * 2, FOLLOW, SEND]
        assert found == expected


# --- Sending events


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, str, str]:
    """A key pair as the document makes it: the file, the private key and the public key in hex."""
    make, private, public = program(SEND, "sh").strip().splitlines()
    subprocess.run(["bash", "-c", make], cwd=tmp_path, check=True, capture_output=True)
    shown = [
        subprocess.run(["bash", "-c", show], cwd=tmp_path, check=True, capture_output=True, text=True)
        for show in (private, public)
    ]
    return tmp_path / "key.pem", shown[0].stdout, shown[1].stdout


@pytest.fixture
def batch() -> Row:
    """The batch of the document, of our server and of this minute."""
    example: Row = json.loads(program(SEND, "json"))
    now = datetime.now(UTC).isoformat()
    return {"server_id": SERVER, "items": [item | {"at": now} for item in example["items"]]}


def send_in_node(given: Row, pem: Path, _: str) -> list[Row]:
    """Send by the JavaScript program."""
    results: list[Row] = run_in_node(
        given | {"pem": pem.read_text(), "eventsUrl": given["events_url"]}, SEND, "results"
    )
    return results


def send_in_python(given: Row, _: Path, private_key: str) -> list[Row]:
    """Send by the Python program."""
    results: list[Row] = run_in_python(given | {"private_key": private_key}, SEND, "results")
    return results


def send_in_a_shell(given: Row, pem: Path, _: str) -> list[Row]:
    """Send by the commands for a shell."""
    sent = {"server_id": given["server"], "items": given["items"]}
    pem.with_name("batch.json").write_text(json.dumps(sent))
    code = f"set -e; events_url={given['events_url']}\n{program(SEND, 'sh', 1)}"
    ended = subprocess.run(
        ["bash", "-c", code], cwd=pem.parent, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    results: list[Row] = json.loads(ended.stdout)["results"]
    return results


Send = Callable[[Row, Path, str], list[Row]]
by_every_program = pytest.mark.parametrize("send", [send_in_node, send_in_python, send_in_a_shell])


@by_every_program
def test_a_batch_is_signed_sent_and_answered(
    world: Database, events_url: str, pair: tuple[Path, str, str], batch: Row, send: Send
) -> None:
    pem, private_key, public_key = pair
    given = {"events_url": events_url, "server": SERVER, "items": batch["items"]}
    with pytest.raises(AssertionError, match="401"):
        send(given, pem, private_key)
    world.call("add_program_key", brand_id=OURS, public_key=public_key)
    quest, message = send(given, pem, private_key)
    assert (quest["id"], quest["paid"][0]["amount"], message["result"]) == ("quest-7-1002", 40, "counted")
    assert [again["result"] for again in send(given, pem, private_key)] == ["duplicate", "duplicate"]


# --- What never to do


def rules(client: Client) -> Any:
    """The table of events."""
    return client.table("monitoring_rules")


def event(**columns: Any) -> Row:
    """An event of our brand."""
    return {"brand_id": OURS, "server_id": None, "event_type": "survey", "reward_amount": 15} | columns


FORBIDDEN: dict[tuple[str, str], list[Callable[[Client], Any]]] = {
    ("the secret key", "write `rsnc_earned` or `rsnc_total`: they follow the ledger"): [
        lambda c: c.table("discord_user_stats").update({"rsnc_earned": 9}).eq("server_id", SERVER),
        lambda c: c.table("discord_user_stats").update({"rsnc_total": 9}).eq("server_id", SERVER),
        lambda c: c.table("discord_user_stats").insert(
            {"server_id": SERVER, "discord_user_id": "1009", "rsnc_earned": 9}
        ),
    ],
    ("the secret key", "write, change or delete a row of `reward_ledger`"): [
        lambda c: c.table("reward_ledger").insert({"server_id": SERVER, "discord_user_id": "1009", "amount": 9}),
        lambda c: c.table("reward_ledger").update({"amount": 9}).eq("server_id", SERVER),
        lambda c: c.table("reward_ledger").delete().eq("server_id", SERVER),
    ],
    ("the secret key", "make or delete a claim of a drop"): [
        lambda c: c.table("discord_drop_claims").insert({"discord_user_id": "1009"}),
        lambda c: c.table("discord_drop_claims").delete().eq("discord_user_id", "1002"),
    ],
    ("the secret key", "write `claims_count` of a drop"): [
        lambda c: c.table("discord_drops").update({"claims_count": 0}).eq("server_id", SERVER),
    ],
    ("the secret key", "change or delete a row of `discord_audit_log`"): [
        lambda c: c.table("discord_audit_log").update({"actor_id": "nobody"}).eq("server_id", SERVER),
        lambda c: c.table("discord_audit_log").delete().eq("server_id", SERVER),
    ],
    ("the secret key", "look at `brand_keys`"): [lambda c: c.table("brand_keys").select("*")],
    ("the secret key", "let an event pay less than 0"): [lambda c: rules(c).insert(event(reward_amount=-1))],
    ("the secret key", "let an event pay a fraction of a hundredth"): [
        lambda c: rules(c).insert(event(reward_amount=0.001))
    ],
    ("the secret key", "add a second event of a name to a brand or server"): [
        lambda c: rules(c).insert(event(event_type="quest")),
        lambda c: rules(c).insert(event(event_type="raid", server_id=SERVER)),
    ],
    ("a token", "move an event to another brand"): [
        lambda c: rules(c).update({"brand_id": THEIRS}).eq("event_type", "quest"),
        lambda c: rules(c).update({"brand_id": THEIRS}).eq("server_id", SERVER),
    ],
    ("a token", "add an event to a server that is connected to another brand"): [
        lambda c: rules(c).insert(event(server_id=FOREIGN)),
        lambda c: rules(c).insert(event(brand_id=THEIRS, server_id=FOREIGN)),
    ],
    ("a token", "change or delete another brand's event"): [
        lambda c: rules(c).update({"reward_amount": 9}).eq("brand_id", THEIRS),
        lambda c: rules(c).delete().eq("brand_id", THEIRS),
    ],
    ("a token", "change a server's settings"): [
        lambda c: c.table("discord_server_configs").update({"is_active": False}).eq("server_id", SERVER),
    ],
    ("a token", "call a function, in a member's name or at all"): [
        lambda c: c.rpc("check_in", {"p_caller": {"server_id": SERVER, "user_id": "1002"}}),
        lambda c: c.rpc("list_brands", {}),
    ],
    ("the publishable key", "read or write anything without a token"): [
        lambda c: rules(c).select("*"),
        lambda c: rules(c).insert(event()),
        lambda c: c.table("member_earnings").select("*"),
    ],
}


@pytest.fixture
def statuses() -> list[int]:
    """The statuses of what the clients were answered, the last one last."""
    return []


@pytest.fixture
def clients(given: Row, keys: Keys, statuses: list[int]) -> Iterator[dict[str, Client]]:
    """A client for each kind of key."""

    def client(key: str, token: str) -> Client:
        options = ClientOptions(headers={"Authorization": f"Bearer {token}"}, httpx_client=http)
        return create_client(given["url"], key, options)

    def note(response: httpx.Response) -> None:
        statuses.append(response.status_code)

    with httpx.Client(timeout=10, event_hooks={"response": [note]}) as http:
        yield {
            "the secret key": client(keys.service_key, keys.service_key),
            "a token": client(keys.anon_key, given["token"]),
            "the publishable key": client(keys.anon_key, keys.anon_key),
        }


def answers() -> dict[tuple[str, str], str]:
    """The answers that the document promises, by who must never do what."""
    return {(who, what): answer for who, what, answer in REFUSAL.findall(DOCUMENT.read_text())}


def test_every_row_of_the_table_is_tested() -> None:
    assert set(answers()) == set(FORBIDDEN)


@pytest.mark.parametrize(("who", "what"), FORBIDDEN)
def test_what_must_never_be_done_gets_the_answer_of_the_table(
    world: Database, clients: dict[str, Client], statuses: list[int], who: str, what: str
) -> None:
    before = world.contents()
    for ask in FORBIDDEN[who, what]:
        if answers()[who, what] == "200, no row":
            assert ask(clients[who]).execute().data == []
            assert statuses[-1] == 200
            continue
        with pytest.raises(APIError) as refused:
            ask(clients[who]).execute()
        status, code, said = re.split(r" `(\w+)` ", answers()[who, what])
        assert (str(statuses[-1]), refused.value.code) == (status, code), refused.value
        assert said in str(refused.value.message)
    assert world.contents() == before
